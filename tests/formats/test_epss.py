"""The importer of EPSS scores: what is read, what is refused, and that what is absent is unknown."""

from __future__ import annotations

import gzip
import json
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.formats import epss
from trialplate.formats.epss import EpssScore, parse_epss
from trialplate.formats.feeds import FeedError, Known, Unknown, first_repeated, plain

TOP = "#model_version:v2025.03.14,score_date:2026-06-02T12:55:00Z\ncve,epss,percentile\n"
SCORED = datetime(2026, 6, 2, 12, 55, tzinfo=UTC)
ROW = "CVE-2026-0001,0.5,0.75\n"
PACKED = gzip.compress(f"{TOP}{ROW}".encode(), mtime=0)
numbers = st.integers(0, 10**5).map(lambda number: repr(number / 10**5) if 0 < number < 10**5 else str(number // 10**5))


def test_scores_are_read_exactly_and_answers_tell_their_age() -> None:
    scores = parse_epss(f"{TOP}{ROW}CVE-1999-0001,7e-05,1.00000\n".encode())
    assert (scores.model, scores.scored, len(scores.rows)) == ("v2025.03.14", SCORED, 2)
    later = SCORED + timedelta(hours=1)
    one = EpssScore("CVE-2026-0001", "v2025.03.14", Decimal("0.5"), Decimal("0.75"))
    assert scores.look_up("CVE-2026-0001", later) == scores.look_up("cve-2026-0001", later) == Known(one, SCORED, 3600)
    assert scores.look_up("CVE-2026-0002", later) == Unknown("CVE-2026-0002", SCORED, 3600)
    other = scores.look_up("CVE-1999-0001", later)
    assert isinstance(other, Known)
    assert (f"{other.entry.score:f}", other.entry.percentile) == ("0.00007", 1)


@given(
    rows=st.dictionaries(st.integers(1000, 10**7), st.tuples(numbers, numbers), min_size=1, max_size=5),
    windows=st.booleans(),
)
def test_every_score_that_is_written_is_known_and_no_other(rows: dict[int, tuple[str, str]], *, windows: bool) -> None:
    text = TOP + "".join(f"CVE-2026-{number},{score},{share}\n" for number, (score, share) in rows.items())
    scores = parse_epss((text.replace("\n", "\r\n") if windows else text).encode())
    assert len(scores.rows) == len(rows)
    for number, (score, share) in rows.items():
        answer = scores.look_up(f"CVE-2026-{number}", SCORED)
        assert isinstance(answer, Known)
        assert (answer.entry.score, answer.entry.percentile) == (Decimal(score), Decimal(share))
        assert isinstance(scores.look_up(f"CVE-2025-{number}", SCORED), Unknown)


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "first two lines"),
        (ROW, "first two lines"),
        (TOP.partition("\n")[2] + ROW, "first two lines"),
        (TOP.replace("percentile", "rank") + ROW, "first two lines"),
        (TOP.replace("v2025.03.14", "v 1") + ROW, "first two lines"),
        (TOP.replace("T12:55:00Z", "") + ROW, "no moment with a time zone"),
        (TOP.replace("06-02", "06-31") + ROW, "no moment with a time zone"),
        (TOP, "Line 3 is no score: ''"),
        (f"{TOP}{ROW}\n", "Line 4 is no score: ''"),
        (f"{TOP}{ROW}{ROW}", "scores CVE-2026-0001 twice"),
        (f"{TOP}{ROW}CVE-2026-0002,0.5", "Line 4 is no score: 'CVE-2026-0002,0.5'"),
        (f"{TOP}{ROW}CVE-2026-0002,0.5,0.5,1", "Line 4"),
        (f"{TOP}{ROW}x CVE-2026-0002,0.5,0.5", "Line 4"),
        (f"{TOP}{ROW}CVE-2026-1,0.5,0.5", "Line 4"),
        (f"{TOP}{ROW}CVE-2026-0002,1.5,0.5", "Line 4"),
        (f"{TOP}{ROW}CVE-2026-0002,1.00001,0.5", "Line 4"),
        (f"{TOP}{ROW}CVE-2026-0002,-0.5,0.5", "Line 4"),
        (f"{TOP}{ROW}CVE-2026-0002,9e-00,0.5", "Line 4"),
        (f"{TOP}{ROW}CVE-2026-0002,5e5,0.5", "Line 4"),
        (f"{TOP}{ROW}CVE-2026-0002,nan,0.5", "Line 4"),
        pytest.param(f"{TOP}{ROW}CVE-2026-0002,0.{'1' * 5000},0.5", "Line 4", id="endless digits"),
        (f"{TOP}CVE-2026-000\u0662,0.5,0.5", "no EPSS file"),
    ],
)
def test_what_is_no_file_of_scores_is_refused(text: str, said: str) -> None:
    with pytest.raises(FeedError, match=said) as refused:
        parse_epss(text.encode())
    assert refused.value.fix
    assert len(str(refused.value)) < 400


