"""CSAF 2.0: whether a security advisory is valid, and if not, where and why; and advisories written in it. Pure.

Purpose: to check advisories, others' and ours, by the schema of the standard and all of its mandatory tests (section
6.1 of OASIS Common Security Advisory Framework 2.0), and to write ours.
In: the bytes of one document, from anywhere; an advisory. Out: a `Verdict` with every problem, its test, its place and
its words; the bytes of a document that has none.
Rules: whatever the bytes are, the answer is a verdict and no failure; size and count are limited before anything is
built, depth before anything is walked; nothing is fetched, the schemas and names of weaknesses ship with the package;
texts of a document appear in a message in ASCII and cut short.
"""

from __future__ import annotations

from trialplate.formats.csaf.checking import TESTS, Test, Verdict, check
from trialplate.formats.csaf.model import MOST_LISTED, MOST_MEMBERS, MOST_SCORES, Problem
from trialplate.formats.csaf.reading import DEEPEST, MOST_BYTES, MOST_VALUES
from trialplate.formats.csaf.writing import file_name, write_csaf

__all__ = [
    "DEEPEST",
    "MOST_BYTES",
    "MOST_LISTED",
    "MOST_MEMBERS",
    "MOST_SCORES",
    "MOST_VALUES",
    "TESTS",
    "Problem",
    "Test",
    "Verdict",
    "check",
    "file_name",
    "write_csaf",
]
