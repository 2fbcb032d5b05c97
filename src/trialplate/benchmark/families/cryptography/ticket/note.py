"""The design note that a desk's makers left: wire, requests, the ticket, what protects it, and the parts beside it.

At L1 it says everything. Above, it says what its makers thought worth saying (`protection`).
"""

from __future__ import annotations

import textwrap
from typing import Final

from trialplate.benchmark.families.cryptography.ticket.protection import paragraphs
from trialplate.benchmark.families.cryptography.ticket.spec import Kind, Stage, Station, TicketSpec

_UNPRINTED: Final = frozenset({Kind.SUFFIX, Kind.COMPRESS})
"""Kinds whose desks do not give the text of a ticket back."""

_ENCODINGS: Final = {
    "hex": "hex",
    "base64": "base64 (RFC 4648)",
    "base64url": "base64url without the padding (RFC 4648)",
    "base32": "base32 in small letters without the padding (RFC 4648)",
    "decimal": "one decimal number: the octets, with an octet 1 put before them, read as a number, highest octet first",
}
_SHOWN: Final = {"\n": "a line feed", ": ": "a colon and a space"}
_COSTLY: Final = {"agree": "each share", "sign": "each signature", "renew": "each renewal"}
_MEANINGS: Final = {
    "holder": "account that it is for", "memo": "free text of the one who asks", "grade": "what it entitles to",
    "serial": "number of the {noun}", "until": "last day", "site": "where it is used", "mark": "eight random digits",
    "code": "the {label}",
}  # fmt: skip


def note_of(spec: TicketSpec, station: Station) -> str:
    """Return the note of a desk."""
    access = spec.stations.index(station) > 0
    parts = [
        ("Purpose", _purpose(spec, station, access=access)),
        ("Wire", _wire(station)),
        ("Requests", _requests(station)),
        (f"The {station.noun}", _ticket(station, spec.account)),
        ("Protection", paragraphs(station, spec.level)),
    ]
    if station.extras:
        parts.append(("Beside it", [_EXTRAS[extra].format(**_names(station)) for extra in station.extras]))
    blocks = [f"{station.title}: design note"]
    for number, (heading, rows) in enumerate(parts, start=1):
        blocks.append(f"{number}. {heading}")
        blocks += [_wrapped(row) for row in rows]
    return "\n\n".join(blocks) + "\n"


