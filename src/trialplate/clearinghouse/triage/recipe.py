"""The recipe of a project, `trialplate.recipe/1`: how it is built, run on a proof, tested and fuzzed.

A recipe is the coordinator's, or is read by one before it counts: its lines run as they stand, in the sandbox alone.
docs/formats/recipe.md says every field.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from trialplate.errors import TrialplateError
from trialplate.records.words import said

FORMAT: Final = "trialplate.recipe/1"
MOST_BYTES: Final = 64 * 1024
PROOF: Final = "{proof}"
"""What stands in `run` for the path of the proof."""

_SHOWN: Final = 40

# None holds NUL, which ends a word of a command and would silently cut it.
_Text = Annotated[str, Meta(max_length=4096, pattern=r"^[^\x00]+\Z")]
_Lines = Annotated[tuple[_Text, ...], Meta(max_length=64)]
_Words = Annotated[tuple[_Text, ...], Meta(min_length=1, max_length=64)]
_Name = Annotated[str, Meta(pattern=r"^[a-z0-9](?:[a-z0-9.+-]{0,62}[a-z0-9+])?\Z")]
_Path = Annotated[
    str, Meta(max_length=255, pattern=r"^(?!\.{1,2}(?:/|\Z))[^/\x00]+(?:/(?!\.{0,2}(?:/|\Z))[^/\x00]+)*\Z")
]
_Long = Annotated[int, Meta(ge=1, le=3600)]
_Short = Annotated[int, Meta(ge=1, le=300)]


class RecipeError(TrialplateError):
    """A text is no recipe."""


class Fuzz(Struct, frozen=True, forbid_unknown_fields=True):
    """A fuzz target: the shell lines that build it, and the command that starts it, before libFuzzer's options."""

    build: _Lines
    run: _Words


class RecipeLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """What each phase may use: seconds of a build, the tests, one run, the fuzz target; MiB of memory, and of disk."""

    build_seconds: _Long = 600
    test_seconds: _Long = 600
    run_seconds: _Short = 10
    fuzz_seconds: _Long = 60
    memory: Annotated[int, Meta(ge=64, le=16_384)] = 2048
    disk: Annotated[int, Meta(ge=8, le=8192)] = 512


class Recipe(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a project is built and run; shell lines start in the root of its sources, and the first that fails ends them.

    Attributes:
        name: the project's.
        language: decides how it is instrumented and where the report of a crash comes from; `c` is C++ as well.
        build: shell lines that build it; none where nothing is to be built.
        run: the words of the command that is run on a proof; `PROOF` in one or more of them stands for its path.
        tests: shell lines that run the project's own tests.
        harness: files and folders of the sources that only call the project: a crash of theirs is none of its own.
        fuzz: a fuzz target, where there is one.
        limits: what each phase may use.
    """

    format: Literal["trialplate.recipe/1"]
    name: _Name
    language: Literal["c", "python"]
    build: _Lines = ()
    run: _Words
    tests: _Lines = ()
    harness: Annotated[tuple[_Path, ...], Meta(max_length=64)] = ()
    fuzz: Fuzz | None = None
    limits: RecipeLimits = RecipeLimits()

    def command(self, proof: str) -> tuple[str, ...]:
        """Return the command that runs the project on the proof at the path `proof`."""
        return tuple(word.replace(PROOF, proof) for word in self.run)

    def is_harness(self, file: str) -> bool:
        """Say whether a file, by its path from the root of the sources, belongs to the harness."""
        return any(file == path or file.startswith(f"{path}/") for path in self.harness)


def parse_recipe(data: bytes) -> Recipe:
    """Return the recipe in a file's bytes: TOML of at most `MOST_BYTES`, in which an unknown field is refused.

    Raises:
        RecipeError: where it is none, is of another format, or its command never names the proof.
    """
    if len(data) > MOST_BYTES:
        raise RecipeError(f"{len(data)} bytes are more than the {MOST_BYTES} of a recipe.", "Call a script instead.")
    try:
        recipe = msgspec.toml.decode(data, type=Recipe)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise RecipeError(f"This is no recipe: {said(error)}.", "Write it as docs/formats/recipe.md says.") from None
    if not any(PROOF in word for word in recipe.run):
        shown = " ".join(recipe.run)[:_SHOWN]
        raise RecipeError(f"The command {shown!r} never names the proof.", f"Put {PROOF} where its path belongs.")
    return recipe
