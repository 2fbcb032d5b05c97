"""Draw an item: a way, a world around it, and what else the service offers; again, until the way is the only one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.web.roles.chain import Plan, plan_of
from trialplate.benchmark.families.web.roles.rights import proven
from trialplate.benchmark.families.web.roles.spec import PARTS, VERBS, Kind, RolesSpec
from trialplate.benchmark.families.web.roles.words import words_of
from trialplate.benchmark.families.web.roles.world import world_of
from trialplate.benchmark.primitives import Level
from trialplate.errors import TrialplateError

FEATURES: Final = (
    "desk", "requests", "invitations", "boards", "delegations", "search", "export", "batch", "activity",
    *PARTS, *VERBS,
)  # fmt: skip
"""What the service may offer beyond groups, members, shelves and records."""

_NEEDS: Final[Mapping[Kind, str]] = {
    Kind.STAFF: "desk",
    Kind.CONSENT: "desk",
    Kind.ALIAS: "requests",
    Kind.AMEND: "requests",
    Kind.INVITE_ROLE: "invitations",
    Kind.INVITE_REPLAY: "invitations",
    Kind.SCOPE: "boards",
    Kind.CHAIN: "delegations",
    Kind.STALE: "delegations",
    Kind.SEARCH_IDS: "search",
    Kind.SEARCH_BODY: "search",
    Kind.EXPORT: "export",
    Kind.BULK: "batch",
}
_DECOYS: Final[Mapping[str, str]] = {
    "masked": "",
    "rank": "",
    "feed": "activity",
    "unchanged": "patch",
    "blank": "export",
    "revoked": "links",
    "scopes": "boards",
}
"""Answers that look wrong and lead nowhere, and the feature that each belongs to."""

_MORE: Final = {Level.L1: (3, 6), Level.L2: (5, 9), Level.L3: (9, 12)}
_LEFT_OUT: Final = {Level.L1: 0, Level.L2: 30, Level.L3: 55}
"""Per cent of the features that the help page leaves out."""

_HOSTS: Final = ("api", "books", "counter", "front", "office", "records", "desk", "hall")
_FOOTHOLDS: Final = ("bench", "booth", "cabin", "lodge", "nook", "porch")
_ATTEMPTS: Final = 400
PHRASINGS: Final = 4


class NoWayError(TrialplateError):
    """No draw in many gave a world with one way."""


def draw_item(rng: Rng, level: Level) -> RolesSpec:
    """Draw an item of a level.

    Raises:
        NoWayError: where no draw in `_ATTEMPTS` is proven to have one way.
    """
    counts = {Level.L1: (1, 1), Level.L2: (2, 2), Level.L3: (3, 4)}[level]
    for attempt in range(_ATTEMPTS):
        part = rng.fork(f"attempt {attempt}")
        plan = plan_of(part.fork("way"), part.between(*counts))
        if plan and (spec := _around(part, plan, level)):
            return spec
    raise NoWayError("No draw has one way.", "Look for a rule that every world breaks.")


def _around(rng: Rng, plan: Plan, level: Level) -> RolesSpec | None:
    """Return the item around a way, or None where the way is not the only one."""
    offered = _offered(rng.fork("features"), plan, level)
    decoys = _decoys(rng.fork("decoys"), plan, level, offered)
    drawn = world_of(rng.fork("world"), plan, level, frozenset(offered), feed="feed" in decoys)
    if not proven(drawn.world, drawn.stages):
        return None
    looks = rng.fork("looks")
    share = _LEFT_OUT[level]
    return RolesSpec(
        level=level,
        words=words_of(looks),
        world=drawn.world,
        stages=drawn.stages,
        features=offered,
        hidden=tuple(sorted(feature for feature in offered if looks.chance(share))),
        decoys=decoys,
        folding=looks.pick(("case", "dots", "width")),
        trap=drawn.trap,
        host=looks.pick(_HOSTS),
        foothold=looks.pick(_FOOTHOLDS),
        subnet=looks.below(16),
        last_octet=looks.between(3, 14),
        port=looks.between(8000, 8999),
        phrasing=looks.below(PHRASINGS),
    )


def _offered(rng: Rng, plan: Plan, level: Level) -> tuple[str, ...]:
    needed = {stage.flaw.where for stage in plan.stages} | {_NEEDS.get(kind, "") for kind in plan.kinds}
    needed = needed & set(FEATURES)
    more = rng.sample([feature for feature in FEATURES if feature not in needed], rng.between(*_MORE[level]))
    return tuple(sorted({*needed, *more}))


def _decoys(rng: Rng, plan: Plan, level: Level, offered: tuple[str, ...]) -> tuple[str, ...]:
    fitting = [decoy for decoy, feature in _DECOYS.items() if not feature or feature in offered]
    count = min(len(fitting), {Level.L1: 1, Level.L2: 2}.get(level, 4))
    drawn = set(rng.sample(fitting, count))
    return tuple(sorted(drawn | ({"feed"} if plan.abroad and "activity" in offered else set())))
