"""A small valid CSAF document, changed in one place, and what is found in it."""

from __future__ import annotations

import json
from typing import Any

from trialplate.formats.csaf import check

Json = dict[str, Any]

A, B, C = "A", "B", "C"

REVISION: Json = {"date": "2026-06-02T10:00:00Z", "number": "1", "summary": "First."}


def product(product_id: str, **helper: object) -> Json:
    """Return a full product name."""
    made: Json = {"product_id": product_id, "name": f"Product {product_id}"}
    return made | ({"product_identification_helper": helper} if helper else {})


def history(*entries: tuple[str, str]) -> list[Json]:
    """Return a revision history of moments and numbers."""
    return [REVISION | {"date": date, "number": number} for date, number in entries]


def advisory(head: Json | None = None, tracking: Json | None = None, tree: Json | None = None, **parts: object) -> Json:
    """Return a document of the base profile with the products A, B, C and the group AB, changed as said.

    Args:
        head: fields of the document's head.
        tracking: fields of its tracking.
        tree: fields of the product tree.
        parts: other parts of the whole; None leaves one out.
    """
    first: Json = {
        "category": "csaf_base",
        "csaf_version": "2.0",
        "publisher": {"category": "vendor", "name": "Example", "namespace": "https://example.com"},
        "title": "An example",
        "tracking": {
            "current_release_date": "2026-06-02T10:00:00Z",
            "id": "EX-1",
            "initial_release_date": "2026-06-02T10:00:00Z",
            "revision_history": [REVISION],
            "status": "final",
            "version": "1",
            **(tracking or {}),
        },
        **(head or {}),
    }
    grown: Json = {
        "full_product_names": [product(A), product(B), product(C)],
        "product_groups": [{"group_id": "AB", "product_ids": [A, B]}],
        **(tree or {}),
    }
    whole: Json = {"document": first, "product_tree": grown, **parts}
    return {name: part for name, part in whole.items() if part is not None}


def found(document: object) -> list[tuple[str, str]]:
    """Return test and place of every problem of a document."""
    return [(problem.test, problem.path) for problem in check(json.dumps(document).encode()).problems]
