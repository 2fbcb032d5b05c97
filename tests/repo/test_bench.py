"""The instrument that measures: ratios, floors, turns, and what the command makes of them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bench.__main__ import FOLDER, Broken, Figures, bench, found, measured, table_of
from bench.measure import Better, Row, against, alone, interleaved, interleaved_async, stopwatch
from trialplate.errors import TrialplateError

positive = st.lists(st.floats(min_value=1e-6, max_value=1e6), min_size=1, max_size=20)


def row(*, ratio: float | None, floor: float | None) -> Row:
    """Return a row that differs in what is judged only."""
    return Row("a thing", "ms", 2.0, "a peer", 1.0, ratio, floor, 3)


@given(ours=positive, peer=positive)
def test_ours_and_the_peer_swapped_is_the_other_way_round(ours: list[float], peer: list[float]) -> None:
    for better in Better:
        one = against("a", "ms", ours, peer, peer_name="b", better=better)
        other = against("b", "ms", peer, ours, peer_name="a", better=better)
        assert one.ratio is not None
        assert other.ratio == pytest.approx(1 / one.ratio)
        assert (one.ours, one.peer) == (other.peer, other.ours)


@given(ours=positive, peer=positive)
def test_a_rate_and_its_duration_give_one_ratio(ours: list[float], peer: list[float]) -> None:
    # The median of an even number of samples lies between two, where inverting does not commute.
    ours, peer = ours[: len(ours) // 2 * 2 + 1], peer[: len(peer) // 2 * 2 + 1]
    if len(ours) % 2 and len(peer) % 2:
        times = against("a", "s", ours, peer, peer_name="b", better=Better.LOWER)
        inverse = [1 / x for x in ours], [1 / x for x in peer]
        rates = against("a", "1/s", *inverse, peer_name="b", better=Better.HIGHER)
        assert rates.ratio == pytest.approx(times.ratio)


@pytest.mark.parametrize(
    "better, ours, peer, floor, missed",
    [
        (Better.LOWER, 200, 100, 0.5, False),
        (Better.LOWER, 201, 100, 0.5, True),
        (Better.HIGHER, 50, 100, 0.5, False),
        (Better.HIGHER, 49, 100, 0.5, True),
        (Better.HIGHER, 1, 100, None, False),
    ],
)
def test_a_floor_is_the_least_ratio(better: Better, ours: float, peer: float, floor: float, *, missed: bool) -> None:
    made = against("a", "ms", [ours], [1, peer, 1000], peer_name="b", better=better, floor=floor)
    assert made.missed == missed


def test_a_floor_without_a_peer_is_missed() -> None:
    assert row(ratio=None, floor=0.5).missed
    assert not alone("a", "ms", [1, 2, 9]).missed
    assert alone("a", "ms", [1, 2, 9]) == Row("a", "ms", 2, "", None, None, None, 3)


@pytest.mark.parametrize("samples", [[], [0.0], [-1.0, 0.0, 5.0]])
def test_nothing_measured_is_no_figure(samples: list[float]) -> None:
    with pytest.raises(ValueError, match="Nothing was measured for 'ours'"):
        against("ours", "ms", samples, [1], peer_name="peer", better=Better.LOWER)
    with pytest.raises(ValueError, match="Nothing was measured for 'peer'"):
        against("ours", "ms", [1], samples, peer_name="peer", better=Better.LOWER)
    with pytest.raises(ValueError, match="Nothing was measured"):
        alone("ours", "ms", samples)


class Steps:
    """Two measures that note when each is called; every figure is the number of calls so far."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def ours(self) -> float:
        self.calls.append("ours")
        return len(self.calls)

    def peer(self) -> float:
        self.calls.append("peer")
        return len(self.calls)

    async def later_ours(self) -> float:
        return self.ours()

    async def later_peer(self) -> float:
        return self.peer()


def test_measures_take_turns_and_warm_up_first() -> None:
    steps = Steps()
    ours, peer = interleaved(steps.ours, steps.peer, rounds=3)
    assert steps.calls == ["peer", "ours", "ours", "peer", "peer", "ours", "ours", "peer"]
    assert (ours, peer) == ([3, 6, 7], [4, 5, 8])


@pytest.mark.anyio
async def test_asynchronous_measures_take_the_same_turns() -> None:
    plain, later = Steps(), Steps()
    expected = interleaved(plain.ours, plain.peer, rounds=4, warmups=2)
    assert await interleaved_async(later.later_ours, later.later_peer, rounds=4, warmups=2) == expected
    assert later.calls == plain.calls


def test_a_stopwatch_does_what_it_times() -> None:
    done: list[int] = []
    assert stopwatch(lambda: done.append(1))() > 0
    assert done == [1]


def test_benchmarks_are_found_by_their_names(tmp_path: Path) -> None:
    for name in ("bench_b.py", "bench_a.py", "measure.py", "bench_c.txt"):
        (tmp_path / name).touch()
    assert found(tmp_path) == ("a", "b")
    assert "store" in found(FOLDER)


def test_a_benchmark_that_fails_clearly_does_not_stop_the_rest() -> None:
    def fails() -> list[Row]:
        raise TrialplateError("There is no image.", "Run make setup.")

    good, told = row(ratio=1.0, floor=0.5), list[str]()
    figures = measured({"a": fails, "b": lambda: [good, good]}, told.append)
    assert told == ["a", "b"]
    assert figures.rows == (good, good)
    assert figures.broken == (Broken("a", "There is no image. Run make setup."),)
    assert not figures.good


@pytest.mark.parametrize("ratio, good", [(0.5, True), (0.49, False)])
def test_a_missed_floor_is_shown_and_is_not_good(ratio: float, *, good: bool) -> None:
    figures = Figures("a commit", "a machine", (row(ratio=1.0, floor=None), row(ratio=ratio, floor=0.5)), ())
    console = Console(width=140, file=io.StringIO())
    with console.capture() as shown:
        console.print(table_of(figures))
    assert ("missed" in shown.get()) != good
    assert figures.good == good


def test_the_command_gives_rows_as_json_and_fails_where_one_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [row(ratio=2.0, floor=0.5)]
    monkeypatch.setattr("bench.bench_store.run", lambda: rows)
    ended = CliRunner().invoke(bench, ["--only", "store", "--json"])
    answer = json.loads(ended.stdout)
    assert (ended.exit_code, answer["good"], answer["rows"][0]["ratio"]) == (0, True, 2.0)
    rows.append(row(ratio=0.1, floor=0.5))
    ended = CliRunner().invoke(bench, ["--only", "store"])
    assert ended.exit_code == 1
    assert "missed" in ended.stdout


def test_an_unknown_benchmark_is_refused_with_the_names_of_those_there_are() -> None:
    ended = CliRunner().invoke(bench, ["--only", "nothing"])
    assert ended.exit_code == 2
    assert "store" in ended.stderr
