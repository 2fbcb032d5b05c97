"""The figures of merging on planted bugs, as the page shows them: `python -m tests.clearinghouse.judged.table HOME`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.clearinghouse.judged.crashing import DRAWS, crashes
from tests.clearinghouse.judged.judging import (
    Crashed,
    Pairs,
    by_state,
    grouped,
    in_turn,
    judged,
    merged,
    of_groups,
    peer,
)
from tests.clearinghouse.judged.libraries import LIBRARIES, Library
from trialplate.sandbox import Sandbox


async def all_crashes(home: Path, libraries: Sequence[Library] = LIBRARIES) -> tuple[Crashed, ...]:
    """Return every crash of the libraries, one library after another."""
    found: list[Crashed] = []
    async with Sandbox(home) as sandbox:
        for draw in DRAWS:
            for library in libraries:
                found += await crashes(sandbox, library, draw, home)
    return tuple(found)


def rows(found: Sequence[Crashed]) -> Iterable[tuple[str, Pairs, int]]:
    """Yield what each way of merging makes of the crashes: pairs, and the groups that it leaves."""
    asked, worked = in_turn(found, ask=True), in_turn(found, ask=False)
    yield "merged by `work`", judged(found, merged), _count(worked)
    yield "of these, by the state alone", judged(found, by_state), _count(grouped(found, by_state))
    yield "merged, in turn", of_groups(found, worked), _count(worked)
    yield "merged, or the first candidate confirmed", of_groups(found, asked), _count(asked)
    yield "top-frames comparison", judged(found, peer), _count(grouped(found, peer))


def _count(groups: Mapping[int, int]) -> int:
    return len(set(groups.values()))


def text(found: Sequence[Crashed]) -> str:
    """Return the tables in Markdown."""
    parts = {
        "all draws": tuple(found),
        "all but the first": tuple(crash for crash in found if not crash.library.endswith(f"/{DRAWS[0]}")),
        **{f"{draw} draw": tuple(crash for crash in found if crash.library.endswith(f"/{draw}")) for draw in DRAWS},
    }
    lines = [
        "| bugs | rule | precision | recall | right | wrong | missed | groups of causes |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, some in parts.items():
        causes = len({(crash.library, crash.bug) for crash in some})
        for rule, pairs, groups in rows(some):
            figures = f"{pairs.precision:.3f} | {pairs.recall:.3f} | {pairs.right} | {pairs.wrong} | {pairs.missed}"
            lines.append(f"| {name} | {rule} | {figures} | {groups} of {causes} |")
    lines += ["", "| library | crashes | causes | ours | | peer | |", "|---|--:|--:|--:|--:|--:|--:|"]
    for library in LIBRARIES:
        some = [crash for crash in found if crash.library.startswith(f"{library.name}/")]
        ours, theirs = judged(some, merged), judged(some, peer)
        figures = " | ".join(f"{pairs.precision:.3f} | {pairs.recall:.3f}" for pairs in (ours, theirs))
        lines.append(
            f"| {library.name} | {len(some)} | {len({(crash.library, crash.bug) for crash in some})} | {figures} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(text(asyncio.run(all_crashes(Path(sys.argv[1])))))  # noqa: T201 the answer
