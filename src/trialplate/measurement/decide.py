"""The decision: integer sums against an integer table, by the standard library alone.

docs/formats/decision.md says the same in words, for whoever writes another verifier. Nothing here knows how a rule was
made; that a rule holds its levels is the business of `rule`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from trialplate.errors import TrialplateError

LARGEST: Final = 2**53 - 1
_DECIMAL: Final = re.compile(r"0\.[0-9]{9}")


class RuleError(TrialplateError):
    """A rule is malformed, or what it was asked to decide does not belong to it."""


class Conclusion(StrEnum):
    """What a decision says. INCONCLUSIVE is its own answer and never stands for BELOW."""

    ABOVE = "ABOVE"
    BELOW = "BELOW"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True)
class Place:
    """The scores of a place of the order, one for each answer 0 ... K.

    Attributes:
        above: what an answer adds to the sum of ABOVE: 0 for answer 0, never falling.
        below: what it adds to the sum of BELOW: never rising, 0 for answer K.

    Raises:
        RuleError: where that does not hold.
    """

    above: tuple[int, ...]
    below: tuple[int, ...]

    def __post_init__(self) -> None:
        _check_integers(self.above, self.below)
        if len(self.above) != len(self.below) or self.steps < 1:
            raise RuleError("A place has not one score a side for each of its answers.", "Score 0 to K, K at least 1.")
        if self.above[0] or self.below[-1] or not _rising(self.above) or not _rising(self.below[::-1]):
            raise RuleError("The scores of a place do not grow from 0 with what speaks for a side.", "Make them anew.")

    @property
    def steps(self) -> int:
        """The highest answer, K."""
        return len(self.above) - 1


@dataclass(frozen=True)
class Rule:
    """What is committed before the first run.

    Attributes:
        places: the scores, in the order of the runs.
        bound_above: from which sum on ABOVE is said, after 1 ... n runs; at least 1.
        bound_below: likewise for BELOW.
        looks: after how many runs the sums are compared, rising; the last one is n.
        attained_above: the probability that the sum of ABOVE ever crosses under the envelope, rounded up: `0.` and nine
            digits.
        attained_below: likewise for BELOW.

    Raises:
        RuleError: where that does not hold, or a number is beyond 2**53 - 1.
    """

    places: tuple[Place, ...]
    bound_above: tuple[int, ...]
    bound_below: tuple[int, ...]
    looks: tuple[int, ...]
    attained_above: str
    attained_below: str

    def __post_init__(self) -> None:
        _check_integers(self.bound_above, self.bound_below, self.looks)
        if not len(self.places) == len(self.bound_above) == len(self.bound_below) > 0:
            raise RuleError("A rule has not two bounds for each place.", "Give as many of each, at least one.")
        if min(*self.bound_above, *self.bound_below) < 1:
            raise RuleError("A bound of a rule decides without any evidence.", "Let bounds begin at 1.")
        ends = not self.looks or self.looks[0] < 1 or self.looks[-1] != self.n_max
        if ends or any(low >= high for low, high in pairwise(self.looks)):
            raise RuleError("The looks of a rule do not rise to its last place.", "Count runs from 1 to n.")
        if not all(_DECIMAL.fullmatch(level) for level in (self.attained_above, self.attained_below)):
            raise RuleError("An attained level is no decimal.", "Write `0.` and nine digits.")

    @property
    def n_max(self) -> int:
        """How many runs there are at most."""
        return len(self.places)


@dataclass(frozen=True)
class Answer:
    """What a place gives each side: the answer as the side of ABOVE counts it, and as the side of BELOW does.

    They are one number for an answer that was given. They differ where each side gets what speaks for it least.
    """

    x_above: int
    x_below: int

    @classmethod
    def given(cls, x: int) -> Answer:
        """Return an answer that counts as it is."""
        return cls(x, x)

    @classmethod
    def void(cls, place: Place) -> Answer:
        """Return what a place gives that stayed void after its re-runs: the lowest score on each side.

        It is valid whatever the cause, for it can turn no sum upward.
        """
        return cls(0, place.steps)


@dataclass(frozen=True)
class Look:
    """What a look saw after `runs` runs: both sums and the bounds that they were compared with."""

    runs: int
    above: int
    bound_above: int
    below: int
    bound_below: int


@dataclass(frozen=True)
class Decision:
    """What a rule says of answers.

    Attributes:
        outcome: the conclusion.
        runs: how many answers it used; what came after them counts for nothing.
        above: the sum of ABOVE after these runs; below: that of BELOW.
        final: false only for INCONCLUSIVE where more answers could still decide.
        path: what each look saw, up to the one that decided.
    """

    outcome: Conclusion
    runs: int
    above: int
    below: int
    final: bool
    path: tuple[Look, ...]


def decide(rule: Rule, answers: Sequence[Answer]) -> Decision:
    """Return what a rule says of the answers of its first places.

    The first look at which a sum reaches its bound decides. Where both do at one look, they contradict each other, and
    the end is INCONCLUSIVE. Equal rules and answers give equal decisions, on every machine and for ever.

    Raises:
        RuleError: for more answers than the rule has places, or an answer that a place does not have.
    """
    if len(answers) > rule.n_max:
        raise RuleError(f"{len(answers)} answers are more than the {rule.n_max} places.", "Give one a place.")
    for number, (place, answer) in enumerate(zip(rule.places, answers, strict=False), 1):
        _check_integers((answer.x_above, answer.x_below))
        if not (0 <= answer.x_above <= place.steps and 0 <= answer.x_below <= place.steps):
            raise RuleError(f"Place {number} has no such answer.", f"Count from 0 to {place.steps}.")
    looks = frozenset(rule.looks)
    above = below = 0
    path: list[Look] = []
    for index, (place, answer) in enumerate(zip(rule.places, answers, strict=False)):
        above += place.above[answer.x_above]
        below += place.below[answer.x_below]
        if index + 1 not in looks:
            continue
        look = Look(index + 1, above, rule.bound_above[index], below, rule.bound_below[index])
        path.append(look)
        crossed = look.above >= look.bound_above, look.below >= look.bound_below
        if any(crossed):
            return Decision(_CONCLUSIONS[crossed], look.runs, above, below, final=True, path=tuple(path))
    used = len(answers)
    return Decision(Conclusion.INCONCLUSIVE, used, above, below, final=used == rule.n_max, path=tuple(path))


_CONCLUSIONS: Final = {
    (True, False): Conclusion.ABOVE,
    (False, True): Conclusion.BELOW,
    (True, True): Conclusion.INCONCLUSIVE,
}


def _rising(scores: Sequence[int]) -> bool:
    return all(low <= high for low, high in pairwise(scores))


def _check_integers(*rows: Sequence[int]) -> None:
    # A bool or a float that equals an integer would pass every comparison here, and be written otherwise.
    if any(type(value) is not int or abs(value) > LARGEST for row in rows for value in row):
        raise RuleError("A number of a rule or an answer is no integer below 2**53.", "Give integers.")
