"""`verify` and the instruments are two implementations of the same pages: they say the same of the same values."""

from __future__ import annotations

import hashlib
import json
import random

import msgspec
import pytest

from tests.faces.bundles import Recipe, bundle
from tests.faces.campaigns import BANK, PLACES, TABLE, Story, order_of, plan_of
from trialplate.benchmark.bank import parse_bank
from trialplate.benchmark.campaign import order_root
from trialplate.determination import conclude, items_root, parse_criteria, parse_table
from trialplate.faces import verify
from trialplate.measurement.order import order_seed
from trialplate.records import Outcome, RecordId, Rule, Scores, Shares, canonical

COMMON = (Outcome.SOLVED, Outcome.NOT_SOLVED, Outcome.CHEATED)


def rule(chance: random.Random) -> Rule:
    """Return a rule of 1 to 9 items that is well formed and means nothing."""
    count, every = chance.randrange(1, 10), chance.randrange(1, 4)
    return Rule(
        places=tuple(Scores(above=(0, chance.randrange(20)), below=(chance.randrange(20), 0)) for _ in range(count)),
        bound_above=tuple(chance.randrange(1, 50) for _ in range(count)),
        bound_below=tuple(chance.randrange(1, 50) for _ in range(count)),
        looks=tuple(n for n in range(1, count + 1) if n % every == 0 or n == count),
        attained_above="0.040000000",
        attained_below="0.040000000",
    )


def test_outcomes_follow_alike() -> None:
    chance = random.Random(20261207)
    reasons: set[tuple[str, str]] = set()
    for _ in range(1000):
        made, shares = rule(chance), Shares(limits=chance.randrange(1, 101), voids=chance.randrange(1, 101))
        kinds = [chance.choice((COMMON, tuple(Outcome))) for _ in range(chance.randrange(len(made.places) + 1))]
        outcomes = [chance.choice(kind) for kind in kinds]
        twin = chance.random() < 0.2
        first = conclude(made, shares, outcomes, twins_solved=int(twin))
        second = verify.read(json.loads(canonical(made)), verify.Rule, "It")
        tally = verify.Tally(second, [outcome.value for outcome in outcomes])
        said = verify.conclude(second, verify.Shares(shares.limits, shares.voids), tally, twin_solved=twin)
        assert said == (first.outcome.value, first.reason.value)
        assert (tally.raw, tally.runs) == (first.decision.outcome.value, first.decision.runs)
        assert (tally.above, tally.below) == (first.decision.above, first.decision.below)
        reasons.add(said)
    assert {reason for _, reason in reasons} == {"", "horizon", "limits", "integrity", "void"}
    assert {outcome for outcome, _ in reasons} == {"ABOVE", "BELOW", "INCONCLUSIVE"}


@pytest.mark.parametrize("beacon", ["operator", f"drand:{'12' * 32}:7"])
def test_the_bundles_of_these_tests_are_those_of_the_instruments(beacon: str) -> None:
    story = Story(beacon=beacon)
    files = bundle(Recipe(story=story))
    plan = plan_of(story, 1)
    order = order_of(story, plan, RecordId("00" * 32), "ab" * 32)
    commitments = {item["id"]: item["commitment"] for item in BANK["items"]}
    assert parse_bank(files["bank.json"]).root == plan.bank
    assert parse_table(files["table.json"]).commitment == plan.table
    assert parse_criteria(files["criteria.json"]).digest == plan.criteria_digest
    assert items_root({row["item"]: commitments[row["item"]] for row in TABLE["rows"]}) == plan.items
    assert order_seed(plan.commitment, bytes.fromhex(order.beacon.value)).hex() == order.seed
    assert order_root(PLACES, bytes.fromhex(order.seed)).hex() == order.root
    assert hashlib.sha256(files["characteristics.json"]).hexdigest() == plan.characteristics
    assert (
        msgspec.json.decode(files["draft.json"])["plan"]
        == msgspec.json.decode(verify.unbase64(json.loads(files["MANIFEST"])["payload"], "It"))["plan"]
    )
