"""The importer of the KEV catalog: what is read, what is refused, and what an absent entry means."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.formats import kev
from trialplate.formats.feeds import FeedError, Known, Unknown
from trialplate.formats.kev import KevCatalog, KevEntry, Ransomware, parse_kev

RELEASED = datetime(2026, 8, 7, 16, 45, 47, tzinfo=UTC)
ENTRY = KevEntry(
    cve="CVE-2026-0001",
    vendor="Example",
    product="Thing",
    name="Example Thing Injection",
    action="Update it.",
    added=date(2026, 8, 1),
    due=date(2026, 8, 4),
    ransomware=Ransomware.KNOWN,
)


def entry(**changes: object) -> dict[str, Any]:
    """Return an entry as the catalog writes it; a change to nothing leaves the field out."""
    written = {
        "cveID": "CVE-2026-0001",
        "vendorProject": "Example",
        "product": "Thing",
        "vulnerabilityName": "Example Thing Injection",
        "dateAdded": "2026-08-01",
        "shortDescription": "It is passed over.",
        "requiredAction": "Update it.",
        "dueDate": "2026-08-04",
        "knownRansomwareCampaignUse": "Known",
        "notes": "",
        "cwes": ["CWE-77"],
        **changes,
    }
    return {name: value for name, value in written.items() if value is not None}


def catalog(*entries: dict[str, Any], **changes: object) -> bytes:
    """Return a catalog as it is published."""
    file = {
        "title": "A catalog",
        "catalogVersion": "2026.08.07",
        "dateReleased": "2026-08-07T16:45:47Z",
        "count": len(entries),
        "vulnerabilities": entries,
        **changes,
    }
    return json.dumps(file).encode()


def test_entries_are_read() -> None:
    found = parse_kev(catalog(entry(), entry(cveID="CVE-1999-1234567", knownRansomwareCampaignUse=None)))
    assert found.version == "2026.08.07"
    assert found.released == RELEASED
    assert found.entries["CVE-2026-0001"] == ENTRY
    assert found.entries["CVE-1999-1234567"].ransomware is Ransomware.UNKNOWN
    with pytest.raises(TypeError):
        found.entries["CVE-2026-0002"] = ENTRY  # pyright: ignore[reportIndexIssue] - that it fails is the test


def test_an_answer_tells_how_old_the_catalog_is() -> None:
    found = parse_kev(catalog(entry()))
    later = RELEASED + timedelta(days=2, microseconds=900_000)
    assert found.look_up("CVE-2026-0001", later) == Known(ENTRY, RELEASED, 172_800)
    assert found.look_up("cve-2026-0001", later) == Known(ENTRY, RELEASED, 172_800)
    assert found.look_up("CVE-2026-0002", later) == Unknown("CVE-2026-0002", RELEASED, 172_800)


def test_a_catalog_from_the_future_has_no_negative_age() -> None:
    answer = parse_kev(catalog(entry())).look_up("CVE-2026-0001", RELEASED - timedelta(hours=1))
    assert answer.age_seconds == 0


def test_a_question_without_a_time_zone_is_refused() -> None:
    with pytest.raises(FeedError, match="no time zone"):
        parse_kev(catalog()).look_up("CVE-2026-0001", RELEASED.replace(tzinfo=None))


@pytest.mark.parametrize(
    "data, said",
    [
        (b"", "no KEV catalog"),
        (b"[]", "no KEV catalog"),
        (b"\xff\xfe", "no KEV catalog"),
        pytest.param(b"[" * 100_000, "no KEV catalog", id="deep lists"),
        pytest.param(b'{"x":' * 100_000, "no KEV catalog", id="deep objects"),
        (catalog(entry())[:-9], "no KEV catalog"),
        (catalog(entry(cveID="CVE-26-1")), "no KEV catalog"),
        (catalog(entry(cveID="CVE-2026-0001\n")), "no KEV catalog"),
        (catalog(entry(cveID="x CVE-2026-0001")), "no KEV catalog"),
        (catalog(entry(cveID=None)), "missing required field `cveID`"),
        (catalog(entry(dueDate="soon")), "no KEV catalog"),
        (catalog(entry(dueDate=None)), "missing required field `dueDate`"),
        (catalog(entry(knownRansomwareCampaignUse="Perhaps")), "no KEV catalog"),
        pytest.param(catalog(entry(requiredAction="x" * (kev.LONGEST + 1))), "no KEV catalog", id="a long text"),
        (catalog(entry(), count=2), "says that it has 2 entries, and has 1"),
        (catalog(entry(), entry(cveID="CVE-2026-0002"), entry()), "lists CVE-2026-0001 twice"),
        (catalog(dateReleased="yesterday"), "dateReleased is 'yesterday'"),
        (catalog(dateReleased="2026-08-07T16:45:47"), "no moment with a time zone"),
        (catalog(dateReleased="0001-01-01T00:00:00+23:00"), "no moment with a time zone"),
        (catalog(catalogVersion=""), "no KEV catalog"),
    ],
)
def test_what_is_no_catalog_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(FeedError, match=said) as refused:
        parse_kev(data)
    assert refused.value.fix


def test_limits_of_size_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    data = catalog(entry())
    monkeypatch.setattr(kev, "MOST_BYTES", len(data))
    assert isinstance(parse_kev(data), KevCatalog)
    with pytest.raises(FeedError, match=f"has {len(data) + 1} bytes, at most {len(data)}"):
        parse_kev(data + b" ")


def test_more_entries_than_any_catalog_has_are_refused() -> None:
    one = json.dumps(entry(shortDescription=None, requiredAction="", notes=None, cwes=None)).encode()
    data = catalog().replace(b"[]", b"[" + b",".join([one] * (kev.MOST_ENTRIES + 1)) + b"]")
    with pytest.raises(FeedError, match=f"length <= {kev.MOST_ENTRIES}"):
        parse_kev(data)


def test_a_packed_catalog_is_read_within_the_same_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    data = catalog(entry())
    assert parse_kev(gzip.compress(data)) == parse_kev(data)
    monkeypatch.setattr(kev, "MOST_BYTES", len(data))
    assert parse_kev(gzip.compress(data)) == parse_kev(data)
    monkeypatch.setattr(kev, "MOST_BYTES", len(data) - 1)
    with pytest.raises(FeedError, match=f"unpacks to more than {len(data) - 1} bytes"):
        parse_kev(gzip.compress(data))


@given(st.binary(max_size=200) | st.builds(lambda data: b"\x1f\x8b\x08" + data, st.binary(max_size=60)))
def test_no_bytes_break_it(data: bytes) -> None:
    with pytest.raises(FeedError):
        parse_kev(data)


def test_the_whole_real_catalog_is_read(reference: Path) -> None:
    found = parse_kev((reference / "kev" / "known_exploited_vulnerabilities.json").read_bytes())
    uses = [known.ransomware for known in found.entries.values()]
    assert (found.version, found.released.isoformat()) == ("2026.08.07", "2026-08-07T16:45:47.064800+00:00")
    assert (len(uses), uses.count(Ransomware.KNOWN)) == (1662, 338)
    answer = found.look_up("CVE-2026-8037", RELEASED + timedelta(days=1))
    assert isinstance(answer, Known)
    assert (answer.entry.added, answer.entry.due) == (date(2026, 8, 7), date(2026, 8, 10))
