"""Choose the bugs and the inputs that wake them: `python -m tests.clearinghouse.judged.survey HOME DRAW [NAME...]`.

Every bug of a random set is tried on every input; kept are those that crash the library on three inputs or more, at
most one a function, so that the cause of a crash is known by construction. Of the inputs of a bug, those with
different stacks come first: pairs of one cause that look alike are easy for everybody. A later draw has no bug of an
earlier one. What is chosen is written to `chosen/DRAW/NAME.json`, which the battery reads; nothing of how crashes are
compared plays a part.
"""

from __future__ import annotations

import asyncio
import io
import random
import re
import sys
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from tests.clearinghouse.judged.crashing import CHOSEN, DRAWS, Chosen, chosen
from tests.clearinghouse.judged.libraries import FOLDER, LIBRARIES, Library, tarred
from tests.clearinghouse.judged.planting import Bug
from trialplate.clearinghouse.triage.sanitizers import building, running
from trialplate.clearinghouse.triage.stage import Run, _programs
from trialplate.clearinghouse.triage.variants import variants
from trialplate.clearinghouse.triage.verdict import Crash, crash_of
from trialplate.formats.traces import parse_trace
from trialplate.sandbox import Completed, File, Host, HostHandle, Limits, Sandbox, Scenario
from trialplate.sandbox.image import TRIAGE

SEEDS: Final = msgspec.json.decode((FOLDER / "seeds.json").read_bytes(), type=dict[str, tuple[str, ...]])
"""Well-formed documents of each format, and some that are not quite."""
SEEDS_OF_DRAWS: Final = {"first": 5, "second": 6, "third": 7}
MOST_TRIED: Final = 160
MOST_OF_A_FUNCTION: Final = 8
VARIANTS: Final = 2
MOST_MET: Final = 20
MOST_BUGS: Final = 6
MOST_INPUTS: Final = 6
LEAST_INPUTS: Final = 3
_MOST_REPORTS: Final = 14
_BELOW: Final = 6
_PLACE: Final = "/home/agent/source"


@dataclass(frozen=True)
class Seen:
    """How a bug ended on an input: the whole stack, by which inputs are told apart."""

    bug: int
    input: int
    stack: tuple[tuple[str, int], ...]


def inputs(library: Library, draw: str) -> tuple[tuple[int, bytes], ...]:
    """Return what a library is tried on: every seed and variants of it, each by one or two ways in."""
    rng = random.Random(f"{SEEDS_OF_DRAWS[draw]} {library.name}")
    found: list[tuple[int, bytes]] = []
    for number, text in enumerate(SEEDS[library.format]):
        seed = text.encode()
        found += [(way, seed) for way in range(library.ways)]
        found += [(rng.randrange(library.ways), variant) for variant in variants(seed, number, VARIANTS)]
    return tuple(found)


def apart(bugs: Sequence[Bug], rng: random.Random) -> tuple[Bug, ...]:
    """Return a random set of bugs that do not overlap, a few of each function."""
    taken: list[Bug] = []
    spans: dict[tuple[str, int], list[tuple[int, int]]] = {}
    counts: dict[str, int] = {}
    for bug in rng.sample(bugs, len(bugs)):
        here = spans.setdefault((bug.file, bug.line), [])
        span = (bug.column, bug.column + len(bug.old))
        if (
            bug.function
            and counts.get(bug.function, 0) < MOST_OF_A_FUNCTION
            and all(span[1] <= a or b <= span[0] for a, b in here)
        ):
            here.append(span)
            counts[bug.function] = counts.get(bug.function, 0) + 1
            taken.append(bug)
    return tuple(taken[:MOST_TRIED])


