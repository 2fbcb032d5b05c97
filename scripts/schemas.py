"""Write the JSON Schemas of public formats from their types: `python scripts/schemas.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from trialplate.formats.intake import Report
from trialplate.records import (
    AssessmentDraft,
    AttemptOpened,
    Estimate,
    OrderDrawn,
    Plan,
    RunResult,
    RunsEnded,
)
from trialplate.records.case import CASE
from trialplate.records.claim import CLAIM
from trialplate.records.finding import FINDING
from trialplate.records.project import PROJECT

FOLDER: Final = Path(__file__).parents[1] / "docs" / "formats"
BODIES: Final[tuple[type[Struct], ...]] = (Plan, OrderDrawn, AttemptOpened, RunResult, RunsEnded, Estimate)
CLEARING: Final = (*CLAIM, *FINDING, *PROJECT, *CASE)


def schemas() -> dict[str, bytes]:
    """Return each schema's file name and bytes."""
    (draft,), shared = msgspec.json.schema_components((AssessmentDraft,), ref_template="#/$defs/{name}")
    refs, defs = msgspec.json.schema_components(BODIES, ref_template="#/$defs/{name}")
    clearing, of_clearing = msgspec.json.schema_components(
        tuple(kind.body for kind in CLEARING), ref_template="#/$defs/{name}"
    )
    (report,), shared_report = msgspec.json.schema_components((Report,), ref_template="#/$defs/{name}")
    return {
        "report.schema.json": _written("A report of findings, trialplate.report/1", report, shared_report),
        "draft.schema.json": _written("The body of a draft, and draft.json of a bundle", draft, shared),
        "clearing.schema.json": _written(
            "Bodies of the clearinghouse's records", {"anyOf": list(clearing)}, of_clearing
        ),
        "assessment.schema.json": _written("Bodies of an assessment's records", {"anyOf": list(refs)}, defs),
    }


def _written(title: str, root: dict[str, Any], defs: dict[str, Any]) -> bytes:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **root, "$defs": defs}
    # The end of a text is `$` in the regular expressions of JSON Schema, where it stands for nothing else.
    encoded = msgspec.json.encode(schema, order="sorted").replace(rb"\\Z", b"$")
    return msgspec.json.format(encoded, indent=1) + b"\n"


def main() -> None:
    """Write the files."""
    for name, data in schemas().items():
        (FOLDER / name).write_bytes(data)
        print(FOLDER / name)


if __name__ == "__main__":
    main()
