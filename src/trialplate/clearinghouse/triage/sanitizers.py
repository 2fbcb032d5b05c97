"""What a build and a run are told by their environment: how to instrument, and how to report a crash. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from trialplate.clearinghouse.triage.recipe import Recipe

_SANITIZERS: Final = "-fsanitize=address,undefined"
_FLAGS: Final = (
    f"-g -O1 -fno-omit-frame-pointer -fno-optimize-sibling-calls {_SANITIZERS} -fno-sanitize-recover=undefined"
)
_SYMBOLIZER: Final = "/usr/bin/llvm-symbolizer"

PYTHON_REPORT: Final = "TRIALPLATE_REPORT"
"""The variable that tells Python where to keep the traceback of what it does not catch (`inside/uncaught.py`)."""


def building(recipe: Recipe, *, fuzzing: bool = False) -> Mapping[str, str]:
    """Return the environment of a build, and of the tests after it.

    Projects in C get Clang with AddressSanitizer and UndefinedBehaviorSanitizer. A fuzz target is compiled for
    coverage as well and linked with `$LIB_FUZZING_ENGINE`, by the convention of OSS-Fuzz.
    """
    common = {"SOURCE_DATE_EPOCH": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    if recipe.language == "python":
        return MappingProxyType(common)
    flags = f"{_FLAGS} -fsanitize=fuzzer-no-link" if fuzzing else _FLAGS
    engine = {"LIB_FUZZING_ENGINE": "-fsanitize=fuzzer"} if fuzzing else {}
    # Leaks are no crash, and a test of the build's own (`configure`) would fail for one.
    quiet = {"ASAN_OPTIONS": "detect_leaks=0", "ASAN_SYMBOLIZER_PATH": _SYMBOLIZER}
    compilers = {"CC": "clang", "CXX": "clang++", "CFLAGS": flags, "CXXFLAGS": flags, "LDFLAGS": _SANITIZERS}
    return MappingProxyType({**common, **compilers, **engine, **quiet})


def running(recipe: Recipe, report: str) -> Mapping[str, str]:
    """Return the environment of a run, whose reporters write to files that begin with `report`, and nowhere else.

    A program prints much of what a proof says, and a proof can say all that a report does; no proof is a file that
    a sanitizer opened. Memory runs out with a stack first, at half of what the recipe grants: the sanitizer looks ten
    times a second, and whoever takes the other half in between ends by force, without a stack.
    """
    memory = recipe.limits.memory
    common = {
        "log_path": report,
        "color": "never",
        "external_symbolizer_path": _SYMBOLIZER,
        "handle_abort": 1,
        "handle_sigill": 1,
        "handle_sigfpe": 1,
        "handle_segv": 1,
        "handle_sigbus": 1,
    }
    address = {
        **common,
        "detect_leaks": 0,
        "abort_on_error": 0,
        # What was freed is kept for a while; by default that alone is half of a small grant, and a fuzzer fills it.
        "quarantine_size_mb": max(1, memory // 16),
        "max_allocation_size_mb": memory // 2,
        "soft_rss_limit_mb": memory // 2,
        "hard_rss_limit_mb": memory,
    }
    undefined = {**common, "print_stacktrace": 1, "halt_on_error": 1}
    return MappingProxyType(
        {
            "ASAN_OPTIONS": _options(address),
            "UBSAN_OPTIONS": _options(undefined),
            "ASAN_SYMBOLIZER_PATH": _SYMBOLIZER,
            PYTHON_REPORT: f"{report}.python",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
    )


def _options(values: Mapping[str, str | int]) -> str:
    return ":".join(f"{name}={value}" for name, value in values.items())