def _wrapped(row: str) -> str:
    return "\n".join(
        textwrap.fill(
            line,
            100,
            subsequent_indent="  " if line.startswith("- ") else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in row.split("\n")
    )


def _names(station: Station) -> dict[str, str]:
    named = {f"op_{op}": wire for op, wire in station.ops}
    return {**named, **dict(station.words), "noun": station.noun, "label": station.label, "low": station.stage.low}


def _purpose(spec: TicketSpec, station: Station, *, access: bool) -> list[str]:
    stage = station.stage
    where = " and ".join(
        f"{place.host}:{place.port} ({', '.join(_wires(station, place.offers))})" for place in station.places
    )
    rows = [f"The desk issues {station.noun}s and accepts them. It answers on {where}."]
    if stage.kind is Kind.SUBGROUP:
        rows.append(
            f"{station.noun.capitalize()}s are handed out under a key that holder and desk agree on. Those of the "
            f"grade {stage.high} hold the {station.label}; only their holders can read it."
        )
    elif stage.kind in (Kind.SUFFIX, Kind.COMPRESS):
        rows.append(
            f"Every {station.noun} carries the {station.label} of the day, which only the reader at the door sees."
        )
    elif stage.reads:
        rows.append(
            f"A {station.noun} of the grade {stage.high} carries the {station.label} for the reader at the door; those "
            f'of the grade {stage.low} carry "none". Holders are never shown what is inside.'
        )
    else:
        rows.append(
            f"A {station.noun} entitles to the grade {stage.low} or {stage.high}. Ordinary accounts get {stage.low} "
            f"and nothing else. Whoever presents a {station.noun} of the grade {stage.high} is told the "
            f"{station.label}."
        )
    if access:
        first = spec.stations[spec.stations.index(station) - 1]
        word = dict(station.words)["access"]
        rows.append(f'Every request but the first in section 3 needs the {first.label} of the other desk, as "{word}".')
    return rows


def _wires(station: Station, ops: tuple[str, ...]) -> list[str]:
    names = dict(station.ops)
    return [names[op] for op in ops]


def _wire(station: Station) -> list[str]:
    words = dict(station.words)
    how = {
        "http": "A request is a POST to /REQUEST with a JSON object as its body. Connections are kept open.",
        "line": "A request is one line: the name of the request, a space, and a JSON object without line feeds. The "
        "reply is one line. A connection serves many requests.",
        "frame": f"Requests and replies are frames: four octets with the length, "
        f"{'highest' if station.frame[0] == '>' else 'lowest'} octet first, and that many octets. A request "
        "holds the name of the request, a line feed, and a JSON object; a reply holds a JSON object.",
    }[station.transport]
    return [
        (
            f'{how} A reply has "{words["ok"]}", true or false, and in the second case "{words["why"]}". Every request '
            f'but {dict(station.ops)["info"]} names "{words["account"]}" and "{words["key"]}".'
        )
    ]


def _requests(station: Station) -> list[str]:
    stage, words = station.stage, dict(station.words)
    printed = (
        "" if stage.kind in _UNPRINTED or _numbered(stage) else f', and "{words["texts"]}", what is written in them'
    )
    memo = (
        f"any printable ASCII, at most {stage.memo_most} characters"
        if stage.memo_any
        else f"letters, digits and any of ' ._+-', at most {stage.memo_most} characters"
    )
    rows = {
        "info": f'public facts, and "{words["left"]}", what is left of the quota (section 4)',
        "issue": f'"{words["memos"]}", a list of 1 to 64 texts ({memo}): one {station.noun} for each, in '
        f'"{words["tickets"]}"{printed}',
        "present": f'"{words["tickets"]}", a list of 1 to 64 {station.noun}s: "{words["results"]}", for each "'
        f'{words["accepted"]}" and the grade, or why not',
        "archive": f'"{words["archived"]}", {station.noun}s of others that were handed back and are no longer valid',
        "renew": f"the desk renews the one {station.noun} of the grade {stage.high}, which stays inside",
        "agree": f'"{words["shares"]}", a list of 1 to 64 shares: "{words["agreed"]}", a confirmation of each',
        "queue": 'a "number" for the display',
        "slip": 'without "slip" a slip, with "slip" whether it is good',
        "prefs": 'without "prefs" the present ones, with "prefs" the paper that they ask for',
        "label": 'a "label" for the session',
        "stamp": '"text": its "mark"; "text" and "mark": whether the mark is good',
    }
    if stage.kind is Kind.BLIND:
        rows["sign"] = _sign(station)
    return ["\n".join(f"- {wire}: {rows[op]}" for op, wire in station.ops)]


def _numbered(stage: Stage) -> bool:
    return stage.kind is Kind.GENERATOR or (stage.kind is Kind.BLIND and stage.text("variant") == "factor")


def _sign(station: Station) -> str:
    stage, words = station.stage, dict(station.words)
    if stage.text("variant") == "factor":
        return (
            f'"{words["messages"]}", a list of 1 to 64 decimal numbers from 2 to {(1 << 26) - 1}: "'
            f"{words['signatures']}\", for each the number's signature"
        )
    lead = stage.text("lead")
    begins = f", begin with the octet {lead} (hex), which marks papers from outside," if lead else ""
    return (
        f'"{words["messages"]}", a list of 1 to 64 papers of other offices, in hex: "{words["signatures"]}", the '
        f"desk's signature of each. They are not looked into: they are to be smaller than the modulus{begins} and must "
        f'not contain the word "{stage.high}"'
    )


def _quota(station: Station) -> str:
    ops = dict(station.ops)
    costly = [f"each {station.noun} issued or presented"] if "issue" in ops else []
    costly += [what for op, what in _COSTLY.items() if op in ops]
    costly += ["each request of section 6"] if station.extras else []
    machines = " Each of the two machines counts for itself." if len(station.places) > 1 else ""
    return (
        f"The quota of the account is {station.stage.limit}: {', '.join(costly)} costs one; it is not filled up again."
        f"{machines}"
    )


def _ticket(station: Station, account: str) -> list[str]:
    stage = station.stage
    quota = _quota(station)
    if _numbered(stage):
        return [quota]
    layout = stage.layout
    sep, assign = (_SHOWN.get(each, f'"{each}"') for each in (layout.sep, layout.assign))
    fields = "\n".join(
        f"- {name}: {_MEANINGS[field].format(noun=station.noun, label=station.label)}" for field, name in layout.names
    )
    example = {
        "holder": account,
        "memo": "two boxes",
        "grade": stage.low,
        "serial": "104410",
        "until": stage.until,
        "site": stage.site,
        "mark": "5f09c2aa",
        "code": "none",
    }
    if stage.kind in _UNPRINTED:
        example["code"] = "QQQQQQ-QQQQQQ-QQQQQQ-QQQQQQ"
    line = layout.sep.join(name + layout.assign + example[field] for field, name in layout.names)
    twice = "last" if layout.last_wins else "first"
    rows = [
        f"A {station.noun} holds these fields, in this order, each as name, {assign} and value, joined by {sep}:",
        fields,
        f"For example:\n{line}",
        (
            f"The reader needs holder and grade; it takes off spaces around values, passes over what it does not know, "
            f"and where a name comes twice, the {twice} one counts."
        ),
        quota,
    ]
    where = "Where section 5 does not say hex," if stage.kind is Kind.SUBGROUP else "On the wire"
    rows.insert(3, f"{where} octets are written as {_ENCODINGS[stage.encoding]}.")
    return rows


_EXTRAS: Final = {
    "queue": "Queue numbers ({op_queue}) come from x -> (1103515245 x + 12345) mod 2^31. They order the display over "
    "the counter.",
    "slip": "A slip ({op_slip}) says for the doorman whose turn it is: an initial vector, blocks in CBC, padding as in "
    "PKCS#7, and an HMAC-MD5 over all of that at the end, which is looked at before the rest.",
    "prefs": "Preferences ({op_prefs}) are base64 of JSON, and are not signed. They hold the account's holder and "
    'grade and the paper, "narrow" or "wide".',
    "label": "Session labels ({op_label}) are the first 12 hex digits of the SHA-256 of the second in which they were "
    "made. They go into the log.",
    "legacy": 'In {op_archive}, "retired" lists three {noun}s of the former system, whose cipher and keys are gone.',
    "stamp": "A stamp ({op_stamp}) proves that a text was shown to the desk: RSA with the exponent 3 over the SHA-256 "
    'of "stamp:" and the text, filled up with 00 01 FF .. FF 00; the whole block is compared.',
}
