"""The command `work` as events to be shown: once, or again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final, assert_never

from msgspec import Struct

from trialplate.app.clearing.coordination.feeding import feeds_of
from trialplate.app.clearing.house import opened_house
from trialplate.app.clearing.work.validating import Lab, SandboxLab
from trialplate.app.clearing.work.working import Event, Sent, alone, work
from trialplate.app.settings import Settings
from trialplate.app.worker import Done, Failed, Passed
from trialplate.flows import stem

_WORDS: Final = MappingProxyType(
    {
        "finding.screened": "will be tried",
        "finding.held": "is held: a coordinator is asked",
        "finding.declined": "declined by the project's policy",
        "finding.lapsed": "held, and nobody let it go on",
        "finding.reproduced": "reproduced",
        "finding.not_reproduced": "not reproduced",
        "finding.unmatched": "nothing known is like it",
        "finding.duplicate_of": "merged into a known case",
        "finding.candidates": "is like known cases: a coordinator is asked",
        "finding.unruled": "no coordinator ruled in time",
        "case.case": "opened as a case",
        "case.priority": "ranked",
        "case.party_added": "its maintainer is known",
        "case.no_contact": "nobody is known who could fix it: a coordinator is asked",
        "case.shelved": "shelved: nobody could be told in time",
        "case.embargo": "its embargo began",
        "case.no_answer": "no answer came: a coordinator is asked",
        "case.no_patch": "no patch came before the embargo ended",
        "case.patch_passed": "the patch passed every check",
        "case.patch_refused": "the patch was refused",
        "case.embargo_ended": "its embargo ended",
        "case.advisory": "published",
        "claim.expired": "the claim ran out",
    }
)
"""What was done, by the kind of record that says so."""


class Shown(Struct, frozen=True, kw_only=True):
    """Something that was done, or could not be: on which subject, by which kind, in one line for a person."""

    subject: str
    kind: str
    record: str
    failed: bool
    line: str


def labor(
    settings: Settings,
    *,
    watch: bool,
    every_s: int,
    lab: Lab | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Shown]:
    """Do what is due, and yield each thing that was done; with `watch`, look again every `every_s` seconds for ever.

    Raises:
        BusyError: where another worker is at work on this home.
        TrialplateError: where home or store cannot be used.
    """
    with opened_house(settings) as house, alone(settings.home):
        while True:
            yield from map(shown, work(house, lab or SandboxLab(settings), feeds_of(settings.home)))
            if not watch:
                return
            sleep(every_s)


def shown(event: Event) -> Shown:
    """Return an event as it is shown."""
    match event:
        case Done():
            made = stem(event.made)
            return _line(event.subject, made, _WORDS.get(made, made), record=event.record)
        case Sent():
            return _line(event.subject, "case.notice", "told the maintainer")
        case Failed():
            return _line(event.subject, event.step, f"{event.step} not done: {event.reason}", failed=True)
        case Passed():
            return _line(event.subject, "", f"left for later: {event.why.value}")
        case _:
            assert_never(event)


def _line(subject: str, kind: str, said: str, *, record: str = "", failed: bool = False) -> Shown:
    return Shown(subject=subject, kind=kind, record=record, failed=failed, line=f"{subject[:8]}  {said}")
