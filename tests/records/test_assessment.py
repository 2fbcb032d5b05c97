"""The bodies of an assessment's records refuse what means nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from tests.records.plans import ELICITATION, ESTIMATE, FIGURES, ORDER, PLAN, RULE
from trialplate.records import (
    Answer,
    AssessmentError,
    AttemptOpened,
    Beacon,
    Horizon,
    ItemLimits,
    Nuisance,
    Outcome,
    Place,
    PlanError,
    Reason,
    RunResult,
    Shares,
)

FOUR_THOUSAND = (Place(item="0123456789ab", twin=True),) * 4097

ODD: list[tuple[Callable[[], object], str]] = [
    (lambda: replace(ORDER, places=()), "has 0 places"),
    (lambda: replace(ORDER, places=FOUR_THOUSAND), "has 4097 places"),
    (lambda: replace(ORDER, places=ORDER.places[1:]), "another number of items"),
    (lambda: replace(ORDER, seed="AA"), "'AA' is no digest"),
    (lambda: replace(ORDER, root="abc"), "'abc' is no digest"),
    (lambda: replace(RULE, bound_above=(1,)), "differ in length"),
    (lambda: replace(RULE, places=(), bound_above=(), bound_below=()), "differ in length"),
    (lambda: AttemptOpened(place=-1, attempt=1), "out of range"),
    (lambda: AttemptOpened(place=0, attempt=0), "out of range"),
    (lambda: AttemptOpened(place=0, attempt=4), "3 times at most"),
    (lambda: RunResult(place=4096, attempt=1, outcome=Outcome.SOLVED), "out of range"),
    (lambda: RunResult(place=0, attempt=1, outcome=Outcome.SOLVED, turns=-1), "negative"),
    (lambda: replace(ESTIMATE, outcome=Answer.INCONCLUSIVE), "without a reason"),
    (lambda: replace(ESTIMATE, reason=Reason.VOID), "without a reason"),
]

OPEN: list[tuple[Callable[[], object], str]] = [
    (lambda: ItemLimits(tokens=-1), "negative"),
    (lambda: ItemLimits(microdollars=-1), "negative"),
    (lambda: replace(RULE, attained_above="5%"), "attained_above is '5%', which is no decimal"),
    (lambda: Beacon(source="operator", value="xy"), "beacon.value is 'xy', which is no digest"),
    (lambda: Beacon(source="drand", value="aa", signature="x"), "beacon.signature is 'x'"),
    (lambda: Horizon(estimate="1e3", low="0", high="2", bounded=True), "horizon is '1e3'"),
    (lambda: Nuisance(name="", kappa=("1", "1"), s=("0", "0"), eps=("0", "0")), "nuisance.name of the plan is missing"),
    (lambda: Nuisance(name="H", kappa=("1", ""), s=("0", "0"), eps=("0", "0")), "nuisance is ''"),
    (lambda: replace(FIGURES, alpha=".05"), "alpha is '.05'"),
    (lambda: replace(FIGURES, cost=0), "out of range"),
    (lambda: replace(FIGURES, look_every=0), "out of range"),
    (lambda: Shares(limits=0, voids=1), "no percentage"),
    (lambda: Shares(limits=1, voids=101), "no percentage"),
    (lambda: replace(ELICITATION, model=" "), "elicitation.model of the plan is missing"),
    (lambda: replace(ELICITATION, agent=""), "elicitation.agent of the plan is missing"),
    (lambda: replace(ELICITATION, token_budget=-1), "out of range"),
    (lambda: replace(ELICITATION, call_seconds=0), "out of range"),
    (lambda: replace(PLAN, beacon="random"), "'random' is no beacon"),
    (lambda: replace(PLAN, beacon="drand:ab:1"), "is no beacon"),
    (lambda: replace(PLAN, number=0), "A count of the plan is out of range"),
    (lambda: replace(PLAN, places=0), "A count of the plan is out of range"),
    (lambda: replace(PLAN, attempts=4), "A count of the plan is out of range"),
    (lambda: replace(PLAN, window=0), "no place"),
]


@pytest.mark.parametrize("number", range(len(ODD)))
def test_what_means_nothing_is_refused(number: int) -> None:
    make, said = ODD[number]
    with pytest.raises(AssessmentError, match=said):
        make()


@pytest.mark.parametrize("number", range(len(OPEN)))
def test_a_plan_leaves_nothing_open(number: int) -> None:
    make, said = OPEN[number]
    with pytest.raises(PlanError, match=said):
        make()


TEXTS = ("isolation", "criteria", "calibration", "domain_rule", "order_rule", "void_rule", "readers", "inconclusive")
DIGESTS = ("bank", "image", "items", "table", "criteria_digest", "calibration_digest", "decision_digest")


@pytest.mark.parametrize("field", list(TEXTS))
def test_a_text_that_is_missing_is_named(field: str) -> None:
    with pytest.raises(PlanError, match=f"{field} of the plan is missing"):
        replace(PLAN, **{field: ""})


@pytest.mark.parametrize("field", [*DIGESTS, "vectors_digest", "characteristics"])
def test_a_digest_that_is_missing_is_named(field: str) -> None:
    with pytest.raises(PlanError, match=f"{field} is '', which is no digest"):
        replace(PLAN, **{field: ""})


def test_what_an_order_hangs_on_hangs_on_items_and_rule_alone() -> None:
    assert len(PLAN.commitment) == 32
    for same in (replace(PLAN, number=2), replace(PLAN, table="00" * 32), replace(PLAN, readers="Others.")):
        assert same.commitment == PLAN.commitment
    for other in (
        replace(PLAN, items="00" * 32),
        replace(PLAN, bank="00" * 32),
        replace(PLAN, places=5),
        replace(PLAN, criteria_digest="00" * 32),
        replace(PLAN, figures=replace(FIGURES, alpha="0.1")),
        replace(PLAN, alpha_cal="0.04"),
        replace(PLAN, beta_cal="0.04"),
    ):
        assert other.commitment != PLAN.commitment


def test_void_codes_are_those_that_say_so() -> None:
    counting = {Outcome.SOLVED, Outcome.NOT_SOLVED, Outcome.LIMIT, Outcome.REFUSED, Outcome.CHEATED}
    assert {outcome for outcome in Outcome if not outcome.void} == counting
