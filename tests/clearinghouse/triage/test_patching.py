"""Patches: what passes, what is refused and why, as values and in a real sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace as changed

import pytest
from msgspec.structs import replace

from tests.clearinghouse.making import BUILT, CALM, FAILED, IMAGE, LATE, OVERFLOW, C, asan, run
from tests.clearinghouse.samples import Sample, sample
from trialplate.clearinghouse.triage.patching import (
    MOST_PATCH,
    Check,
    PatchJudged,
    PatchTrial,
    Scan,
    check_patch,
    judge_patch,
)
from trialplate.clearinghouse.triage.recipe import Fuzz
from trialplate.clearinghouse.triage.stage import MOST_PROOF, Phase, Source, StageError
from trialplate.clearinghouse.triage.variants import VariantError
from trialplate.sandbox import Sandbox

WELL = PatchTrial(
    image=IMAGE,
    recipe=C,
    applied=BUILT,
    built=BUILT,
    tests=BUILT,
    proofs=(CALM,),
    variants=(CALM, run(code=1), run(code=255)),
    scan=Scan(BUILT, CALM),
)


@dataclass(frozen=True)
class Row:
    """A trial, the one check that it fails, and words that the check says."""

    name: str
    trial: PatchTrial
    fails: str
    says: str


OVERFLOWS = "It crashes: Heap-buffer-overflow WRITE {*} in copy_field < read_name < read_records."
ROWS = (
    Row("does not build", changed(WELL, built=FAILED), "builds", "records.c:1: error"),
    Row("says nothing", changed(WELL, built=Phase(ok=False, log="\n")), "builds", "It failed without a word."),
    Row("tests fail", changed(WELL, tests=FAILED), "tests", "records.c:1: error"),
    Row("no tests", changed(WELL, tests=None), "tests", "The recipe names no tests"),
    Row("no proof", changed(WELL, proofs=()), "proofs", "None was run."),
    Row("no variants", changed(WELL, variants=()), "variants", "None was run."),
    Row("the proof crashes", changed(WELL, proofs=(CALM, OVERFLOW)), "proofs", f"1 of 2 do not end well. {OVERFLOWS}"),
    Row("a variant hangs", changed(WELL, variants=(CALM, LATE)), "variants", "It was ended for its time."),
    Row("a variant is killed", changed(WELL, variants=(run(code=139),)), "variants", "It ended with exit code 139."),
    Row(
        "a variant crashes the harness",
        changed(WELL, variants=(run(asan("main reader.c:9")), LATE, run(asan("main reader.c:8")))),
        "variants",
        "3 of 3 do not end well. It crashes outside the project.",
    ),
    Row("the scan finds one", changed(WELL, scan=Scan(BUILT, OVERFLOW)), "new crashes", OVERFLOWS),
    Row("the scan stops", changed(WELL, scan=Scan(BUILT, run(code=77))), "new crashes", "exit code 77"),
    Row("no target is built", changed(WELL, scan=Scan(FAILED)), "new crashes", "records.c:1: error"),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_one_check_that_fails_refuses_a_patch(row: Row) -> None:
    judged = judge_patch(row.trial)
    assert not judged.passed
    (failed,) = [check for check in judged.checks if not check.ok]
    assert failed.name == row.fails
    assert row.says in failed.said


def test_a_patch_passes_where_every_check_is_well() -> None:
    judged = judge_patch(WELL)
    assert judged.passed
    assert [check.name for check in judged.checks] == [
        *("applies", "builds", "tests", "proofs", "variants", "new crashes")
    ]
    assert [check.name for check in judge_patch(changed(WELL, scan=None)).checks][-1] == "variants"
    assert judge_patch(changed(WELL, scan=None)).passed


async def checked(
    sandbox: Sandbox, given: Sample, patch: bytes, *proofs: bytes, variants: int = 2, scan: int = 1
) -> PatchJudged:
    trial = await check_patch(
        sandbox, given.recipe, given.vulnerable, proofs, patch, variants=variants, scan_seconds=scan
    )
    return judge_patch(trial)


def refused(judged: PatchJudged) -> dict[str, str]:
    return {check.name: check.said for check in judged.checks if not check.ok}


RECORDS, OUTLINE = sample("records"), sample("outline")


@pytest.mark.sandbox
@pytest.mark.anyio
async def test_the_right_patch_of_each_sample_passes(sandbox: Sandbox) -> None:
    for given in (RECORDS, OUTLINE):
        judged = await checked(sandbox, given, given.fix, given.one, given.two)
        assert refused(judged) == {}
        assert judged.passed


@pytest.mark.sandbox
@pytest.mark.anyio
async def test_a_patch_that_hides_one_proof_is_refused_by_its_variants_and_by_the_scan(sandbox: Sandbox) -> None:
    judged = await checked(sandbox, RECORDS, RECORDS.wrong, RECORDS.one, variants=32, scan=60)
    assert set(refused(judged)) == {"variants", "new crashes"}
    assert refused(judged)["new crashes"] == OVERFLOWS
    assert Check("proofs", ok=True, said="1 of 1 end well.") in judged.checks


@pytest.mark.sandbox
@pytest.mark.anyio
async def test_a_patch_that_hides_one_of_two_proofs_is_refused(sandbox: Sandbox) -> None:
    judged = await checked(sandbox, OUTLINE, OUTLINE.wrong, OUTLINE.one, OUTLINE.two)
    assert refused(judged)["proofs"].startswith("1 of 2 do not end well. It crashes: Uncaught exception RecursionError")


def edit(old: str, new: str) -> bytes:
    """Return a patch of the sample `outline` that puts a line in the place of another."""
    head = "--- a/outline/reading.py\n+++ b/outline/reading.py\n@@ -31,3 +31,3 @@\n"
    after = "    return _REFERENCE.sub(lambda found: _expand(found[1], lines), lines[name])"
    return f"{head}     if name not in lines:\n-{old}\n+{new}\n {after}\n".encode()


RAISES = '        raise OutlineError(f"nothing is called {name}")'


@pytest.mark.sandbox
@pytest.mark.anyio
@pytest.mark.parametrize(
    "patch, fails, says",
    [
        (b"\n", "applies", "The patch is empty."),
        (b"no patch", "applies", "garbage"),
        (OUTLINE.fix.replace(b"-    return {name", b"-    return  {name"), "applies", "FAILED"),
        (OUTLINE.fix.replace(b' """Return the texts', b' """Return texts'), "applies", "FAILED"),
        (OUTLINE.fix.replace(b"outline/reading.py", b"../../reading.py"), "applies", "No file to patch"),
        (edit(RAISES, f"{RAISES[:8]}return ''"), "tests", "FAILED"),
        (edit(RAISES, f"{RAISES[:8]}raise KeyError(name)"), "tests", "KeyError"),
        (edit(RAISES, f"{RAISES})"), "tests", "SyntaxError"),
    ],
    ids=["empty", "garbage", "line differs", "context differs", "outside", "tests fail", "tests err", "no Python"],
)
async def test_a_patch_that_is_no_good_says_where(sandbox: Sandbox, patch: bytes, fails: str, says: str) -> None:
    judged = await checked(sandbox, OUTLINE, patch, OUTLINE.two, variants=1)
    assert says in refused(judged)[fails]
    if fails == "applies":
        assert refused(judged)["builds"] == "Not reached, since something before it failed."


@pytest.mark.sandbox
@pytest.mark.anyio
async def test_tests_and_targets_that_are_none_are_told(sandbox: Sandbox) -> None:
    target = Fuzz(build=("exit 3",), run=("true",))
    recipe = replace(RECORDS.recipe, build=(), tests=(), fuzz=target, run=("true", "{proof}"))
    judged = await checked(sandbox, changed(RECORDS, recipe=recipe), RECORDS.fix, b"", variants=1)
    assert set(refused(judged)) == {"tests", "new crashes"}


@pytest.mark.sandbox
@pytest.mark.anyio
async def test_sources_that_are_none_take_no_patch(sandbox: Sandbox) -> None:
    judged = await checked(sandbox, changed(OUTLINE, vulnerable=Source(b"nothing")), OUTLINE.fix, OUTLINE.one)
    assert "no tar and no zip archive" in refused(judged)["applies"]


@pytest.mark.anyio
async def test_what_is_beyond_the_limits_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(StageError, match="patch has"):
        await checked(sandbox, RECORDS, bytes(MOST_PATCH + 1))
    with pytest.raises(StageError, match="proof has"):
        await checked(sandbox, RECORDS, b"", bytes(MOST_PROOF + 1))
    for seconds in (0, 3601):
        with pytest.raises(StageError, match=f"cannot take {seconds} s"):
            await checked(sandbox, RECORDS, b"", scan=seconds)
    with pytest.raises(VariantError, match="1001 variants"):
        await checked(sandbox, RECORDS, b"", b"proof", variants=1001)
