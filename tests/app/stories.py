"""Whole campaigns in memory: a plan, an order, attempts with given outcomes, their end, the estimate and the draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from tests.app.making import planned
from tests.records.plans import PLAN as WHOLE
from trialplate.app.bundles.public_log import PublicLog
from trialplate.app.bundles.writing import write_bundle
from trialplate.app.campaigns.deciding import drafted_by, estimated
from trialplate.app.campaigns.ledger import CAMPAIGN, CampaignLedger, Holder
from trialplate.app.campaigns.planning import Planned, drawn_order
from trialplate.flows.assessment import DRAFT, ENDED, ESTIMATE, ORDER, PLAN
from trialplate.records import Beacon, Ended, Outcome, Plan, RunResult, RunsEnded, SubjectId
from trialplate.store import MemoryStore
from trialplate.trust import Ed25519Signer, Reader

SUBJECT = SubjectId("ab" * 16)
SIGNER = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))
HOLDER = Holder(signer=SIGNER, reader=Reader(party="key:1", clearance=CAMPAIGN))
DRAW = Beacon(source="operator", value="0c" * 32)


@dataclass(frozen=True)
class Story:
    """A campaign that has ended, what it rests on, and where its records are."""

    ledger: CampaignLedger
    planned: Planned
    store: MemoryStore

    def bundle(self, folder: Path) -> Path:
        """Write its records, with what they rest on, and return the folder."""
        log = PublicLog(folder / "log", SIGNER)
        log.publish(self.store)
        basis = self.planned.basis
        parts = {
            "criteria.json": basis.criteria,
            "characteristics.json": basis.characteristics,
            "table.json": basis.table,
        }
        return write_bundle(folder / "bundle", self.ledger, log, SIGNER, parts)


def told(outcome: Callable[[str], Outcome], store: MemoryStore | None = None) -> Story:
    """Run a campaign whose items end as `outcome` says of each, and twins unsolved, one after the other."""
    on, where = planned(), store or MemoryStore()
    ledger = CampaignLedger(where, SUBJECT, HOLDER, lambda: "2026-11-28T12:00:00Z", lease_s=600)
    plan = replace(
        WHOLE,
        number=ledger.number,
        table=on.table.commitment,
        places=len(on.table.rows),
        criteria_digest=on.criteria.digest,
        figures=on.criteria.criteria.figures,
        alpha_cal=on.characteristics.alpha_cal,
        beta_cal=on.characteristics.beta_cal,
    )
    ledger.say(plan, PLAN)
    ledger.say(drawn_order(plan, ledger.id_of(Plan), on, DRAW), ORDER)
    attempts = 0
    for number, place in enumerate(ledger.course.order.places):
        while number < ledger.most() and ledger.progress()[number].outcome is None:
            attempt = ledger.open_attempt(number)
            ends = Outcome.NOT_SOLVED if place.twin else outcome(place.item)
            ledger.finish_attempt(RunResult(place=number, attempt=attempt, outcome=ends))
            attempts += 1
    course = ledger.course
    why = Ended.DECIDED if course.decided else Ended.ALL_RUN
    ledger.say(RunsEnded(why=why, attempts=attempts), ENDED)
    ledger.say(estimated(ledger.course, on), ESTIMATE)
    ledger.say(drafted_by(ledger, on), DRAFT)
    ledger.close()
    return Story(ledger, on, where)
