"""Draw an item: which misuses, on which desks, with which names on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.cryptography.ticket.kinds import DRAWS, L1_KINDS, L3_KINDS, STATEFUL, Room
from trialplate.benchmark.families.cryptography.ticket.spec import (
    READ,
    Kind,
    Layout,
    Param,
    Place,
    Stage,
    Station,
    TicketSpec,
)
from trialplate.benchmark.primitives import Level

EXTRAS: Final = ("queue", "slip", "prefs", "label", "legacy", "stamp")
"""Sound or idle parts that can stand beside the tickets."""

PHRASINGS: Final = 5

_GRADES: Final = (
    ("guest", "admin"), ("viewer", "keeper"), ("basic", "chief"), ("junior", "senior"), ("walker", "warden"),
    ("helper", "master"), ("clerk", "owner"), ("public", "sealed"), ("plain", "royal"), ("lower", "upper"),
)  # fmt: skip
_FIELDS: Final = {
    "holder": ("name", "who", "user", "owner"),
    "memo": ("memo", "note", "text", "about", "hint"),
    "grade": ("grade", "role", "class", "rank", "tier"),
    "serial": ("no", "seq", "num", "item"),
    "until": ("until", "ends", "to", "exp"),
    "site": ("site", "gate", "hall", "place"),
    "mark": ("mark", "salt", "rand"),
    "code": ("code", "word", "pass", "open"),
}
_SEPARATORS: Final = ((";", "="), ("&", "="), ("|", ":"), (",", ":"), ("/", "="), ("\n", ": "), ("!", "="))
WORDS: Final = {
    "account": ("account", "client", "member"), "key": ("key", "pin", "credential"),
    "access": ("access", "counter", "admit"), "memos": ("memos", "notes", "lines"),
    "tickets": ("tickets", "papers", "items", "slips"), "texts": ("texts", "prints", "bodies"),
    "results": ("results", "answers", "outcome"), "messages": ("messages", "parts", "octets"),
    "signatures": ("signatures", "marks", "signed"), "shares": ("shares", "values", "offers"),
    "agreed": ("agreed", "replies", "confirmed"), "archived": ("archived", "held", "kept"),
    "left": ("left", "quota", "remaining"), "ok": ("ok", "done", "good"), "why": ("why", "reason", "error"),
    "accepted": ("accepted", "admitted", "welcome"), "refused": ("refused", "rejected", "not-accepted"),
    "damaged": ("damaged", "broken", "unreadable"), "unknown": ("unknown", "not-on-file", "no-such-entry"),
    "withdrawn": ("withdrawn", "canceled", "taken-back"), "exhausted": ("quota-used", "limit-reached", "no-more"),
}  # fmt: skip
OPS: Final = {
    "info": ("info", "about", "status"), "issue": ("issue", "mint", "grant", "draw"),
    "present": ("present", "redeem", "show", "enter"), "archive": ("archive", "shelf", "history"),
    "sign": ("sign", "countersign", "vouch"), "agree": ("agree", "exchange", "handshake"),
    "renew": ("renew", "roll", "refresh"), "queue": ("queue", "wait"), "slip": ("slip", "chit"),
    "prefs": ("prefs", "settings"), "label": ("label", "session"), "stamp": ("stamp", "postmark"),
}  # fmt: skip
_NOUNS: Final = ("ticket", "coupon", "receipt", "voucher", "token", "badge")
_LABELS: Final = ("release code", "vault code", "signing phrase", "transfer code", "opening words", "ledger code")
_HOSTS: Final = ("desk", "gate", "counter", "booth", "kiosk", "office", "hatch", "window")
_FOOTHOLDS: Final = ("bench", "station", "terminal", "cubicle", "console", "laptop")
_FRAMES: Final = (">I", "<I")
_REQUESTS: Final = {
    Kind.SUBGROUP: ("agree",),
    Kind.BLIND: ("issue", "present", "sign"),
    Kind.GENERATOR: ("issue", "present", "renew"),
}
_ARCHIVED: Final = frozenset({Kind.PADDING, Kind.STREAM, Kind.SUBGROUP})


@dataclass(frozen=True, kw_only=True)
class _Setting:
    """Where a desk may stand, as (host, address), what it keeps, whom it knows, and the words on its wire."""

    machines: tuple[tuple[str, str], ...]
    label: str
    account: str
    other: str
    words: tuple[tuple[str, str], ...]


def draw_item(rng: Rng, level: Level) -> TicketSpec:
    """Draw an item of a level: one desk, or a chain of two at L3."""
    kinds = {Level.L1: L1_KINDS, Level.L2: tuple(Kind)}.get(level, L3_KINDS)
    chosen = rng.fork("kinds").sample(kinds, 2 if level >= Level.L3 else 1)
    names = rng.fork("names")
    subnet = names.pick(("192.0.2", "198.51.100"))
    hosts, labels = names.sample(_HOSTS, 2 * len(chosen)), names.sample(_LABELS, 2)
    ends = names.sample(range(20, 220), 2 * len(chosen) + 1)
    account, other = names.words(2)
    words = _words(rng.fork("words"))
    stations = tuple(
        _station(
            rng.fork(f"station {at}"),
            level,
            kind,
            _Setting(
                machines=tuple((hosts[each], f"{subnet}.{ends[each]}") for each in (2 * at, 2 * at + 1)),
                label=labels[at],
                account=account,
                other=other,
                words=words,
            ),
        )
        for at, kind in enumerate(chosen)
    )
    last = rng.fork("last")
    return TicketSpec(
        level=level,
        stations=stations,
        account=account,
        foothold=names.pick(_FOOTHOLDS),
        address=f"{subnet}.{ends[-1]}",
        subnet=f"{subnet}.0/24",
        client=level is Level.L1 or last.chance(40),
        phrasing=last.below(PHRASINGS),
    )


def _station(rng: Rng, level: Level, kind: Kind, setting: _Setting) -> Station:
    noun = rng.pick(_NOUNS)
    extras = () if level is Level.L1 else rng.sample(EXTRAS, rng.between(2, 3))
    offers = ("info", *_REQUESTS.get(kind, ("issue", "present")))
    offers += ("archive",) if kind in _ARCHIVED or "legacy" in extras else ()
    offers += tuple(extra for extra in extras if extra != "legacy")
    ops = tuple((op, rng.pick(OPS[op])) for op in offers)
    port = rng.between(8000, 9800)
    split = level is not Level.L1 and "present" in offers and kind not in STATEFUL and rng.chance(50)
    here = ("present", "info") if split else offers
    (host, address), (second, second_address) = setting.machines
    places = [Place(host=host, address=address, port=port, offers=here)]
    if split:
        rest = tuple(op for op in offers if op not in here)
        places.append(Place(host=second, address=second_address, port=port + rng.between(1, 90), offers=rest))
    return Station(
        stage=_stage(rng.fork("stage"), level, kind, setting),
        title=f"{rng.word().capitalize()} {noun} desk",
        noun=noun,
        label=setting.label,
        transport=rng.pick(("http", "line", "frame")),
        frame=rng.pick(_FRAMES),
        words=setting.words,
        ops=ops,
        places=tuple(places),
        extras=extras,
    )


def _words(rng: Rng) -> tuple[tuple[str, str], ...]:
    """Draw the names of parts and outcomes on the wire."""
    return tuple((word, rng.pick(options)) for word, options in WORDS.items())


def _stage(rng: Rng, level: Level, kind: Kind, setting: _Setting) -> Stage:
    values, room = DRAWS[kind](rng.fork("values"), level)
    low, high = rng.pick(_GRADES)
    join = rng.pick((".", "~", ":", "!"))
    return Stage(
        kind=kind,
        params=tuple(Param(name=name, value=value) for name, value in values.items()),
        layout=_layout(rng.fork("layout"), kind, room, (low, high, setting.account, setting.other)),
        encoding=rng.pick(("hex", "base64", "base64url", "base32", "decimal")),
        join=join,
        tag_first=rng.chance(50),
        low=low,
        high=high,
        until=f"20{rng.between(31, 48)}-{rng.between(1, 12):02d}-{rng.between(1, 28):02d}",
        site=rng.word(),
        other=setting.other,
        other_memo=f"for {rng.word()} {rng.word()} only",
        limit=room.limit,
        memo_most=room.memo,
        memo_any=room.any_memo,
    )


def _layout(rng: Rng, kind: Kind, room: Room, values: tuple[str, ...]) -> Layout:
    """Draw names and order of the fields, as the misuse needs them."""
    optional = {"until", "site"} & set(room.order) or set(rng.sample(("until", "site"), rng.between(0, 2)))
    fields = ["holder", "memo", "grade", "serial", *sorted(optional), *room.extra]
    fields += ["code"] if kind in READ else []
    while True:
        order = _ordered(rng, [field for field in fields if field not in room.order], room)
        names = {field: rng.pick(_FIELDS[field]) for field in order}
        free = not (set(names.values()) & set(values)) and len(set(names.values())) == len(names)
        if free and _suits(kind, order, names):
            break
    sep, assign = rng.pick([row for row in _SEPARATORS if row[0].isprintable() or not room.any_memo])
    return Layout(
        names=tuple((field, names[field]) for field in order),
        sep=sep,
        assign=assign,
        last_wins=kind is Kind.EXTENSION or rng.chance(50),
    )


def _ordered(rng: Rng, others: list[str], room: Room) -> list[str]:
    rest = list(rng.shuffled(others))
    at = 0 if room.first else rng.between(0, len(rest))
    return [*rest[:at], *room.order, *rest[at:]]


def _suits(kind: Kind, order: list[str], names: dict[str, str]) -> bool:
    """Say whether the memo stands where the misuse can use it."""
    if kind is Kind.PASTE:
        return order.index("memo") < order.index("grade")
    if kind is Kind.CONCAT:
        return names["memo"] < names["grade"]
    if kind is Kind.COMPRESS:
        return order.index("memo") < order.index("code")
    return kind is not Kind.BLIND or order[0] != "memo"
