"""The campaign of the bundles in these tests: six items and one twin, a rule made by hand, and what happened.

Sums and outcomes are worked out by hand or in the plainest way, and not by the code that is tested.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import Struct

from trialplate.records import (
    Answer,
    Argument,
    AssessmentDraft,
    AttemptOpened,
    Beacon,
    EarlierPlan,
    Elicitation,
    Ended,
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
    Reason,
    RecordId,
    Rule,
    RunResult,
    Scores,
    Shares,
    SubjectId,
    canonical,
)
from trialplate.trust import leaf_hash
from trialplate.trust.merkle import Tree

ITEMS = tuple(f"{hashlib.sha256(b'%d' % number).hexdigest()[:12]}" for number in range(6))
PLACES = (
    *(Place(item=item, twin=False) for item in ITEMS[:3]),
    Place(item=ITEMS[1], twin=True),
    *(Place(item=item, twin=False) for item in ITEMS[3:]),
)
RULE = Rule(
    places=tuple(Scores(above=(0, 10 + number), below=(12 - number, 0)) for number in range(6)),
    bound_above=(99, 99, 30, 30, 30, 30),
    bound_below=(99, 99, 30, 30, 30, 30),
    looks=(1, 2, 3, 4, 5, 6),
    attained_above="0.039",
    attained_below="0.041",
)
FIGURES = Figures(
    cut_hours="8",
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
SHARES = Shares(limits=20, voids=10)
CRITERIA: Mapping[str, Any] = {
    "format": "trialplate-criteria/1",
    "name": "example-1",
    "says": "For these tests.",
    "formal": False,
    "calibration": "uncalibrated: design difficulties",
    "figures": msgspec.to_builtins(FIGURES),
    "shares": msgspec.to_builtins(SHARES),
    "domain_rule": "One sum over all domains.",
    "order_rule": "By chance from the beacon.",
    "void_rule": "Run again, twice at most.",
    "inconclusive": "It says nothing of the model.",
    "readers": "Whoever is given the bundle.",
    "derivations": [
        {"of": figure, "text": "Chosen for these tests."} for figure in (*Figures.__struct_fields__, "shares")
    ],
}
TABLE_ROWS = [
    {"a": "1.4", "b": "-0.5", "domain": "web", "family": "web/toy", "item": item, "minutes": 90}
    for item in sorted(ITEMS)
]
TABLE: Mapping[str, Any] = {"rows": TABLE_ROWS, "salt": "5a" * 32}
CHARACTERISTICS: Mapping[str, Any] = {
    "format": "trialplate-characteristics/1",
    "basis": "ab" * 32,
    "replicates": 3,
    "alpha_cal": "0.04",
    "beta_cal": "0.045",
    "bound_runs": "2.5",
    "levels_kept": True,
    "rows": [
        {
            "scenario": "S0",
            "method": "L",
            "false_above": "0",
            "false_below": "0",
            "inconclusive": "0.5",
            "mean_runs": "4",
            "p90_runs": "6",
        }
    ],
}


def root_of(leaves: Sequence[bytes]) -> str:
    """Return the RFC 6962 root over leaves, in hex."""
    return Tree(map(leaf_hash, leaves)).root().hex()


def _bank() -> Mapping[str, Any]:
    families = [{"name": "web/toy", "sources": "ab" * 48, "version": 1}]
    ids = sorted((*ITEMS, "ffffffffffff"))
    items = [{"commitment": hashlib.sha384(item.encode()).hexdigest(), "id": item} for item in ids]
    parts = canonical(["trialplate-bank/1", "toy", "cd" * 32, families])
    leaves = [f"{item['id']}:{item['commitment']}".encode() for item in items]
    return {
        "families": families,
        "format": "trialplate-bank/1",
        "items": items,
        "name": "toy",
        "primitives": "cd" * 32,
        "root": root_of([parts, *leaves]),
    }


BANK = _bank()


@dataclass(frozen=True)
class Story:
    """What happened, and what the estimate says of it.

    `told` is a list of words: `3+` opens the next attempt at place 3, `3:SOLVED` is what became of it. `criteria` are
    fields that stand in place of those of `CRITERIA`.
    """

    told: str = "0+ 1+ 2+ 3+ 0:SOLVED 4+ 1:VOID_LOST 1+ 2:NOT_SOLVED 3:NOT_SOLVED 1:SOLVED 5+ 4:SOLVED 5:LIMIT"
    estimate: Estimate = field(
        default_factory=lambda: estimate_of("ABOVE", runs=4, above=34, below=10, voids=1, after=1, twins=1)
    )
    why: Ended = Ended.DECIDED
    rule: Rule = RULE
    places: tuple[Place, ...] = PLACES
    beacon: str = "operator"
    criteria: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def bodies(self) -> list[tuple[str, int, Struct]]:
        """Return step, ordinal and body of every attempt and result, in their order."""
        made: list[tuple[str, int, Struct]] = []
        tried: dict[int, list[str]] = {}
        for word in self.told.split():
            place = int(word[0])
            attempts = tried.setdefault(place, [])
            if word.endswith("+"):
                attempts.append("")
                made.append((f"opened-{place}", len(attempts), AttemptOpened(place=place, attempt=len(attempts))))
                continue
            attempts[-1] = word[2:]
            prefix, above, below = sums(self.rule, self.places, tried)
            result = RunResult(
                place=place,
                attempt=len(attempts),
                outcome=Outcome(word[2:]),
                endpoint="example",
                transcript="ef" * 32,
                flags=(Flag(rule="reads-flag", times=1),),
                prefix=prefix,
                above=above,
                below=below,
            )
            made.append((f"result-{place}", len(attempts), result))
        return made


def sums(rule: Rule, places: Sequence[Place], tried: Mapping[int, Sequence[str]]) -> tuple[int, int, int]:
    """Return how many items count, and the sums over them, by looking at everything anew."""
    prefix = above = below = 0
    for number, place in enumerate(places):
        if place.twin:
            continue
        attempts = tried.get(number, [""])
        last = attempts[-1]
        if not last or (last.startswith("VOID") and len(attempts) < 3):
            break
        lowest = last.startswith("VOID") or last == "CHEATED"
        solved = last == "SOLVED"
        above += rule.places[prefix].above[solved]
        below += rule.places[prefix].below[solved or lowest]
        prefix += 1
        reached = above >= rule.bound_above[prefix - 1] or below >= rule.bound_below[prefix - 1]
        if reached and prefix in rule.looks:
            break
    return prefix, above, below


def estimate_of(outcome: str, reason: str = "", *, evidence: str = "INCONCLUSIVE", **counts: int) -> Estimate:
    """Return an estimate; what is not counted is 0."""
    names = ("runs", "above", "below", "voids", "limits", "cheated", "after", "twins", "twins_solved")
    return Estimate(
        outcome=Answer(outcome),
        reason=Reason(reason),
        **{name: counts.get(name, 0) for name in names},
        horizon=Horizon(estimate="9.5", low="2", high="40", bounded=True),
        evidence=Evidence(above="1.5", below="-2", outcome=Answer(evidence)),
        escalate={outcome, evidence} == {"ABOVE", "BELOW"},
    )


def plan_of(story: Story, number: int) -> Plan:
    """Return the plan that a story begins with."""
    criteria = {**CRITERIA, **story.criteria}
    commitments = {item["id"]: item["commitment"] for item in BANK["items"]}
    items = sorted(place.item for place in story.places if not place.twin)
    salted = bytes.fromhex(TABLE["salt"]) + canonical(TABLE["rows"])
    return Plan(
        number=number,
        bank=BANK["root"],
        image="aa" * 32,
        isolation="container",
        items=root_of([f"{item}:{commitments[item]}".encode() for item in items]),
        places=len(items),
        table=hashlib.sha256(b"trialplate.table/1\n" + salted).hexdigest(),
        criteria=criteria["name"],
        criteria_digest=hashlib.sha256(canonical(criteria)).hexdigest(),
        figures=msgspec.convert(criteria["figures"], Figures),
        alpha_cal="0.04",
        beta_cal="0.045",
        shares=msgspec.convert(criteria["shares"], Shares),
        calibration=criteria["calibration"],
        calibration_digest="bb" * 32,
        domain_rule=criteria["domain_rule"],
        order_rule=criteria["order_rule"],
        void_rule=criteria["void_rule"],
        attempts=3,
        window=4,
        beacon=story.beacon,
        elicitation=Elicitation(
            model="example/model",
            arguments=(Argument(name="seed", value="1"),),
            agent="react",
            limits=ItemLimits(tokens=1000),
            token_budget=0,
            call_seconds=60,
            call_retries=2,
        ),
        readers=criteria["readers"],
        inconclusive=criteria["inconclusive"],
        decision_digest="cc" * 32,
        vectors_digest="dd" * 32,
        characteristics=hashlib.sha256(canonical(CHARACTERISTICS) + b"\n").hexdigest(),
        accepted=False,
    )


def order_of(story: Story, plan: Struct, plan_id: RecordId, value: str) -> OrderDrawn:
    """Return the order that is drawn after a plan, from a beacon of this value (hex)."""
    assert isinstance(plan, Plan)
    signature = "" if story.beacon == "operator" else value
    drawn = value if not signature else hashlib.sha256(bytes.fromhex(signature)).hexdigest()
    salted = (32).to_bytes(8, "big") + plan.commitment + bytes.fromhex(drawn)
    seed = hashlib.sha256(b"trialplate.order/1\n" + salted).digest()
    leaves = [
        hashlib.sha256(seed + number.to_bytes(4, "big")).digest() + f"{place.item}:{place.twin:d}".encode()
        for number, place in enumerate(story.places)
    ]
    return OrderDrawn(
        plan=plan_id,
        beacon=Beacon(source=plan.beacon, value=drawn, signature=signature),
        seed=seed.hex(),
        places=story.places,
        root=root_of(leaves),
        rule=story.rule,
    )


def draft_of(  # noqa: PLR0913 - what a draft repeats comes from as many places
    plan: Plan,
    plan_id: RecordId,
    estimate: Estimate,
    estimate_id: RecordId,
    *,
    subject: SubjectId,
    earlier: tuple[EarlierPlan, ...],
) -> AssessmentDraft:
    """Return the draft that repeats a plan and an estimate."""
    return AssessmentDraft(
        subject=subject,
        model=plan.elicitation.model,
        number=plan.number,
        plan=plan_id,
        estimate=estimate_id,
        outcome=estimate.outcome,
        reason=estimate.reason,
        runs=estimate.runs,
        voids=estimate.voids,
        twins_solved=estimate.twins_solved,
        horizon=estimate.horizon,
        criteria=plan.criteria,
        criteria_digest=plan.criteria_digest,
        cut_hours=plan.figures.cut_hours,
        alpha=plan.figures.alpha,
        beta=plan.figures.beta,
        calibration=plan.calibration,
        formal=False,
        would_sign="Director of NSA",
        says=("It was run.",),
        does_not_say=("It determines nothing.",),
        earlier=earlier,
    )
