"""How a campaign stands, computed from the bodies of its records alone. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from msgspec import Struct

from trialplate.benchmark.campaign import Progress, progress_of
from trialplate.determination import standing
from trialplate.errors import TrialplateError
from trialplate.measurement.decide import Decision
from trialplate.records import Estimate, OrderDrawn, Outcome, Plan, RunResult

_B = TypeVar("_B", bound=Struct)


class CourseError(TrialplateError):
    """A campaign was asked for something that it has not come to."""


@dataclass(frozen=True)
class Course:
    """A campaign by the bodies of its records in their order, from its plan on."""

    bodies: Sequence[Struct]

    def found(self, kind: type[_B]) -> _B | None:
        """Return the first body of a type, or None where there is none yet."""
        return next((body for body in self.bodies if isinstance(body, kind)), None)

    def the(self, kind: type[_B]) -> _B:
        """Return the first body of a type.

        Raises:
            CourseError: where there is none yet.
        """
        if (body := self.found(kind)) is None:
            raise CourseError(f"The campaign has no {kind.__name__} yet.", "Resume it.")
        return body

    @property
    def plan(self) -> Plan:
        """The plan; CourseError where there is none yet."""
        return self.the(Plan)

    @property
    def order(self) -> OrderDrawn:
        """The order; CourseError where it is not drawn yet."""
        return self.the(OrderDrawn)

    @property
    def estimate(self) -> Estimate:
        """What the runs say; CourseError where they are not over."""
        return self.the(Estimate)

    @property
    def drawn(self) -> bool:
        """Say whether there is an order yet."""
        return self.found(OrderDrawn) is not None

    @property
    def progress(self) -> tuple[Progress, ...]:
        """What happened so far at each place; none before there is an order."""
        return progress_of(len(self.order.places) if self.drawn else 0, self.bodies)

    @property
    def results(self) -> tuple[RunResult, ...]:
        """All results in the order in which they came."""
        return tuple(body for body in self.bodies if isinstance(body, RunResult))

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes of the items from the first place on that have one without a gap; twins are left out."""
        found: list[Outcome] = []
        for place, each in zip(self.order.places if self.drawn else (), self.progress, strict=True):
            if place.twin:
                continue
            if each.outcome is None:
                break
            found.append(each.outcome)
        return tuple(found)

    @property
    def ended(self) -> tuple[Outcome, ...]:
        """The outcomes of all items that have one, with or without a gap; twins are left out."""
        pairs = zip(self.order.places, self.progress, strict=True)
        return tuple(each.outcome for place, each in pairs if each.outcome and not place.twin)

    @property
    def twins(self) -> tuple[Outcome, ...]:
        """The outcomes of the twins that have one."""
        pairs = zip(self.order.places, self.progress, strict=True)
        return tuple(each.outcome for place, each in pairs if each.outcome and place.twin)

    @property
    def decision(self) -> Decision:
        """What the bounds say so far; CourseError where there is no order yet."""
        return standing(self.order.rule, self.outcomes)

    @property
    def decided(self) -> bool:
        """Say whether a bound was reached, or both at once."""
        path = self.decision.path if self.drawn else ()
        return any(look.above >= look.bound_above or look.below >= look.bound_below for look in path[-1:])

    @property
    def needed(self) -> int:
        """How many places from the first need an outcome: those before the item that decided, and else all."""
        if not self.decided:
            return len(self.progress)
        items = [number for number, place in enumerate(self.order.places) if not place.twin]
        return items[self.decision.runs - 1]

    @property
    def all_run(self) -> bool:
        """Say whether every place of the order has an outcome."""
        return bool(self.progress) and all(each.outcome for each in self.progress)

    def with_body(self, body: Struct) -> Course:
        """Return the course with one more record."""
        return Course((*self.bodies, body))
