"""Scores: their shape, one a product and version, computed right, and as their vectors say."""

from __future__ import annotations

import pytest

from tests.formats.csaf.making import A, B, Json, advisory, found

FIRST = "/vulnerabilities/0/scores/0"
BASE_2 = "AV:N/AC:L/Au:N/C:C/I:C/A:C"
BASE_3 = "AV:L/AC:L/PR:H/UI:R/S:U/C:H/I:H/A:H"
CHANGED_3 = "AV:N/AC:H/PR:L/UI:N/S:C/C:H/I:H/A:H"


def v2(vector: str = BASE_2, score: float = 10.0, **more: object) -> Json:
    return {"cvss_v2": {"version": "2.0", "vectorString": vector, "baseScore": score, **more}}


def v3(
    vector: str = BASE_3, score: float = 6.5, severity: str = "MEDIUM", version: str = "3.1", **more: object
) -> Json:
    vector = f"CVSS:{version}/{vector}"
    values = {"version": version, "vectorString": vector, "baseScore": score, "baseSeverity": severity}
    return {"cvss_v3": values | more}


def of(*scores: Json) -> list[tuple[str, str]]:
    return found(advisory(vulnerabilities=[{"scores": [{"products": [A], **score} for score in scores]}]))


def test_right_scores_are_valid() -> None:
    assert of(v2() | v3()) == []
    assert of(v3(version="3.0")) == []


@pytest.mark.parametrize(
    "score, path",
    [
        ({"cvss_v3": {"version": "3.1", "vectorString": f"CVSS:3.1/{BASE_3}", "baseScore": 6.5}}, "cvss_v3"),
        ({"cvss_v2": {"vectorString": BASE_2, "baseScore": 10.0}}, "cvss_v2"),
        (v3(score=10.1), "cvss_v3/baseScore"),
        (v2(vector="AV:X"), "cvss_v2/vectorString"),
        ({"cvss_v2": "none"}, "cvss_v2"),
        ({"cvss_v3": {"version": "3.1", "vectorString": 3}}, "cvss_v3"),
    ],
)
def test_an_object_of_another_shape_is_invalid_cvss(score: Json, path: str) -> None:
    problems = of(score)
    assert problems[0] == ("6.1.8", f"{FIRST}/{path}")
    assert "schema" not in {test for test, _ in problems}


def test_a_score_without_cvss_breaks_the_schema_and_no_cvss() -> None:
    assert of({}) == [("schema", FIRST)]


def test_the_nearest_version_says_what_is_wrong() -> None:
    # Of version 3.0 all but one property is right, of 3.1 the version and the vector are wrong as well.
    wrong = v3(version="3.0")
    del wrong["cvss_v3"]["baseSeverity"]
    assert of(wrong) == [("6.1.8", f"{FIRST}/cvss_v3")]


def test_a_product_has_one_score_of_a_version() -> None:
    again = ("6.1.7", "/vulnerabilities/0/scores/1")
    assert of(v3(), v3()) == [again]
    assert of(v2(), v2()) == [again]
    assert of(v3(), v3(version="3.0"), v2()) == []
    scores = [{"products": [product], **v3()} for product in (A, B)]
    assert found(advisory(vulnerabilities=[{"scores": scores}, {"scores": scores}])) == []


