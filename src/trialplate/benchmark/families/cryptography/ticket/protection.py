"""What a design note says of a ticket's protection, by misuse and level: true at every level, complete at L1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from trialplate.benchmark.families.cryptography.ticket.spec import Kind, Station
from trialplate.benchmark.primitives import Level

_DIGESTS: Final = {
    "sha1": "SHA-1", "sha256": "SHA-256", "sha512": "SHA-512", "blake2s": "BLAKE2s", "sha3_256": "SHA3-256",
}  # fmt: skip
_PADDINGS: Final = {
    "count": "with n octets of the value n",
    "zeros-count": "with n - 1 octets 00 and one octet of the value n",
    "mark-zeros": "with one octet 80 and n - 1 octets 00",
}


def paragraphs(station: Station, level: Level) -> list[str]:
    """Return what the note of a desk says on how its tickets are protected."""
    return _SAYS[station.stage.kind](station, full=level is Level.L1)


def _cipher(station: Station) -> str:
    stage = station.stage
    return (
        f"The block cipher works on {stage.number('block')} octets: a Luby-Rackoff network of {stage.number('rounds')} "
        f"rounds over {_DIGESTS[stage.text('digest')]}. Its key never leaves the desk, and nothing is known against it."
    )


def _parts(station: Station, tag: str) -> str:
    stage = station.stage
    order = f"{tag}, then the text" if stage.tag_first else f"the text, then {tag}"
    return f'A {station.noun} on the wire is {order}, each encoded on its own, with "{stage.join}" between them.'


def _kept(station: Station) -> str:
    where = dict(station.ops)["archive"]
    return f"A {station.noun} of the grade {station.stage.high} that was handed back is kept ({where})."


def _paste(station: Station, *, full: bool) -> list[str]:
    body = (
        f"The text is filled up to whole blocks {_PADDINGS['count']}, and each block is encrypted on its own (ECB); "
        f"the {station.noun} is the row of blocks."
        if full
        else f"The text is filled up to whole blocks {_PADDINGS['count']} and encrypted. As all of it is encrypted, "
        "nobody can read or write one without the key, and no tag was needed."
    )
    return [_cipher(station), body]


def _suffix(station: Station, *, full: bool) -> list[str]:
    del full
    rows, what = [_cipher(station)], "The text"
    if station.stage.number("drift"):
        what = "All of this"
        rows.append(
            f"Before the text stand one octet with a number n below {station.stage.number('block')}, drawn for each "
            f"{station.noun}, and n random octets, so that no two {station.noun}s are alike from their beginning on."
        )
    return [*rows, f"{what} is filled up {_PADDINGS['count']} and encrypted, block for block."]


def _flip(station: Station, *, full: bool) -> list[str]:
    stage, mode = station.stage, station.stage.text("mode")
    width = stage.number("crc_width")
    place = "after" if stage.number("iv_last") else "before"
    name = {"cbc": "CBC", "cfb": "CFB (whole blocks)", "ctr": "CTR (block i is under E(iv + i))"}[mode]
    rows = [_cipher(station)]
    if width:
        rows.append(
            f"Against damage a check sum of {width} bits is put behind the text: a CRC with the polynomial "
            f"{stage.number('crc_polynomial'):0{width // 4}x} (without its highest bit), start value 0, highest bit "
            "first, not reflected, nothing added at the end, written highest octet first."
        )
    fill = f" filled up {_PADDINGS['count']} and" if mode == "cbc" else ""
    tail = " There is no further tag." if full else f" So each {station.noun} looks random, even where texts repeat."
    if stage.layout.names[-1][0] == "mark" or "mark" in dict(stage.layout.names):
        rows.append('The eight random digits are not given back: "????????" stands for them in what is printed.')
    iv = f"fresh random octets (iv), which stand {place} the blocks"
    return [*rows, f"The text is{fill} encrypted in {name} with {iv}.{tail}"]


def _padding(station: Station, *, full: bool) -> list[str]:
    stage, words = station.stage, dict(station.words)
    row = (
        f"The text is filled up to whole blocks {_PADDINGS[stage.text('style')]} (n from 1 to the length of a block) "
        "and encrypted in CBC with a fresh random initial vector, which counts as the first block."
    )
    if stage.number("reversed"):
        row += (
            " For the sake of the old readers the blocks are sent in the opposite order: the last one first, the "
            "initial vector at the end."
        )
    rows = [_cipher(station), row]
    if full:
        rows.append(
            f'The reader decrypts, takes the padding off ("{words["damaged"]}" where there is none), and reads the '
            f'fields ("{words["unknown"]}" where they do not belong to the account that asks).'
        )
    if stage.number("lies"):
        rows.append(
            f"Since an audit, the reader gives the wrong one of its reasons for refusal now and then "
            f"(about {stage.number('lies')} times in 256), so that reasons mean nothing to outsiders."
        )
    rows.append(_kept(station))
    return rows


def _stream(station: Station, *, full: bool) -> list[str]:
    stage, variant = station.stage, station.stage.text("variant")
    digest, width, ring = _DIGESTS[stage.text("digest")], stage.number("width"), stage.number("ring_bits")
    salt = "" if variant == "fixed" else ", a salt"
    piece = f"the first {width} octets of {digest} over the key{salt} and a counter in four octets"
    if variant == "overlap":
        rows = [
            (
                f"Every {station.noun} has a number of {ring} bits, which stands before it in two octets, highest "
                f"first. The text of number n is added (xor) to pieces of a keystream: piece i, for i = 0, 1, .., is "
                f"the first {width} octets of {digest} over the key and (n + i) mod 2^{ring} in four octets. The key "
                f"is kept in the desk."
            ),
            (
                f"From one {station.noun} to the next the number grows by {stage.number('step')} (modulo 2^{ring}). "
                f"Those of the grade {stage.high} have a row of numbers of their own, so the number of an ordinary "
                f"{station.noun} never equals one of theirs."
            ),
        ]
    elif variant == "fixed":
        rows = [f"The text is added (xor) to a keystream: {piece}. It is the same for every {station.noun}."]
    else:
        shown = {"short": "a random salt, which stands before it", "length": "what is at hand in any case"}[variant]
        rows = [f"The text is added (xor) to a keystream: {piece}. The salt is {shown}."]
        if variant == "length":
            rows.append("So nothing has to be sent along, and texts of different length never share a keystream.")
    return [*rows, *([f"A {station.noun} is as long as its text."] if full else []), _kept(station)]


def _extension(station: Station, *, full: bool) -> list[str]:
    stage = station.stage
    if stage.text("digest_kind") != "house":
        digest = _DIGESTS[stage.text("digest_kind")]
        row = (
            f"The tag is {digest} over a secret of {stage.number('secret_low')} octets and the text after it."
            if full
            else f"The tag is {digest}, keyed with a secret that nobody outside knows; it is put before the text."
        )
        return [row, _parts(station, "the tag"), "The text is read as octets and need not be printable."]
    size, state = stage.number("block"), stage.number("state")
    count = f"the number of {'bits' if stage.number('bits') else 'octets'} of the message in {stage.number('length')}"
    return [
        (
            f"The tag is the house hash over a secret ({stage.number('secret_low')} to {stage.number('secret_high')} "
            f"octets) and the text after it; of its {state} octets only the first {stage.number('shown')} are sent, "
            f"so that nobody knows the whole of it."
        ),
        (
            f"The house hash: the message, an octet 80, as few octets 00 as make the whole a multiple of {size}, and "
            f"{count} octets, {'highest' if stage.text('endian') == 'big' else 'lowest'} first (they are part of that "
            f"multiple). State s, at first {stage.text('start')}; for each block of {size} octets, s becomes the first "
            f"{state} octets of {_DIGESTS[stage.text('digest')]} over s and the block. The last s is the hash."
        ),
        _parts(station, "the tag"),
        "The text is read as octets and need not be printable.",
    ]


def _concat(station: Station, *, full: bool) -> list[str]:
    stage = station.stage
    over = {
        "values": "the values of all fields, in the order in which they stand",
        "names": "names and values of all fields that it holds, known or not, sorted by name",
    }[stage.text("variant")]
    seam = ", one right after the other" if full else ""
    return [
        (
            f"The tag is the first {stage.number('shown')} octets of an HMAC ({_DIGESTS[stage.text('digest')]}, a "
            f"random key of 32 octets) over {over}{seam}. Separators are not in it, as they are only for people."
        ),
        _parts(station, "the tag"),
    ]


def _blind(station: Station, *, full: bool) -> list[str]:
    stage = station.stage
    factor = stage.text("variant") == "factor"
    what = "the number" if factor else "the text, its octets read as a number, highest first"
    plain = " It is neither hashed nor filled up." if full else ""
    first = f"The signature is RSA: s = m^d mod n for m = {what}.{plain} n and e are in {dict(station.ops)['info']}."
    if not factor:
        return [
            first,
            (
                f'A {station.noun} on the wire is the text (encoded), "{stage.join}" and s in hex. The reader checks '
                f"that s^e mod n is m."
            ),
        ]
    return [
        first,
        (
            f'A {station.noun} is a decimal number, "{stage.join}" and s in hex. Every signed number is a '
            f'{station.noun} of the grade {stage.low}; the one of the grade {stage.high} is "reserved" in '
            f"{dict(station.ops)['info']}, and far "
            f"above what {dict(station.ops)['sign']} takes."
        ),
    ]


def _cube(station: Station, *, full: bool) -> list[str]:
    stage, least = station.stage, station.stage.number("least")
    digest, filler = _DIGESTS[stage.text("digest")], f"{stage.number('filler'):02X}"
    rows = [
        (
            f"The signature is RSA with the exponent 3 over a block as long as the modulus ({stage.number('bits')} "
            f"bits; hex in {dict(station.ops)['info']}): 00 01, octets {filler} as many as fit, 00, and the {digest} "
            f"of the text. It is sent in {stage.number('bits') // 8} octets."
        ),
        _parts(station, "the signature"),
    ]
    reads = {
        "after": f"it finds 00 01 and at least {least} octets {filler}, passes over further {filler}, expects 00, and "
        "compares as many octets as the digest has with the digest",
        "end": "it expects 00 at the beginning, and the digest in the last octets",
        "both": f"it expects 00 01 and at least {least} octets {filler} at the beginning, and at the end 00 and the "
        "digest",
    }[stage.text("variant")]
    return [*rows, f"The reader cubes: {reads}.{' It looks at nothing else.' if full else ''}"]


def _nonce(station: Station, *, full: bool) -> list[str]:
    stage, variant = station.stage, station.stage.text("variant")
    if stage.text("equation") == "dsa":
        rule = "r = (g^k mod p) mod q and s = (h + x r) / k mod q, with h the SHA-256 of the text as a number, mod q"
        sent = "r and s"
    else:
        rule = (
            "e, the SHA-256 of g^k mod p (in hex, small letters) and the text, as a number mod q, and s = k + x e mod q"
        )
        sent = "e and s"
    numbers = {
        "table": f"To save time, {stage.number('table')} pairs of k and g^k are made at the start, and one of them is "
        "drawn for each signature.",
        "counter": "k is a number of 160 random bits at the start, and 1 more for each signature, so that it never "
        "comes twice.",
        "short": f"k is drawn afresh for each signature, {stage.number('k_bytes')} random octets, plus 1.",
    }
    if variant == "lcg":
        values = stage.settings
        how = f"a = {values['a']} and c = {values['c']}" if values["a"] else "secret numbers a and c of the desk's own"
        numbers["lcg"] = f"k is random at the start; the next one is (a k + c) mod q, with {how}."
    told = full or variant != "table"
    rows = [
        (
            f"The signature is over the group in {dict(station.ops)['info']} (hex): p, a prime q that divides p - 1, "
            f"g of the order q, and y = g^x. It is {rule}; {sent} are sent in 20 octets each, highest first."
        ),
        _parts(station, "the signature"),
    ]
    return [*rows, numbers[variant]] if told else rows


def _subgroup(station: Station, *, full: bool) -> list[str]:
    del full
    stage, names = station.stage, dict(station.ops)
    shown = "octet" if stage.number("shown") == 1 else f"{stage.number('shown')} octets"
    return [
        (
            f"Keys are agreed by Diffie and Hellman over the prime p, with g of the prime order q and the desk's y = "
            f"g^x (all in {names['info']}, hex). x has {stage.number('x_bits')} random bits and stays the same. A "
            f"share is a number A with 1 < A < p, in hex. The key is the SHA-256 of A^x mod p, written in hex with "
            "small letters."
        ),
        (
            f'The confirmation of a share is eight random octets in hex, "{stage.join}", and the first {shown} of the '
            f"HMAC-SHA-256 of those octets under the key, in hex. Nobody is asked to explain a share."
        ),
        (
            f'What {names["archive"]} keeps is the share of the holder in hex, "{stage.join}", and the text, added '
            f"(xor) to SHA-256 over the key and a counter in four octets (0, 1, ..)."
        ),
    ]


def _generator(station: Station, *, full: bool) -> list[str]:
    del full
    stage, variant, values = station.stage, station.stage.text("variant"), station.stage.settings
    bits, seen = stage.number("bits"), stage.number("seen")
    first = (
        f"A {station.noun} is a number, in decimal digits, on the desk's list; there is nothing to be forged about it. "
        f"Numbers of either grade come from one generator, one after the other."
    )
    if variant == "unknown":
        rule = (
            f"x becomes (a x + c) mod m, with a, c and a prime m of {bits} bits that the desk keeps to itself; x is "
            "the number."
        )
    elif variant == "xorshift":
        moves = ", ".join(f"x xor (x {'<<' if count > 0 else '>>'} {abs(count)})" for count in stage.numbers("shifts"))
        rule = (
            f"x has {bits} bits and becomes, one after the other, {moves} (bits beyond {bits} fall off); the number is "
            f"its {'highest' if values['view'] == 'high' else 'lowest'} {seen} bits."
        )
    else:
        rule = (
            f"x becomes (a x + c) mod m with a = {values['a']}, c = {values['c']} and m = {values['modulus']}; the "
            f"number is x without its lowest {stage.number('hidden')} bits."
        )
    return [first, rule]


def _compress(station: Station, *, full: bool) -> list[str]:
    del full
    stage = station.stage
    longest = stage.number("shortest") + (1 << stage.number("length_bits")) - 1
    rows = [
        (
            f"As {station.noun}s are printed as dot codes, the text is packed: from left to right, the longest repeat "
            f"of at least {stage.number('shortest')} and at most {longest} octets within the last "
            f"{1 << stage.number('window_bits')} takes "
            f"{1 + stage.number('window_bits') + stage.number('length_bits')} bits, any other octet 9. Two octets "
            "with the length go before, and zero bits fill up the last octet."
        ),
    ]
    if stage.number("round") > 1:
        rows.append(
            f"Zero octets then fill it up to a multiple of {stage.number('round')}, so that its length tells less."
        )
    return [
        *rows,
        (
            "After that it is encrypted by a keystream under a fresh random value of 16 octets, and a tag of 16 "
            "octets over all of it is put at the end."
        ),
    ]


def _clock(station: Station, *, full: bool) -> list[str]:
    stage, values = station.stage, station.stage.settings
    unit = "tenths of a second" if stage.number("fine") else "seconds"
    since = f"the number of {unit} since the beginning of 1970 (UTC)"
    within = f"{stage.number('span') // (36_000 if stage.number('fine') else 3600)} hours"
    tag = f"The tag is the first {stage.number('shown')} octets of HMAC-SHA-256 over the text."
    if stage.text("variant") == "digest":
        key = (
            f"The desk makes its key of 16 octets when it opens: the first 16 octets of the SHA-256 of "
            f'"{stage.text("lead")}" and {since}, in decimal digits.'
        )
    else:
        key = (
            f"The desk makes its key of 16 octets when it opens. It starts a generator with x = {since}, modulo 2^32; "
            f"eight times x becomes ({values['a']} x + {values['c']}) mod 2^32 and gives its highest 16 bits to the "
            "key."
        )
    when = f"It opened on the day in {dict(station.ops)['info']}, in the first {within} of it (UTC)."
    return [tag, key, when, _parts(station, "the tag")] if full else [f"{key} {when}", tag, _parts(station, "the tag")]


def _polymac(station: Station, *, full: bool) -> list[str]:
    del full
    stage, bits = station.stage, station.stage.number("prime").bit_length()
    numbers = (
        f"drawn below {stage.number('nonces')} for each {station.noun}"
        if stage.text("variant") == "random"
        else f"the next one for each {station.noun}; after {stage.number('nonces') - 1} comes 0"
    )
    size = (bits + 7) // 8
    return [
        (
            f"The text is cut into pieces of {stage.number('chunk')} octets (the last may be shorter); each piece, "
            f"with an octet 1 before it, is a number m_1, m_2, .. m_n, highest octet first. The tag is (m_1 r^n + m_2 "
            f"r^(n-1) + .. + m_n r + z) mod p with p = 2^{bits} - 1, in {size} octets, highest first. r "
            f"is secret and stays the same; z is secret and belongs to a number of two octets, which stands before "
            "the tag."
        ),
        f"The number is {numbers}.",
        _parts(station, "number and tag"),
    ]


_SAYS: Final[Mapping[Kind, Callable[..., list[str]]]] = {
    Kind.PASTE: _paste, Kind.SUFFIX: _suffix, Kind.FLIP: _flip, Kind.PADDING: _padding, Kind.STREAM: _stream,
    Kind.EXTENSION: _extension, Kind.CONCAT: _concat, Kind.BLIND: _blind, Kind.CUBE: _cube, Kind.NONCE: _nonce,
    Kind.SUBGROUP: _subgroup, Kind.GENERATOR: _generator, Kind.COMPRESS: _compress, Kind.CLOCK: _clock,
    Kind.POLYMAC: _polymac,
}  # fmt: skip
