"""Fuzzing by coverage, for longer than a test may take: every parser of what others write, by a table.

In: `fuzz/targets.py`, one row a parser. Out: a line a target in `.fuzz/results.jsonl`; corpora, logs and the inputs
that broke something beside it. Rules: `make fuzz` runs it in an environment of its own, since only `fuzz/child.py`
needs atheris; tables, oracles and mutations work without, and the tests of the project run them on every seed.
"""
