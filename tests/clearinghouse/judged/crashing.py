"""The crashes of planted bugs, as our replay sees them; the reports of a build are kept, so that a row goes on."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from tests.clearinghouse.judged.judging import Crashed
from tests.clearinghouse.judged.libraries import Library
from tests.clearinghouse.judged.planting import Bug
from trialplate.app.kept import keep
from trialplate.clearinghouse.triage.stage import Run, Source, staged
from trialplate.clearinghouse.triage.verdict import Crash, crash_of
from trialplate.formats.traces import parse_trace
from trialplate.records.finding import Replayed, SeenFrame
from trialplate.sandbox import Sandbox
from trialplate.sandbox.image import TRIAGE

CHOSEN: Final = Path(__file__).parent / "chosen"
DRAWS: Final = ("first", "second", "third")
"""The draws of bugs: by the first one the rule was made, and the others were drawn when it stood."""


class Chosen(Struct, frozen=True):
    """A planted bug, and the proofs that wake it: the way into the library, and what it is given, as Latin-1."""

    id: int
    bug: Bug
    proofs: tuple[tuple[int, str], ...]

    @property
    def files(self) -> tuple[bytes, ...]:
        """The proofs as files."""
        return tuple(f"{self.id} {way}\n".encode() + text.encode("latin-1") for way, text in self.proofs)


class Reports(Struct, frozen=True):
    """What was reported of each proof: its bug, what a run with it awake reports, and what one with none awake does."""

    of: tuple[tuple[int, str, str], ...]


class JudgedError(Exception):
    """A library with its bugs cannot be built, or a proof crashes it with no bug awake: its cause is another."""


def chosen(library: Library, draw: str) -> tuple[Chosen, ...]:
    """Return the bugs of a draw that are planted in a library."""
    return msgspec.json.decode((CHOSEN / draw / f"{library.name}.json").read_bytes(), type=tuple[Chosen, ...])


async def crashes(sandbox: Sandbox, library: Library, draw: str, home: Path) -> tuple[Crashed, ...]:
    """Return the crashes of every proof of a draw in a library, building and running what was not kept yet."""
    picked = chosen(library, draw)
    if not picked:
        return ()
    archive = library.packed(library.sources(home / "cache" / "sources"), [(each.id, each.bug) for each in picked])
    image = sandbox.images.named(TRIAGE).digest
    proofs = tuple((each.id, proof) for each in picked for proof in each.files)
    digest = hashlib.sha256(
        b"\0".join((image.encode(), archive, msgspec.json.encode(library.recipe), *(proof for _, proof in proofs)))
    ).hexdigest()
    kept = home / "cache" / "judged" / f"{library.name}-{draw}-{digest[:16]}.json"
    if not kept.exists():
        keep(kept, await _ran(sandbox, library, image, archive, proofs))
    reports = msgspec.json.decode(kept.read_bytes(), type=Reports)
    source = hashlib.sha256(archive).hexdigest()
    if any(asleep for _, _, asleep in reports.of):
        raise JudgedError(f"{library.name}: a proof of the {draw} draw crashes with no bug awake.")
    found = ((bug, _crash(library, text.encode("latin-1"))) for bug, text, _ in reports.of)
    name = f"{library.name}/{draw}"
    return tuple(Crashed(name, bug, _replayed(crash, image, source)) for bug, crash in found if crash)


async def _ran(
    sandbox: Sandbox, library: Library, image: str, archive: bytes, proofs: tuple[tuple[int, bytes], ...]
) -> Reports:
    async with staged(sandbox, library.recipe, image) as stage:
        for phase in (await stage.unpack(Source(archive)), await stage.build(library.recipe.build)):
            if not phase.ok:
                raise JudgedError(f"{library.name}: {phase.log[-2000:]}")
        runs: list[tuple[int, str, str]] = []
        for bug, proof in proofs:
            awake = await stage.run(proof, fresh=False)
            asleep = await stage.run(b"0 " + proof.partition(b" ")[2], fresh=False)
            runs.append((bug, awake.report.decode("latin-1"), asleep.report.decode("latin-1")))
    return Reports(tuple(runs))


def _crash(library: Library, report: bytes) -> Crash | None:
    run = Run(1, timed_out=False, output=b"", report=report, trace=parse_trace(report))
    found = crash_of(run, library.recipe)
    return found if isinstance(found, Crash) else None


def _replayed(crash: Crash, image: str, source: str) -> Replayed:
    frames = tuple(SeenFrame(frame.function, frame.file, frame.line) for frame in crash.frames)
    return Replayed(
        image=image, recipe="0" * 64, source=source, proof="0" * 64, runs=1, crashes=1, kind=crash.state.kind,
        state=crash.state.frames, frames=frames, stack=crash.text,
    )  # fmt: skip
