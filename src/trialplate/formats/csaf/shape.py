"""Whether a value has the shape that the schema of CSAF 2.0 and those of CVSS give it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any, Final

import msgspec
from jsonschema_rs import (
    Draft202012Validator,
    RegexOptions,
    Registry,
    ValidationError,
    ValidationErrorKind,
)

from trialplate.formats.csaf.model import MOST_LISTED, Problem
from trialplate.records.words import plain

SCHEMA: Final = "schema"
"""The test of a value that breaks the schema of CSAF."""

INVALID_CVSS: Final = "6.1.8"
"""The test of a value that breaks a schema of CVSS."""

_CVSS: Final = ("2.0", "3.0", "3.1")
_CVSS_KEYS: Final = frozenset({"cvss_v2", "cvss_v3"})
_CVSS_DEPTH: Final = 5
_MOST_MESSAGE: Final = 300


def shape_problems(value: object) -> tuple[Problem, ...]:
    """Return where a value breaks the schema ("schema") or, inside a score, a schema of CVSS ("6.1.8").

    Formats (URI, date-time) are asserted. At most 100 problems are returned.
    """
    validator = _validator()
    if validator.is_valid(value):
        return ()
    return tuple(islice(_explained(validator.iter_errors(value)), MOST_LISTED))


def _explained(errors: Iterable[ValidationError]) -> Iterator[Problem]:
    for error in errors:
        for each in _nearest(error):
            path = each.instance_path
            yield Problem(_test(path), _pointer(path), _sentence(each.message))


def _nearest(error: ValidationError) -> Sequence[ValidationError]:
    """Return what is wrong by the alternative that comes nearest, where a value fits none of several."""
    if isinstance(error.kind, ValidationErrorKind.OneOfNotValid):
        return min(error.kind.context, key=len)
    return (error,)


def _test(path: Sequence[str | int]) -> str:
    within_score = len(path) >= _CVSS_DEPTH and path[0] == "vulnerabilities" and path[2] == "scores"
    return INVALID_CVSS if within_score and path[4] in _CVSS_KEYS else SCHEMA


def _pointer(path: Iterable[str | int]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def _sentence(message: str) -> str:
    said = plain(message)
    cut = said if len(said) <= _MOST_MESSAGE else f"{said[:_MOST_MESSAGE]}..."
    return f"By the schema, {cut}."


@cache
def _validator() -> Draft202012Validator:
    # The schemas have no expression that needs backtracking, so that the engine without it, whose time is linear in
    # the text, can be used. Nothing is fetched: what a schema refers to and is not in the registry is a failure.
    return Draft202012Validator(
        _schema("csaf-2.0.json"),
        validate_formats=True,
        registry=Registry((f"https://www.first.org/cvss/cvss-v{v}.json", _schema(f"cvss-v{v}.json")) for v in _CVSS),
        offline=True,
        mask="the value",
        pattern_options=RegexOptions(),
    )


def _schema(name: str) -> dict[str, Any]:
    return msgspec.json.decode((resources.files("trialplate.formats.csaf") / "data" / name).read_bytes())
