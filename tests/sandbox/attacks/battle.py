"""Run the battery's driver as somebody, inside the outer bound, and read what came of each row."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.sandbox.attacks.api_rows import API_ROWS
from tests.sandbox.attacks.outer import Outer
from tests.sandbox.attacks.row import AGENT, Expected, Kind, Outcome, Row, Setting, holds
from tests.sandbox.attacks.row import ROOT as BOX_ROOT
from tests.sandbox.attacks.rows import ROWS
from tests.sandbox.ordinary import OrdinaryUser

REPOSITORY = Path(__file__).parents[3]
ALL_ROWS = (*ROWS, *API_ROWS)
PAIRS = tuple((row, whom) for row in ALL_ROWS for whom in (AGENT, BOX_ROOT) if row.expected(whom))
_DRIVER = "tests.sandbox.attacks.driver"
_ENTER = "import os, sys; os.execv(sys.argv[1], [sys.argv[1], sys.executable, *sys.argv[2:]])"
"""Runs this interpreter again, by the script that makes the namespaces."""

_SECONDS = 300
_SHOWN = 4000

Outcomes = dict[tuple[str, str], Outcome]


def as_root(home: Path, bound: Outer | None, *options: str) -> Outcomes:
    """Fight with this process's own rights; the caps' groups lie inside the outer one, where there is one."""
    caps = ["--caps", str(bound.caps)] if bound and "--caps" not in options else []
    return _fight([sys.executable, "-m", _DRIVER, str(home), *options, *caps], bound, REPOSITORY)


def as_user(user: OrdinaryUser, bound: Outer | None, *, inside_namespace: bool = False) -> Outcomes:
    """Fight as an ordinary user, or as root of a user namespace that an ordinary user made."""
    fight = ["-m", _DRIVER, str(user.home / "trialplate")]
    if inside_namespace:
        fight = ["-c", _ENTER, str(user.place / "project/scripts/netless"), *fight]
    return _fight(user.command(*fight), bound, Path("/"))


def why_no_user() -> str:
    """Return why no ordinary user can be made here; empty where one can."""
    if os.geteuid() != 0:
        return "only root can make another user"
    whole = Path("/proc/self/uid_map").read_text(encoding="utf-8").split() == ["0", "0", "4294967295"]
    return "" if whole else "this root is root of a user namespace only"


def _fight(argv: Sequence[str], bound: Outer | None, folder: Path) -> Outcomes:
    # A session of its own: an interrupt of the tests reaches the driver only by its death.
    done = subprocess.run(
        bound.command(argv) if bound else argv,
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=_SECONDS,
        start_new_session=True,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    found = [Outcome(**json.loads(line)) for line in lines]
    assert done.returncode == 0, f"the driver ended with {done.returncode}: {done.stderr[-_SHOWN:]}"
    return {(outcome.row, outcome.whom): outcome for outcome in found}


def expected(row: Row, whom: str, setting: Setting) -> Expected:
    """Return what must come of a row that is tried."""
    wanted = row.expected(whom, setting)
    assert wanted is not None
    return wanted


def failing(outcomes: Outcomes, kinds: Sequence[Kind]) -> list[Outcome]:
    """Return the outcomes of rows of `kinds` that are not the expected ones; a row without one counts as broken."""
    wrong: list[Outcome] = []
    for row, whom in PAIRS:
        if row.kind in kinds:
            outcome = outcomes.get((row.name, whom)) or missing(row, whom)
            if not holds(expected(row, whom, Setting.CAPPED), outcome):
                wrong.append(outcome)
    return wrong


def missing(row: Row, whom: str) -> Outcome:
    """Return the outcome of a row that said nothing."""
    return Outcome(row=row.name, whom=whom, outcome="broken", errno=0, detail="the driver did not try it")
