"""Replays for real: what reproduces, what does not, and what sources, builds and runs may try in vain."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from tests.clearinghouse.making import OVERFLOW
from tests.clearinghouse.samples import archived, sample
from trialplate.clearinghouse.triage.recipe import Recipe, RecipeLimits
from trialplate.clearinghouse.triage.replay import Replay, replay
from trialplate.clearinghouse.triage.stage import LOG_BYTES, MOST_ARCHIVE, MOST_PROOF, Source, Stage, StageError, staged
from trialplate.clearinghouse.triage.verdict import Count, Crash, Judged, ProjectFrame, Verdict, crash_of, judge
from trialplate.sandbox import ROOT, Sandbox
from trialplate.sandbox.image import TRIAGE

pytestmark = [pytest.mark.sandbox, pytest.mark.anyio]

C, PYTHON = sample("records"), sample("outline")
SMALL = RecipeLimits(build_seconds=20, test_seconds=20, run_seconds=20, memory=256, disk=8)


def shell(*build: str, limits: RecipeLimits = SMALL) -> Recipe:
    return Recipe(
        format="trialplate.recipe/1",
        name="attack",
        language="python",
        build=build,
        run=("sh", "-c", 'sh ./run.sh "$0"', "{proof}"),
        limits=limits,
    )


@asynccontextmanager
async def stage_of(sandbox: Sandbox, recipe: Recipe, source: Source | None = None) -> AsyncIterator[Stage]:
    async with staged(sandbox, recipe, sandbox.images.named(TRIAGE).digest) as stage:
        if source is not None:
            unpacked = await stage.unpack(source)
            assert unpacked.ok, unpacked.log
            built = await stage.build(recipe.build)
            assert built.ok, built.log
        yield stage


async def seen(sandbox: Sandbox, recipe: Recipe, script: str, runs: int = 2) -> Replay:
    return await replay(sandbox, recipe, archived({"run.sh": script.encode()}), b"proof", runs=runs)


async def test_two_proofs_of_one_cause_crash_alike_and_the_fixed_build_does_not(sandbox: Sandbox) -> None:
    one = judge(await replay(sandbox, C.recipe, C.vulnerable, C.one, fixed=C.fixed, runs=2))
    two = judge(await replay(sandbox, C.recipe, C.vulnerable, C.two, runs=2))
    assert (one.verdict, two.verdict) == (Verdict.REPRODUCED, Verdict.REPRODUCED)
    assert (one.vulnerable, one.fixed) == (Count(2, 2, 0), Count(2, 0, 0))
    assert one.crash is not None
    assert two.crash is not None
    assert one.crash.state == two.crash.state
    assert one.crash.state.kind == "Heap-buffer-overflow\nWRITE {*}"
    assert one.crash.frames == (
        ProjectFrame("copy_field", "records.c", 8),
        ProjectFrame("read_name", "records.c", 16),
        ProjectFrame("read_records", "records.c", 48),
    )
    assert one.image == sandbox.images.named(TRIAGE).digest


async def test_what_does_nothing_is_not_reproduced(sandbox: Sandbox) -> None:
    judged = judge(await replay(sandbox, C.recipe, C.vulnerable, C.nothing, runs=1))
    assert judged.verdict is Verdict.NOT_REPRODUCED
    assert judged.reasons == ("None of 1 runs crashed; they ended with exit code 0.",)


async def test_a_report_that_the_proof_made_the_program_print_is_none(sandbox: Sandbox) -> None:
    forged = await replay(sandbox, C.recipe, C.vulnerable, OVERFLOW.report, runs=1)
    assert b"ERROR: AddressSanitizer" in forged.vulnerable.runs[0].output
    assert judge(forged).verdict is Verdict.NOT_REPRODUCED


async def test_a_fix_that_mends_nothing_is_told(sandbox: Sandbox) -> None:
    judged = judge(await replay(sandbox, PYTHON.recipe, PYTHON.vulnerable, PYTHON.one, fixed=PYTHON.vulnerable, runs=1))
    assert judged.verdict is Verdict.NOT_REPRODUCED
    assert judged.reasons == ("The fixed build crashes with the same state.",)


async def test_an_uncaught_exception_reproduces(sandbox: Sandbox) -> None:
    async def judged(proof: bytes, fixed: Source | None = None) -> Judged:
        return judge(await replay(sandbox, PYTHON.recipe, PYTHON.vulnerable, proof, fixed=fixed, runs=2))

    one, two = await judged(PYTHON.one, PYTHON.fixed), await judged(PYTHON.two)
    assert (one.verdict, two.verdict) == (Verdict.REPRODUCED, Verdict.REPRODUCED)
    assert one.crash is not None
    assert two.crash is not None
    assert one.crash.state == two.crash.state
    assert one.crash.state.frames == ("_expand",)


async def test_an_exception_of_the_proof_is_out_of_scope(sandbox: Sandbox) -> None:
    recipe = replace(PYTHON.recipe, run=("env", "PYTHONPATH=.", "python3", "{proof}"))
    proof = b"import outline\noutline.read_outline('a: b')\nraise ValueError('mine')\n"
    judged = judge(await replay(sandbox, recipe, PYTHON.vulnerable, proof, runs=1))
    assert judged.verdict is Verdict.OUT_OF_SCOPE


async def test_a_crash_that_hangs_on_chance_is_flaky(sandbox: Sandbox) -> None:
    # A name of 64 random bits for the function that fails: no two runs agree.
    lines = (
        "import os",
        "name = f'f{os.urandom(8).hex()}'",
        "exec(compile(f'def {name}(): 1/0\\n{name}()', __file__, 'exec'))",
    )
    program = "\n".join(lines).encode()
    recipe = replace(PYTHON.recipe, run=("python3", "run.py", "{proof}"), harness=())
    judged = judge(await replay(sandbox, recipe, archived({"run.py": program}), b"", runs=2))
    assert judged.verdict is Verdict.FLAKY
    assert judged.reasons == ("The 2 runs crashed with 2 different states.",)


CRASHES = b"""
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static int grow(int n) { return n + INT_MAX; }
static int deep(int n) { volatile char room[512]; room[0] = (char)n; return n ? deep(n + 1) + room[0] : 0; }
static void stop(void) { abort(); }
static void *hoard(size_t size) { return malloc(size); }
static int use(volatile char *kept) { for (int at = 0; at < 1 << 20; at += 512) kept[at] = 1; return 0; }
static int wild(volatile int *at) { return *at; }
int main(int argc, char **argv) {
    FILE *file = fopen(argv[argc - 1], "rb");
    switch (fgetc(file)) {
    case 'u': return grow(argc);
    case 's': return deep(argc);
    case 'a': stop(); return 0;
    case 'm': for (;; usleep(2000)) use(hoard(1 << 20));
    case 'b': return use(hoard((size_t)1 << 30));
    case 'w': return wild((int *)argv[argc]);
    }
    return 0;
}
"""


async def test_every_kind_of_crash_leaves_a_stack(sandbox: Sandbox) -> None:
    recipe = replace(C.recipe, build=("$CC $CFLAGS $LDFLAGS -o crash crash.c",), run=("./crash", "{proof}"), harness=())
    found: dict[str, tuple[str, str]] = {}
    async with stage_of(sandbox, recipe, archived({"crash.c": CRASHES})) as stage:
        for letter in "usambw":
            run = await stage.run(letter.encode())
            crash = crash_of(run, recipe)
            assert isinstance(crash, Crash), (letter, run)
            found[letter] = (crash.state.kind.partition("\n")[0].partition(" ")[0], crash.state.frames[0])
    assert found.pop("m")[1] == "hoard"
    assert found == {
        "u": ("Integer-overflow", "grow"),
        "s": ("Stack-overflow", "deep"),
        "a": ("Abrt", "stop"),
        "b": ("Out-of-memory", "hoard"),
        "w": ("Null-dereference", "wild"),
    }


def zip_of(name: str, size: int) -> Source:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr(name, bytes(size))
    return Source(buffer.getvalue())


async def test_hostile_archives_are_refused(sandbox: Sandbox) -> None:
    rows = {
        "leads outside": archived({"../../../tmp/out": b"x"}),
        "more bytes than there is room for": zip_of("bomb", 64 << 20),
        "more entries than are unpacked": Source(tarfile.TarInfo("a").tobuf() * 100_000),
        "no tar and no zip archive": Source(b"nothing"),
    }
    async with stage_of(sandbox, shell()) as stage:
        for says, source in rows.items():
            unpacked = await stage.unpack(source)
            assert not unpacked.ok
            assert says in unpacked.log
    refused = await replay(sandbox, shell(), Source(b"nothing"), b"", runs=1)
    assert refused.vulnerable.runs == ()
    assert "no tar and no zip archive" in judge(refused).reasons[0]


async def test_a_build_that_never_ends_is_ended(sandbox: Sandbox) -> None:
    limits = replace(SMALL, build_seconds=1)
    found = await seen(sandbox, shell("echo begun", "sleep 100 & sleep 100", limits=limits), "")
    assert not found.vulnerable.built.ok
    assert found.vulnerable.built.log == "begun\n\nIt was ended because its time was over."


async def test_a_build_that_leaves_too_much_is_not_kept(sandbox: Sandbox) -> None:
    found = await seen(sandbox, shell("head -c 100M /dev/zero > big"), "")
    assert not found.vulnerable.built.ok
    assert "What was built could not be kept." in found.vulnerable.built.log


async def test_a_build_that_removes_itself_cannot_be_run(sandbox: Sandbox) -> None:
    found = await seen(sandbox, shell("rm -rf ../source"), "", runs=1)
    assert [(run.exit, run.orderly) for run in found.vulnerable.runs] == [(127, False)]


async def test_every_run_starts_clean(sandbox: Sandbox) -> None:
    build = ("echo built > made", "(setsid sleep 1000 &)")
    script = """
        test "$(cat made)" = built || exit 11
        for place in mark ../mark /tmp/mark /dev/shm/mark; do test ! -e $place || exit 12; touch $place; done
        touch /var/tmp/mark 2> /dev/null && exit 13
        touch /srv/mark 2> /dev/null && exit 14
        test "$(pgrep -fc 'sleep 1000')" = 0 || exit 15
        setsid sleep 1000 &
        rm made
        test "$(cat "$1")" = proof || exit 16
    """
    found = await seen(sandbox, shell(*build), script)
    assert [run.exit for run in found.vulnerable.runs] == [0, 0]


@pytest.mark.parametrize(
    "script, timed_out",
    [
        # The bomb goes off in a shell of its own: a shell that cannot fork ends, and this one is to stay.
        ("b() { b | b & }; (b) || :; exec sleep 100", True),
        ("head -c 1G /dev/zero > full; head -c 1G /dev/zero > /tmp/full; exit 3", False),
        ("yes 2>&1; exit 3", True),
        ("trap '' TERM; exec sleep 100", True),
        ("rm -rf ../* ../.r*; mkfifo ../.report-1; exit 3", False),
    ],
    ids=["forks", "fills the disk", "floods", "ignores signals", "removes its home"],
)
async def test_a_hostile_run_harms_neither_us_nor_the_next(sandbox: Sandbox, script: str, *, timed_out: bool) -> None:
    # What ends by itself gets time enough to do so on a machine that does much else.
    limits = replace(SMALL, run_seconds=1 if timed_out else 120)
    found = await seen(sandbox, shell(limits=limits), script)
    for run in found.vulnerable.runs:
        assert run.timed_out is timed_out
        assert run.exit == (137 if timed_out else 3)
        assert len(run.output) <= 2 * LOG_BYTES
    assert judge(found).verdict is Verdict.NOT_REPRODUCED


async def test_a_run_that_cannot_begin_says_why(sandbox: Sandbox) -> None:
    async with stage_of(sandbox, shell(), archived({"run.sh": b"cat /dev/zero > full"})) as stage:
        await stage.run(b"")
        full = await stage.run(bytes(1000), fresh=False)
        assert (full.exit, full.orderly) == (127, False)
        assert b"No space left" in full.output
        await stage._host.exec(("rm", "-rf", "/root/kept"), user=ROOT)
        gone = await stage.run(b"")
        assert b"The home could not be put back: cp: cannot stat" in gone.output


async def test_what_is_too_large_is_refused_before_anything_starts(sandbox: Sandbox) -> None:
    with pytest.raises(StageError, match="archive has"):
        Source(bytes(MOST_ARCHIVE + 1))
    with pytest.raises(StageError, match="proof has"):
        await replay(sandbox, C.recipe, C.vulnerable, bytes(MOST_PROOF + 1))
    for runs in (0, 51):
        with pytest.raises(StageError, match=f"cannot be run {runs} times"):
            await replay(sandbox, C.recipe, C.vulnerable, b"", runs=runs)
