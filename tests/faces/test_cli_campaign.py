"""How a campaign looks in a terminal: bars that are full only where a bound is reached, and rows that fit."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import cast

import pytest
from rich.console import Console

from trialplate.app.campaigns.view import Row, View
from trialplate.faces.cli.campaign import bar, screen
from trialplate.measurement import Conclusion, Decision


@pytest.mark.parametrize(
    "total, bound, filled",
    [(0, 10, 0), (5, 10, 15), (-5, 10, 0), (99, 100, 29), (10, 10, 30), (30, 10, 30), (0, 0, 30)],
)
def test_a_bar_is_full_where_the_bound_is_reached_and_not_before(total: int, bound: int, filled: int) -> None:
    text = bar(total, bound).plain
    assert (text.count("█"), len(text)) == (filled, 30)


def view(places: int, tries: int = 1) -> View:
    rows = tuple(
        Row(
            place=number,
            item=f"{number:012x}",
            family="web/roles",
            level="L2",
            twin=number == 3,
            attempts=tries,
            outcome="SOLVED",
            tokens=1234,
            seconds=0.5,
        )
        for number in range(places)
    )
    rule = SimpleNamespace(bound_above=(50,) * 40, bound_below=(60,) * 40, places=(None,) * 40)
    decision = Decision(Conclusion.INCONCLUSIVE, places, 25, 60, final=False, path=())
    course = SimpleNamespace(decision=decision, order=SimpleNamespace(rule=rule))
    return cast("View", SimpleNamespace(rows=lambda: rows, course=course))


def shown(view: View, height: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=80, height=height).print(screen(view, height))
    return out.getvalue().splitlines()


@pytest.mark.parametrize("height", [24, 50, 9])
def test_both_sums_and_the_newest_places_fit_into_the_terminal(height: int) -> None:
    lines = shown(view(33), height)
    assert len(lines) <= height
    assert "25 of 50" in lines[0]
    assert "60 of 60" in lines[1]
    assert "after 33 of 40 items" in lines[2]
    assert any("000000000020" in line for line in lines)
    assert all(len(line) <= 80 for line in lines)


def test_tries_are_shown_where_any_place_needed_more_than_one() -> None:
    assert "tries" not in "\n".join(shown(view(4), 24))
    assert "tries" in "\n".join(shown(view(4, tries=2), 24))
    assert "000000000003 twin" in "\n".join(shown(view(4), 24))
