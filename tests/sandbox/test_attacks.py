"""The attack battery: every row is held, whoever attacks and whoever runs the sandbox.

The rows are in `attacks/rows.py` and `attacks/api_rows.py`; `docs/sandbox-battery.md` is the page about them. Each mode
is one run of the driver, inside an outer cgroup where one can be made; each row of it is one test.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sandbox.attacks import battle
from tests.sandbox.attacks.outer import Outer, outer
from tests.sandbox.attacks.row import Kind, Row, Setting, holds
from tests.sandbox.ordinary import ordinary_user

pytestmark = pytest.mark.sandbox

OWN, WATCHED, ORDINARY, NESTED = "own caps", "watched", "ordinary user", "root of a user's namespace"
MODES = (OWN, WATCHED, ORDINARY, NESTED)


@pytest.fixture(scope="module")
def bound() -> Iterator[Outer | None]:
    """Return the outer group of all modes."""
    with outer() as made:
        yield made


@dataclass(frozen=True, kw_only=True)
class Fought:
    """A mode's setting, and what came of every row in it."""

    setting: Setting
    outcomes: battle.Outcomes


@pytest.fixture(scope="module")
def fights(trialplate_home: Path, bound: Outer | None) -> Iterator[dict[str, Future[Fought]]]:
    """Fight in all modes, two at a time: most of a fight is waiting."""
    own = Setting.CAPPED if bound else Setting.WATCHED
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(max_workers=2))
        jobs = {
            OWN: pool.submit(lambda: Fought(setting=own, outcomes=battle.as_root(trialplate_home, bound))),
        }
        if not battle.why_no_user():
            image = next(path.parent for path in trialplate_home.glob("cache/images/*/record.json"))
            user = stack.enter_context(ordinary_user(image))
            jobs[ORDINARY] = pool.submit(lambda: Fought(setting=Setting.ORDINARY, outcomes=battle.as_user(user, bound)))
            jobs[NESTED] = pool.submit(
                lambda: Fought(setting=Setting.WATCHED, outcomes=battle.as_user(user, bound, inside_namespace=True))
            )
        jobs[WATCHED] = pool.submit(
            lambda: Fought(
                setting=Setting.WATCHED, outcomes=battle.as_root(trialplate_home, bound, "--caps", "watched")
            )
        )
        # The pool ends before the user does.
        with pool:
            yield jobs


@pytest.fixture(scope="module", params=MODES)
def fought(request: pytest.FixtureRequest, fights: dict[str, Future[Fought]]) -> Fought:
    """Return what came of one mode."""
    if request.param not in fights:
        pytest.skip(battle.why_no_user())
    return fights[request.param].result()


@pytest.mark.parametrize("row, whom", battle.PAIRS, ids=lambda value: value.name if isinstance(value, Row) else value)
def test_row_is_held(fought: Fought, row: Row, whom: str) -> None:
    """What came of the row is what the row expects."""
    expected = battle.expected(row, whom, fought.setting)
    outcome = fought.outcomes.get((row.name, whom)) or battle.missing(row, whom)
    assert holds(expected, outcome), f"expected {expected}, and came {outcome}"


def test_every_class_has_rows_from_both() -> None:
    """Each class is tried from the agent's uid and from root of the box."""
    assert {(row.kind, whom) for row, whom in battle.PAIRS} == {
        (kind, whom) for kind in Kind for whom in ("agent", "root")
    }


def test_names_are_unique() -> None:
    """Outcomes are matched to rows by name."""
    names = [row.name for row in battle.ALL_ROWS]
    assert len(names) == len(set(names))
