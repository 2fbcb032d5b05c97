"""EPSS: how probable it is that a vulnerability is exploited within 30 days, imported from FIRST's daily CSV. Pure.

Purpose: to show score and percentile beside a priority, which does not rest on them.
In: the daily file, plain or gzip: a comment with model version and date, a header, `cve,epss,percentile` a line.
Out: scores by CVE, as decimals; answers with the model and the age of the scores.
Rules: what has no line is unknown, never 0; scores of two days or models are never mixed, so a file is one value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from trialplate.formats.feeds import CVE, FeedError, Known, Unknown, answer, first_repeated, moment, plain

MOST_BYTES: Final = 64 << 20
"""Bytes of a file; with 300,000 lines it has fewer than 10 million."""

MOST_ROWS: Final = 1_000_000
"""Lines with scores that a file may have."""

_NUMBER: Final = r"(?:0(?:\.[0-9]{1,17})?|1(?:\.0{1,17})?|[1-9](?:\.[0-9]{1,17})?e-(?:0[1-9]|[1-9][0-9]?))"
"""A number from 0 to 1; small ones are published with an exponent, as in 7e-05."""

_ROW: Final = re.compile(rf"^({CVE}),({_NUMBER},{_NUMBER})\r?$", re.MULTILINE | re.ASCII)
_COMMENT: Final = re.compile(r"#model_version:(?P<model>[A-Za-z0-9._-]{1,40}),score_date:(?P<date>[0-9TZ:+.-]{10,40})")
_HEADER: Final = "cve,epss,percentile"
_SHOWN: Final = 80


class EpssError(FeedError):
    """An EPSS file is malformed, too large, or contradicts itself."""


class EpssScore(Struct, frozen=True):
    """The score of a vulnerability by a model, and the share of all that score as high or lower; both from 0 to 1."""

    cve: str
    model: str
    score: Decimal
    percentile: Decimal


class EpssScores(Struct, frozen=True, kw_only=True):
    """The scores of one day (UTC) by one model; `rows` holds `score,percentile` by CVE as the file writes them."""

    model: str
    scored: datetime
    rows: Mapping[str, str]

    def look_up(self, cve: str, now: datetime) -> Known[EpssScore] | Unknown:
        """Return the score of a CVE, and how old it is at `now` (aware)."""
        cve = cve.upper()
        if cve not in self.rows:
            return answer(None, cve, as_of=self.scored, now=now)
        score, _, percentile = self.rows[cve].partition(",")
        entry = EpssScore(cve, self.model, Decimal(score), Decimal(percentile))
        return answer(entry, cve, as_of=self.scored, now=now)


def parse_epss(data: bytes) -> EpssScores:
    """Return the scores in a file's bytes, which may be gzip.

    Raises:
        EpssError: where it is no such file, is too large, scores nothing, or scores a CVE twice.
        FeedError: where the bytes are too many or broken gzip, or the date has no time zone.
    """
    try:
        text = plain(data, most=MOST_BYTES).decode("ascii")
    except UnicodeDecodeError as error:
        raise EpssError(f"This is no EPSS file: {error}.", "Give the CSV file that FIRST publishes.") from None
    comment, _, rest = text.partition("\n")
    header, _, body = rest.partition("\n")
    said = _COMMENT.fullmatch(comment.removesuffix("\r"))
    if not said or header.removesuffix("\r") != _HEADER:
        raise EpssError(
            "The first two lines are not the model with the date, and the header of scores.",
            f"Give a file that begins with #model_version:...,score_date:... and {_HEADER}.",
        )
    return EpssScores(
        model=said["model"], scored=moment(said["date"], "The score_date"), rows=MappingProxyType(_rows(body))
    )


def _rows(body: str) -> dict[str, str]:
    """Return score and percentile of each line by CVE."""
    lines = body.count("\n") + (not body.endswith("\n"))
    if lines > MOST_ROWS:
        raise EpssError(f"The file has {lines} lines, at most {MOST_ROWS}.", "Check where it comes from.")
    found: list[tuple[str, str]] = _ROW.findall(body)
    if len(found) != lines:
        # One search over the whole text is fast; one a line, which can tell what is wrong, is left to this case.
        number, line = next(
            (number, line) for number, line in enumerate(body.split("\n"), 3) if not _ROW.fullmatch(line)
        )
        raise EpssError(f"Line {number} is no score: {line[:_SHOWN]!r}.", "Get the file again.")
    rows = dict(found)
    if len(rows) != lines:
        raise EpssError(f"The file scores {first_repeated(cve for cve, _ in found)} twice.", "Get it again.")
    return rows
