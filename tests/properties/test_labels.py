"""The laws of the label lattice, exhaustively on a small lattice and by Hypothesis on a large one."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.records import PUBLIC, Label, LabelError, Level
from trialplate.trust import Granted, Reader, Refused, dominates, join, may_read

NAMES = ("ALPHA", "BRAVO", "CHARLIE", "REL TO FVEY", "NOFORN", "PROPIN", "DEVELOPER-ONLY acme")

sets = st.frozensets(st.sampled_from(NAMES))
labels = st.builds(Label, level=st.sampled_from(Level), compartments=sets, dissemination=sets)


def _subsets(names: str) -> list[frozenset[str]]:
    return [frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size)]


SMALL = [
    Label(level=level, compartments=compartments, dissemination=dissemination)
    for level, compartments, dissemination in product(
        [Level.UNCLASSIFIED, Level.CUI, Level.SECRET], _subsets("AB"), _subsets("XY")
    )
]


def _reader(clearance: Label) -> Reader:
    return Reader(party="p", clearance=clearance)


def _reads(clearance: Label, label: Label) -> bool:
    return isinstance(may_read(label, _reader(clearance)), Granted)


def test_the_laws_of_a_lattice_exhaustively() -> None:
    above = {low: {high for high in SMALL if dominates(high, low)} for low in SMALL}
    for a in SMALL:
        assert a in above[a]
        assert dominates(a, PUBLIC)
        assert join([a]) == join([a, a]) == join([a, PUBLIC]) == a
        for b in SMALL:
            assert (b in above[a] and a in above[b]) == (a == b)
            assert above[a] >= above[b] or b not in above[a]
            joined = join([a, b])
            assert joined == join([b, a])
            # The least upper bound: exactly what is above both is above it.
            assert above[joined] == above[a] & above[b]
            assert (joined == a) == (a in above[b])


def test_reading_exhaustively() -> None:
    for clearance, label in product(SMALL, SMALL):
        expected = (
            clearance.level >= label.level
            and all(name in clearance.compartments for name in label.compartments)
            and all(name in clearance.dissemination for name in label.dissemination)
        )
        assert _reads(clearance, label) == expected


@given(labels, labels, labels)
def test_join_is_associative_commutative_and_idempotent(a: Label, b: Label, c: Label) -> None:
    assert join([a, join([b, c])]) == join([join([a, b]), c]) == join([a, b, c]) == join([c, b, a])
    assert join([a, a]) == a


@given(labels, labels, labels)
def test_dominates_is_a_partial_order(a: Label, b: Label, c: Label) -> None:
    assert dominates(a, a)
    assert not (dominates(a, b) and dominates(b, a)) or a == b
    assert not (dominates(a, b) and dominates(b, c)) or dominates(a, c)


@given(labels, labels, labels)
def test_join_is_the_least_upper_bound(a: Label, b: Label, other: Label) -> None:
    joined = join([a, b])
    assert dominates(joined, a)
    assert dominates(joined, b)
    assert dominates(other, joined) == (dominates(other, a) and dominates(other, b))


@given(labels, labels, labels)
def test_more_clearance_never_reads_less_and_more_label_is_never_read_by_more(a: Label, b: Label, c: Label) -> None:
    if _reads(a, b):
        assert _reads(join([a, c]), b)
    else:
        assert not _reads(a, join([b, c]))


@given(st.lists(labels, max_size=5), labels)
def test_whoever_reads_what_was_derived_reads_every_source(sources: list[Label], clearance: Label) -> None:
    assert _reads(clearance, join(sources)) == all(_reads(clearance, source) for source in sources)


@given(labels)
def test_an_empty_clearance_reads_only_what_is_public(label: Label) -> None:
    assert _reads(PUBLIC, label) == (label == PUBLIC)


@given(labels)
def test_an_unheard_of_compartment_or_restriction_is_read_by_nobody(clearance: Label) -> None:
    new = frozenset({"NEW"})
    assert not _reads(clearance, Label(level=Level.UNCLASSIFIED, compartments=new))
    assert not _reads(clearance, Label(level=Level.UNCLASSIFIED, dissemination=new))


@given(labels, labels)
def test_a_refusal_is_false_says_why_and_names_only_what_lacks(clearance: Label, label: Label) -> None:
    verdict = may_read(label, _reader(clearance))
    if isinstance(verdict, Refused):
        assert not verdict
        named = [name for name in NAMES if repr(name) in verdict.reason]
        assert set(named) <= (label.compartments - clearance.compartments) | (
            label.dissemination - clearance.dissemination
        )
        assert named or clearance.level < label.level
    else:
        assert verdict


@given(labels, st.text("abc"))
def test_who_asks_changes_nothing(label: Label, party: str) -> None:
    assert may_read(label, Reader(party=party, clearance=label)) == Granted()


@pytest.mark.parametrize(
    "label, reason",
    [
        (Label(level=Level.SECRET), "The level is SECRET; the reader's is CUI."),
        (Label(level=Level.CUI, compartments=frozenset("BA")), "The reader does not hold compartment 'B'."),
        (
            Label(level=Level.CUI, dissemination=frozenset({"NOFORN"})),
            "The reader does not satisfy restriction 'NOFORN'.",
        ),
    ],
)
def test_reasons(label: Label, reason: str) -> None:
    reader = _reader(Label(level=Level.CUI, compartments=frozenset("A")))
    assert may_read(label, reader) == Refused(reason)


def test_what_rests_on_nothing_is_public() -> None:
    assert join([]) == PUBLIC


def test_a_join_that_no_label_can_hold_is_refused_and_not_narrowed() -> None:
    def many(prefix: str) -> Label:
        return Label(level=Level.CUI, compartments=frozenset(f"{prefix}{number}" for number in range(40)))

    with pytest.raises(LabelError):
        join([many("a"), many("b")])
