"""Benchmarks: every figure beside the same work done by a named peer, in one run on one machine.

In: a machine that `make setup` has prepared. Out: rows of medians, as a table or as JSON.
Rules: a module `bench/bench_NAME.py` gives `run() -> list[Row]` and is found by its name; ours and the peer take
turns; a ratio above 1 is to our credit whatever the unit; a row that misses its floor makes the command fail.
"""

from bench.measure import Better, Row, against, alone, interleaved, interleaved_async, median, stopwatch

__all__ = ["Better", "Row", "against", "alone", "interleaved", "interleaved_async", "median", "stopwatch"]
