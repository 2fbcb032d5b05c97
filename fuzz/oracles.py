"""What must hold of each parser's answer, whatever the bytes: one function a parser, which says whether they are good.

An oracle returns True where the bytes were taken for a good document and False where they were refused. It fails, by
an assertion or by what the parser raised, where a refusal is not the parser's own or an answer is beyond its limits.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import prod
from typing import Final, TypeVar

from tests.formats.intake.test_hostile import Parse, answer
from tests.formats.traces.test_hostile import check as check_trace
from trialplate.clearinghouse.finders.targets import TargetError, repository
from trialplate.clearinghouse.merging.patches import MOST_HUNKS, hunks_of
from trialplate.errors import TrialplateError
from trialplate.formats.csaf import MOST_LISTED, TESTS
from trialplate.formats.csaf import check as check_csaf
from trialplate.formats.csaf.products import purl_fault
from trialplate.formats.cvss import CvssError, base_scores
from trialplate.formats.epss import parse_epss
from trialplate.formats.feeds import FeedError, Known, Unknown
from trialplate.formats.kev import LONGEST, parse_kev
from trialplate.formats.purl import PurlError, parse_purl
from trialplate.formats.ssvc import Decided, TableError, Undecided, decide, parse_table
from trialplate.formats.ssvc.table import MOST_COMBINATIONS, MOST_POINTS
from trialplate.formats.traces import Trace, compare, crash_state, parse_trace

LONGEST_SAID: Final = 1500
"""Characters of a message, each of some 100 foreign ones escaped: no document makes a refusal as long as itself."""

_T = TypeVar("_T")
_NOW: Final = datetime(2026, 6, 2, tzinfo=UTC)


def taken(parse: Callable[[bytes], _T], data: bytes, error: type[TrialplateError]) -> _T | None:
    """Return what a parser makes of bytes, or None where it refuses them by `error`; any other error goes through.

    Raises:
        AssertionError: where the words of the refusal are none, too many, or could steer a terminal.
    """
    try:
        return parse(data)
    except error as caught:
        refusal = caught
    assert refusal.what
    assert refusal.fix
    assert showable(str(refusal)), ascii(str(refusal))
    return None


def showable(text: str) -> bool:
    """Say whether a message is short and of printable characters alone."""
    return len(text) <= LONGEST_SAID and text.isprintable()


def intake(parse: Parse) -> Callable[[bytes], bool]:
    """Return the oracle of a parser of reports: what it takes keeps to low limits in every text and list."""

    def check(data: bytes) -> bool:
        came = answer(parse, data)
        return came is not None and bool(came.findings) and not came.refusals

    return check


def traces(data: bytes) -> bool:
    """Check that an output is a trace within its limits or unsupported, and that its crash state is like itself."""
    check_trace(data)
    found = parse_trace(data)
    if not isinstance(found, Trace):
        return False
    state = crash_state(found)
    assert compare(state, state).same == bool(state.frames)
    return True


def csaf(data: bytes) -> bool:
    """Check that a verdict lists few problems, each of a known test at a place, in words that can be shown."""
    verdict = check_csaf(data)
    known = {"json", "version", "limits", "schema", "6.1.8", *(test.number for test in TESTS)}
    assert len(verdict.version) <= 16
    assert len(verdict.problems) <= MOST_LISTED * len(known)
    for problem in verdict.problems:
        assert problem.test in known
        assert not problem.path or problem.path.startswith("/")
        assert problem.message.isascii()
        assert showable(problem.message), ascii(problem.message)
    assert check_csaf(data) == verdict
    return verdict.valid


def kev(data: bytes) -> bool:
    """Check that every entry of a catalog is found by its CVE, with an age, and keeps to the limits."""
    catalog = taken(parse_kev, data, FeedError)
    if catalog is None:
        return False
    assert catalog.released.utcoffset() == timedelta(0)
    for cve, entry in catalog.entries.items():
        found = catalog.look_up(cve.lower(), _NOW)
        assert isinstance(found, Known)
        assert found.entry == entry
        assert found.age_seconds >= 0
        assert max(map(len, (entry.vendor, entry.product, entry.name, entry.action))) <= LONGEST
    assert isinstance(catalog.look_up("CVE-0000-0000", _NOW), Unknown) != ("CVE-0000-0000" in catalog.entries)
    return True


def epss(data: bytes) -> bool:
    """Check that every line of a file is found by its CVE as two numbers from 0 to 1."""
    scores = taken(parse_epss, data, FeedError)
    if scores is None:
        return False
    assert scores.scored.utcoffset() == timedelta(0)
    assert scores.rows
    for cve in scores.rows:
        found = scores.look_up(cve.lower(), _NOW)
        assert isinstance(found, Known)
        assert 0 <= found.entry.score <= 1
        assert 0 <= found.entry.percentile <= 1
    return True


def cvss(data: bytes) -> bool:
    """Check that every score of a vector has one decimal from 0.0 to 10.0."""
    scores = taken(lambda text: base_scores(text.decode("utf-8", "replace")), data, CvssError)
    if scores is None:
        return False
    for score in (scores.base, scores.threat, scores.environmental, scores.overall):
        assert score is None or (0 <= score.value <= 10 and score.value.as_tuple().exponent == -1)
        assert score is None or score.value == Decimal(str(score.value))
    assert base_scores(scores.vector) == scores
    return True


def ssvc(data: bytes) -> bool:
    """Check that a table has an outcome for every combination, so that nothing known leaves all that it can say."""
    table = taken(parse_table, data, TableError)
    if table is None:
        return False
    assert len(table.points) <= MOST_POINTS
    assert len(table.outcomes) == prod(len(point.values) for point in table.points) <= MOST_COMBINATIONS
    assert all(0 <= place < len(table.outcome.values) for place in table.outcomes)
    found = decide(table, [])
    said = (found.outcome,) if isinstance(found, Decided) else found.outcomes
    assert {value.key for value in said} == {table.outcome.keys[place] for place in table.outcomes}
    assert isinstance(found, Undecided) == (len(said) > 1)
    return True


def purl(data: bytes) -> bool:
    """Check that a package URL is the same after it was written, and that what is wrong with one can be shown."""
    text = data.decode("utf-8", "replace")
    fault = purl_fault(text)
    assert not fault or (fault.isascii() and fault.endswith(".") and showable(fault))
    found = taken(lambda _: parse_purl(text), data, PurlError)
    if found is None:
        return False
    assert parse_purl(str(found)) == found
    assert str(found).isascii()
    assert found.name
    return True


def refusing(parse: Callable[[bytes], object]) -> Callable[[bytes], bool]:
    """Return the oracle of a parser of the clearinghouse: it gives a value, or refuses in words that can be shown."""
    return lambda data: taken(parse, data, TrialplateError) is not None


def place(data: bytes) -> bool:
    """See the module; a normal form is its own normal form, or two claims on one repository could miss each other."""
    found = taken(lambda text: repository(text.decode(errors="replace")), data, TargetError)
    assert found is None or repository(found) == found
    return found is not None


def hunks(data: bytes) -> bool:
    """See the module; a patch that is malformed has no hunks, and none has too many."""
    found = hunks_of(data.decode(errors="replace"))
    assert len(found) <= MOST_HUNKS
    return bool(found)