@pytest.mark.parametrize(
    "score, wrong",
    [
        (v3(score=6.6), ["cvss_v3/baseScore"]),
        (v3(severity="HIGH"), ["cvss_v3/baseSeverity"]),
        (v3(score=10, severity="LOW"), ["cvss_v3/baseScore", "cvss_v3/baseSeverity"]),
        (v2(score=6.5), ["cvss_v2/baseScore"]),
        (v2(score=10), []),
        (v2(score=10, temporalScore=10, environmentalScore=10), []),
        (v2(f"{BASE_2}/E:U/RL:OF/RC:UC/TD:N", temporalScore=6.7, environmentalScore=0), []),
        (v2(f"{BASE_2}/E:U/RL:OF/RC:UC/TD:N", temporalScore=6.6, environmentalScore=1), ["T", "E"]),
        (v3(f"{BASE_3}/E:U", temporalScore=6.0, temporalSeverity="MEDIUM"), []),
        (v3(f"{BASE_3}/E:U", temporalScore=6.5, temporalSeverity="LOW"), ["T", "cvss_v3/temporalSeverity"]),
        (v3(temporalScore=6.5, environmentalScore=6.5, environmentalSeverity="MEDIUM"), []),
        (v3(f"{BASE_3}/MC:N/MI:N/MA:N", environmentalScore=0, environmentalSeverity="NONE"), []),
        (v3(f"{BASE_3}/MC:N/MI:N/MA:N", environmentalScore=6.5), ["E"]),
        (v3(f"{BASE_3}/CR:X", environmentalScore=6.5), []),
        (v3("AV:N", score=0, severity="NONE"), ["cvss_v3/vectorString"]),
        (v3(f"{BASE_3}/AV:N"), ["cvss_v3/vectorString"]),
    ],
)
def test_scores_follow_from_their_vectors(score: Json, wrong: list[str]) -> None:
    key = next(iter(score))
    short = {"T": f"{key}/temporalScore", "E": f"{key}/environmentalScore"}
    assert of(score) == [("6.1.9", f"{FIRST}/{short.get(each, each)}") for each in wrong]


@pytest.mark.parametrize("version, right, wrong", [("3.0", 8.5, 8.6), ("3.1", 8.6, 8.5)])
def test_an_environmental_score_without_its_metrics_is_computed_as_one(
    version: str, right: float, wrong: float
) -> None:
    # Version 3.1 weighs a changed scope otherwise in its environmental formula than in that of the base score.
    assert of(v3(CHANGED_3, 8.5, "HIGH", version, environmentalScore=right, environmentalSeverity="HIGH")) == []
    problems = of(v3(CHANGED_3, 8.5, "HIGH", version, environmentalScore=wrong))
    assert problems == [("6.1.9", f"{FIRST}/cvss_v3/environmentalScore")]


@pytest.mark.parametrize(
    "score, wrong",
    [
        (v3(attackVector="LOCAL", scope="UNCHANGED", privilegesRequired="HIGH"), []),
        (v3(attackVector="NETWORK"), ["attackVector"]),
        (v3(scope="CHANGED", availabilityImpact="NONE"), ["scope", "availabilityImpact"]),
        (v3(exploitCodeMaturity="HIGH", modifiedScope="CHANGED"), []),
        (v3(f"{BASE_3}/E:X/RL:O/MS:U", exploitCodeMaturity="NOT_DEFINED", remediationLevel="OFFICIAL_FIX"), []),
        (v3(f"{BASE_3}/E:X", exploitCodeMaturity="HIGH"), ["exploitCodeMaturity"]),
        (v3(f"{BASE_3}/MS:U", modifiedScope="CHANGED"), ["modifiedScope"]),
        (v2(accessVector="NETWORK", authentication="NONE", confidentialityImpact="COMPLETE"), []),
        (v2(authentication="SINGLE"), ["authentication"]),
        (v2(f"{BASE_2}/E:POC/RL:TF", exploitability="PROOF_OF_CONCEPT", remediationLevel="TEMPORARY_FIX"), []),
        (v2(f"{BASE_2}/RC:UR/TD:ND", reportConfidence="UNCORROBORATED", targetDistribution="NOT_DEFINED"), []),
        (v2(f"{BASE_2}/CDP:LM", collateralDamagePotential="LOW_MEDIUM"), []),
        (v2(f"{BASE_2}/CDP:MH", collateralDamagePotential="LOW_MEDIUM"), ["collateralDamagePotential"]),
        (v2(f"{BASE_2}/RC:UC", reportConfidence="CONFIRMED"), ["reportConfidence"]),
    ],
)
def test_properties_say_what_the_vector_says(score: Json, wrong: list[str]) -> None:
    key = next(iter(score))
    assert sorted(of(score)) == sorted(("6.1.10", f"{FIRST}/{key}/{name}") for name in wrong)
