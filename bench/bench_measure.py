"""Rules made, decisions replayed and campaigns simulated, beside the least that each must do; and runs beside bounds.

The bank of the last rows: 60 items of slope 1.4, evenly within the band, a family each, in 6 domains; declared set H,
cut at 8 hours, both levels .05. A bound is no peer that could be beaten: a ratio of one half means twice its runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from bench.measure import Better, Row, against, interleaved, stopwatch
from trialplate.measurement import Answer, Design, ItemRow, Rule, decide
from trialplate.measurement.boundary import crossing
from trialplate.measurement.chance import seeded
from trialplate.measurement.model import levels_of
from trialplate.measurement.order import order
from trialplate.measurement.rule import make_rule, sides
from trialplate.measurement.simulate import Characteristics, Method, information_bound, rule_ends, simulate
from trialplate.measurement.truth import ALL_OF_THEM, RIGHT, Scenario, answers, asked

_PLACES: Final = 36
_CAMPAIGNS: Final = 20_000
_ROUNDS: Final = 15
_REPLAYS: Final = 400
_RECURSIONS: Final = 32
"""As many as the bisections of both sides take."""

SMALL: Final = Design(cut_hours=8, n_max=_PLACES, linking=0.15)
LARGE: Final = Design(cut_hours=8, n_max=60, cost=60.0)


def run() -> list[Row]:
    """Return the rows of time, and those of runs."""
    rows = _bank(_PLACES, SMALL)
    rule = make_rule(rows, SMALL)
    return [_making(rows), _replaying(rule), _simulating(rows, rule), *_runs(RIGHT), *_runs(ALL_OF_THEM)]


def _bank(count: int, design: Design) -> list[ItemRow]:
    """Return an order of so many items, evenly within the band of the design."""
    width = 2 * design.band / (count - 1)
    rows = {
        f"item-{n:02d}": ItemRow(
            f"item-{n:02d}", f"family-{n}", f"domain-{n % 6}", 480, design.theta0 - design.band + n * width, 1.4
        )
        for n in range(1, count - 1)
    }
    # The outermost two lie on the edge, where a rounding error would decide whether they are used.
    for n, side in ((0, -1), (count - 1, 1)):
        name = f"item-{n:02d}"
        rows[name] = ItemRow(name, f"family-{n}", f"domain-{n % 6}", 480, design.theta0 + side * 0.99, 1.4)
    return [rows[item] for item in order([*rows.values()], design, bytes(32))]


def _making(rows: Sequence[ItemRow]) -> Row:
    """Return the row of making a rule, beside the forward recursions of its bisections alone."""
    rule, levels = make_rule(rows, SMALL), levels_of(rows)
    above = sides(levels, SMALL).above

    def recursions() -> None:
        for _ in range(_RECURSIONS):
            crossing(above, rule.bound_above, rule.looks)

    ours, peer = interleaved(stopwatch(lambda: make_rule(rows, SMALL)), stopwatch(recursions), rounds=_ROUNDS)
    return against(
        f"rule of {_PLACES} places made",
        "ms",
        _milliseconds(ours),
        _milliseconds(peer),
        peer_name=f"its {_RECURSIONS} forward recursions alone",
        better=Better.LOWER,
        floor=0.1,
    )


def _replaying(rule: Rule) -> Row:
    """Return the row of deciding, with every check, beside a bare loop over the same integers."""
    xs = [n % 2 for n in range(_PLACES)]
    given = [Answer.given(x) for x in xs]
    table = [(place.above, place.below) for place in rule.places]

    def bare() -> int:
        up = down = said = 0
        for n, x in enumerate(xs):
            up += table[n][0][x]
            down += table[n][1][x]
            if up >= rule.bound_above[n] or down >= rule.bound_below[n]:
                said = n
        return said

    ours, peer = interleaved(_repeated(lambda: decide(rule, given)), _repeated(bare), rounds=_ROUNDS)
    return against(
        f"decision of {_PLACES} answers replayed",
        "us",
        ours,
        peer,
        peer_name="a plain loop of sums and comparisons",
        better=Better.LOWER,
        floor=0.02,
    )


def _simulating(rows: Sequence[ItemRow], rule: Rule) -> Row:
    """Return the row of simulated campaigns, beside numpy drawing as many answers of known chances."""
    items, rng = asked(rows), seeded(b"bench")
    chances = np.full(_PLACES, 0.5)

    def campaigns() -> None:
        rule_ends(rule, answers(items, RIGHT, SMALL.theta0, _CAMPAIGNS, rng))

    def bare() -> None:
        np.less(rng.random((_CAMPAIGNS, _PLACES)), chances)

    ours, peer = interleaved(stopwatch(campaigns), stopwatch(bare), rounds=_ROUNDS)
    return against(
        f"{_CAMPAIGNS:,} campaigns of {_PLACES} runs simulated and decided",
        "ms",
        _milliseconds(ours),
        _milliseconds(peer),
        peer_name="numpy drawing as many answers alone",
        better=Better.LOWER,
        floor=0.02,
    )


def _runs(scenario: Scenario) -> list[Row]:
    """Return the rows of runs at theta0 -+ delta."""
    rows = _bank(LARGE.n_max, LARGE)
    found = simulate(rows, LARGE, scenario, _CAMPAIGNS, seeded(b"runs"))
    rule, testlet = _mean_runs(found, Method.RULE), _mean_runs(found, Method.EPROCESS)
    sprt, bound = _mean_runs(found, Method.SPRT), information_bound(rows, LARGE)
    what = f"runs to a decision, {scenario.name}"
    return [
        _beside(f"{what}: rule L", rule, bound, "information bound of any adaptive test on a table that is right"),
        _beside(f"{what}: rule L", rule, sprt, f"SPRT, which errs in {_errors(found, Method.SPRT)}"),
        _beside(
            f"{what}: rule L", rule, testlet, f"testlet e-process, which errs in {_errors(found, Method.EPROCESS)}"
        ),
    ]


def _beside(name: str, ours: float, peer: float, peer_name: str) -> Row:
    return against(name, "runs", [ours], [peer], peer_name=peer_name, better=Better.LOWER)


def _mean_runs(found: Characteristics, method: Method) -> float:
    runs = [figures.mean_runs for figures in found.figures if figures.method is method]
    return sum(runs) / len(runs)


def _errors(found: Characteristics, method: Method) -> str:
    """Return the larger of both error rates, in words."""
    wrong = [
        figures.above if figures.off < 0 else figures.below for figures in found.figures if figures.method is method
    ]
    return f"{100 * max(wrong):.1f}%"


def _repeated(action: Callable[[], object]) -> Callable[[], float]:
    """Return a measure of one action in microseconds, from many."""

    def all_of_them() -> None:
        for _ in range(_REPLAYS):
            action()

    measure = stopwatch(all_of_them)
    return lambda: 1e6 * measure() / _REPLAYS


def _milliseconds(seconds: Sequence[float]) -> list[float]:
    return [1000 * each for each in seconds]
