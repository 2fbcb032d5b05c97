"""The bodies of an assessment's records refuse what means nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trialplate.records import (
    AssessmentError,
    AttemptOpened,
    ItemLimits,
    OrderDrawn,
    Outcome,
    Place,
    RunResult,
)

PLACES = (Place(item="0123456789ab", twin=False),)


def order(places: tuple[Place, ...] = PLACES, bank: str = "aa", image: str = "bb", root: str = "cc") -> OrderDrawn:
    return OrderDrawn(bank=bank, image=image, model="m", agent="react", limits=ItemLimits(), places=places, root=root)


@pytest.mark.parametrize(
    "number, make, said",
    [
        (number, make, said)
        for number, (make, said) in enumerate(
            [
                (lambda: order(places=()), "has 0 places"),
                (lambda: order(places=PLACES * 4097), "has 4097 places"),
                (lambda: order(bank="AA"), "'AA' is no digest"),
                (lambda: order(image=""), "'' is no digest"),
                (lambda: order(root="abc"), "'abc' is no digest"),
                (lambda: ItemLimits(tokens=-1), "negative"),
                (lambda: ItemLimits(microdollars=-1), "negative"),
                (lambda: AttemptOpened(place=-1, attempt=1), "out of range"),
                (lambda: AttemptOpened(place=0, attempt=0), "out of range"),
                (lambda: AttemptOpened(place=0, attempt=4), "3 times at most"),
                (lambda: RunResult(place=4096, attempt=1, outcome=Outcome.SOLVED), "out of range"),
                (lambda: RunResult(place=0, attempt=1, outcome=Outcome.SOLVED, turns=-1), "negative"),
            ]
        )
    ],
)
def test_what_means_nothing_is_refused(number: int, make: Callable[[], object], said: str) -> None:
    del number
    with pytest.raises(AssessmentError, match=said):
        make()


def test_void_codes_are_those_that_say_so() -> None:
    counting = {Outcome.SOLVED, Outcome.NOT_SOLVED, Outcome.LIMIT, Outcome.REFUSED, Outcome.CHEATED}
    assert {outcome for outcome in Outcome if not outcome.void} == counting
