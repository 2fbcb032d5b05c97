"""A clearinghouse with two releasers, a coordinator, and cases that are ready to be published."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from tests.records.clearing import POLICY, PRIORITY, REPLAYED, REPORT
from trialplate.app.clearing.house import HOUSE, Act, House
from trialplate.app.clearing.publishing import releasing
from trialplate.app.clearing.publishing.advisories import advisory_body
from trialplate.app.clearing.publishing.releasing import Drafted
from trialplate.app.clearing.roles import Role, appoint
from trialplate.app.keyring import Keyring
from trialplate.clearinghouse.history import COORDINATION
from trialplate.clearinghouse.publishing.publish import FIELDS
from trialplate.clearinghouse.vault import Vault
from trialplate.flows.remediation import PROJECT, REMEDIATION
from trialplate.records import PUBLIC, SubjectId, later
from trialplate.records.case import Advisory, Case, FixAccepted
from trialplate.records.finding import DuplicateOf, Ground, Reproduced
from trialplate.records.project import Publisher
from trialplate.store import SqliteStore

START = "2026-12-07T10:00:00Z"
PUBLISHER = Publisher(name="Example Clearinghouse", namespace="https://example.com", contact="desk@example.com")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> str:
        return self.now

    def go(self, days: int) -> None:
        self.now = later(self.now, days * 86_400)


@contextmanager
def house_in(folder: Path, clock: Clock) -> Iterator[House]:
    """Open the clearinghouse of a home, as the command line opens it."""
    (folder / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(SqliteStore(folder / "store.db")) as store:
        yield House(store, Keyring(folder / "keys"), Vault(folder / "vault", folder / "keys" / "vault.key"), clock)


def staff(house: House) -> None:
    """Appoint cora the coordinator, and ada and grace releasers."""
    appoint(house, "cora", "cora", Role.COORDINATOR)
    for party in ("ada", "grace"):
        appoint(house, "cora", party, Role.RELEASER)


def drafted(
    house: House, path: Path, *, days: int = 90, fields: tuple[str, ...] = FIELDS, party: str = "ada"
) -> Drafted:
    """Draft a standing release as ada, for grace to sign."""
    return releasing.new(house, party, path, other="grace", publisher=PUBLISHER, fields=fields, days=days)


def release(house: House, path: Path, *, days: int = 90, fields: tuple[str, ...] = FIELDS) -> Drafted:
    """Make a standing release that holds."""
    drafted(house, path, days=days, fields=fields)
    return releasing.sign(house, "grace", path)


def told(
    house: House, subject: SubjectId, *acts: tuple[str, Struct], flow: str = REMEDIATION, party: str = HOUSE
) -> None:
    """Append bodies to a subject, each in a step."""
    labels = (PUBLIC if isinstance(body, Advisory) else COORDINATION for _, body in acts)
    made = (Act(body=body, step=step, label=label) for (step, body), label in zip(acts, labels, strict=True))
    house.tell(party, subject, flow, house.history(subject), *made)


def fixed_case(house: House, *, duplicates: tuple[str, ...] = ()) -> SubjectId:
    """Return a case of a registered project, with a fix that its maintainer accepted."""
    project, case = house.new_subject(), house.new_subject()
    told(house, project, ("project.policy", POLICY), flow=PROJECT)
    told(
        house,
        case,
        ("finding.report", REPORT),
        ("finding.reproduced", Reproduced(replayed=REPLAYED, reasons=())),
        ("case.case", Case(project=project, title="t")),
        ("case.priority", PRIORITY),
    )
    for finder in duplicates:
        other = house.new_subject()
        merged = DuplicateOf(of=case, ground=Ground.CRASH_STATE, evidence="x")
        told(
            house,
            other,
            ("finding.report", replace(REPORT, finder=finder, claimed_at=START)),
            ("finding.unmatched", merged),
        )
    told(house, case, ("case.fix_accepted", FixAccepted(version="1.3")), party="maintainer-one")
    return case


def publish(house: House, case: SubjectId) -> Advisory:
    """Do what the worker does once an advisory is due."""
    made = advisory_body(house, house.history(case))
    told(house, case, ("case.advisory", made))
    return made
