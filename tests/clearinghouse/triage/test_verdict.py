"""What a replay shows: rows of runs, each with its verdict, and the state that runs of one cause share."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.clearinghouse.making import (
    CALM,
    FAILED,
    IMAGE,
    LATE,
    OVERFLOW,
    PYTHON,
    asan,
    replayed,
    run,
    traceback,
)
from trialplate.clearinghouse.triage.replay import Replay
from trialplate.clearinghouse.triage.stage import PROOF, SOURCE, Run
from trialplate.clearinghouse.triage.verdict import (
    MOST_FRAMES,
    MOST_TEXT,
    Count,
    Crash,
    Elsewhere,
    ProjectFrame,
    Verdict,
    judge,
)
from trialplate.clearinghouse.triage.verdict import crash_of as crashed

OTHER = run(asan("read_number records.c:29", "read_records records.c:50", kind="stack-buffer-overflow"))
IN_HARNESS = run(asan("main reader.c:20", kind="stack-buffer-overflow"))
WITHOUT_SOURCE = run(asan("inflate /usr/src/zlib/inflate.c:9", "other (/lib/libz.so.1+0x9)"))
OF_THE_PROOF = run(traceback(f"<module> {PROOF}:3", f"helper {PROOF}:1"))
OF_A_CALLBACK = run(traceback(f"<module> {PROOF}:3", "read_outline outline/reading.py:9", f"bad {PROOF}:1"))
RAISED = run(traceback("<module> outline/__main__.py:21", "read outline/reading.py:9", "loads /usr/lib/json.py:3"))


def crash(one: Run) -> Crash:
    found = crashed(one, PYTHON if one.trace and one.trace.error else replayed(()).recipe)
    assert isinstance(found, Crash)
    return found


@dataclass(frozen=True)
class Row:
    """A replay, its verdict, and words of the reasons."""

    name: str
    replay: Replay
    verdict: Verdict
    says: tuple[str, ...] = field(default=())


ROWS = (
    Row("all crash alike", replayed([OVERFLOW] * 5), Verdict.REPRODUCED, ("All 5 runs crashed with the same state.",)),
    Row(
        "and the fixed build does not",
        replayed([OVERFLOW] * 2, [CALM, run(code=1)]),
        Verdict.REPRODUCED,
        ("and the fixed build does not crash",),
    ),
    Row("one of them does not crash", replayed([OVERFLOW, CALM]), Verdict.FLAKY, ("Only 1 of 2 runs",)),
    Row("they differ", replayed([OVERFLOW, OTHER]), Verdict.FLAKY, ("2 runs crashed with 2 different states",)),
    Row("one is not the project's", replayed([OVERFLOW, IN_HARNESS]), Verdict.FLAKY, ("Only 1 of 2",)),
    Row("none crashes", replayed([CALM, run(code=1)]), Verdict.NOT_REPRODUCED, ("None of 2", "exit code 0, 1.")),
    Row("none ends", replayed([LATE]), Verdict.NOT_REPRODUCED, ("None of 1", "1 of 1 runs were ended for their time.")),
    Row("it cannot be built", replayed([], built=FAILED), Verdict.NOT_REPRODUCED, ("records.c:1: error",)),
    Row("no run at all", replayed([]), Verdict.NOT_REPRODUCED, ("None of 0 runs",)),
    Row(
        "the fixed build crashes alike",
        replayed([OVERFLOW], [CALM, OVERFLOW]),
        Verdict.NOT_REPRODUCED,
        ("The fixed build crashes with the same state.",),
    ),
    Row(
        "the fixed build crashes otherwise",
        replayed([OVERFLOW], [OTHER]),
        Verdict.NOT_REPRODUCED,
        ("crashes too, in another way",),
    ),
    Row("the fixed build hangs", replayed([OVERFLOW], [LATE]), Verdict.NOT_REPRODUCED, ("never ended",)),
    Row("the fixed build is killed", replayed([OVERFLOW], [run(code=139)]), Verdict.NOT_REPRODUCED, ("was killed",)),
    Row(
        "the fixed build cannot be built",
        replayed([OVERFLOW], [], built_fixed=FAILED),
        Verdict.NOT_REPRODUCED,
        ("The fixed build failed", "records.c:1: error"),
    ),
    Row("the harness crashes", replayed([IN_HARNESS, CALM]), Verdict.OUT_OF_SCOPE, ("In 1 of 2 runs",)),
    Row("what crashes has no source here", replayed([WITHOUT_SOURCE]), Verdict.OUT_OF_SCOPE),
    Row("the proof raises", replayed([OF_THE_PROOF], recipe=PYTHON), Verdict.OUT_OF_SCOPE),
    Row("a callback of the proof raises", replayed([OF_A_CALLBACK], recipe=PYTHON), Verdict.OUT_OF_SCOPE),
    Row("the project raises, by a library", replayed([RAISED], recipe=PYTHON), Verdict.REPRODUCED),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_replay_is_judged(row: Row) -> None:
    judged = judge(row.replay)
    assert judged.verdict is row.verdict
    for words in row.says:
        assert words in " ".join(judged.reasons)
    assert judged.image == IMAGE
    assert judged.vulnerable.runs == len(row.replay.vulnerable.runs)


def test_the_evidence_is_the_projects_own_frames() -> None:
    judged = judge(replayed([OTHER, OVERFLOW, OVERFLOW], [CALM]))
    assert judged.crash == Crash(
        state=crash(OVERFLOW).state,
        frames=(
            ProjectFrame("copy_field", "records.c", 8),
            ProjectFrame("read_name", "records.c", 16),
            ProjectFrame("read_records", "records.c", 48),
        ),
        text=OVERFLOW.report.decode(),
    )
    assert crash(OVERFLOW).state.frames == ("copy_field", "read_name", "read_records")
    assert (judged.vulnerable, judged.fixed) == (Count(3, 3, 0), Count(1, 0, 0))


def test_an_output_that_looks_like_a_report_is_none() -> None:
    quoting = Run(1, timed_out=False, output=OVERFLOW.report, report=b"", trace=run().trace)
    assert judge(replayed([quoting])).verdict is Verdict.NOT_REPRODUCED


def test_evidence_is_bounded() -> None:
    long = crash(run(asan(*(f"f{number} records.c:{number + 1}" for number in range(400)))))
    assert len(long.frames) == MOST_FRAMES
    assert len(long.text) == MOST_TEXT


def test_a_copy_of_another_size_is_the_same_crash() -> None:
    small = run(OVERFLOW.report.decode().replace("size 80", "size 64"))
    assert crash(small).state == crash(OVERFLOW).state
    one, two = (asan("f records.c:8", access=f"READ of size {size} at 0x6 thread T0") for size in (4, 8))
    assert crash(run(one)).state != crash(run(two)).state


def test_which_call_of_a_circle_came_last_does_not_matter() -> None:
    circle = ["value json.c:5", "array json.c:9"] * 20
    leaf = ["peek json.c:1"]
    one = crash(run(asan(*circle, kind="stack-overflow")))
    two = crash(run(asan(*leaf, *circle[1:], kind="stack-overflow")))
    assert one.state == two.state
    assert one.state.frames == ("array", "value")
    other = crash(run(asan("big json.c:3", "main2 json.c:4", kind="stack-overflow")))
    assert other.state.frames == ("big", "main2")


def test_a_recursion_of_python_is_a_circle_too() -> None:
    inside = ["expand outline/reading.py:33", "<lambda> outline/reading.py:33"] * 5
    found = crash(run(traceback(*inside, error="RecursionError: maximum recursion depth exceeded")))
    assert found.state.frames == ("expand",)
    assert found.state.kind == "Uncaught exception\nRecursionError"
    assert found.frames[0] == ProjectFrame("<lambda>", "outline/reading.py", 33)


def test_a_state_is_never_without_frames() -> None:
    found = crash(run(traceback("<lambda> outline/reading.py:3", error="KeyError: 1")))
    assert found.state.frames == ("<lambda>",)
    assert crash(run(asan("free records.c:3"))).state.frames == ("free",)


@pytest.mark.parametrize(
    "path, own",
    [
        ("records.c", True),
        ("./lib/../records.c", True),
        (f"{SOURCE}/sub/../records.c", True),
        (f"{SOURCE}/../records.c", False),
        (f"{SOURCE}-other/records.c", False),
        ("../source2/records.c", False),
        ("/usr/include/records.h", False),
        ("reader.c", False),
    ],
)
def test_whose_a_frame_is_is_told_by_its_path(path: str, *, own: bool) -> None:
    report = asan("f /x.c:8").replace("/x.c:8", f"{path}:8")
    assert isinstance(crashed(run(report), replayed(()).recipe), Crash) is own


def test_a_fuzz_target_is_always_a_harness() -> None:
    found = crashed(run(asan("LLVMFuzzerTestOneInput target.c:8", "read_records records.c:1")), replayed(()).recipe)
    assert found == Elsewhere()
