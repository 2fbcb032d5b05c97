"""The product tree: ids, groups, circles, package URLs, hashes, ranges."""

from __future__ import annotations

import pytest

from tests.formats.csaf.making import A, B, Json, advisory, found, product
from trialplate.formats.csaf.products import purl_fault


def relationship(defines: str, reference: str, to: str) -> Json:
    names = {"product_reference": reference, "relates_to_product_reference": to}
    return {"category": "installed_on", "full_product_name": product(defines), **names}


def test_a_small_document_is_valid() -> None:
    assert found(advisory()) == []
    assert found(advisory(product_tree=None)) == []


@pytest.mark.parametrize(
    "vulnerability, path",
    [
        ({"product_status": {"fixed": [A, "X"]}}, "product_status/fixed/1"),
        ({"flags": [{"label": "component_not_present", "product_ids": ["X"]}]}, "flags/0/product_ids/0"),
        (
            {"remediations": [{"category": "mitigation", "details": "d", "product_ids": ["X"]}]},
            "remediations/0/product_ids/0",
        ),
        ({"threats": [{"category": "impact", "details": "d", "product_ids": [A, "X"]}]}, "threats/0/product_ids/1"),
        (
            {"scores": [{"products": ["X"], "cvss_v2": {"version": "2.0", "vectorString": "x", "baseScore": 1}}]},
            "scores/0/products/0",
        ),
    ],
)
def test_a_product_that_a_vulnerability_names_is_defined(vulnerability: Json, path: str) -> None:
    assert ("6.1.1", f"/vulnerabilities/0/{path}") in found(advisory(vulnerabilities=[vulnerability]))


def test_a_product_that_the_tree_names_is_defined() -> None:
    tree = {
        "relationships": [relationship("R", "X", "Y")],
        "product_groups": [{"group_id": "G", "product_ids": [A, "Z"]}],
    }
    assert found(advisory(tree=tree)) == [
        ("6.1.1", "/product_tree/product_groups/0/product_ids/1"),
        ("6.1.1", "/product_tree/relationships/0/product_reference"),
        ("6.1.1", "/product_tree/relationships/0/relates_to_product_reference"),
    ]


def test_a_product_in_a_branch_at_any_depth_is_defined() -> None:
    branch: Json = {"category": "product_version", "name": "1", "product": product("D")}
    for depth in range(30):
        branch = {"category": "product_family", "name": f"family {depth}", "branches": [branch]}
    status = [{"product_status": {"fixed": ["D"]}}]
    assert found(advisory(tree={"branches": [branch]}, vulnerabilities=status)) == []
    assert found(advisory(vulnerabilities=status)) == [("6.1.1", "/vulnerabilities/0/product_status/fixed/0")]


def test_a_product_is_defined_once() -> None:
    tree = {
        "branches": [{"category": "product_version", "name": "1", "product": product(A)}],
        "relationships": [relationship(B, A, "C")],
    }
    assert found(advisory(tree=tree)) == [
        ("6.1.2", "/product_tree/full_product_names/0/product_id"),
        ("6.1.2", "/product_tree/relationships/0/full_product_name/product_id"),
    ]


@pytest.mark.parametrize(
    "pairs, circular",
    [
        ([("R", A, B), ("S", "R", A), ("T", "S", "R")], []),
        ([("R", A, "R")], [0]),
        ([("R", "S", A), ("S", B, "R"), ("T", A, B)], [0, 1]),
        ([("R", "R", "R"), ("S", "R", A)], [0, 1]),
    ],
)
def test_no_definition_leads_back_to_itself(pairs: list[tuple[str, str, str]], circular: list[int]) -> None:
    tree = {"relationships": [relationship(*pair) for pair in pairs]}
    paths = [f"/product_tree/relationships/{index}/full_product_name/product_id" for index in circular]
    assert found(advisory(tree=tree)) == [("6.1.3", path) for path in paths]


@pytest.mark.parametrize("name", ["flags", "remediations", "threats"])
def test_a_group_is_defined_once_and_where_it_is_named(name: str) -> None:
    bearer = {"label": "component_not_present", "category": "mitigation", "details": "d", "group_ids": ["AB", "X"]}
    if name == "threats":
        bearer["category"] = "impact"
    document = advisory(vulnerabilities=[{name: [bearer]}])
    assert found(document) == [("6.1.4", f"/vulnerabilities/0/{name}/0/group_ids/1")]
    twice = {"product_groups": [{"group_id": "AB", "product_ids": [A, B]}] * 2}
    assert found(advisory(tree=twice)) == [("6.1.5", "/product_tree/product_groups/1/group_id")]


@pytest.mark.parametrize(
    "purl",
    [
        "pkg:generic/name",
        "pkg:npm/%40scope/name@1.0.0?arch=x86&os=linux#sub/path",
        "pkg:maven/org.example/name@1",
        "pkg:deb/debian/n@1:2?",
    ],
)
def test_a_package_url_is_valid(purl: str) -> None:
    assert purl_fault(purl) == ""
    assert found(advisory(tree={"full_product_names": [product(A, purl=purl), product(B)]})) == []


@pytest.mark.parametrize(
    "purl, said",
    [
        ("pkg:maven/@1.3.4", "names no package"),
        ("pkg:maven/group/%20@1", "names no package"),
        ("pkg:-x/name", "no type"),
        ("pkg:a/b?1=2", "no proper key"),
        ("pkg:a/b?x", ""),
        ("pkg:a/b?x=1&X=2", "there twice"),
        ("pkg:a/b%zz", "escapes nothing"),
        ("pkg:a/b%ff", "no UTF-8"),
        ("pkg:a/b#%c0", "no UTF-8"),
    ],
)
def test_what_is_wrong_with_a_package_url_is_said(purl: str, said: str) -> None:
    assert said in purl_fault(purl)
    assert bool(said) == bool(purl_fault(purl))


def test_a_bad_package_url_is_found_at_its_place() -> None:
    document = advisory(tree={"full_product_names": [product(A), product(B, purl="pkg:maven/@1.3.4")]})
    path = "/product_tree/full_product_names/1/product_identification_helper/purl"
    assert found(document) == [("6.1.13", path)]


def test_a_file_has_one_hash_of_an_algorithm() -> None:
    def hashes(*algorithms: str) -> Json:
        values = [{"algorithm": name, "value": f"{index:032x}"} for index, name in enumerate(algorithms)]
        return {"filename": "f", "file_hashes": values}

    names = [product(A, hashes=[hashes("md5", "sha256"), hashes("md5", "sha256", "md5")]), product(B)]
    path = "/product_tree/full_product_names/0/product_identification_helper/hashes/1/file_hashes/2/algorithm"
    assert found(advisory(tree={"full_product_names": names})) == [("6.1.25", path)]


@pytest.mark.parametrize(
    "name, is_range",
    [
        ("4.2", False),
        ("after-eight", False),
        ("<4.2", True),
        ("4 >= 3", True),
        ("4.1 and Earlier", True),
        ("ALL", True),
    ],
)
def test_a_version_is_no_range(name: str, *, is_range: bool) -> None:
    def branches(category: str) -> Json:
        return {"branches": [{"category": category, "name": name, "product": product("D")}]}

    expected = [("6.1.31", "/product_tree/branches/0/name")] if is_range else []
    assert found(advisory(tree=branches("product_version"))) == expected
    assert found(advisory(tree=branches("product_version_range"))) == []
