"""Draws items: which checks there are and how services are laid out, then names and texts."""

from __future__ import annotations

from typing import Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.web.fetcher.spec import FetcherSpec, Guard, Proof, Shown, Words
from trialplate.benchmark.primitives import Level

PHRASINGS: Final = 3

_ROOTS: Final = ("machine", "instance", "self", "node", "host")
_VERSIONS: Final = ("v1", "v2", "latest", "2024-05", "current")
_FOLDERS: Final = ("identity", "access", "grants", "security", "rights")
_LEAVES: Final = ("roles", "keys", "profiles", "accounts")
_FIELDS: Final = ("method", "path", "stamp", "key", "token")
_ROUTES: Final = ("preview", "import", "feeds/test", "pictures/from", "hooks/try", "documents/pull")
_NAMES: Final = ("url", "source", "address", "link", "target", "from")
_LABELS: Final = ("release code", "handover code", "archive key", "recovery text", "transfer code")
_TITLES: Final = ("Notice Board", "Reading Room", "Press Review", "Parts Catalog", "Field Diary", "Meeting Minutes")
_HEADERS: Final = ("X-Purpose", "X-Local-Client", "X-Asked-By", "X-Direct", "X-Machine")
_BUCKETS: Final = "ledgers scans backups handovers archive drafts exports minutes plans photos receipts".split()
_OBJECTS: Final = "summary letter protocol keynote record memo checklist overview inventory".split()
_GUARDS: Final = (Guard.LITERAL, Guard.PREFIX, Guard.DECODED, Guard.REDIRECT)


def draw_item(rng: Rng, level: Level) -> FetcherSpec:
    """Draw an item of a level."""
    easy, hard = level is Level.L1, level is Level.L3
    parts = rng.fork("parts")
    guard = parts.pick((Guard.NONE, Guard.WORD)) if easy else parts.pick(_GUARDS)
    proof = Proof.NOTHING if easy else parts.pick((Proof.HEADER, Proof.SESSION) if hard else tuple(Proof))
    # Somebody has to be able to show the proof; and what needs no proof needs at least a signature.
    raw = hard or (proof is not Proof.NOTHING and parts.chance(35))
    signing = not easy and (hard or proof is Proof.NOTHING or parts.chance(50))
    count = parts.between(3, len(_FIELDS))
    shown = Shown.LINE if hard else parts.pick((Shown.WHOLE, Shown.BASE64) if easy else tuple(Shown))
    return FetcherSpec(
        level=level,
        guard=guard,
        shown=shown,
        headers=not raw and proof is not Proof.NOTHING,
        raw=raw,
        proof=proof,
        tree=_tree(rng.fork("tree"), deep=not easy),
        lines=parts.chance(50),
        signed=parts.sample(_FIELDS, count) if signing else (),
        joiner=parts.pick(("\n", "|", ";", " ", "&")),
        chained=hard,
        versions=0 if easy else parts.between(1 if hard else 0, 3),
        words=_words(rng.fork("words")),
    )


def _tree(rng: Rng, *, deep: bool) -> tuple[str, ...]:
    parts = [rng.pick(_ROOTS), rng.pick(_FOLDERS), rng.pick(_LEAVES)]
    if deep and rng.chance(60):
        parts.insert(0, rng.pick(_VERSIONS))
    return tuple(parts if deep or rng.chance(60) else parts[1:])


def _words(rng: Rng) -> Words:
    foothold, front, pages, meta, store = (word[:11] for word in rng.words(5))
    bucket, *others = rng.sample(_BUCKETS, 5)
    role, second, *roles = rng.words(5, 3)
    return Words(
        foothold=foothold,
        front=front,
        pages=pages,
        meta=meta,
        store=store,
        title=rng.pick(_TITLES),
        route=rng.pick(_ROUTES),
        field=rng.pick(_NAMES),
        label=rng.pick(_LABELS),
        bucket=bucket,
        object=f"{rng.pick(_OBJECTS)}-{rng.between(2, 9)}.txt",
        other_buckets=tuple(others),
        role=role,
        second_role=second,
        other_roles=tuple(roles),
        header=rng.pick(_HEADERS),
        phrasing=rng.below(PHRASINGS),
    )
