"""The schemas of public formats are those of their types, and what is written holds to them."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from scripts.schemas import BODIES, FOLDER, schemas
from tests.records.clearing import BODIES as CLEARING
from tests.records.plans import DRAFT, ESTIMATE, ORDER, PLAN, RESULT


@pytest.mark.parametrize("name", sorted(schemas()))
def test_a_schema_is_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_bytes() == schemas()[name], "run scripts/schemas.py"


def test_the_draft_has_every_field_that_its_schema_requires() -> None:
    schema = json.loads(schemas()["draft.schema.json"])
    named = schema["$defs"][schema["$ref"].rpartition("/")[2]]
    written: dict[str, Any] = json.loads(msgspec.json.encode(DRAFT))
    assert set(written) == set(named["required"]) == set(named["properties"])
    assert named["additionalProperties"] is False


def test_every_body_of_the_clearinghouse_holds_to_its_schema() -> None:
    validator = jsonschema_rs.validator_for(json.loads(schemas()["clearing.schema.json"]))
    for body in CLEARING.values():
        assert validator.is_valid(json.loads(msgspec.json.encode(body))), body


def test_every_body_of_an_assessment_is_in_its_schema() -> None:
    defs = json.loads(schemas()["assessment.schema.json"])["$defs"]
    assert {kind.__name__ for kind in BODIES} <= set(defs)
    for body in (PLAN, ORDER, RESULT, ESTIMATE):
        assert set(json.loads(msgspec.json.encode(body))) == set(defs[type(body).__name__]["properties"])
