"""A clearinghouse in memory at a clock that a test sets: real rules, flows and keys, a scripted laboratory."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from tests.fakes.lab import RECIPE, ScriptedLab
from tests.records.clearing import REPORT
from trialplate.app.clearing import roles
from trialplate.app.clearing.coordination import casework, replies
from trialplate.app.clearing.coordination.feeding import Feeds
from trialplate.app.clearing.house import HOUSE, Act, House
from trialplate.app.clearing.publishing import releasing
from trialplate.app.clearing.work.working import Event, Sent, work
from trialplate.app.keyring import Keyring
from trialplate.app.worker import Done
from trialplate.clearinghouse.history import History, insider, read
from trialplate.clearinghouse.publishing.publish import FIELDS
from trialplate.clearinghouse.vault import Vault
from trialplate.flows.remediation import PROJECT, REMEDIATION
from trialplate.formats.kev import KevCatalog, parse_kev
from trialplate.records import SubjectId, later
from trialplate.records.finding import Attached, Basis, ReportedTarget
from trialplate.records.project import Confirmed, Policy, ProjectSource, Publisher
from trialplate.store import MemoryStore
from trialplate.trust import Reader, public_uri

START = "2026-06-02T12:00:00Z"
EXPLOITED = "CVE-2026-0001"
"""The one vulnerability that the catalog of these tests lists."""

CORA, RHEA, ROLF = "cora", "rhea", "rolf"
"""A coordinator and two releasers."""

DAY = 86_400


def catalog(released: str = "2026-06-01T00:00:00Z") -> KevCatalog:
    """Return a catalog that lists `EXPLOITED`."""
    entry = {
        "cveID": EXPLOITED,
        "vendorProject": "v",
        "product": "p",
        "vulnerabilityName": "n",
        "requiredAction": "a",
        "dateAdded": "2026-06-01",
        "dueDate": "2026-06-22",
    }
    file = {"catalogVersion": "2026.06.01", "dateReleased": released, "count": 1, "vulnerabilities": [entry]}
    return parse_kev(msgspec.json.encode(file))


@functools.cache
def _kept() -> tuple[Path, Keyring, Vault, dict[str, str]]:
    """Return a folder for the whole run with keys and sealed files, which no test changes: making them is slow."""
    folder = Path(tempfile.mkdtemp(prefix="trialplate-clearing-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    vault = Vault(folder / "vault", folder / "vault.key")
    digests = {name: vault.put(data) for name, data in (("recipe", RECIPE), ("source", b"cards"), ("fix", b"fixed"))}
    return folder, Keyring(folder), vault, digests


class RememberingHouse(House):
    """A house that reads a subject again only when it has moved on: a long life is mostly reading."""

    def __init__(self, store: MemoryStore, keys: Keyring, vault: Vault, clock: Callable[[], str]) -> None:
        super().__init__(store, keys, vault, clock)
        self._read: dict[tuple[str, int], History] = {}

    def history(self, subject: SubjectId, reader: Reader | None = None) -> History:
        """See `House.history`."""
        records = self.store.history(reader or insider(HOUSE), subject)
        key = (records[-1].id if records else subject, len(records))
        if key not in self._read:
            self._read[key] = read(records)
        return self._read[key]


class World:
    """The clearinghouse and everybody around it."""

    def __init__(self) -> None:
        self.folder, self.keys, self.vault, self.digests = _kept()
        self.now = START
        self.lab = ScriptedLab()
        self.feeds = Feeds(kev=catalog())
        self.house: House = RememberingHouse(MemoryStore(), self.keys, self.vault, lambda: self.now)
        self.reports: list[SubjectId] = []

    def wait(self, seconds: int) -> None:
        """Let time go by."""
        self.now = later(self.now, seconds)

    def staff(self) -> None:
        """Appoint a coordinator and two releasers, who let every advisory out."""
        roles.appoint(self.house, CORA, CORA, roles.Role.COORDINATOR)
        for party in (RHEA, ROLF):
            roles.appoint(self.house, CORA, party, roles.Role.RELEASER)
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            path = Path(folder) / "release.json"
            publisher = Publisher(name="Example Clearinghouse", namespace="https://example.com")
            releasing.new(self.house, RHEA, path, other=ROLF, publisher=publisher, fields=FIELDS, days=40_000)
            releasing.sign(self.house, ROLF, path)

    def project(self, name: str, maintainer: str, **more: object) -> SubjectId:
        """Register a project with a source, and one with a fix, and let the coordinator confirm it."""
        subject = self.house.new_subject()
        policy = Policy(
            name=name,
            maintainer=maintainer,
            key=public_uri(self.house.signer(maintainer)),
            contact=f"{maintainer}@example.com",
            purls=(f"pkg:generic/{name}",),
            recipe=self.digests["recipe"],
            sources=(
                ProjectSource(version="1.1", archive=self.digests["fix"]),
                ProjectSource(version="1.0", archive=self.digests["source"]),
            ),
        )
        policy = msgspec.convert({**msgspec.to_builtins(policy), **more}, Policy)
        self.house.tell(
            maintainer, subject, PROJECT, self.house.history(subject), Act(body=policy, step="project.policy")
        )
        confirmed = Confirmed(key=policy.key, reason="Known for years.")
        history = self.house.history(subject)
        self.house.tell(CORA, subject, PROJECT, history, Act(body=confirmed, step="project.confirmed"))
        return subject

    def report(self, project: str, finder: str, proof: bytes, **more: object) -> SubjectId:
        """Send a report with a proof; of its fields those that `more` names are other ones."""
        subject = self.house.new_subject()
        plain: dict[str, object] = {
            "document": self.vault.put(b"a document"),
            "finder": finder,
            "claim": "",
            "claimed_at": self.now,
            "basis": Basis.RECEIPT,
            "target": ReportedTarget(purl=f"pkg:generic/{project}@1.0"),
            "aliases": (),
            "severity": (),
            "fixes": (),
            "weakness": (),
            "places": (),
            "recipe": "",
            "source": "",
            "fixed_source": "",
            "proofs": (Attached("proof", self.vault.put(proof)),),
        }
        body = msgspec.structs.replace(REPORT, **{**plain, **more})
        self.house.tell(
            finder, subject, REMEDIATION, self.house.history(subject), Act(body=body, step="finding.report")
        )
        self.reports.append(subject)
        return subject

    def astray(self, proof: bytes, finder: str = "ann") -> SubjectId:
        """Report on what nobody has registered, with what builds it."""
        return self.report("nobody", finder, proof, recipe=self.digests["recipe"], source=self.digests["source"])

    def work(self) -> Iterator[Event]:
        """Do what is due until nothing is."""
        return work(self.house, self.lab, self.feeds)

    def worked(self) -> None:
        """Do all that is due, and see that nothing fails."""
        for event in self.work():
            assert isinstance(event, Done | Sent), event

    def answer(self, party: str, case: str, **fields: object) -> casework.Ruled:
        """Answer a case as a maintainer, by a file."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            path = Path(folder) / "reply.json"
            for name, data in (("right.patch", b"right"), ("wrong.patch", b"wrong")):
                path.with_name(name).write_bytes(data)
            path.write_bytes(msgspec.json.encode({"format": "trialplate.reply/1", "case": case, **fields}))
            return replies.reply(self.house, party, path)
