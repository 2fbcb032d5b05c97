"""Expert times: one table, sums over paths, levels by minutes."""

from __future__ import annotations

import math
import random

import pytest

from trialplate.benchmark.difficulty import ability, difficulty, in_band, information, information_share, success
from trialplate.benchmark.primitives import (
    ExpertTime,
    Level,
    PrimitiveError,
    Step,
    expert_time,
    parse_primitives,
    primitives,
)

ROW = '[look]\ndoes = "look"\nminutes = {minutes}\nlog_sd = {sd}\nsource = "{source}"\n'
GOOD = 'version = "1"\n' + ROW.format(minutes=10, sd=0.5, source="estimate")


def test_the_shipped_table_is_whole() -> None:
    table = primitives()
    assert table.version == "2026.1"
    assert len(table.rows) > 40
    assert all(row.source for row in table.rows.values())


@pytest.mark.parametrize(
    "text, said",
    [
        ("version = ", "malformed"),
        (ROW.format(minutes=1, sd=0.5, source="x"), "malformed"),
        (GOOD.replace("minutes", "hours"), "malformed"),
        (GOOD.replace("= 10", '= "10"'), "malformed"),
        ('version = "1"\n' + ROW.format(minutes=0, sd=0.5, source="x"), "'look' has a value out of range"),
        ('version = "1"\n' + ROW.format(minutes=1, sd=0, source="x"), "out of range"),
        ('version = "1"\n' + ROW.format(minutes=1, sd=0.5, source=""), "out of range"),
    ],
)
def test_a_table_that_is_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(PrimitiveError, match=said):
        parse_primitives(text)


@pytest.mark.parametrize("path", [(), (Step("unknown"),), (Step("look", 0),)])
def test_a_path_has_steps_of_the_table(path: tuple[Step, ...]) -> None:
    with pytest.raises(PrimitiveError):
        expert_time(path, parse_primitives(GOOD))


def test_a_single_step_is_its_row() -> None:
    found = expert_time((Step("look"),), parse_primitives(GOOD))
    assert (found.minutes, found.log_sd) == (10, pytest.approx(0.5))


def test_the_spread_of_a_sum_is_that_of_simulated_experts() -> None:
    table = primitives()
    path = (Step("read-c", 3), Step("gate", 2), Step("triage"))
    drawn = random.Random(7)
    sums = [
        sum(
            table.rows[step.primitive].minutes * step.times * mean_one(drawn, table.rows[step.primitive].log_sd)
            for step in path
        )
        for _ in range(40_000)
    ]
    mean = sum(sums) / len(sums)
    spread = math.sqrt(math.log1p(sum((each - mean) ** 2 for each in sums) / len(sums) / mean**2))
    assert expert_time(path, table).log_sd == pytest.approx(spread, rel=0.03)


def mean_one(drawn: random.Random, sd: float) -> float:
    return math.exp(drawn.gauss(0, sd) - sd**2 / 2)


@pytest.mark.parametrize(
    "minutes, level",
    [(9, 0), (10, 1), (39, 1), (40, 2), (179, 2), (180, 3), (719, 3), (720, 4), (3599, 4), (3600, 5)],
)
def test_levels_are_ranges_of_minutes(minutes: int, level: int) -> None:
    assert ExpertTime(minutes=minutes, log_sd=0.5).level is Level(level)


def test_the_scale_has_its_origin_at_one_hour() -> None:
    assert difficulty(60) == ability(1) == 0
    assert difficulty(120) == ability(2) == pytest.approx(0.45)
    assert success(60, 1) == 0.5
    assert success(60, 2) == pytest.approx(1 / (1 + math.exp(-1.4 * 0.45)))
    assert information(60, 1) == pytest.approx(1.4**2 / 4)


def test_the_band_is_one_unit_wide_on_each_side() -> None:
    assert [minutes for minutes in (25, 26, 120, 559, 561) if in_band(minutes, 2)] == [26, 120, 559]


def test_shares_of_information_add_up() -> None:
    every = [30, 60, 300, 1500]
    assert information_share(every, every, 8) == pytest.approx(1)
    assert information_share([], every, 8) == 0
    assert information_share([], [], 8) == 0
    assert information_share([1500], every, 24) > information_share([1500], every, 2)
