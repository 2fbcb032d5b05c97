"""The vectors that Red Hat's library is tested by: all of versions 4.0, 3.1, 3.0 and 2.0."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest

from trialplate.formats.cvss import Scores, Version, base_scores

FILES = [
    ("vectors_calculator2.txt", Version.V2_0, 5),
    ("vectors_cvsslib2.txt", Version.V2_0, 24),
    ("vectors_simple2.txt", Version.V2_0, 729),
    ("vectors_calculator3.txt", Version.V3_0, 2),
    ("vectors_cvsslib3.txt", Version.V3_0, 29),
    ("vectors_simple3.txt", Version.V3_0, 2592),
    ("vectors_simple31.txt", Version.V3_1, 2592),
    ("vectors_security4.txt", Version.V4_0, 54),
    ("vectors_simple4.txt", Version.V4_0, 1058),
    ("vectors_supplemental4.txt", Version.V4_0, 576),
    ("vectors_threat4.txt", Version.V4_0, 6),
]


def cases(file: Path) -> Iterable[tuple[str, tuple[float | None, ...]]]:
    """Yield vector and scores: base, temporal and environmental, or in version 4.0 one that uses all metrics."""
    for line in file.read_text(encoding="ascii").splitlines():
        vector, _, written = line.partition(" - ")
        value = ast.literal_eval(written)
        yield vector, value if isinstance(value, tuple) else (value,)


def answered(scores: Scores) -> tuple[Decimal | None, ...]:
    """Return the scores as the files write them: those of version 3 have all three, whatever a vector defines.

    In version 3.1 the environmental equation gives another score than the base equation for some vectors that define
    nothing of the environment. We have no environmental score then; a requirement of Medium, which weighs 1, asks for
    it without changing it.
    """
    if scores.version is Version.V4_0:
        return (scores.overall.value,)
    if scores.version is Version.V2_0:
        return tuple(score and score.value for score in (scores.base, scores.threat, scores.environmental))
    environmental = scores.environmental or base_scores(f"{scores.vector}/CR:M").environmental
    assert environmental
    return scores.base.value, (scores.threat or scores.base).value, environmental.value


def agree(scores: Scores, expected: tuple[float | None, ...]) -> bool:
    """Say whether the scores are those of a file, to the decimal; -0.0 is 0.0."""
    return answered(scores) == tuple(None if value is None else Decimal(str(abs(value))) for value in expected)


@pytest.mark.parametrize("name, version, count", FILES)
def test_scores_agree(reference: Path, name: str, version: Version, count: int) -> None:
    scored = [(base_scores(vector), expected) for vector, expected in cases(reference / "cvss" / name)]
    assert len(scored) == count
    assert {scores.version for scores, _ in scored} == {version}
    assert [scores.vector for scores, expected in scored if not agree(scores, expected)] == []


def test_no_file_of_vectors_is_left_out(reference: Path) -> None:
    assert sorted(file.name for file in (reference / "cvss").glob("vectors_*")) == sorted(name for name, _, _ in FILES)


def test_a_base_score_is_not_changed_by_an_environment_that_is_not_there(reference: Path) -> None:
    listed = cases(reference / "cvss" / "vectors_simple31.txt")
    differing = [(base_scores(vector), base) for vector, (base, _, environmental) in listed if base != environmental]
    assert len(differing) == 80
    assert all(scores.overall.value == Decimal(str(base)) for scores, base in differing)


def test_another_score_is_found() -> None:
    scores = base_scores("AV:L/AC:H/Au:M/C:N/I:N/A:P")
    assert agree(scores, (0.8, None, None))
    assert not agree(scores, (0.9, None, None))
    assert not agree(scores, (0.8, 0.8, None))
