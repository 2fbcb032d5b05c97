"""Small, whole bundles, right or wrong on purpose, made with Trialplate's records and trust and without a sandbox.

A bundle is made from a `Recipe`: what happened, told as a story, and what shall be wrong. Everything is signed after it
was made wrong, so that signatures, chain, proofs and MANIFEST hold and only the one wrong thing can refuse it. Equal
recipes give equal bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec import Struct

from tests.faces.campaigns import (
    BANK,
    CHARACTERISTICS,
    CRITERIA,
    TABLE,
    Story,
    draft_of,
    order_of,
    plan_of,
)
from tests.records.making import fixed
from tests.trust.making import signer
from trialplate.records import (
    PUBLIC,
    RELEASED,
    AssessmentDraft,
    Checkpoint,
    Draft,
    EarlierPlan,
    Estimate,
    Header,
    Plan,
    PlanState,
    RecordId,
    RunsEnded,
    Slot,
    SubjectId,
    canonical,
    commit_body,
)
from trialplate.trust import NoteKey, leaf_hash, public_uri, sign_checkpoint, sign_draft, sign_envelope
from trialplate.trust.merkle import Tree

SUBJECT = SubjectId("00112233445566778899aabbccddeeff")
ORIGIN = "example.com/log"
MANIFEST_TYPE = "application/vnd.trialplate.manifest+json"
CRITERIA_TYPE = "application/vnd.trialplate.criteria+json"

Files = MutableMapping[str, bytes]
Object = MutableMapping[str, Any]


@dataclass(frozen=True)
class Kept:
    """A record as it was appended."""

    header: Header
    id: RecordId
    body: Struct
    line: bytes


Make = Callable[[Sequence[Kept]], Struct]
"""Makes the next body of a campaign from the records of that campaign so far."""


@dataclass(frozen=True)
class Step:
    """A record that is still to be made: its step in the flow, its ordinal, and its body."""

    name: str
    ordinal: int
    make: Make


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a bundle shall hold, and what shall be wrong with it.

    `earlier` are the plans before the one in question, `later` one more that was begun behind it. The functions change
    what was made, each before it is signed: `body` a body, `raw` a body's bytes, `header` a header (by its number in
    the bundle, from 1), `steps` the steps of the campaign in question, `files` the files but MANIFEST, `manifest` its
    payload.
    """

    story: Story = field(default_factory=Story)
    earlier: tuple[PlanState, ...] = ()
    later: bool = False
    withheld: frozenset[int] = frozenset()
    signers: tuple[str, ...] = ("operator",)
    criteria_signers: tuple[str, ...] = ("criteria",)
    log: str = "log"
    beacon_value: str = "ab" * 32
    body: Callable[[Struct], Struct] = lambda body: body
    raw: Callable[[int, bytes], bytes] = lambda _, raw: raw
    header: Callable[[int, Header], Header] = lambda _, header: header
    steps: Callable[[list[Step]], list[Step]] = lambda steps: steps
    files: Callable[[Files], None] = lambda _: None
    manifest: Callable[[Object], None] = lambda _: None


def bundle(recipe: Recipe | None = None) -> Mapping[str, bytes]:
    """Return the files of the bundle of a recipe, by name."""
    made = recipe or Recipe()
    kept, plan = _records(made)
    tree, indexes = _log(kept)
    files: Files = {
        "README.txt": b"Check this folder with verify.py.\n",
        "bank.json": canonical(BANK) + b"\n",
        "characteristics.json": canonical(CHARACTERISTICS) + b"\n",
        "checkpoint": checkpoint(tree, tree.size, made.log),
        "criteria.json": criteria_file({**CRITERIA, **made.story.criteria}, made.criteria_signers),
        "draft.json": canonical(_drafted(kept)) + b"\n",
        "proofs.json": canonical(proofs(tree, kept, indexes)) + b"\n",
        "records.jsonl": b"".join(each.line for each in kept),
        "report.html": b"<!doctype html><title>Report</title>\n",
        "table.json": canonical(TABLE) + b"\n",
    }
    made.files(files)
    files["MANIFEST"] = manifest(made, files, plan)
    return files


