"""A stage: one host of its own, in which one source is unpacked, patched, built, tested and run on proofs.

Whatever happens happens as the agent, who may write to its home and to temporary folders alone. What was built is kept
where only root of the host comes, and every run starts from it in a home that is new, with nobody else there.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from typing import Final

from trialplate.clearinghouse.triage.recipe import Recipe
from trialplate.clearinghouse.triage.sanitizers import building, running
from trialplate.errors import TrialplateError
from trialplate.formats.traces import Trace, UnsupportedFormat, parse_trace
from trialplate.sandbox import (
    ROOT,
    FailedCommandError,
    File,
    Host,
    HostGoneError,
    HostHandle,
    Limits,
    Running,
    Sandbox,
    Scenario,
    TimedOut,
    User,
)

MOST_ARCHIVE: Final = 128 << 20
MOST_PROOF: Final = 16 << 20
MOST_ENTRIES: Final = 50_000
"""The bytes of an archive and of a proof, and the entries of an archive, that are taken."""

LOG_BYTES: Final = 64 << 10
REPORT_BYTES: Final = 1 << 20
"""The newest bytes of each stream of a command that are kept, and the first ones of a crash report."""

HOME: Final = "/home/agent"
SOURCE: Final = f"{HOME}/source"
PROOF: Final = "/srv/proof"
"""Where sources and a proof lie, always, so that a frame says by its path whose it is."""

_ARCHIVE: Final = "/srv/archive"
_PATCH: Final = "/srv/patch"
_SEEDS: Final = "/srv/seeds"
_UNPACK: Final = "/usr/lib/trialplate/unpack.py"
_SITE: Final = "/usr/lib/python3/dist-packages"
_KEPT: Final = "/root/kept"
_HOST: Final = "stage"
_TEMPORARY: Final = "/tmp"  # noqa: S108 the guest's
_TMP: Final = 128
_INODES: Final = 3 * MOST_ENTRIES
_HOUSEKEEPING_SECONDS: Final = 120.0
_UNPACK_SECONDS: Final = 120.0
_FUZZER_SECONDS: Final = 60.0
_SAID: Final = 200
_KILLED: Final = 137
_NOT_STARTED: Final = 127
_DISORDERLY: Final = range(126, 128 + 65)
"""What a shell says of a command that cannot be run, is not found, or was ended by one of 64 signals."""


class StageError(TrialplateError):
    """What was handed in is beyond what a stage takes."""


@dataclass(frozen=True)
class Source:
    """A project's sources: `archive` is the bytes of a tar (plain, gzip, bzip2, xz) or a zip, not looked into here.

    Raises:
        StageError: where it has more than `MOST_ARCHIVE` bytes.
    """

    archive: bytes

    def __post_init__(self) -> None:
        refuse_large("archive", self.archive, MOST_ARCHIVE)


def refuse_large(what: str, data: bytes, most: int) -> None:
    """Raise StageError where `data` has more than `most` bytes."""
    if len(data) > most:
        raise StageError(f"The {what} has {len(data)} bytes, and at most {most} are taken.", "Send a smaller one.")


@dataclass(frozen=True)
class Phase:
    """How something that had to go well went: `log` is the newest part of what it printed, or why it never began."""

    ok: bool
    log: str


@dataclass(frozen=True)
class Run:
    """One run on a proof.

    Attributes:
        exit: the exit code as a shell shows it; 137 where it was killed.
        timed_out: whether it was killed because its time was over.
        output: the newest part of what it printed, both streams. It says what the proof makes it say.
        report: the first part of what a sanitizer, or Python, wrote of a crash to a file of its own.
        trace: `report`, read; false where there is none.
    """

    exit: int
    timed_out: bool
    output: bytes
    report: bytes
    trace: Trace | UnsupportedFormat

    @property
    def orderly(self) -> bool:
        """Whether it started and came to an end of its own without a crash, with whatever exit code."""
        return not self.trace and not self.timed_out and self.exit not in _DISORDERLY


@dataclass(frozen=True)
class _Ended:
    """How a command ended, in one form for each way."""

    exit: int
    timed_out: bool
    output: bytes


class Stage:
    """The one host of a scenario, on which a source is worked on. `staged` makes one."""

    def __init__(self, scenario: Running, recipe: Recipe) -> None:
        self._scenario = scenario
        self._recipe = recipe

    @property
    def _host(self) -> HostHandle:
        return self._scenario.foothold

    async def unpack(self, source: Source) -> Phase:
        """Unpack a source as `SOURCE`; an archive that leads outside or is too large is refused whole."""
        await self._host.write_file(_ARCHIVE, source.archive, user=ROOT)
        size = self._recipe.limits.disk << 20
        command = ("python3", "-I", _UNPACK, _ARCHIVE, SOURCE, str(MOST_ENTRIES), str(size))
        ended = await self._exec(command, seconds=_UNPACK_SECONDS, cwd=HOME)
        await self._as_root("rm", "-f", _ARCHIVE)
        return _phase(ended)

    async def patch(self, patch: bytes) -> Phase:
        """Apply a patch (`-p1`) to the unpacked source: every hunk whole, none by a guess, none for the second time."""
        if not patch.strip():
            # The program would do nothing, and say that it did well.
            return Phase(ok=False, log="The patch is empty.")
        await self._host.write_file(_PATCH, patch, user=ROOT)
        options = ("-p1", "--fuzz=0", "--force", "--forward", "--no-backup-if-mismatch", "--reject-file=-")
        return _phase(await self._exec(("patch", *options, "-i", _PATCH), seconds=_HOUSEKEEPING_SECONDS))

    async def build(self, lines: Sequence[str], *, fuzzing: bool = False) -> Phase:
        """Build the unpacked source by shell lines, and keep the home as it then is for every run."""
        environment = building(self._recipe, fuzzing=fuzzing)
        built = await self._shell(lines, environment, self._recipe.limits.build_seconds)
        if not built.ok:
            return built
        await self._scenario.restart(_HOST)
        kept = await self._as_root("sh", "-ec", f"mkdir -m 700 {_KEPT}; mv {HOME} {_KEPT}; cp -a {_KEPT}/agent {HOME}")
        return built if kept.ok else Phase(ok=False, log=f"What was built could not be kept. {kept.log}")

    async def test(self, lines: Sequence[str]) -> Phase:
        """Run the project's own tests in what was built."""
        return await self._shell(lines, building(self._recipe), self._recipe.limits.test_seconds)

    async def run(self, proof: bytes, *, fresh: bool = True) -> Run:
        """Run the project on a proof, in a home as it was built; without `fresh`, in the home as it stands."""
        command, seconds = self._recipe.command(PROOF), self._recipe.limits.run_seconds
        return await self._observe(command, seconds, {PROOF: proof}, fresh=fresh)

    async def fuzz(self, argv: Sequence[str], seeds: Sequence[bytes], seconds: int) -> Run:
        """Run a libFuzzer target for `seconds` from `seeds`, with one fixed start of its chance."""
        limits = self._recipe.limits
        corpus = f"{HOME}/.corpus"
        options = (
            *(f"-max_total_time={seconds}", f"-timeout={limits.run_seconds}", f"-rss_limit_mb={limits.memory}"),
            *("-seed=1", "-detect_leaks=0", f"-artifact_prefix={HOME}/.artifact-", corpus, _SEEDS),
        )
        files = {f"{_SEEDS}/{number}": seed for number, seed in enumerate(seeds)}
        command = ("sh", "-c", f'mkdir {corpus}; exec "$@"', "sh", *argv, *options)
        return await self._observe(command, seconds + limits.run_seconds + _FUZZER_SECONDS, files, fresh=True)

    async def _observe(self, argv: tuple[str, ...], seconds: float, files: Mapping[str, bytes], *, fresh: bool) -> Run:
        """Run a command of what was built, and read what its reporters kept, by names that nobody could foresee."""
        try:
            if fresh:
                await self._renew()
            for path, content in files.items():
                await self._host.write_file(path, content, user=ROOT)
        except (OSError, HostGoneError) as error:
            return _seen(_Ended(_NOT_STARTED, timed_out=False, output=str(error).encode()), b"")
        name = f".report-{secrets.token_hex(8)}"
        ended = await self._exec(argv, env=running(self._recipe, f"{HOME}/{name}"), seconds=seconds)
        # Only regular files: whoever runs there could put a pipe that never ends in their place.
        find = f"find {HOME} -maxdepth 1 -name '{name}*' -type f -print0 | sort -z"
        read = f"exec 2> /dev/null; {find} | xargs -0 -r head -q -c {REPORT_BYTES} | head -c {REPORT_BYTES}"
        found = await self._exec(("sh", "-c", read), user=ROOT, cwd="/")
        return _seen(ended, found.output)

    async def _renew(self) -> None:
        """End everything on the host and put the home back to what was built."""
        await self._scenario.restart(_HOST)
        renewed = await self._as_root("sh", "-ec", f"rm -rf {HOME} {PROOF} {_SEEDS}; cp -a {_KEPT}/agent {HOME}")
        if not renewed.ok:
            raise HostGoneError(f"The home could not be put back: {renewed.log[-_SAID:]}", "Grant it more memory.")

    async def seal(self) -> None:
        """Leave the agent no folder to write to but its home and those that a restart empties."""
        find = ("find", "/", "-xdev", "-not", "-path", _TEMPORARY, "-type", "d", "-perm", "-0002")
        await self._as_root(*find, "-exec", "chmod", "o-w", "{}", "+")

    async def _shell(self, lines: Sequence[str], env: Mapping[str, str], seconds: float) -> Phase:
        # One stream, so that what went wrong stands after what was being done.
        script = "\n".join(("exec 2>&1", *lines))
        return _phase(await self._exec(("sh", "-euc", script), env=env, seconds=seconds))

    async def _as_root(self, *argv: str) -> Phase:
        return _phase(await self._exec(argv, user=ROOT, cwd="/"))

    async def _exec(
        self,
        argv: tuple[str, ...],
        *,
        user: User | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str = SOURCE,
        seconds: float = _HOUSEKEEPING_SECONDS,
    ) -> _Ended:
        host = self._host
        limit = REPORT_BYTES if user == ROOT else LOG_BYTES
        try:
            done = await host.exec(argv, user=user or host.agent, cwd=cwd, env=env, timeout=seconds, output_limit=limit)
        except (FailedCommandError, HostGoneError) as error:
            # The guest's doing: it removed its own folder, or used up what its host may use.
            return _Ended(_NOT_STARTED, timed_out=False, output=str(error).encode())
        timed_out = isinstance(done, TimedOut)
        return _Ended(_KILLED if timed_out else done.returncode, timed_out, done.stdout + done.stderr)