async def survey(sandbox: Sandbox, library: Library, draw: str, cache: Path) -> tuple[Chosen, ...]:
    """Return what is chosen of one library."""
    rng = random.Random(f"{SEEDS_OF_DRAWS[draw]} {library.name}")
    sources = library.sources(cache)
    bugs = dict(enumerate(apart(library.bugs(sources), rng), start=1))
    tried = inputs(library, draw)
    limits = Limits(memory=3000, disk=900, tmp=256, processes=400)
    files = tuple((f"/srv/in/{n}", File(content=f"0 {way}\n".encode() + data)) for n, (way, data) in enumerate(tried))
    host = Host(name="survey", image=sandbox.images.named(TRIAGE).digest, limits=limits, files=(*files, *_programs()))
    scenario = await sandbox.start(Scenario(hosts=(host,), foothold="survey"))
    try:
        place = scenario.foothold
        while failed := await _built(place, library, sources, bugs):
            print(f"  {library.name}: {len(failed)} bugs do not compile", flush=True)  # noqa: T201 how far it is
            bugs = {number: bug for number, bug in bugs.items() if number not in failed}
        by_bug = await _ended_badly(place, library, len(tried), rng)
        wanted = [
            (bug, n)
            for bug, some in by_bug.items()
            if len(some) >= LEAST_INPUTS
            for n in rng.sample(some, min(_MOST_REPORTS, len(some)))
        ]
        seen = await _seen(place, library, wanted, tried)
    finally:
        await scenario.close()
    return _chosen(bugs, tried, seen, rng)


async def _built(
    place: HostHandle, library: Library, sources: Mapping[str, bytes], bugs: Mapping[int, Bug]
) -> set[int]:
    """Build with every bug; return those that do not compile."""
    archive = library.packed(sources, bugs.items())
    await _ran(place, f"rm -rf {_PLACE}; mkdir -p {_PLACE}; tar -C {_PLACE} -xf -", stdin=archive)
    lines = [f"{line} 2>>log || true" for line in library.recipe.build]
    await _ran(place, "\n".join((f"cd {_PLACE}; : > log", *lines)), env=building(library.recipe), seconds=900)
    said = (await _ran(place, f"cat {_PLACE}/log")).stdout.decode(errors="replace")
    places = {(file, int(line)) for file, line in re.findall(r"(?m)^([\w./+-]+):(\d+):\d+: (?:fatal )?error", said)}
    failed = {number for number, bug in bugs.items() if (bug.file, bug.line) in places}
    # What a bug does to a constant may only be refused where that is used, a little below.
    below = {(file, line - up) for file, line in places for up in range(_BELOW)}
    failed = failed or {number for number, bug in bugs.items() if (bug.file, bug.line) in below}
    if said.strip() and not failed:
        raise SystemExit(said[:3000])
    return failed


async def _ended_badly(place: HostHandle, library: Library, count: int, rng: random.Random) -> dict[int, list[int]]:
    """Return the inputs on which each bug ends badly, of those that come by it and end well without it."""
    rows = await _surveyed(place, library, [(0, n) for n in range(count)])
    anyhow = {n for bug, n, _ in rows if bug == 0}
    met: dict[int, list[int]] = {}
    for bug, n, said in rows:
        if said == "met" and n not in anyhow:
            met.setdefault(bug, []).append(n)
    pairs = [(bug, n) for bug, some in sorted(met.items()) for n in rng.sample(some, min(MOST_MET, len(some)))]
    bad: dict[int, list[int]] = {}
    for bug, n, _ in await _surveyed(place, library, pairs):
        bad.setdefault(bug, []).append(n)
    print(f"  {library.name}: {len(met)} bugs met, {len(bad)} woken; {len(anyhow)} inputs crash anyhow", flush=True)  # noqa: T201 how far it is
    return bad


async def _surveyed(
    place: HostHandle, library: Library, pairs: Sequence[tuple[int, int]]
) -> list[tuple[int, int, str]]:
    lines = "".join(f"{bug} /srv/in/{n}\n" for bug, n in pairs)
    quick = {
        "ASAN_OPTIONS": "symbolize=0:detect_leaks=0:log_path=/dev/null",
        "UBSAN_OPTIONS": "halt_on_error=1:log_path=/dev/null",
    }
    command = " ".join(library.recipe.command("--survey"))
    done = await _ran(place, f"cd {_PLACE} && {command} 2>/dev/null", stdin=lines.encode(), env=quick, seconds=3000)
    rows = (line.split() for line in done.stdout.decode(errors="replace").splitlines())
    return [
        (int(row[0]), int(row[1].rpartition("/")[2]), row[2])
        for row in rows
        if len(row) == 3 and row[1].startswith("/srv/in/")
    ]


