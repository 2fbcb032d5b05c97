"""Draw an item: pages, weaknesses, what stands before them, and records."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.web.injection import words
from trialplate.benchmark.families.web.injection.spec import MODULES, TABLES, Entity, Feature, InjectionSpec, Row
from trialplate.benchmark.primitives import Level

_CARRIERS: Final[Mapping[str, tuple[str, ...]]] = {
    "search": ("query", "form", "json"),
    "filter": ("query", "cookie", "header", "json"),
    "item": ("query", "path", "json"),
    "sort": ("query", "cookie", "form"),
    "watch": ("stored",),
    "letters": ("form", "json", "stored"),
    "files": ("query", "path", "form"),
    "people": ("query", "form", "json"),
    "lookup": ("query", "form", "json"),
    "ingest": ("form", "json"),
    "report": ("query", "form", "json"),
}
_SHOWS: Final[Mapping[str, tuple[str, ...]]] = {
    "search": ("rows", "found"),
    "filter": ("rows", "found"),
    "item": ("rows", "found"),
    "sort": ("rows",),
    "watch": ("rows", "found"),
    "letters": ("rows",),
    "files": ("rows", "found"),
    "people": ("rows", "found"),
    "lookup": ("rows", "last"),
    "ingest": ("rows", "error"),
    "report": ("rows", "found"),
}
_LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(TABLES, ("strip", "spaceless", "wordy")),
    "letters": ("strip", "words"),
    "files": ("strip", "backslash", "base"),
    "people": ("strip", "words"),
    "lookup": ("strip", "wordy"),
    "ingest": ("strip", "words"),
    "report": ("strip", "spaceless", "operators"),
}
_MARKS: Final = ("{{ }}", "<% %>", "[[ ]]", "${ }", "{= =}")
_JOINS: Final = ("~", "+", "|")
_BRACKETS: Final = ("()", "[]", "{}")
_SIGNS: Final = ("&|!", "*+-", "@/~")
_SEPARATORS: Final = ("\r\n", "\n", ";", "|")
_COMMANDS: Final = ("head -n VALUE", "tail -n VALUE", "cut -d, -f VALUE", "fold -w VALUE")
_OPEN_TO_STAGE_ONE: Final = (*TABLES, "people", "lookup")
_ROWS: Final = (6, 10)


def draw_injection(rng: Rng, level: Level) -> InjectionSpec:
    """Draw an item of a level; its time has still to be looked at."""
    names = rng.fork("names")
    label = names.pick(words.LABELS)
    entities = tuple(_entity(rng.fork(f"entity {at}"), at) for at in range(names.between(2, 3)))
    kinds, offices, weak = _kinds(rng.fork("kinds"), level)
    features = _Features(rng.fork("features"), level, weak, entities).all(kinds, offices)
    site, officer, user, *people = names.words(10)
    tables = names.words(6)
    matters = tuple(f"{word}{names.between(10, 99)}" for word in names.words(4))
    office_forms = ("login", "key", "prefix") if len(weak) > 1 else ("none",)
    return InjectionSpec(
        level=level,
        host=names.pick(words.HOSTS),
        number=names.between(20, 200),
        port=names.between(8000, 8999),
        cell_port=names.between(7000, 7999),
        site=site,
        user=user,
        officer=officer,
        session=names.pick(("cookie", "bearer")),
        cookie=names.word(1) + "id",
        matter=matters[0],
        others=matters[1:],
        label=label,
        entities=entities,
        features=features,
        weak=weak,
        office_form=names.pick(office_forms),
        sealed=(f"t_{tables[0]}", f"c_{tables[1]}", f"c_{tables[2]}"),
        staff=(f"t_{tables[3]}", f"c_{tables[4]}", f"c_{tables[5]}"),
        people=tuple(people),
        units=tuple(names.pick(words.UNITS) for _ in people),
        yes=names.pick(words.YES),
        no=names.pick(words.NO),
        phrasing=names.below(words.PHRASINGS),
    )


def _kinds(rng: Rng, level: Level) -> tuple[tuple[str, ...], tuple[bool, ...], tuple[int, ...]]:
    """Return the features' kinds, which are the officers', and the indices of the weak ones."""
    every = tuple(MODULES)
    if level == Level.L1:
        weak = rng.pick([kind for kind in every if kind != "sort"])
        public = (weak, *rng.sample([kind for kind in every if kind != weak], rng.between(2, 3)))
        return _mixed(rng, public, (), (weak,))
    if level == Level.L2:
        weak = rng.pick(every)
        public = (weak, *rng.sample([kind for kind in every if kind != weak], rng.between(5, 7)))
        return _mixed(rng, public, (), (weak,))
    first = rng.pick(_OPEN_TO_STAGE_ONE)
    second = rng.pick([kind for kind in every if MODULES[kind] != MODULES[first]])
    rest = rng.shuffled([kind for kind in every if kind not in {first, second}])
    count = rng.between(5, 6)
    return _mixed(rng, (first, *rest[:count]), (second, *rest[count : count + rng.between(2, 3)]), (first, second))


def _mixed(
    rng: Rng, public: Sequence[str], office: Sequence[str], weak: Sequence[str]
) -> tuple[tuple[str, ...], tuple[bool, ...], tuple[int, ...]]:
    kinds = (*rng.shuffled(public), *rng.shuffled(office))
    offices = (False,) * len(public) + (True,) * len(office)
    return kinds, offices, tuple(kinds.index(kind) for kind in weak)


def _entity(rng: Rng, at: int) -> Entity:
    table, title, kind, amount, flag = rng.words(5, 1)
    kinds = rng.words(rng.between(2, 4))
    titles = rng.words(rng.between(*_ROWS), 3)
    rows = tuple(
        Row(title=name, kind=kinds[index % len(kinds)], amount=rng.between(10, 9999))
        for index, name in enumerate(titles)
    )
    columns = (f"{table}_no", f"{title}_a", f"{kind}_b", f"{amount}_c")
    return Entity(table=f"r{at}_{table}", columns=columns, flag=f"{flag}_on", kinds=kinds, rows=rows)


class _Features:
    """Draws every feature of an item."""

    def __init__(self, rng: Rng, level: Level, weak: tuple[int, ...], entities: tuple[Entity, ...]) -> None:
        self._rng, self._level, self._weak, self._entities = rng, level, weak, entities

    def all(self, kinds: tuple[str, ...], offices: tuple[bool, ...]) -> tuple[Feature, ...]:
        routes = self._rng.fork("routes").words(len(kinds))
        parameters = self._rng.fork("parameters").sample(words.PARAMETERS, len(kinds))
        return tuple(
            self._feature(self._rng.fork(f"feature {at}"), at, kind, office, (routes[at], parameters[at]))
            for at, (kind, office) in enumerate(zip(kinds, offices, strict=True))
        )

    def _feature(self, rng: Rng, at: int, kind: str, office: bool, names: tuple[str, str]) -> Feature:  # noqa: FBT001 - a pair with `kind`
        carrier = rng.pick(_CARRIERS[kind])
        traits = dict(_traits(rng.fork("traits"), kind))
        weak = at in self._weak
        shows = _SHOWS[kind] if self._level > Level.L1 or kind in {"lookup", "ingest"} else _SHOWS[kind][:1]
        guards = self._guards(rng.fork("guards"), kind, carrier, traits, weak=weak)
        quirks = ("plain", "drop") if self._level == Level.L1 else ("plain", "drop", "phrase", "fault")
        return Feature(
            kind=kind,
            title=rng.pick(words.TITLES[kind]),
            route=f"/{names[0]}",
            parameter=f"X-{names[1].title()}" if carrier == "header" else names[1],
            carrier=carrier,
            entity=rng.below(len(self._entities)),
            guards=guards,
            show=rng.pick(shows),
            quirk="plain" if kind == "ingest" else rng.pick(quirks),
            office=office,
            traits=tuple(sorted({**traits, **_rules(kind, traits, guards)}.items())),
        )

    def _guards(self, rng: Rng, kind: str, carrier: str, traits: Mapping[str, str], *, weak: bool) -> tuple[str, ...]:
        """Draw what a value passes: at most one early check, then at most one list."""
        if self._level == Level.L1 or (not weak and not rng.chance(35)):
            return ()
        early = ["decode", "fold"]
        early += {"query": ["pollute"], "form": ["pollute"], "json": ["listed"]}.get(carrier, [])
        if "\n" in traits.get("separator", ""):
            early.remove("fold")  # No sign folds into the end of a line.
        form = rng.pick(("early", "list", "both", "both"))
        found: list[str] = [] if form == "list" else [rng.pick(early)]
        return (*found, rng.pick(_LISTS[kind])) if form != "early" else tuple(found)


def _traits(rng: Rng, kind: str) -> Mapping[str, str]:
    """Draw what only one kind of feature has."""
    match kind:
        case "letters":
            section, staff = rng.words(2)
            return {"marks": rng.pick(_MARKS), "join": rng.pick(_JOINS), "section": section, "desk": staff}
        case "people":
            return {"brackets": rng.pick(_BRACKETS), "signs": rng.pick(_SIGNS)}
        case "lookup":
            fetch, names, leave = rng.words(3)
            rooms = rng.words(3, 1)
            return {
                "separator": rng.pick(_SEPARATORS),
                "verbs": f"{fetch} {names} {leave}",
                "rooms": " ".join(rooms),
            }
        case "ingest":
            return {"elements": " ".join(rng.words(5, 1))}
        case "report":
            return {"command": rng.pick(_COMMANDS), "quote": rng.pick(("none", "single", "double"))}
        case "files":
            return {"base": f"{rng.word()}/"}
        case _:
            return {"depth": str(rng.below(3)), "width": str(rng.between(2, 4))}


_SQL_TEXT: Final = (r"['\"]|--|/\*", r"\b(?:select|from|substr|union|like|and)\b")
_SQL_BARE: Final = (r"[ \t\r\n'\"()]", r"\b(?:select|from|substr|union|case|and)\b")
_FIXED_RULES: Final = {
    "search": _SQL_TEXT,
    "filter": _SQL_TEXT,
    "watch": _SQL_TEXT,
    "item": _SQL_BARE,
    "sort": _SQL_BARE,
    "files": (r"\.\.", r"\.\./"),
    "ingest": ("<!|&", "system"),
    "report": (r"[;|&$` \t\r\n'\"<>]", r"\$\(|[;|&`\n<>]"),
}


def _rules(kind: str, traits: Mapping[str, str], guards: tuple[str, ...]) -> Mapping[str, str]:
    """Return what an early check looks for, and what a list is about, as regular expressions."""
    match kind:
        case "letters":
            forbidden, tokens = re.escape(traits["marks"].split()[0]), traits["section"]
        case "people":
            opening, closing = map(re.escape, traits["brackets"])
            forbidden, tokens = f"[{opening}{closing}]", f"{closing}{opening}"
        case "lookup":
            fetch, names, _ = traits["verbs"].split()
            forbidden, tokens = re.escape(traits["separator"][-1]), rf"\b(?:{fetch}|{names})\b"
        case _:
            forbidden, tokens = _FIXED_RULES[kind]
    if "strip" in guards and kind in TABLES:
        # Taken out wherever they stand, so none that an invented word could have in it.
        tokens = "select|from|substr"
    elif "strip" in guards and kind == "lookup":
        tokens = "|".join(traits["verbs"].split()[:2])
    return {"forbidden": forbidden, "tokens": tokens}
