"""What makes two findings one: our replay, never a finder's word alone."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from trialplate.clearinghouse.merging.dedupe import Fingerprint, Seen, alike, calls, crash_type, fingerprints, match
from trialplate.clearinghouse.merging.patches import MOST_HUNKS, Hunk, hunks_of
from trialplate.records.finding import (
    Basis,
    Candidates,
    DuplicateOf,
    Ground,
    Replayed,
    Report,
    ReportedFix,
    ReportedTarget,
    SeenFrame,
    Unmatched,
)

ONE, TWO = "1" * 32, "2" * 32
MINE, OTHERS = "a" * 32, "b" * 32
COMMIT = "c0ffee" * 6 + "c0ff"
OVERFLOW = "Heap-buffer-overflow\nREAD 1"

PATCH = """\
From: somebody
Subject: checks the length

diff --git a/src/text.c b/src/text.c
index 111..222 100644
--- a/src/text.c\t2026-01-01
+++ b/src/text.c\t2026-01-02
@@ -10,3 +10,4 @@ int read_text(void)
 {
-    memcpy(out, in, length);
+    if (length > sizeof buffer)   return -1;
+    memcpy(out, in, length);
 }
@@ -40 +41 @@
-i++;
+i += 2;
\\ No newline at end of file
"""


def replayed(*functions: str, kind: str = OVERFLOW, line: int = 7, source: str = "5" * 64) -> Replayed:
    """Return what was seen of a crash in those functions, the innermost first and at `line`."""
    frames = tuple(SeenFrame(name, "src/text.c", line + 10 * place) for place, name in enumerate(functions))
    return Replayed(
        image="1" * 64, recipe="2" * 64, source=source, proof="3" * 64, runs=5, crashes=5, kind=kind,
        state=tuple(dict.fromkeys(functions))[:3], frames=frames,
    )  # fmt: skip


def report(*, fix: ReportedFix | None = None, weakness: tuple[str, ...] = (), fixed: str = "") -> Report:
    """Return a report that says little beside."""
    return Report(
        document="4" * 64, format="plain", index=0, finder="ada", claimed_at="2026-06-02T00:00:00Z",
        basis=Basis.RECEIPT, title="It crashes", description="", target=ReportedTarget(fixed=fixed),
        fixes=(fix,) if fix else (), weakness=weakness,
    )  # fmt: skip


def seen(*functions: str, project: str = MINE, said: Report | None = None, **more: str | int) -> Seen:
    """Return a finding of `project` with a crash in those functions."""
    return Seen(project, said or report(), replayed(*functions, **more))  # type: ignore[arg-type] - as `replayed` takes


def matched(new: Seen, known: Iterable[tuple[str, Seen]]) -> Unmatched | DuplicateOf | Candidates:
    """Return what becomes of a finding beside known ones, each with its case."""
    return match([alike(of, new, each) for of, each in known])


def known(of: str, *functions: str, **more: str | int) -> tuple[str, Seen]:
    """Return a finding of the case `of`."""
    return (of, seen(*functions, **more))  # type: ignore[arg-type] - as `seen` takes


NEW = seen("copy", "text", "value", "list")


@pytest.mark.parametrize(
    "kind, expected",
    [
        ("Heap-buffer-overflow\nREAD 1", "Heap-buffer-overflow"),
        ("Heap-buffer-overflow\nWRITE {*}", "Heap-buffer-overflow"),
        ("Null-dereference READ", "Null-dereference"),
        ("UNKNOWN WRITE", "UNKNOWN"),
        ("Uncaught exception\nKeyError", "Uncaught exception KeyError"),
        ("Uncaught exception\nREADError", "Uncaught exception READError"),
        ("Abrt", "Abrt"),
    ],
)
def test_the_type_of_a_crash_is_its_kind_without_the_access(kind: str, expected: str) -> None:
    assert crash_type(kind) == expected


def test_a_function_that_calls_itself_counts_once() -> None:
    found = calls(replayed("value", "list", "value", "list", "value", "parse"))
    assert [function for _, function in found] == ["value", "list", "parse"]


@pytest.mark.parametrize("kind", ["Stack-overflow\nWRITE 8", "Uncaught exception\nRecursionError"])
def test_where_the_stack_ran_out_the_state_stands(kind: str) -> None:
    state = replace(replayed("value", "list", kind=kind), state=("list", "value"))
    assert fingerprints(report(), state)[0].key.splitlines()[-2:] == ["list", "value"]
    assert {each.key.partition("\n")[0] for each in fingerprints(report(), state)} == {"state", "kind", "top", "pair"}


def test_without_frames_and_state_there_is_nothing_to_be_found_by() -> None:
    assert fingerprints(report(), replayed()) == ()
    assert matched(Seen(MINE, report(), replayed()), [(ONE, Seen(MINE, report(), replayed()))]) == Unmatched(1)


@pytest.mark.parametrize(
    "case",
    [
        known(ONE, "copy", "text", "value", "object", line=99),
        known(ONE, "copy", "text", "text", "value", line=99, kind="Heap-buffer-overflow\nWRITE 8"),
        known(ONE, "copy", "key", "object"),
        known(ONE, "copy", "text", "value", project="", line=99),
    ],
    ids=["same state", "deeper and another access", "same statement", "same source, project unknown"],
)
def test_equal_states_of_our_replay_are_merged(case: tuple[str, Seen]) -> None:
    found = matched(NEW, [known(TWO, "other"), case, case])
    assert isinstance(found, DuplicateOf)
    assert (found.of, found.ground) == (ONE, Ground.CRASH_STATE)
    assert "Both crash with Heap-buffer-overflow" in found.evidence


@pytest.mark.parametrize(
    "case",
    [
        known(ONE, "copy", "text", "value", kind="Null-dereference READ"),
        known(ONE, "copy", "text", "object", line=99),
        known(ONE, "copy", "key", "object", line=99),
        known(ONE, "text", "value", "object", line=99),
        known(ONE, "copy", "text", "value", project=OTHERS),
        known(ONE, "copy", "text", "value", project="", source="6" * 64),
    ],
    ids=["another type", "two of three", "the top alone", "part of the stack", "another project", "project unknown"],
)
def test_what_is_less_is_proposed(case: tuple[str, Seen]) -> None:
    found = matched(NEW, [case, known(TWO, "other")])
    assert isinstance(found, Candidates)
    assert [like.of for like in found.found] == [ONE]
    assert 0 < float(found.found[0].score) < 1


def test_two_exact_matches_that_lead_to_different_cases_are_left_to_a_person() -> None:
    found = matched(NEW, [known(ONE, "copy", "text", "value"), known(TWO, "copy", "text", "value")])
    assert isinstance(found, Candidates)
    assert [(like.of, like.score) for like in found.found] == [(ONE, "1.00"), (TWO, "1.00")]


def test_candidates_come_by_likeness_each_case_once_and_not_too_many() -> None:
    many = [known(f"{n:032x}", "copy", "elsewhere", line=99) for n in range(3, 40)]
    near = known(ONE, "copy", "text", "object", line=99)
    found = matched(NEW, [*many, near, near])
    assert isinstance(found, Candidates)
    assert (len(found.found), found.found[0].of) == (16, ONE)
    scores = [float(like.score) for like in found.found]
    assert scores == sorted(scores, reverse=True)


FIXES = {
    "commit": {"fix": ReportedFix(commit=COMMIT.upper())},
    "fixed": {"fixed": COMMIT},
    "patch": {"fix": ReportedFix(patch=PATCH)},
}


@pytest.mark.parametrize("how", FIXES)
def test_a_fix_lifts_a_likeness_of_our_replays_and_makes_no_match_alone(how: str) -> None:
    said = report(**FIXES[how])  # type: ignore[arg-type] - the arguments of `report` by name
    new = seen("copy", "text", "value", said=said)
    alike = (ONE, seen("copy", "key", said=said, line=99))
    found = matched(new, [alike])
    assert isinstance(found, DuplicateOf)
    assert found.ground in {Ground.FIX_COMMIT, Ground.FIX_HUNK}
    unlike = (ONE, seen("elsewhere", said=said))
    assert isinstance(matched(new, [unlike]), Candidates)
    assert isinstance(matched(replace_project(new, OTHERS), [alike]), Candidates)


def replace_project(finding: Seen, project: str) -> Seen:
    """Return the finding as one of another project."""
    return Seen(project, finding.report, finding.replayed)


@pytest.mark.parametrize("said", [{"fixed": "v1.2"}, {"fixed": "c0ffee1"}, {"fix": ReportedFix(patch="nonsense")}])
def test_a_fix_that_is_not_said_in_full_says_nothing(said: dict[str, str | ReportedFix]) -> None:
    prints = fingerprints(report(**said), replayed("copy"))  # type: ignore[arg-type] - the arguments of `report`
    assert not {each.ground for each in prints} & {Ground.FIX_COMMIT, Ground.FIX_HUNK}


def test_the_same_weakness_at_the_same_place_is_proposed() -> None:
    said = report(weakness=("CWE-125", "not a weakness"))
    prints = fingerprints(said, replayed("copy"))
    assert [each.evidence for each in prints if each.ground is Ground.PLACE] == [
        "Both are CWE-125 in copy of src/text.c."
    ]
    found = matched(seen("copy", "text", said=said), [(ONE, seen("copy", "other", line=99, said=said))])
    assert isinstance(found, Candidates)


def test_each_fingerprint_says_by_which_mark_it_is_found() -> None:
    names = {
        each.ground: each.mark for each in fingerprints(report(weakness=("CWE-1",), fixed=COMMIT), replayed("a", "b"))
    }
    assert names == {
        Ground.CRASH_STATE: "root",
        Ground.FIX_COMMIT: "root",
        Ground.NEAR_STATE: "near",
        Ground.PLACE: "near",
    }


def test_a_long_name_is_shown_in_part() -> None:
    (state, *_) = fingerprints(report(), replayed("f" * 2000))
    assert isinstance(state, Fingerprint)
    assert len(state.evidence) < 400
    assert "f" * 2000 in state.key


names = st.sampled_from("abc")
replays = st.builds(
    lambda functions, line: replayed(*functions, line=line), st.lists(names, max_size=4), st.integers(1, 2)
)


@given(one=replays, other=replays)
def test_likeness_has_no_direction(one: Replayed, other: Replayed) -> None:
    left, right = Seen(MINE, report(), one), Seen(MINE, report(), other)
    there, back = matched(left, [(ONE, right)]), matched(right, [(ONE, left)])
    assert type(there) is type(back)
    if one == other and one.frames:
        assert isinstance(there, DuplicateOf)


def test_hunks_are_read_without_context_numbers_and_white_space() -> None:
    first, second = hunks_of(PATCH)
    assert first == Hunk(
        "src/text.c",
        ("memcpy(out, in, length);",),
        ("if (length > sizeof buffer) return -1;", "memcpy(out, in, length);"),
    )
    assert second == Hunk("src/text.c", ("i++;",), ("i += 2;",))
    assert second.significant < 24 < first.significant
    moved = PATCH.replace("-10,3 +10,4", "-20,3 +22,4").replace("a/src/text.c", "src/text.c").replace("    if", "\tif")
    assert [hunk.key for hunk in hunks_of(moved)] == [first.key, second.key]


def test_a_small_hunk_is_no_ground() -> None:
    prints = fingerprints(report(fix=ReportedFix(patch=PATCH)), replayed("copy"))
    assert sum(each.ground is Ground.FIX_HUNK for each in prints) == 1


def test_a_new_and_a_removed_file_have_the_name_that_they_have() -> None:
    assert hunks_of("--- /dev/null\n+++ b/new.c\n@@ -0,0 +1 @@\n+int x;\n")[0].file == "new.c"
    assert hunks_of("--- a/old.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-int x;\n")[0].file == "old.c"


def test_a_last_line_without_an_end_is_a_line() -> None:
    (hunk,) = hunks_of("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n")
    assert (hunk.removed, hunk.added) == (("a",), ("b",))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no patch",
        "@@ -1 +1 @@\n-a\n+b\n",
        "--- a/x\n+++ b/x\n@@ nonsense @@\n-a\n",
        "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\n+b\n",
        "--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@\n-a\n*b\n",
        "--- a/x\n+++ b/x\n@@ -1,2 +1,1 @@\n+a\n+b\n-c\n-d",
        "--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n",
        "--- a/x\n+++ b/x\n" + "@@ -1 +1 @@\n-a\n+b\n" * (MOST_HUNKS + 1),
        "--- a/x",
    ],
)
def test_what_is_no_patch_has_no_hunks(text: str) -> None:
    assert hunks_of(text) == ()


@given(st.text(alphabet="-+@ a/\n1,", max_size=60))
def test_any_text_can_be_asked_for_hunks(text: str) -> None:
    assert all(hunk.file for hunk in hunks_of("--- a/x\n+++ b/x\n" + text))


def test_where_the_line_is_not_known_the_caller_counts() -> None:
    assert kinds_of_keys(replayed("copy", line=0)) == ["kind", "top"]
    one, other = (key_of_statement(replayed("copy", caller, line=0)) for caller in ("text", "key"))
    assert one
    assert one != other


def key_of_statement(seen: Replayed) -> str:
    """Return the key of the statement that crashed; empty where there is none."""
    return next((each.key for each in fingerprints(report(), seen) if each.key.startswith("statement")), "")


def kinds_of_keys(seen: Replayed) -> list[str]:
    """Return the first words of the keys of a replay."""
    return [each.key.partition("\n")[0] for each in fingerprints(report(), seen)]


def test_one_large_function_is_no_state() -> None:
    assert kinds_of_keys(replayed("copy")) == ["statement", "kind", "top"]


@pytest.mark.parametrize("wrapper", ["free", "yaml_free", "xmalloc", "jsonp_strndup", "my_memcpy", "MEM_REALLOC"])
def test_of_a_wrapper_of_an_allocator_the_caller_counts(wrapper: str) -> None:
    one, same, other = (key_of_statement(replayed(wrapper, caller)) for caller in ("close", "close", "delete"))
    assert one == same != other
    assert key_of_statement(replayed(wrapper))


def test_a_comprehension_is_a_part_of_its_function() -> None:
    assert calls(replayed("<genexpr>", "match", "<lambda>", "group", "<listcomp>")) == calls(replayed("match", "group"))
    assert kinds_of_keys(replayed("<lambda>")) == []
