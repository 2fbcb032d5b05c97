"""A toy process that has every shape of step: someone asks, the worker opens, another replies or not, it is closed."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from tests.store.making import START
from trialplate.app.worker import Handler, Work
from trialplate.flows import AnyOf, Flow, Step
from trialplate.records import PUBLIC, Correction, Kind, Label, Slot, SubjectId, draft, kinds_of
from trialplate.records.body import Draft
from trialplate.trust.ports import Entry, Stored

DAY: Final = 86_400


class Request(Struct, frozen=True, forbid_unknown_fields=True):
    question: str = "why"


class Opened(Struct, frozen=True, forbid_unknown_fields=True):
    number: int = 1


class Reply(Struct, frozen=True, forbid_unknown_fields=True):
    answer: str = "because"


class Lapsed(Struct, frozen=True, forbid_unknown_fields=True):
    step: str = "toy.reply"


class Closed(Struct, frozen=True, forbid_unknown_fields=True):
    outcome: str = "answered"


KINDS: Final = kinds_of(
    (
        Kind("toy.request/1", Request),
        Kind("toy.opened/1", Opened),
        Kind("toy.reply/1", Reply),
        Kind("toy.lapsed/1", Lapsed),
        Kind("toy.closed/1", Closed),
        Kind("upkeep.correction/1", Correction),
    )
)

TOY: Final = Flow(
    name="toy",
    steps=(
        Step(makes="toy.request/1", by="asker", deadline=DAY, default="toy.lapsed/1"),
        Step(makes="toy.opened/1", needs=("toy.request/1",)),
        Step(makes="toy.reply/1", needs=("toy.opened/1",), by="answerer", deadline=3 * DAY, default="toy.lapsed/1"),
        Step(makes="toy.closed/1", needs=(AnyOf(("toy.reply/1", "toy.lapsed/1")),)),
    ),
)

FLOWS: Final = {"toy": TOY}


def unsafe_unsigned(made: Draft) -> Entry:
    """Return an entry that nobody signed: stores and flows do not look at signatures."""
    return Entry(header=made.header, body=made.body, salt=made.salt, envelope=b"")


def said(  # noqa: PLR0913 - one argument a field that tests vary
    about: SubjectId,
    body: Struct,
    step: str,
    ordinal: int = 1,
    *,
    label: Label = PUBLIC,
    chance: int = 0,
    said_at: str = START,
) -> Entry:
    """Return the record of `body` in a slot of the toy flow; equal arguments, equal records."""
    made = draft(
        body,
        kinds=KINDS,
        subject=about,
        author="somebody",
        at=said_at,
        label=label,
        slot=Slot(flow="toy", step=step, ordinal=ordinal),
        random_bytes=random.Random(f"{about}{step}{ordinal}{chance}").randbytes,
    )
    return unsafe_unsigned(made)


def maker(body: Callable[[tuple[Stored, ...]], Struct], label: Label = PUBLIC) -> Handler:
    """Return a handler that makes `body` of the history, in the slot that it is asked to fill."""

    def make(work: Work) -> Draft:
        return draft(
            body(work.history),
            kinds=KINDS,
            subject=work.subject,
            author="worker",
            at=work.now,
            label=label,
            parents=tuple(stored.id for stored in work.history[-1:]),
            slot=work.due.slot,
            random_bytes=random.Random(f"{work.subject}{work.due.slot}").randbytes,
        )

    return make


def outcome(history: tuple[Stored, ...]) -> Struct:
    """Return how a toy ended."""
    kinds = [stored.entry.header.kind for stored in history]
    return Closed(outcome="answered" if "toy.reply/1" in kinds else "unanswered")


HANDLERS: Final[dict[str, Handler]] = {
    "toy.opened": maker(lambda _: Opened()),
    "toy.lapsed": maker(lambda _: Lapsed()),
    "toy.closed": maker(outcome),
}
