"""Fuzz one target: `python -m fuzz.child NAME [OPTION...] [CORPUS | INPUT...]`. It needs atheris.

What stands behind the name goes to libFuzzer: a folder is a corpus that grows, and files are inputs to try again.
"""

from __future__ import annotations

import os
import sys
from random import Random
from typing import Final

import atheris  # pyright: ignore[reportMissingModuleSource] - the environment of the tests has none, on purpose

# The package makes this name when it is imported, where no checker of types sees it.
with atheris.instrument_imports(include=["trialplate", "cvss", "tomllib"]):  # pyright: ignore[reportAttributeAccessIssue]
    from fuzz.mutation import changed
    from fuzz.targets import TARGETS, Target

_LOWEST_PRIORITY: Final = 19


def fuzz(target: Target, options: list[str]) -> None:
    """Fuzz until libFuzzer ends the process."""

    def one(data: bytes) -> None:
        target.check(data)

    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        rng = Random(seed)
        if target.json and rng.random() < 0.5:
            other = changed(data, target.dictionary, rng)
            if other != data and len(other) <= longest:
                return other
        return atheris.Mutate(data, longest)

    atheris.Setup([sys.argv[0], *options], one, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    os.nice(_LOWEST_PRIORITY)
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(__doc__)
    fuzz(TARGETS[sys.argv[1]], sys.argv[2:])
