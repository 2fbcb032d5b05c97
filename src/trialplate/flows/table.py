"""A process as a table of steps: what each step makes, what it needs, whose it is, and what its silence means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.records.header import KIND
from trialplate.trust.ports import Mark, Stored

WORKER: Final = "worker"
"""Whose the steps are that need nobody's decision."""


class FlowError(TrialplateError):
    """A flow's table contradicts itself, or a history cannot be folded by it."""


class AnyOf(Struct, frozen=True):
    """A need that a record of any of these kinds meets: a reply, or the record that stands for its absence."""

    kinds: tuple[str, ...]


class Step(Struct, frozen=True, kw_only=True):
    """One step of a flow.

    `makes` is the kind of its record, and `or_makes` are the kinds of other answers, each of which does the step as
    well and leads elsewhere. `needs` are the kinds that must stand before it; where one of `unless` stands, it is not
    to be done. `by` is `WORKER` or the party whose move it is. A step of a party is a wait: `deadline` is how long it
    has in whole seconds from when its needs were met, and `default` is the kind of record that the worker makes when
    the time is over. That is a kind that no party makes here, so that silence is never taken for what it would have
    said. Where a record of the kind `until` stands and can be read, the wait ends at the `ends_at` of its body instead.
    """

    makes: str
    or_makes: tuple[str, ...] = ()
    needs: tuple[str | AnyOf, ...] = ()
    unless: tuple[str, ...] = ()
    by: str = WORKER
    deadline: int = 0
    default: str = ""
    until: str = ""

    def __post_init__(self) -> None:
        """Refuse a wait without end, a worker that waits, and silence that consents.

        Raises:
            FlowError: for any of these.
        """
        name, others, ending = stem(self.makes), {*map(stem, self.or_makes)}, self.ending()
        if self.by == WORKER and (self.deadline or self.default or ending):
            raise FlowError(f"Step {name} is the worker's own and waits for nobody.", "Drop its deadline and default.")
        if self.by != WORKER and (self.deadline <= 0 or not self.default):
            raise FlowError(f"Step {name} waits for {self.by} without end.", "Give it a deadline and a default.")
        if self.default and stem(self.default) in {name, *others}:
            raise FlowError(f"Step {name} takes silence for its record.", "Let its default make another kind.")
        if any(not kinds or name in kinds for kinds in self.needed()):
            raise FlowError(f"Step {name} can never begin.", "Let it need other kinds than its own, and at least one.")
        if name in self.barred():
            raise FlowError(f"Step {name} is barred by its own record.", "Let `unless` name other kinds.")

    @property
    def name(self) -> str:
        """The step's name in slots: its kind without the version, which may change while the step stays the same."""
        return stem(self.makes)

    def barred(self) -> frozenset[str]:
        """Return the kinds, without version, any of which takes the step away."""
        return frozenset(map(stem, self.unless))

    def ending(self) -> str:
        """Return the kind, without version, whose records say when the wait ends; empty where none does."""
        return stem(self.until) if self.until else ""

    def needed(self) -> tuple[frozenset[str], ...]:
        """Return for each need the kinds, without version, that meet it."""
        return tuple(
            frozenset(stem(kind) for kind in (need.kinds if isinstance(need, AnyOf) else (need,)))
            for need in self.needs
        )


def no_marks(history: Sequence[Stored]) -> tuple[Mark, ...]:
    """Return that a subject is found by its id alone."""
    del history
    return ()


class Flow(Struct, frozen=True, kw_only=True):
    """A process: a name, by which slots refer to it, and its steps in the order in which lists show them.

    `marks` says what a subject is found by, from the records of it that one view may read; it is a pure function.
    """

    name: str
    steps: tuple[Step, ...]
    marks: Callable[[Sequence[Stored]], tuple[Mark, ...]] = no_marks

    def __post_init__(self) -> None:
        """Refuse a flow without steps, and two steps of one name.

        Raises:
            FlowError: for either.
        """
        names = [step.name for step in self.steps]
        if not names or len(set(names)) < len(names):
            raise FlowError(f"Flow {self.name} has no steps, or two that make one kind.", "Give each kind one step.")


def stem(kind: str) -> str:
    """Return a kind without its version: `case.reply` of `case.reply/1`.

    Raises:
        FlowError: for a text that is no kind.
    """
    match = KIND.fullmatch(kind)
    if match is None:
        raise FlowError(f"{kind!r} is not a kind.", "Write it as context.name/version.")
    return match[1]
