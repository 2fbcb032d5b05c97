"""Scores of vectors: which are there, what they are called, and which vectors are refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from cvss import CVSS2, CVSS3, CVSS4
from hypothesis import given
from hypothesis import strategies as st

from trialplate.formats.cvss import LONGEST, CvssError, Score, Severity, Version, base_scores

BASE_2 = "AV:A/AC:H/Au:S/C:N/I:P/A:P"
BASE_3 = "AV:N/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:N"
BASE_4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"


@pytest.mark.parametrize(
    "vector, version, base, threat, environmental",
    [
        (BASE_2, Version.V2_0, "2.9", None, None),
        (f"{BASE_2}/E:ND/RL:ND/CDP:ND", Version.V2_0, "2.9", None, None),
        (f"{BASE_2}/E:POC/RL:OF/RC:C", Version.V2_0, "2.9", "2.3", None),
        (f"{BASE_2}/E:POC/RL:OF/RC:C/CDP:LM/TD:M/CR:M/IR:L/AR:L", Version.V2_0, "2.9", "2.3", "2.8"),
        ("AV:L/AC:H/Au:M/C:N/I:N/A:N", Version.V2_0, "0.0", None, None),
        (f"CVSS:3.0/{BASE_3}", Version.V3_0, "3.8", None, None),
        (f"CVSS:3.0/{BASE_3}/E:X/MAV:X/CR:X", Version.V3_0, "3.8", None, None),
        (f"CVSS:3.0/{BASE_3}/E:F", Version.V3_0, "3.8", "3.7", None),
        (f"CVSS:3.1/{BASE_3}/E:F", Version.V3_1, "3.8", "3.7", None),
        (f"CVSS:3.1/{BASE_3}/CR:H/MC:H", Version.V3_1, "3.8", None, "6.9"),
        (f"CVSS:3.1/{BASE_3}/E:U/CR:H/MC:H", Version.V3_1, "3.8", "3.5", "6.3"),
        (BASE_4, Version.V4_0, "9.3", None, None),
        (f"{BASE_4}/E:X/MAV:X/CR:X/AU:Y/U:Red", Version.V4_0, "9.3", None, None),
        (f"{BASE_4}/E:U", Version.V4_0, "9.3", "8.1", None),
        (f"{BASE_4}/E:U/CR:L/U:Red", Version.V4_0, "9.3", "8.1", "8.0"),
        (f"{BASE_4}/MAV:P", Version.V4_0, "9.3", None, "7.0"),
    ],
)
def test_a_score_is_there_where_its_metrics_are(
    vector: str, version: Version, base: str, threat: str | None, environmental: str | None
) -> None:
    scores = base_scores(vector)
    assert (scores.version, scores.vector) == (version, vector)
    found = [score and str(score.value) for score in (scores.base, scores.threat, scores.environmental)]
    assert found == [base, threat, environmental]
    assert str(scores.overall.value) == (environmental or threat or base)


@pytest.mark.parametrize(
    "vector, severity",
    [
        ("AV:L/AC:H/Au:M/C:N/I:N/A:N", Severity.LOW),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", Severity.HIGH),
        ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", Severity.NONE),
        (f"CVSS:3.1/{BASE_3}", Severity.LOW),
        (f"CVSS:3.1/{BASE_3.replace('C:L', 'C:H')}", Severity.MEDIUM),
        (f"CVSS:3.1/{BASE_3.replace('PR:H', 'PR:L').replace('C:L/I:L', 'C:H/I:H')}", Severity.HIGH),
        (BASE_4, Severity.CRITICAL),
    ],
)
def test_a_score_has_a_severity(vector: str, severity: Severity) -> None:
    assert base_scores(vector).base.severity is severity


@given(st.tuples(*(st.sampled_from(values) for values in ("NALP", "LH", "NLH", "NR", "UC", "HLN", "HLN", "HLN"))))
def test_severities_are_those_of_the_library_in_version_3(drawn: tuple[str, ...]) -> None:
    fields = (f"{metric}:{value}" for metric, value in zip("AV AC PR UI S C I A".split(), drawn, strict=True))
    vector = f"CVSS:3.1/{'/'.join(fields)}"
    assert base_scores(vector).base.severity == CVSS3(vector).severities()[0]


@given(st.tuples(*(st.sampled_from(values) for values in ("NALP", "LH", "NP", "NLH", "NPA", *["HLN"] * 6))))
def test_severities_are_those_of_the_library_in_version_4(drawn: tuple[str, ...]) -> None:
    metrics = "AV AC AT PR UI VC VI VA SC SI SA".split()
    vector = "/".join(["CVSS:4.0", *(f"{metric}:{value}" for metric, value in zip(metrics, drawn, strict=True))])
    assert base_scores(vector).base.severity == CVSS4(vector).severities()[0]


@given(st.tuples(*(st.sampled_from(values) for values in ("NAL", "LMH", "NSM", "NPC", "NPC", "NPC"))))
def test_severities_are_those_of_the_library_in_version_2(drawn: tuple[str, ...]) -> None:
    vector = "/".join(f"{metric}:{value}" for metric, value in zip("AV AC Au C I A".split(), drawn, strict=True))
    assert base_scores(vector).base.severity == CVSS2(vector).severities()[0]


@pytest.mark.parametrize("vector", [BASE_2, f"CVSS:3.1/{BASE_3}", BASE_4])
def test_the_order_of_metrics_makes_no_difference(vector: str) -> None:
    prefix, slash, rest = vector.partition("/") if vector.startswith("CVSS:") else ("", "", vector)
    turned = prefix + slash + "/".join(reversed(rest.split("/")))
    assert base_scores(turned).base == base_scores(vector).base


@pytest.mark.parametrize(
    "vector, said",
    [
        ("", "is no CVSS 2.0 vector"),
        ("9.8", "is no CVSS 2.0 vector"),
        (f"({BASE_2})", "is no CVSS 2.0 vector"),
        (BASE_3, "is no CVSS 2.0 vector"),
        (f"{BASE_2}/", "is no CVSS 2.0 vector"),
        (f"CVSS:2.0/{BASE_2}", "of no known version"),
        ("CVSS:5.0/AV:N", "of no known version"),
        ("CVSS:4.0", "is no CVSS 4.0 vector"),
        ("CVSS:3.1/AV:N", "Missing mandatory"),
        (f"CVSS:3.1/{BASE_3}/E:Z", "is no CVSS 3.1 vector"),
        (f"CVSS:3.1/{BASE_3}/QQ:N", "is no CVSS 3.1 vector"),
        (f"CVSS:3.1/{BASE_3}/A:N", "Duplicate metric"),
        (f"CVSS:3.1/{BASE_3}//E:F", "is no CVSS 3.1 vector"),
        (f"{BASE_4}/S:Z", "is no CVSS 4.0 vector"),
        (f"{BASE_4}\n", "is no CVSS 4.0 vector"),
        (BASE_4.removesuffix("/SA:N"), "Missing mandatory"),
        ("A" * (LONGEST + 1), "513 characters are more than the 512"),
    ],
)
def test_what_is_no_vector_is_refused(vector: str, said: str) -> None:
    with pytest.raises(CvssError, match=said):
        base_scores(vector)


@given(st.text(max_size=40) | st.text("CVSS:34.01/AVNLPRUIH", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    with pytest.raises(CvssError) as refused:
        base_scores(text)
    assert len(str(refused.value)) < 500


def test_a_score_is_exact() -> None:
    assert base_scores(BASE_4).base == Score(Decimal("9.3"), Severity.CRITICAL)
