"""Priority: by tables, from what is known; what is unknown stays unknown and is never the less urgent for it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clearing import EXPLOITED, catalog
from trialplate.clearinghouse.coordination.prioritize import Facts, Tables, prioritize, shipped_tables
from trialplate.formats.epss import parse_epss
from trialplate.formats.kev import KevCatalog
from trialplate.formats.ssvc import InputError
from trialplate.records.case import Fact, Known, Priority
from trialplate.records.finding import Claimed

NOW = "2026-06-03T00:00:00Z"
OTHER = "CVE-2026-0002"
TABLES = shipped_tables()
KEV = catalog("2026-06-01T00:00:00Z")
V3 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
POINTS = tuple({point.id: point for table in TABLES.ordering for point in table.points}.values())

facts = st.dictionaries(st.sampled_from(POINTS), st.integers(min_value=0, max_value=9), max_size=7).map(
    lambda chosen: tuple(Fact(point.id, point.keys[at % len(point.keys)], "Known.") for point, at in chosen.items())
)


def ranked(*aliases: str, found: tuple[Fact, ...] = (), kev: KevCatalog | None = KEV) -> Priority:
    return prioritize(Facts(aliases=aliases, found=found), TABLES, kev, None, NOW)


def inputs(priority: Priority, table: str) -> dict[str, str]:
    return {fact.point: fact.value for each in priority.tables if each.table == table for fact in each.inputs}


def test_of_what_nothing_is_known_every_table_is_open() -> None:
    got = prioritize(Facts(), TABLES, None, None, NOW)
    assert (got.exploited, got.epss, got.vector, got.score) == (Known.UNKNOWN, "", "", "")
    assert [each.table for each in got.tables] == ["cisa-coordinator", "supplier", "deployer", "cisa-bod-26-04"]
    assert got.tables[0].outcomes == ("Act", "Attend", "Track*", "Track")
    assert all(not each.inputs and each.missing for each in got.tables)
    assert "no KEV catalog was imported" in got.reasons[0]
    assert "no scores were imported" in got.reasons[1]


def test_what_the_catalog_lists_is_exploited_and_comes_first() -> None:
    got = ranked("GHSA-xxxx", EXPLOITED.lower(), OTHER)
    assert got.exploited is Known.YES
    assert inputs(got, "cisa-coordinator") == {"ssvc:E:1.1.0": "A"}
    assert inputs(got, "cisa-bod-26-04") == {"cisa:KEV:1.0.0": "Y"}
    assert f"names {EXPLOITED}" in got.reasons[0]
    assert "2 days old" in got.reasons[0]
    assert got.order < ranked(OTHER).order == ranked().order


def test_a_fresh_catalog_that_lists_it_not_says_no_more_than_that() -> None:
    got = ranked(OTHER)
    assert got.exploited is Known.NO
    # Nobody knows from it that nobody exploits it.
    assert inputs(got, "cisa-coordinator") == {}
    assert inputs(got, "cisa-bod-26-04") == {"cisa:KEV:1.0.0": "N"}


def test_an_old_catalog_says_nothing_by_silence_and_still_what_it_lists() -> None:
    old = catalog("2026-05-26T23:00:00Z")
    assert ranked(OTHER, kev=old).exploited is Known.NO
    old = catalog("2026-05-25T23:00:00Z")
    assert ranked(OTHER, kev=old).exploited is Known.UNKNOWN
    assert "too old" in ranked(OTHER, kev=old).reasons[0]
    assert ranked(EXPLOITED, kev=old).exploited is Known.YES
    assert "1 day old" in ranked(EXPLOITED, kev=catalog("2026-06-01T12:00:00Z")).reasons[0]


@pytest.mark.parametrize("alias", ["", "GHSA-xxxx", f"x{EXPLOITED}", f"{EXPLOITED}x"])
def test_without_the_id_of_a_cve_the_catalog_cannot_be_asked(alias: str) -> None:
    got = ranked(alias)
    assert got.exploited is Known.UNKNOWN
    assert "names a CVE id" in got.reasons[0]


def test_what_somebody_stands_for_narrows_a_table_and_is_shown() -> None:
    found = (Fact("ssvc:TI:1.0.0", "P", "It reads one byte."), Fact("ssvc:MWI:1.0.0", "L", "A toy."))
    got = ranked(found=found)
    first = got.tables[0]
    assert first.outcomes == ("Attend", "Track")
    assert [(fact.point, fact.because) for fact in first.inputs] == [(fact.point, fact.because) for fact in found]
    assert "Technical Impact" not in got.reasons[2]
    assert "unknown: Exploitation, Automatable." in got.reasons[2]
    assert got.order > ranked().order


def test_a_decided_table_has_one_outcome_and_misses_nothing() -> None:
    found = (Fact("ssvc:E:1.1.0", "N", "."), Fact("ssvc:TI:1.0.0", "P", "."), Fact("ssvc:A:2.0.0", "N", "."))
    first = ranked(found=found).tables[0]
    assert (first.outcomes, first.missing) == (("Track",), ())


def test_nobody_talks_away_what_the_catalog_knows() -> None:
    got = ranked(EXPLOITED, found=(Fact("ssvc:E:1.1.0", "N", "I think not."),))
    assert inputs(got, "cisa-coordinator") == {"ssvc:E:1.1.0": "A"}


def test_a_fact_that_is_none_is_refused() -> None:
    with pytest.raises(InputError):
        ranked(found=(Fact("ssvc:TI:1.0.0", "Z", "."),))


@given(known=facts, more=facts)
def test_learning_more_never_makes_a_case_more_urgent_than_it_was_held_to_be(
    known: tuple[Fact, ...], more: tuple[Fact, ...]
) -> None:
    told = {fact.point: fact for fact in (*more, *known)}
    first, then = ranked(found=known), ranked(found=tuple(told.values()))
    for before, after in zip(first.tables, then.tables, strict=True):
        assert set(after.outcomes) <= set(before.outcomes)


@given(known=facts)
def test_of_two_alike_the_exploited_one_is_first(known: tuple[Fact, ...]) -> None:
    rest = tuple(fact for fact in known if fact.point != "ssvc:E:1.1.0")
    assert ranked(EXPLOITED, found=rest).order <= ranked(found=rest).order


def test_the_first_table_orders_before_all_others() -> None:
    worse = ranked(
        found=(Fact("ssvc:E:1.1.0", "A", "."), Fact("ssvc:TI:1.0.0", "T", "."), Fact("ssvc:A:2.0.0", "Y", "."))
    )
    better = ranked(
        found=(Fact("ssvc:PSI:2.0.1", "S", "."), Fact("ssvc:U:1.0.1", "S", "."), Fact("ssvc:TI:1.0.0", "P", "."))
    )
    assert worse.order < better.order
    only = prioritize(Facts(), Tables(TABLES.ordering[:1], ()), None, None, NOW)
    assert len(only.tables) == 1


class TestEpss:
    SCORES = parse_epss(
        b"#model_version:v2026.03.14,score_date:2026-06-02T00:00:00+0000\ncve,epss,percentile\n"
        b"CVE-2026-0001,0.00042,0.1\nCVE-2026-0002,0.5,0.9\nCVE-2026-0003,1.0,1.0\nCVE-2026-0004,7e-12,0.0\n"
        b"CVE-2026-0005,0.0,0.0\n"
    )

    @pytest.mark.parametrize(
        "aliases, epss",
        [
            (("CVE-2026-0001",), "0.00042"),
            (("CVE-2026-0001", "CVE-2026-0002"), "0.5"),
            (("CVE-2026-0003",), "1"),
            # What is too small to be written is not nothing.
            (("CVE-2026-0004",), "0.000000001"),
            (("CVE-2026-0005",), "0"),
            (("CVE-2026-9999",), ""),
            ((), ""),
        ],
    )
    def test_the_highest_of_its_names_is_shown(self, aliases: tuple[str, ...], epss: str) -> None:
        got = prioritize(Facts(aliases=aliases), TABLES, None, self.SCORES, NOW)
        assert got.epss == epss
        assert msgspec.convert(msgspec.to_builtins(got), Priority) == got
        assert ("1 day old" in got.reasons[1]) == bool(epss)
        assert got.order == prioritize(Facts(), TABLES, None, None, NOW).order


class TestCvss:
    @pytest.mark.parametrize(
        "claims, vector, score, severity",
        [
            ((V3,), V3, "9.8", "Critical"),
            ((V3, V4), V4, "9.3", "Critical"),
            (("HIGH", "9.8"), "", "", ""),
            (("CVSS:3.1/AV:N", V3), V3, "9.8", "Critical"),
            (("CVSS:3.1/AV:N",), "", "", ""),
            ((), "", "", ""),
        ],
    )
    def test_a_claimed_vector_is_computed_anew(
        self, claims: tuple[str, ...], vector: str, score: str, severity: str
    ) -> None:
        claimed = tuple(Claimed("CVSS", value) for value in claims)
        got = prioritize(Facts(severity=claimed), TABLES, None, None, NOW)
        assert (got.vector, got.score, got.severity) == (vector, score, severity)
        assert msgspec.convert(msgspec.to_builtins(got), Priority) == got
        assert any("passed over" in reason for reason in got.reasons) == ("CVSS:3.1/AV:N" in claims)
        assert any("our own computation" in reason for reason in got.reasons) == bool(vector)
        assert got.order == prioritize(Facts(), TABLES, None, None, NOW).order
