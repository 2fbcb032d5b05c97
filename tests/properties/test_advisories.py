"""Whatever advisory a record takes, both documents that are written from it are valid."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import jsonschema_rs
from hypothesis import given

from tests.formats.advisories import advisories
from trialplate.formats.csaf import check, write_csaf
from trialplate.formats.osv import write_osv
from trialplate.records.case import Advisory


@cache
def schema(folder: Path) -> jsonschema_rs.Validator:
    """Return the official schema of OSV, with its formats."""
    return jsonschema_rs.validator_for(
        json.loads((folder / "osv-schema" / "schema.json").read_bytes()), validate_formats=True
    )


@given(advisory=advisories())
def test_every_advisory_is_valid_csaf(advisory: Advisory) -> None:
    assert check(write_csaf(advisory)).problems == ()


@given(advisory=advisories())
def test_every_advisory_is_valid_osv(reference: Path, advisory: Advisory) -> None:
    assert [error.message for error in schema(reference).iter_errors(json.loads(write_osv(advisory)))] == []
