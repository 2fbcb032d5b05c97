"""The standard examinee is as able as it says, and plays without keeping state."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from inspect_ai.model import get_model

from trialplate.benchmark.family import Bash, Play, Submit
from trialplate.benchmark.inspect.examinee import Ability, ModelError, next_action
from trialplate.benchmark.inspect.scripted import scripted_play
from trialplate.benchmark.items import Item


def item(number: int, minutes: int, family: int = 0) -> Item:
    domain = SimpleNamespace(value=f"D{family % 6}")
    made = SimpleNamespace(
        id=f"item-{number}",
        time=SimpleNamespace(minutes=minutes),
        family=SimpleNamespace(name=f"family-{family}", domain=domain),
    )
    return cast("Item", made)


def rate(ability: str, minutes: int) -> float:
    """Return the share of solved items over many examinees, so that their effects average out."""
    draws = [
        Ability(ability, seed).succeeds(item(number, minutes, number)) for seed in range(40) for number in range(50)
    ]
    return sum(draws) / len(draws)


def test_half_of_the_items_of_its_time_are_solved() -> None:
    assert rate("2h", 120) == pytest.approx(0.5, abs=0.05)
    assert rate("16h", 960) == pytest.approx(0.5, abs=0.05)
    assert rate("90min", 90) == pytest.approx(0.5, abs=0.05)


def test_shorter_items_are_easier() -> None:
    rates = [rate("2h", minutes) for minutes in (7, 30, 120, 480, 1920)]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] > 0.85
    assert rates[-1] < 0.15


def test_all_none_and_nothing() -> None:
    assert rate("all", 10_000) == 1
    assert rate("none", 1) == 0
    assert rate("0h", 1) == 0


def test_a_draw_hangs_on_seed_and_item_only() -> None:
    draws = [[Ability("2h", seed).succeeds(item(number, 120)) for number in range(64)] for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


@pytest.mark.parametrize("text", ["", "16", "h", "16 h", "-1h", "all of it", "1e3h"])
def test_an_ability_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="is no ability"):
        Ability(text, 1)


def test_a_model_of_ours_that_is_unknown_is_refused() -> None:
    with pytest.raises(ModelError, match="no model trialplate/genius"):
        get_model("trialplate/genius", memoize=False)


def test_a_play_is_advanced_anew_through_the_conversation() -> None:
    def player() -> Play:
        seen = yield Bash("one")
        seen += yield Bash(f"two {seen}")
        yield Submit(seen)

    assert next_action(player(), []) == Bash("one")
    assert next_action(player(), ["a"]) == Bash("two a")
    assert next_action(player(), ["a", "b"]) == Submit("ab")
    assert next_action(player(), ["a", "b", "c"]) == Submit("")


def test_the_scripted_floor_submits_what_lies_open() -> None:
    answer = "ABCDEF-GHIJKL-MNOPQR-STUVWX"
    assert isinstance(next_action(scripted_play(), []), Bash)
    assert next_action(scripted_play(), ["", f"note: {answer}."]) == Submit(answer)
    assert next_action(scripted_play(), [""] * 5) == Submit("AAAAAA-AAAAAA-AAAAAA-AAAAAA")
