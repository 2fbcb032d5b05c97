"""What `trialplate work` does: every step that is due and the house's own, then what the desk has room for."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final

from msgspec import Struct

from trialplate.app.clearing.coordination.desking import (
    case_body,
    embargo_body,
    party_body,
    priority_body,
    screened_body,
    send_due,
)
from trialplate.app.clearing.coordination.feeding import NO_FEEDS, Feeds
from trialplate.app.clearing.coordination.matching import match_body
from trialplate.app.clearing.house import HOUSE, House
from trialplate.app.clearing.publishing.advisories import advisory_body
from trialplate.app.clearing.work.validating import Lab, patch_body, validation_body
from trialplate.app.worker import Bench, Done, Failed, Handler, Passed, Work, tick
from trialplate.clearinghouse.history import COORDINATION, History, insider, read
from trialplate.errors import TrialplateError
from trialplate.records import PUBLIC, RELEASED, Draft, SubjectId, draft
from trialplate.records.case import Advisory, EmbargoEnded, NoAnswer, NoPatch, Shelved
from trialplate.records.claim import ClaimExpired
from trialplate.records.finding import Lapsed, Unruled
from trialplate.trust import sign_draft

_LEASE_S: Final = 24 * 60 * 60
"""The lock on the home keeps a second worker away; a worker that comes after a killed one retakes its leases."""

Maker = Callable[[House, History], Struct]
"""Returns the body of what a step makes."""

_OWN: Final[Mapping[str, Maker]] = MappingProxyType(
    {
        "finding.screened": screened_body,
        "finding.unmatched": match_body,
        "case.case": case_body,
        "case.party_added": party_body,
        "case.embargo": embargo_body,
        "case.advisory": advisory_body,
    }
)
_SILENCE: Final[Mapping[str, Struct]] = MappingProxyType(
    {
        "claim.expired": ClaimExpired(),
        "finding.lapsed": Lapsed(),
        "finding.unruled": Unruled(),
        "case.shelved": Shelved(),
        "case.no_answer": NoAnswer(),
        "case.no_patch": NoPatch(),
        "case.embargo_ended": EmbargoEnded(),
    }
)
"""What stands for the silence of whoever was awaited."""


class BusyError(TrialplateError):
    """Another worker is at work on this home."""

    exit_code: ClassVar[int] = 3


class Sent(Struct, frozen=True, kw_only=True):
    """The desk told a maintainer of a case."""

    subject: SubjectId


Event = Done | Failed | Passed | Sent


def work(house: House, lab: Lab, feeds: Feeds = NO_FEEDS) -> Iterator[Event]:
    """Do what is due until nothing is, and yield what came of it; stopping anywhere is harmless.

    Args:
        house: the clearinghouse.
        lab: where untrusted code runs.
        feeds: the public feeds that are at hand.

    Raises:
        TrialplateError: where the store itself fails.
    """
    bench = bench_of(house, lab, feeds)
    told: set[Event] = set()
    moved = True
    while moved:
        moved = False
        for outcome in tick(bench):
            moved = moved or isinstance(outcome, Done)
            # What cannot be done is tried again after whatever else was, and told once.
            if outcome not in told:
                yield outcome
            told.add(outcome)
        for subject in send_due(house):
            moved = True
            yield Sent(subject=subject)


def bench_of(house: House, lab: Lab, feeds: Feeds) -> Bench:
    """Return what the worker works with."""
    makers: dict[str, Maker] = {
        **_OWN,
        "finding.reproduced": lambda house, history: validation_body(house, lab, history),
        "case.priority": lambda house, history: priority_body(house, history, feeds),
        "case.patch_passed": lambda house, history: patch_body(house, lab, history),
    }
    return Bench(
        store=house.store,
        flows=house.flows,
        handlers={
            **{step: _handler(house, maker) for step, maker in makers.items()},
            **{step: _handler(house, _always(body)) for step, body in _SILENCE.items()},
        },
        sign=lambda made: sign_draft(made, (house.signer(HOUSE),)),
        reader=insider(HOUSE),
        owner=HOUSE,
        clock=house.clock,
        lease_s=_LEASE_S,
    )


@contextmanager
def alone(home: Path) -> Generator[None]:
    """Hold the lock on a home's work.

    Raises:
        BusyError: where another process holds it.
    """
    fd = os.open(home / "work.lock", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError("Another worker is at work on this home.", "Wait until it ends, or end it.") from None
        yield
    finally:
        os.close(fd)


def _always(body: Struct) -> Maker:
    def make(house: House, history: History) -> Struct:
        del house, history
        return body

    return make


def _handler(house: House, maker: Maker) -> Handler:
    def handle(work: Work) -> Draft:
        body = maker(house, read(work.history))
        return draft(
            body,
            kinds=RELEASED,
            subject=work.subject,
            author=HOUSE,
            at=work.now,
            label=PUBLIC if isinstance(body, Advisory) else COORDINATION,
            parents=(work.history[-1].id,),
            slot=work.due.slot,
            random_bytes=secrets.token_bytes,
        )

    return handle
