"""What the judged set is made of: where bugs can be planted, what is pinned, and how pairs are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts.fetch_sources import DEBIAN, PYTHON, SUITE, FetchError, Pin, _keep, missing, source_list
from tests.clearinghouse.judged.crashing import DRAWS, chosen
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
from tests.clearinghouse.judged.libraries import LIBRARIES
from tests.clearinghouse.judged.planting import Bug, bugs_in_c, bugs_in_python, planted
from tests.clearinghouse.judged.table import text
from tests.clearinghouse.merging.test_dedupe import replayed

C = """\
#include <stdlib.h>
/* if (comment) */
static char *
copy(const char *text, int length) {
    char *made = malloc(length + 1);
    size_t size = strlen(text);
    if (made == NULL && length < 9) {
        return NULL;
    }
    for (int n = 0; n < length; n++) made[n] = text[n];
    while ((length = next()) > 0) {}
    free(made);
    made = NULL;
    return made;
}
"""

PYTHON_SOURCE = '''\
"""Doc."""
LIMIT = 3
def read(text, place):
    if place >= len(text):
        return None
    try:
        return text[place + 1]
    except IndexError:
        return ""
'''


def test_every_kind_of_bug_is_found_in_c() -> None:
    found = list(bugs_in_c("a.c", C))
    assert Counter(bug.kind for bug in found) == {
        "check dropped": 1,
        "off by one": 2,
        "short allocation": 1,
        "truncation": 1,
        "freed twice": 1,
        "not cleared": 1,
    }
    assert {bug.function for bug in found} == {"copy"}
    new = {bug.kind: bug.new for bug in found}
    assert new["check dropped"] == "!PLANTED(@) && (made == NULL && length < 9)"
    assert new["short allocation"] == " (length + 1) - PLANTED(@)"


def test_every_kind_of_bug_is_found_in_python() -> None:
    found = list(bugs_in_python("a.py", PYTHON_SOURCE))
    assert Counter(bug.kind for bug in found) == {
        "check dropped": 1,
        "off by one": 1,
        "wrong index": 1,
        "exception not caught": 1,
    }
    assert {bug.function for bug in found} == {"read"}


def woken(bug: Bug) -> tuple[str, str]:
    """Return what a Python source reads at the end of a text, with a bug asleep and awake."""
    said: list[str] = []
    for awake in (0, 7):
        names: dict[str, object] = {"PLANTED": lambda asked, awake=awake: asked == awake}
        exec(compile(planted(PYTHON_SOURCE, [(7, bug)]), "a.py", "exec"), names)  # noqa: S102 the source above
        try:
            said.append(repr(names["read"]("ab", 1)))  # type: ignore[operator] - it is a function
        except IndexError as error:
            said.append(type(error).__name__)
    return said[0], said[1]


def test_a_bug_sleeps_until_it_is_woken() -> None:
    answers = {bug.kind: woken(bug) for bug in bugs_in_python("a.py", PYTHON_SOURCE)}
    assert {asleep for asleep, _ in answers.values()} == {"''"}
    assert answers["exception not caught"][1] == "IndexError"


def test_planting_moves_no_line_and_fits_one_text_only() -> None:
    apart = [bug for bug in bugs_in_c("a.c", C) if bug.kind != "off by one"]
    changed = planted(C, list(enumerate(apart, start=1)))
    assert changed.count("\n") == C.count("\n")
    assert all(f"PLANTED({number})" in changed for number in range(1, len(apart) + 1))
    with pytest.raises(ValueError, match="does not read"):
        planted(C.replace("length + 1", "length"), list(enumerate(apart)))


def test_there_are_libraries_and_bugs_enough() -> None:
    picked = {(library.name, draw): chosen(library, draw) for library in LIBRARIES for draw in DRAWS}
    counts = Counter(name for (name, _), bugs in picked.items() for _ in bugs)
    assert len([name for name, count in counts.items() if count >= 4]) >= 12
    for name, bugs in picked.items():
        functions = [each.bug.function for each in bugs]
        assert len(set(functions)) == len(functions), name
        assert all(len(set(each.files)) >= 3 for each in bugs), name


@pytest.mark.parametrize("name", [library.name for library in LIBRARIES])
def test_no_bug_is_drawn_twice(name: str) -> None:
    (library,) = (library for library in LIBRARIES if library.name == name)
    drawn = [each.bug for draw in DRAWS for each in chosen(library, draw)]
    assert len(set(drawn)) == len(drawn)


def test_what_the_libraries_are_made_of_is_pinned() -> None:
    assert {library.archive for library in LIBRARIES} == {pin.file for pin in (*DEBIAN, *PYTHON)}


def test_a_file_that_is_another_is_missing_and_never_kept(tmp_path: Path) -> None:
    pin = Pin("a", "a.tar", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb")
    place, folder = tmp_path / "new", tmp_path / "kept"
    for each in (place, folder):
        each.mkdir()
    (place / "a.tar").write_text("b")
    with pytest.raises(FetchError, match="not what is pinned"):
        _keep([pin], place, folder)
    assert missing(folder, [pin]) == (pin,)
    (place / "a.tar").write_text("a")
    _keep([pin], place, folder)
    assert missing(folder, [pin]) == ()


def test_sources_come_from_where_packages_do() -> None:
    binary = "deb [signed-by=/k] https://d.example/debian new main\ndeb https://d.example/debian new-updates main\n"
    assert source_list(binary, "new") == f"deb-src [signed-by=/k] https://d.example/debian {SUITE} main\n"


def crash(bug: int, *functions: str, line: int, library: str = "one/first", kind: str = "Abrt") -> Crashed:
    return Crashed(library, bug, replayed(*functions, line=line, kind=kind))


CRASHES = (
    crash(1, "copy", "text", "value", line=1),
    crash(1, "copy", "text", "value", line=2),
    crash(1, "copy", "name", "object", line=1),
    crash(1, "copy", "other", "else", line=9),
    crash(2, "put", "text", "value", line=50),
    crash(2, "copy", "text", "value", line=50, library="two/first"),
)


def test_pairs_are_counted_within_a_library() -> None:
    assert judged(CRASHES, by_state) == Pairs(right=1, wrong=0, missed=5)
    assert judged(CRASHES, merged) == Pairs(right=2, wrong=0, missed=4)
    assert judged(CRASHES, peer) == Pairs(right=1, wrong=2, missed=5)
    assert judged(CRASHES, peer).precision == pytest.approx(1 / 3)
    assert Pairs() == judged((), peer)
    assert (Pairs().precision, Pairs().recall) == (1, 1)


def cases(groups: Mapping[int, int]) -> list[int]:
    return [groups[place] for place in range(len(CRASHES))]


def test_findings_join_the_cases_before_them() -> None:
    assert cases(in_turn(CRASHES, ask=False)) == [0, 0, 0, 3, 4, 5]
    assert cases(in_turn(CRASHES, ask=True)) == [0, 0, 0, 0, 4, 5]
    assert cases(grouped(CRASHES, peer)) == [0, 0, 2, 3, 0, 5]
    assert of_groups(CRASHES, in_turn(CRASHES, ask=True)) == Pairs(right=6)


def test_the_table_has_a_row_for_each_rule_and_library() -> None:
    lines = text(CRASHES).splitlines()
    assert sum(line.startswith("| all draws |") for line in lines) == 5
    assert sum(line.startswith(f"| {library.name} |") for library in LIBRARIES for line in lines) == len(LIBRARIES)
