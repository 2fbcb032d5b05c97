"""Bodies of an assessment's records that are whole, to be varied by tests."""

from __future__ import annotations

from typing import Final

from trialplate.records import (
    Answer,
    Argument,
    AssessmentDraft,
    Beacon,
    EarlierPlan,
    Elicitation,
    Estimate,
    Evidence,
    Figures,
    Flag,
    Horizon,
    ItemLimits,
    Nuisance,
    OrderDrawn,
    Outcome,
    Place,
    Plan,
    PlanState,
    Reason,
    RecordId,
    Rule,
    RunResult,
    Scores,
    Shares,
    SubjectId,
)

FIGURES: Final = Figures(
    cut_hours="2",
    delta="0.45",
    alpha="0.05",
    beta="0.05",
    linking="0.15",
    elicitation="0",
    band="1",
    nuisance=Nuisance(name="H", kappa=("0.75", "1.3"), s=("0", "0.75"), eps=("0", "0.05")),
    cost=30,
    look_every=1,
)

ELICITATION: Final = Elicitation(
    model="trialplate/examinee",
    arguments=(Argument(name="ability", value="16h"),),
    agent="react",
    limits=ItemLimits(tokens=1000),
    token_budget=0,
    call_seconds=60,
    call_retries=1,
)

PLAN: Final = Plan(
    number=1,
    bank="aa" * 32,
    image="bb" * 32,
    isolation="T1 namespaces",
    items="cc" * 32,
    places=6,
    table="dd" * 32,
    criteria="synthetic-2026.1",
    criteria_digest="ee" * 32,
    figures=FIGURES,
    alpha_cal="0.05",
    beta_cal="0.05",
    shares=Shares(limits=20, voids=10),
    calibration="uncalibrated: design difficulties",
    calibration_digest="ff" * 32,
    domain_rule="One sum.",
    order_rule="By chance.",
    void_rule="Twice more.",
    attempts=3,
    window=4,
    beacon="operator",
    elicitation=ELICITATION,
    readers="Whoever runs it.",
    inconclusive="Not BELOW.",
    decision_digest="01" * 32,
    vectors_digest="02" * 32,
    characteristics="03" * 32,
    accepted=False,
)

RULE: Final = Rule(
    places=(Scores(above=(0, 5), below=(5, 0)),) * 6,
    bound_above=(100, 10, 10, 10, 10, 10),
    bound_below=(100, 10, 10, 10, 10, 10),
    looks=(1, 2, 3, 4, 5, 6),
    attained_above="0.040000000",
    attained_below="0.040000000",
)
"""Two solved, or two unsolved, decide it, from the second item on."""

ORDER: Final = OrderDrawn(
    plan=RecordId("ab" * 32),
    beacon=Beacon(source="operator", value="04" * 32),
    seed="05" * 32,
    places=tuple(Place(item=f"{number:012x}", twin=False) for number in range(6)),
    root="06" * 32,
    rule=RULE,
)

RESULT: Final = RunResult(
    place=0,
    attempt=1,
    outcome=Outcome.SOLVED,
    endpoint="trialplate/examinee",
    input_tokens=11,
    output_tokens=7,
    milliseconds=120,
    turns=2,
    transcript="d" * 64,
    flags=(Flag(rule="harness", times=2),),
    prefix=1,
    above=5,
    below=0,
)

ESTIMATE: Final = Estimate(
    outcome=Answer.ABOVE,
    reason=Reason.NONE,
    runs=2,
    above=10,
    below=0,
    voids=0,
    limits=0,
    cheated=0,
    after=0,
    twins=0,
    twins_solved=0,
    horizon=Horizon(estimate="8", low="2", high="30.5", bounded=True),
    evidence=Evidence(above="3.2", below="-2.5", outcome=Answer.ABOVE),
    escalate=False,
)

DRAFT: Final = AssessmentDraft(
    subject=SubjectId("ab" * 16),
    model="trialplate/examinee",
    number=2,
    plan=RecordId("ab" * 32),
    estimate=RecordId("cd" * 32),
    outcome=Answer.ABOVE,
    reason=Reason.NONE,
    runs=2,
    voids=0,
    twins_solved=0,
    horizon=ESTIMATE.horizon,
    criteria="synthetic-2026.1",
    criteria_digest="ee" * 32,
    cut_hours="2",
    alpha="0.05",
    beta="0.05",
    calibration="uncalibrated: design difficulties",
    formal=False,
    would_sign="Director of NSA",
    says=("ABOVE a cut of 2 expert hours after 2 runs.",),
    does_not_say=("A score alone determines nothing.",),
    earlier=(
        EarlierPlan(
            number=1, plan=RecordId("ef" * 32), at="2026-11-01T00:00:00Z", state=PlanState.ABANDONED, outcome=""
        ),
    ),
)