def _seen(ended: _Ended, report: bytes) -> Run:
    return Run(ended.exit, ended.timed_out, ended.output, report, parse_trace(report))


def _phase(ended: _Ended) -> Phase:
    log = ended.output.decode(errors="replace")
    if ended.timed_out:
        return Phase(ok=False, log=f"{log}\nIt was ended because its time was over.".lstrip())
    return Phase(ok=ended.exit == 0, log=log)


@asynccontextmanager
async def staged(sandbox: Sandbox, recipe: Recipe, image: str) -> AsyncGenerator[Stage]:
    """Start a host of the image `image` (a digest) by the limits of a recipe, without a network, and end it after use.

    Raises:
        ImageError: where the image is missing.
        SandboxError, OSError: where the machine does not let us.
    """
    # Twice what the recipe grants, since what was built is kept beside what is run; a disk is memory of the machine's.
    disk = 2 * recipe.limits.disk + (MOST_ARCHIVE >> 20)
    limits = Limits(memory=recipe.limits.memory + disk + _TMP, disk=disk, inodes=_INODES, tmp=_TMP)
    host = Host(name=_HOST, image=image, limits=limits, files=_programs())
    scenario = await sandbox.start(Scenario(hosts=(host,), foothold=_HOST))
    try:
        stage = Stage(scenario, recipe)
        await stage.seal()
        yield stage
    finally:
        await scenario.close()


def _programs() -> tuple[tuple[str, File], ...]:
    """Return our programs; Python reads a line of a `.pth` file wherever and however it starts."""
    inside = resources.files("trialplate.clearinghouse.triage.inside")
    name = "trialplate_uncaught"
    line = f"import os, {name}; {name}.keep(os.environ.get('TRIALPLATE_REPORT', ''))\n"
    return (
        (_UNPACK, File(content=inside.joinpath("unpack.py").read_bytes())),
        (f"{_SITE}/{name}.py", File(content=inside.joinpath("uncaught.py").read_bytes())),
        (f"{_SITE}/{name}.pth", File(content=line.encode())),
    )
