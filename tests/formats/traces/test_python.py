"""Tracebacks that this very Python prints, read back."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import pytest

from trialplate.formats.traces import Trace, crash_state, parse_trace


class BrokenError(Exception):
    """What the functions below fail by."""


def innermost() -> None:
    raise BrokenError("no:\n  File, line 1, in nothing")


def middle() -> None:
    innermost()


def outermost() -> None:
    middle()


def chained() -> None:
    try:
        innermost()
    except BrokenError as cause:
        raise ValueError("later") from cause


def recursing(depth: int = 0) -> None:
    recursing(depth + 1)


def printed(failing: Callable[[], None]) -> str:
    """Return what Python prints where `failing` fails, with the frame of this function as the outermost one."""
    try:
        failing()
    except Exception:  # noqa: BLE001 - whatever it is, it is printed
        return traceback.format_exc()
    pytest.fail("Nothing failed.")


def parsed(failing: Callable[[], None]) -> Trace:
    trace = parse_trace(b"a log before\n" + printed(failing).encode() + b"\na log after\n")
    assert isinstance(trace, Trace)
    return trace


@pytest.mark.parametrize(
    "failing,error,names",
    [
        (outermost, f"{__name__}.BrokenError", ["innermost", "middle", "outermost", "printed"]),
        (recursing, "RecursionError", ["recursing", "recursing", "recursing", "printed"]),
    ],
)
def test_calls_stand_innermost_first(failing: Callable[[], None], error: str, names: list[str]) -> None:
    trace = parsed(failing)
    assert trace.error == error
    assert [frame.function for frame in trace.frames] == names
    assert {frame.file for frame in trace.frames} == {__file__}
    assert crash_state(trace).frames == tuple(names[:3])


def test_the_first_of_chained_exceptions_is_the_cause() -> None:
    trace = parsed(chained)
    assert (trace.error, [frame.function for frame in trace.frames]) == (
        f"{__name__}.BrokenError",
        ["innermost", "chained"],
    )


def test_a_group_of_exceptions_is_read_as_the_group() -> None:
    with pytest.raises(BrokenError) as caught:
        outermost()
    trace = parsed(lambda: raising(ExceptionGroup("two", [caught.value, KeyError("a")])))
    assert trace.error == "ExceptionGroup"
    assert [frame.function for frame in trace.frames] == ["raising", "<lambda>", "printed"]


def raising(error: Exception) -> None:
    raise error


def test_lines_count_from_one() -> None:
    last = parsed(outermost).frames[0]
    assert last.line == innermost.__code__.co_firstlineno + 1
