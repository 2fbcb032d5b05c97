"""Compute again what a bundle says: order, scores, bounds, outcome, horizon and cross-check, from what it commits to.

Whether records, signatures and the log hold is for `trialplate verify`; this reads the same files and needs floating
point, which a verifier does without.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import ClassVar, Final

import msgspec
from msgspec import Struct

from trialplate.app.campaigns.course import Course
from trialplate.app.campaigns.deciding import estimated
from trialplate.app.campaigns.folder import Basis
from trialplate.app.campaigns.planning import Planned, drawn_order, planned_from
from trialplate.errors import TrialplateError
from trialplate.records import (
    RELEASED,
    AssessmentDraft,
    Plan,
    RecordId,
    Rule,
    canonical,
    decode_body,
    decode_header,
    record_id,
    verify_body,
)

_RECORDS: Final = "records.jsonl"
_MOST_BYTES: Final = 64 << 20


class ReplayError(TrialplateError):
    """A bundle cannot be computed again."""

    exit_code: ClassVar[int] = 1


class Compared(Struct, frozen=True, kw_only=True):
    """A part of a bundle: whether it came out the same, and what was recorded and computed where it did not."""

    part: str
    same: bool
    recorded: str = ""
    computed: str = ""


class Replayed(Struct, frozen=True, kw_only=True):
    """What came of computing a bundle again; `same` where every part did."""

    outcome: str
    reason: str | None
    runs: int
    same: bool
    parts: tuple[Compared, ...]


class _Envelope(Struct):
    payload: str


class _Line(Struct, forbid_unknown_fields=True):
    envelope: _Envelope
    body: str
    salt: str


def replayed(folder: Path) -> Replayed:
    """Return what a bundle says when it is computed again.

    Raises:
        ReplayError: where a file is missing or cannot be read.
    """
    try:
        basis = Basis(**{name: _read(folder / f"{name}.json") for name in ("criteria", "characteristics", "table")})
        course, plan_id = _course(_read(folder / _RECORDS))
        planned = planned_from(basis)
        return _compared(course, plan_id, planned)
    except (OSError, ValueError, KeyError, msgspec.MsgspecError) as failure:
        raise ReplayError(f"{folder} cannot be computed again ({failure}).", "Check it by `verify`.") from failure


def _course(data: bytes) -> tuple[Course, RecordId]:
    """Return the newest campaign of a bundle, and the id of its plan."""
    bodies: list[Struct] = []
    plan_id = RecordId("")
    for line in data.splitlines():
        read = msgspec.json.decode(line, type=_Line)
        header = decode_header(base64.b64decode(read.envelope.payload))
        body = base64.b64decode(read.body)
        if not body:
            continue
        if not verify_body(header, body, bytes.fromhex(read.salt)):
            raise ReplayError("A record's body is not the one that it commits to.", "Refuse the bundle.")
        said = decode_body(RELEASED, header.kind, body)
        if isinstance(said, Plan):
            bodies, plan_id = [], record_id(header)
        bodies.append(said)
    if not bodies:
        raise ReplayError("The bundle holds no campaign.", "Get the whole bundle.")
    return Course(bodies), plan_id


def _compared(course: Course, plan_id: RecordId, planned: Planned) -> Replayed:
    order, estimate = course.order, course.estimate
    drawn = drawn_order(course.plan, plan_id, planned, order.beacon)
    again = estimated(course, planned)
    pairs: tuple[tuple[str, object, object], ...] = (
        ("table", course.plan.table, planned.table.commitment),
        ("criteria", course.plan.criteria_digest, planned.criteria.digest),
        ("levels", (course.plan.alpha_cal, course.plan.beta_cal), _levels(planned)),
        ("seed", order.seed, drawn.seed),
        ("order", order.places, drawn.places),
        ("scores", order.rule.places, drawn.rule.places),
        ("bounds", (order.rule.bound_above, order.rule.bound_below), (drawn.rule.bound_above, drawn.rule.bound_below)),
        ("attained levels", _attained(order.rule), _attained(drawn.rule)),
        ("outcome", (estimate.outcome, estimate.reason), (again.outcome, again.reason)),
        ("sums", (estimate.runs, estimate.above, estimate.below), (again.runs, again.above, again.below)),
        ("horizon", estimate.horizon, again.horizon),
        ("cross-check", estimate.evidence, again.evidence),
        ("estimate", estimate, again),
        ("draft", course.the(AssessmentDraft).outcome, again.outcome),
    )
    parts = tuple(_part(*pair) for pair in pairs)
    return Replayed(
        outcome=again.outcome.value,
        reason=again.reason.value or None,
        runs=again.runs,
        same=all(part.same for part in parts),
        parts=parts,
    )


def _part(name: str, recorded: object, computed: object) -> Compared:
    one, other = canonical(recorded), canonical(computed)
    if one == other:
        return Compared(part=name, same=True)
    return Compared(part=name, same=False, recorded=one.decode()[:400], computed=other.decode()[:400])


def _levels(planned: Planned) -> tuple[str, str]:
    return planned.characteristics.alpha_cal, planned.characteristics.beta_cal


def _attained(rule: Rule) -> tuple[str, str]:
    return rule.attained_above, rule.attained_below


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES)