async def _seen(
    place: HostHandle, library: Library, wanted: Sequence[tuple[int, int]], tried: Sequence[tuple[int, bytes]]
) -> list[Seen]:
    """Run each pair as a replay does, and return the crashes in the project."""
    await _ran(place, "rm -rf /home/agent/p /home/agent/r; mkdir /home/agent/p /home/agent/r")
    proofs = {str(number): f"{bug} {tried[n][0]}\n".encode() + tried[n][1] for number, (bug, n) in enumerate(wanted)}
    await _ran(place, "tar -C /home/agent/p -xf -", stdin=tarred(proofs))
    environment = {
        key: value.replace("REPORT", "'$n'") for key, value in running(library.recipe, "/home/agent/r/REPORT").items()
    }
    exported = "; ".join(f"export {key}='{value}'" for key, value in environment.items())
    command = " ".join(library.recipe.command("/home/agent/p/$n"))
    await _ran(
        place,
        f"cd {_PLACE}; for n in $(ls /home/agent/p); do {exported}; timeout 10 {command} >/dev/null 2>&1; done; true",
        seconds=3000,
    )
    packed = (await _ran(place, "cd /home/agent/r && tar -cf - .", most=200 << 20)).stdout
    found: list[Seen] = []
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isfile() else None
            if file is None:
                continue
            report = file.read(1 << 20)
            crash = crash_of(
                Run(1, timed_out=False, output=b"", report=report, trace=parse_trace(report)), library.recipe
            )
            if isinstance(crash, Crash):
                bug, n = wanted[int(Path(member.name).name.partition(".")[0])]
                found.append(
                    Seen(bug, n, ((crash.state.kind, 0), *((frame.function, frame.line) for frame in crash.frames)))
                )
    return found


def _chosen(
    bugs: Mapping[int, Bug], tried: Sequence[tuple[int, bytes]], seen: Sequence[Seen], rng: random.Random
) -> tuple[Chosen, ...]:
    by_bug: dict[int, list[Seen]] = {}
    for each in seen:
        by_bug.setdefault(each.bug, []).append(each)
    taken: dict[str, Chosen] = {}
    for number in rng.sample(sorted(by_bug), len(by_bug)):
        some, bug = by_bug[number], bugs[number]
        if len(some) < LEAST_INPUTS or bug.function in taken or len(taken) == MOST_BUGS:
            continue
        stacks: dict[object, list[Seen]] = {}
        for each in rng.sample(some, len(some)):
            stacks.setdefault(each.stack, []).append(each)
        rounds = [each for turn in range(len(some)) for group in stacks.values() for each in group[turn : turn + 1]]
        proofs = tuple((tried[each.input][0], tried[each.input][1].decode("latin-1")) for each in rounds[:MOST_INPUTS])
        taken[bug.function] = Chosen(len(taken) + 1, bug, proofs)
    return tuple(taken.values())


async def _ran(  # noqa: PLR0913 what a command consists of
    place: HostHandle,
    script: str,
    *,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    seconds: float = 120,
    most: int = 20 << 20,
) -> Completed:
    done = await place.exec(
        ("sh", "-c", script), user=place.agent, stdin=stdin, env=env, timeout=seconds, output_limit=most
    )
    if not isinstance(done, Completed):
        raise SystemExit(f"Out of time: {script[:200]}")
    return done


async def main(home: Path, draw: str, names: Sequence[str]) -> None:
    """Survey the libraries that are named, or all."""
    async with Sandbox(home) as sandbox:
        for library in LIBRARIES:
            if names and library.name not in names:
                continue
            picked = await survey(sandbox, library, draw, home / "cache" / "sources")
            earlier = {each.bug for before in DRAWS[: DRAWS.index(draw)] for each in chosen(library, before)}
            picked = tuple(each for each in picked if each.bug not in earlier)
            (CHOSEN / draw).mkdir(parents=True, exist_ok=True)
            text = msgspec.json.format(msgspec.json.encode(picked), indent=1)
            (CHOSEN / draw / f"{library.name}.json").write_bytes(text + b"\n")
            print(f"{library.name}: {len(picked)} bugs, {sum(len(each.proofs) for each in picked)} proofs", flush=True)  # noqa: T201 how far it is


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
