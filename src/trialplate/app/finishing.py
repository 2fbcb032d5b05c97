"""The end of a campaign: its records into the log, its report, and the bundle that a stranger is given."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from trialplate.app.bundles.public_log import PublicLog
from trialplate.app.bundles.reporting import gathered
from trialplate.app.bundles.writing import MANIFEST, write_bundle
from trialplate.app.campaigns.run import Campaign, holder_of
from trialplate.app.campaigns.view import Answered, View, answered
from trialplate.app.settings import Settings
from trialplate.determination.report.render import render
from trialplate.records import AssessmentDraft, Reason, canonical
from trialplate.store import SqliteStore

REPORT: Final = "report.html"


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A campaign that has ended: how it stands, its draft, the answer as programs get it, and why it is void if so."""

    view: View
    draft: AssessmentDraft
    answered: Answered
    void: str


def finished(settings: Settings, campaign: Campaign, view: View, store: SqliteStore) -> Finished:
    """Write the bundle of a campaign whose draft stands, unless it is there, and return the answer.

    Raises:
        PublicLogError: where the log of this home was cut off or changed.
        OSError: where something cannot be written.
    """
    draft = view.course.the(AssessmentDraft)
    target = campaign.folder.bundle
    if not (target / MANIFEST).exists():
        signer = holder_of(settings).signer
        log = PublicLog(settings.log_dir, signer)
        log.publish(store)
        made_at = view.ledger.campaign[-1].stored.entry.header.at
        data = gathered(view, draft, campaign.planned, made_at=made_at, version=version("trialplate"))
        basis = campaign.planned.basis
        parts = {
            "criteria.json": basis.criteria,
            "table.json": basis.table,
            "characteristics.json": basis.characteristics,
            "bank.json": canonical(campaign.bank.bank) + b"\n",
            REPORT: render(data).encode(),
        }
        write_bundle(target, view.ledger, log, signer, parts)
    answer = answered(view, bundle=str(target), report=str(target / REPORT))
    return Finished(view=view, draft=draft, answered=answer, void=_void(view))


def _void(view: View) -> str:
    """Say why a campaign is void; nothing where it is not."""
    if view.course.estimate.reason is not Reason.VOID:
        return ""
    codes = sorted({result.outcome.value for result in view.course.results if result.outcome.void})
    every = "every attempt was void" if not view.tally().counting else "too many items stayed void"
    return f"{every}: {', '.join(codes)}" if codes else "nothing was run"
