"""Fight the battery: `python -m tests.sandbox.attacks.driver HOME [--weaken LAYER] [--kind KIND ...]`.

Makes the scenario, tries every row, and prints one JSON line a row and attacker (`row.Outcome`). It judges nothing:
the tests do. It needs the standard library and `trialplate.sandbox` only, so that any user can run it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from tests.sandbox.attacks import api, weak
from tests.sandbox.attacks.api_rows import API_ROWS
from tests.sandbox.attacks.box.outcome import RefusedError
from tests.sandbox.attacks.field import PROGRAM, SET_USER_ID, Field, Lures, lone_scenario, scenario
from tests.sandbox.attacks.row import AGENT, ROOT, Kind, Outcome, Row
from tests.sandbox.attacks.rows import ROWS
from trialplate.sandbox import ROOT as ROOT_USER
from trialplate.sandbox import Completed, Running, User

_SECONDS = 240.0


async def fight(home: Path, layer: str, kinds: frozenset[Kind], caps_folder: str) -> None:
    """Make the scenario of a policy and try the rows of `kinds`."""
    with Lures() as lures:
        async with weak.sandbox(home, layer, caps_folder) as sandbox:
            image = sandbox.images.named("base").digest
            alone = layer == weak.NETNS
            running = await sandbox.start(lone_scenario(image) if alone else scenario(image, lures.peer_socket))
            await _plant_set_user_id(running)
            for whom in (AGENT, ROOT):
                for host in running.hosts:
                    rows = [row for row in ROWS if row.host == host and row.kind in kinds and row.expected(whom)]
                    if rows:
                        await _in_box(running, whom, rows, lures, home)
                field = Field(
                    home=home,
                    sandbox=sandbox,
                    running=running,
                    handle=running.foothold,
                    user=_user(running, "foot", whom),
                    lures=lures,
                )
                await _through_api(field, whom, kinds)
            await running.close()


async def _plant_set_user_id(running: Running) -> None:
    planted = await running.foothold.exec(
        ("install", "-m", "4755", "/usr/bin/id", SET_USER_ID), user=ROOT_USER, timeout=10.0
    )
    assert isinstance(planted, Completed), planted
    assert planted.returncode == 0, planted


def _user(running: Running, host: str, whom: str) -> User:
    return ROOT_USER if whom == ROOT else running.hosts[host].agent


async def _in_box(running: Running, whom: str, rows: list[Row], lures: Lures, home: Path) -> None:
    """Have the attack program in the box try rows of one host."""
    host = rows[0].host
    order = {"rows": [[row.name, row.attempt, row.args] for row in rows], "facts": lures.facts(home)}
    result = await running.hosts[host].exec(
        ("python3", "-B", "-m", "tests.sandbox.attacks.box.program"),
        user=_user(running, host, whom),
        cwd=PROGRAM,
        stdin=json.dumps(order).encode(),
        timeout=_SECONDS,
    )
    said = [json.loads(line) for line in result.stdout.splitlines() if line.startswith(b"{")]
    _tell(Outcome(whom=whom, **each) for each in said)
    missing = {row.name for row in rows} - {each["row"] for each in said}
    detail = f"no answer: {result.stderr[-2000:].decode(errors='replace')} {result!r}"[:3000]
    _tell(Outcome(row=name, whom=whom, outcome="broken", errno=0, detail=detail) for name in sorted(missing))


async def _through_api(field: Field, whom: str, kinds: frozenset[Kind]) -> None:
    rows = [row for row in API_ROWS if row.kind in kinds and row.expected(whom)]
    if not rows or len(field.running.hosts) == 1:
        return
    if Kind.FILES in kinds:
        await api.plant(field)
    for row in rows:
        _tell([await _attempt(field, row, whom)])


async def _attempt(field: Field, row: Row, whom: str) -> Outcome:
    try:
        async with asyncio.timeout(30):
            detail = await api.ATTEMPTS[row.attempt](field, *row.args)
    except RefusedError as refusal:
        return Outcome(row=row.name, whom=whom, outcome="refused", errno=0, detail=str(refusal))
    except TimeoutError as error:
        return Outcome(row=row.name, whom=whom, outcome="timeout", errno=0, detail=repr(error))
    except OSError as error:
        return Outcome(row=row.name, whom=whom, outcome="refused", errno=error.errno or -1, detail=repr(error))
    except Exception as error:  # noqa: BLE001 whatever it is, the row must say so
        return Outcome(row=row.name, whom=whom, outcome="broken", errno=0, detail=repr(error))
    return Outcome(row=row.name, whom=whom, outcome="succeeded", errno=0, detail=detail[:1000])


def _tell(outcomes: Iterable[Outcome]) -> None:
    for outcome in outcomes:
        sys.stdout.write(json.dumps(asdict(outcome)) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--weaken", default="", choices=["", *weak.LAYERS])
    parser.add_argument("--kind", action="append", default=[], choices=[kind.name for kind in Kind])
    parser.add_argument(
        "--caps", default="", help="'watched', or a folder inside an outer group; the machine's own without"
    )
    chosen = parser.parse_args()
    kinds = frozenset(Kind[name] for name in chosen.kind) or frozenset(Kind)
    asyncio.run(fight(chosen.home, chosen.weaken, kinds, chosen.caps))
    return 0


if __name__ == "__main__":
    sys.exit(main())
