"""Recipes: what is read, what is refused and in which words, and that the page shows none that is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clearinghouse.making import PYTHON, C
from trialplate.clearinghouse.triage.recipe import MOST_BYTES, Recipe, RecipeError, RecipeLimits, parse_recipe
from trialplate.clearinghouse.triage.sanitizers import PYTHON_REPORT, building, running

PAGE = Path(__file__).parents[3] / "docs" / "formats" / "recipe.md"
LEAST = 'format = "trialplate.recipe/1"\nname = "a"\nlanguage = "c"\nrun = ["./a", "--in={proof}"]\n'


def parsed(text: str) -> Recipe:
    return parse_recipe(text.encode())


def test_what_is_left_out_has_its_default() -> None:
    recipe = parsed(LEAST)
    assert (recipe.build, recipe.tests, recipe.harness, recipe.fuzz) == ((), (), (), None)
    assert recipe.limits == RecipeLimits()
    assert recipe.command("/srv/proof") == ("./a", "--in=/srv/proof")


@pytest.mark.parametrize(
    "text, says",
    [
        ("", "missing required field `format`"),
        ("x =", "This is no recipe"),
        ("\xff", "This is no recipe"),
        (LEAST.replace("recipe/1", "recipe/2"), "Invalid enum value"),
        (LEAST + 'extra = "x"', "unknown field `extra`"),
        (LEAST.replace('"c"', '"rust"'), "Invalid enum value 'rust'"),
        (LEAST.replace('"a"', '"A b"'), "$.name"),
        (LEAST.replace("{proof}", "proof"), "never names the proof"),
        (LEAST.replace("./a", "a\\u0000b"), "$.run[0]"),
        (LEAST.replace('["./a", "--in={proof}"]', "[]"), "length >= 1"),
        (LEAST + "build = [''' ''', '']", "$.build[1]"),
        (LEAST + "[limits]\nrun_seconds = 0", ">= 1"),
        (LEAST + "[limits]\nmemory = 1.5", "Expected `int`"),
        (LEAST + "[limits]\ndisk = 100000", "<= 8192"),
        (LEAST + "[fuzz]\nbuild = []", "missing required field `run`"),
        (LEAST + "a = " + "[" * 5000, "This is no recipe"),
        ("#" * (MOST_BYTES + 1), f"more than the {MOST_BYTES}"),
        *(
            (LEAST + f'harness = ["{path}"]', "$.harness[0]")
            for path in ("/a", "../a", "a/../b", "a//b", "a/", "./a", ".", "")
        ),
    ],
)
def test_what_is_no_recipe_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(says)) as refused:
        parse_recipe(text.encode("latin-1"))
    assert refused.value.fix


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    with pytest.raises(RecipeError):
        parse_recipe(data)


def test_a_harness_is_a_file_or_a_folder() -> None:
    recipe = parsed(LEAST + 'harness = ["fuzz", "tools/run.c", "..a/b"]')
    assert [recipe.is_harness(file) for file in ("fuzz/a.c", "tools/run.c", "..a/b", "fuzzy.c", "tools/run.cc")] == [
        *(True, True, True, False, False)
    ]


def test_the_page_shows_recipes_that_are_read() -> None:
    shown = re.findall(r"^```toml\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert [parsed(text).language for text in shown] == ["c", "python"]


def test_the_page_says_every_field() -> None:
    page = PAGE.read_text()
    for struct in (Recipe, RecipeLimits):
        for name in struct.__struct_fields__:
            assert f"| `{name}` |" in page, name
    assert "| `fuzz.build` |" in page
    assert "| `fuzz.run` |" in page


def test_only_c_is_instrumented() -> None:
    assert "CC" not in building(PYTHON)
    plain, fuzzing = building(C), building(C, fuzzing=True)
    assert "-fsanitize=address,undefined" in plain["CFLAGS"]
    assert "fuzzer" not in "".join(plain.values())
    assert "-fsanitize=fuzzer-no-link" in fuzzing["CXXFLAGS"]
    assert fuzzing["LIB_FUZZING_ENGINE"] == "-fsanitize=fuzzer"


def test_reports_go_to_files_of_their_own() -> None:
    environment = running(C, "/there/report")
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        assert "log_path=/there/report" in environment[name].split(":")
    assert environment[PYTHON_REPORT] == "/there/report.python"
    options = environment["ASAN_OPTIONS"].split(":")
    # What was freed and is still kept must stay far below the limit, or a fuzzer that frees much reports itself.
    assert {"soft_rss_limit_mb=256", "quarantine_size_mb=32"} <= set(options)