def write(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write a bundle's files and return their folder."""
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def note_key(name: str = "log", origin: str = ORIGIN) -> NoteKey:
    """Return the public key of a log."""
    return NoteKey(origin, signer(name).public)


def checkpoint(tree: Tree, size: int, name: str = "log", origin: str = ORIGIN) -> bytes:
    """Return the signed checkpoint over the first leaves of a tree."""
    part = Tree(tree.node(0, index) for index in range(size))
    return sign_checkpoint(Checkpoint(origin=origin, size=size, root=part.root().hex()), signer(name))


def criteria_file(criteria: Mapping[str, Any], names: Sequence[str]) -> bytes:
    """Return `criteria.json`, signed."""
    envelope = sign_envelope(canonical(criteria), [signer(name) for name in names], payload_type=CRITERIA_TYPE)
    keys = [public_uri(signer(name)) for name in names]
    return canonical({"envelope": json.loads(envelope), "keys": keys}) + b"\n"


def manifest(recipe: Recipe, files: Mapping[str, bytes], plan: RecordId) -> bytes:
    """Return the MANIFEST over files, signed by the recipe's signers."""
    payload: Object = {
        "files": [
            {"path": path, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
            for path, data in sorted(files.items())
        ],
        "format": "trialplate-bundle/1",
        "keys": sorted(public_uri(signer(name)) for name in recipe.signers),
        "log": note_key(recipe.log).text,
        "plan": plan,
        "subject": SUBJECT,
    }
    recipe.manifest(payload)
    return sign_envelope(canonical(payload), [signer(name) for name in recipe.signers], payload_type=MANIFEST_TYPE)


def proofs(tree: Tree, kept: Sequence[Kept], indexes: Sequence[int]) -> Object:
    """Return what `proofs.json` says: inclusion of every record, and two earlier checkpoints."""
    return {
        "earlier": [earlier(tree, size) for size in (2, 11) if size < tree.size],
        "inclusion": [
            {"hashes": [each.hex() for each in tree.inclusion(index)], "index": index, "record": record.id}
            for record, index in zip(kept, indexes, strict=True)
        ],
    }


def earlier(tree: Tree, size: int) -> Object:
    """Return an earlier checkpoint and the proof that the tree extends it."""
    root = Tree(tree.node(0, index) for index in range(size)).root()
    return {"hashes": [each.hex() for each in tree.consistency(size)], "root": root.hex(), "size": size}


def tree_of(recipe: Recipe | None = None) -> Tree:
    """Return the log of a recipe's bundle."""
    return _log(_records(recipe or Recipe())[0])[0]


def _drafted(kept: Sequence[Kept]) -> Struct | None:
    return next((each.body for each in kept[::-1] if isinstance(each.body, AssessmentDraft)), None)


def _log(kept: Sequence[Kept]) -> tuple[Tree, tuple[int, ...]]:
    """Return the log and where each record stands in it: every other leaf is somebody else's."""
    tree = Tree()
    for number, record in enumerate(kept):
        tree.extend((leaf_hash(hashlib.sha256(b"%d" % number).digest()), leaf_hash(bytes.fromhex(record.id))))
    return tree, tuple(range(1, 2 * len(kept), 2))


def _records(recipe: Recipe) -> tuple[list[Kept], RecordId]:
    """Return all records, and the id of the plan in question."""
    kept: list[Kept] = []
    done: list[EarlierPlan] = []
    for number, state in enumerate(recipe.earlier, 1):
        steps = _steps(recipe, number, tuple(done))
        begun = len(kept)
        _append(recipe, kept, steps if state is PlanState.FINISHED else steps[:4], number)
        done.append(
            EarlierPlan(
                number=number,
                plan=kept[begun].id,
                at=kept[begun].header.at,
                state=state,
                outcome=recipe.story.estimate.outcome if state is PlanState.FINISHED else "",
            )
        )
    number, begun = len(done) + 1, len(kept)
    _append(recipe, kept, recipe.steps(_steps(recipe, number, tuple(done))), number)
    if recipe.later:
        _append(recipe, kept, _steps(recipe, number + 1, tuple(done))[:1], number + 1)
    return kept, kept[begun].id


def _steps(recipe: Recipe, number: int, done: tuple[EarlierPlan, ...]) -> list[Step]:
    story = recipe.story
    runs = [Step(name, ordinal, lambda _, body=body: body) for name, ordinal, body in story.bodies()]
    attempts = story.told.count("+")

    def draft(own: Sequence[Kept]) -> Struct:
        said = _last(own, Estimate)
        return draft_of(_last(own, Plan).body, own[0].id, said.body, said.id, subject=SUBJECT, earlier=done)

    return [
        Step("plan", 0, lambda _: plan_of(story, number)),
        Step("order", 0, lambda own: order_of(story, own[0].body, own[0].id, recipe.beacon_value)),
        *runs,
        Step("end", 0, lambda _: RunsEnded(why=story.why, attempts=attempts)),
        Step("estimate", 0, lambda _: story.estimate),
        Step("draft", 0, draft),
    ]


def _last(own: Sequence[Kept], kind: type[Struct]) -> Any:  # noqa: ANN401 - the record's body is of the kind asked for
    return next(record for record in own[::-1] if isinstance(record.body, kind))


def _append(recipe: Recipe, kept: list[Kept], steps: Sequence[Step], campaign: int) -> None:
    begun = len(kept)
    for step in steps:
        number = len(kept) + 1
        body = recipe.body(step.make(kept[begun:]))
        raw, salt = recipe.raw(number, canonical(body)), fixed(f"salt {number}")(32)
        made = Header(
            kind=RELEASED.by_body[type(body)].name,
            subject=SUBJECT,
            author="Example Evaluator",
            office="",
            at=f"2026-07-02T00:{number // 60:02}:{number % 60:02}Z",
            label=PUBLIC,
            parents=(kept[-1].id,) if kept else (),
            slot=Slot(flow=f"assessment.{campaign}", step=step.name, ordinal=step.ordinal),
            nonce=fixed(f"nonce {number}")(16).hex(),
            body_commit=commit_body(raw, salt),
        )
        record = Draft(header=recipe.header(number, made), body=raw, salt=salt)
        envelope = sign_draft(record, [signer(name) for name in recipe.signers]).envelope
        kept.append(Kept(record.header, record.id, body, _line(envelope, raw, salt, shut=number in recipe.withheld)))


def _line(envelope: bytes, raw: bytes, salt: bytes, *, shut: bool) -> bytes:
    body = "" if shut else base64.b64encode(raw).decode()
    return canonical({"body": body, "envelope": json.loads(envelope), "salt": "" if shut else salt.hex()}) + b"\n"
