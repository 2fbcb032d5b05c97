"""Our published vectors of rules and decisions, by Trialplate and by docs/formats/decision.md alone."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.measurement.naive_order import by_the_page, words
from trialplate.measurement import Answer, Conclusion, Design, ItemRow, Rule, decide
from trialplate.measurement.order import order, order_seed
from trialplate.measurement.rule import make_rule

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "measurement.json").read_text())
CASES = [
    pytest.param(entry["rule"], case, id=f"{entry['name']}: {case['name']}")
    for entry in VECTORS["rules"]
    for case in entry["cases"]
]


def _plain(value: object) -> object:
    return json.loads(json.dumps(value))


def _by_the_page(rule: dict[str, Any], answers: list[list[int]]) -> dict[str, Any]:
    """Return a decision as docs/formats/decision.md says, with the standard library."""
    sums = {
        side: list(accumulate(place[side][answer[at]] for place, answer in zip(rule["places"], answers, strict=False)))
        for at, side in enumerate(("above", "below"))
    }
    path: list[dict[str, int]] = []
    for n in (look for look in rule["looks"] if look <= len(answers)):
        look = {"runs": n}
        for side in ("above", "below"):
            look |= {side: sums[side][n - 1], f"bound_{side}": rule[f"bound_{side}"][n - 1]}
        path.append(look)
        crossed = [side for side in ("above", "below") if look[side] >= look[f"bound_{side}"]]
        if crossed:
            outcome = crossed[0].upper() if len(crossed) == 1 else "INCONCLUSIVE"
            return {
                "outcome": outcome,
                "runs": n,
                "above": look["above"],
                "below": look["below"],
                "final": True,
                "path": path,
            }
    return {
        "outcome": "INCONCLUSIVE",
        "runs": len(answers),
        "above": sums["above"][-1] if answers else 0,
        "below": sums["below"][-1] if answers else 0,
        "final": len(answers) == len(rule["places"]),
        "path": path,
    }


@pytest.mark.parametrize("rule, case", CASES)
def test_decisions_by_the_page(rule: dict[str, Any], case: dict[str, Any]) -> None:
    assert _by_the_page(rule, case["answers"]) == case["decision"]


@pytest.mark.parametrize("rule, case", CASES)
def test_decisions_by_trialplate(rule: dict[str, Any], case: dict[str, Any]) -> None:
    read = msgspec.convert(rule, Rule)
    assert _plain(asdict(read)) == rule
    assert _plain(asdict(decide(read, [Answer(*pair) for pair in case["answers"]]))) == case["decision"]


def test_every_outcome_occurs() -> None:
    decisions = [case["decision"] for entry in VECTORS["rules"] for case in entry["cases"]]
    assert {decision["outcome"] for decision in decisions} == {each.value for each in Conclusion}
    assert {decision["final"] for decision in decisions} == {True, False}


@pytest.mark.parametrize("made", VECTORS["made"], ids=lambda made: f"looks every {made['design']['look_every']}")
def test_rules_are_made_so(made: dict[str, Any]) -> None:
    rows, design = msgspec.convert(made["order"], list[ItemRow]), msgspec.convert(made["design"], Design)
    assert make_rule(rows, design) == msgspec.convert(made["rule"], Rule)
    assert made["rule"] in [entry["rule"] for entry in VECTORS["rules"]]


@pytest.mark.parametrize("drawn", VECTORS["orders"], ids=lambda drawn: drawn["seed"][:8])
def test_orders_are_drawn_so(drawn: dict[str, Any]) -> None:
    commitment, beacon, seed = (bytes.fromhex(drawn[name]) for name in ("commitment", "beacon", "seed"))
    length = len(commitment).to_bytes(8, "big")
    assert hashlib.sha256(b"trialplate.order/1\n" + length + commitment + beacon).digest() == seed
    assert order_seed(commitment, beacon) == seed
    assert [f"{word:016x}" for word in words(seed, len(drawn["words"]))] == drawn["words"]
    rows, design = msgspec.convert(drawn["table"], list[ItemRow]), msgspec.convert(drawn["design"], Design)
    assert by_the_page(rows, design, seed) == drawn["order"]
    assert list(order(rows, design, seed)) == drawn["order"]