def test_limits_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    data = (TOP + "".join(f"CVE-2026-{number},0.5,0.75\n" for number in range(1000, 1050))).encode()
    monkeypatch.setattr(epss, "MOST_BYTES", len(data))
    assert len(parse_epss(data).rows) == len(parse_epss(gzip.compress(data)).rows) == 50
    with pytest.raises(FeedError, match=f"at most {len(data)}"):
        parse_epss(data + b"\n")
    monkeypatch.setattr(epss, "MOST_BYTES", 1 << 20)
    monkeypatch.setattr(epss, "MOST_ROWS", 50)
    assert len(parse_epss(data).rows) == 50
    with pytest.raises(FeedError, match="has 51 lines, at most 50"):
        parse_epss(data + b"x")


def test_what_expands_without_end_is_refused_before_it_does() -> None:
    bomb = gzip.compress(bytes(64 << 20))
    assert len(bomb) < 100_000
    with pytest.raises(FeedError, match="unpacks to more than 1000000 bytes"):
        plain(bomb, most=1_000_000)


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(PACKED[:-1], id="cut short by a byte"),
        pytest.param(PACKED[:20], id="cut short in the middle"),
        pytest.param(PACKED[:10] + b"\xff" * 9 + PACKED[19:], id="other data"),
        pytest.param(PACKED[:-8] + bytes(8), id="another checksum"),
        pytest.param(PACKED + b"x", id="followed by a byte"),
        pytest.param(PACKED + PACKED, id="followed by another"),
        pytest.param(PACKED[:2], id="no more than a mark"),
    ],
)
def test_gzip_that_is_not_one_whole_file_is_refused(packed: bytes) -> None:
    assert plain(PACKED, most=1000) == f"{TOP}{ROW}".encode()
    with pytest.raises(FeedError, match="gzip"):
        plain(packed, most=1000)


def test_a_name_that_is_repeated_is_found() -> None:
    assert first_repeated("abcb") == "b"
    assert not first_repeated("abc")


def test_lines_that_are_almost_scores_take_no_longer() -> None:
    def seconds(line: str) -> float:
        data = f"{TOP}{line * 20_000}x".encode()
        began = time.perf_counter()
        with pytest.raises(FeedError):
            parse_epss(data)
        return time.perf_counter() - began

    usual = seconds("CVE-2026-0001,0.12345,0.12345\n")
    assert seconds(f"CVE-2026-{'0' * 19},0.{'1' * 17},0.{'1' * 17}!\n") < 20 * usual + 0.1


def test_the_real_rows_are_read(reference: Path) -> None:
    folder = reference / "epss"
    scores = parse_epss((folder / "epss_scores-sample.csv").read_bytes())
    assert (scores.model, scores.scored.isoformat()) == ("v2025.03.14", "2025-12-26T12:55:00+00:00")
    assert len(scores.rows) == 27
    answer = scores.look_up("CVE-2025-9970", scores.scored)
    assert isinstance(answer, Known)
    assert (answer.entry.score, answer.entry.percentile) == (Decimal("0.00007"), Decimal("0.00428"))
    lines = (folder / "epss_from_scan_reports.jsonl").read_text(encoding="utf-8").splitlines()
    reported = {row["cve"]: row for row in map(json.loads, lines)}
    written = TOP + "".join(f"{cve},{row['epss']!r},{row['percentile']!r}\n" for cve, row in reported.items())
    assert len(parse_epss(written.encode()).rows) == len(reported)
