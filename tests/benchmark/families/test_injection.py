"""The family `web/injection`: what is drawn, and that guards and the attacker's ways around them fit together."""

import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.benchmark.admission import distances
from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.web.injection.family import Injection
from trialplate.benchmark.families.web.injection.program import help_of, source
from trialplate.benchmark.families.web.injection.solution import is_blind, usual
from trialplate.benchmark.families.web.injection.spec import MODULES, InjectionSpec
from trialplate.benchmark.primitives import Level, expert_time, primitives
from trialplate.benchmark.secrecy import Secrets
from trialplate.benchmark.textlint import faults
from trialplate.records import canonical

FAMILY = Injection()
LEVELS = sorted(set(FAMILY.ladder))
SECRETS = Secrets(bytes(32), "item", 1)


def spec_of(seed: int, level: Level) -> InjectionSpec:
    return FAMILY.draw(Rng(bytes([seed]) * 32, FAMILY.name), level)


@pytest.fixture(scope="module")
def target() -> Iterator[dict[str, Any]]:
    """Return the modules of the target and of the attack, loaded as they are on their machines."""
    loaded: dict[str, Any] = {}
    for name in ("kit", "guard", "letters", "people", "tables", "folder", "ingest", "encode"):
        module = types.ModuleType(name)
        sys.modules[name] = module
        exec(source(name), module.__dict__)  # noqa: S102 - our own source, which is no module of ours
        loaded[name] = module
    yield loaded
    for name in loaded:
        del sys.modules[name]


@pytest.mark.parametrize("level", LEVELS)
def test_draws_are_deterministic_of_their_level_and_apart(level: Level) -> None:
    for seed in range(20):
        spec = spec_of(seed, level)
        assert canonical(spec) == canonical(spec_of(seed, level))
        assert expert_time(FAMILY.path(spec), primitives()).level is level
        assert 60 <= len(FAMILY.prompt(spec).split()) <= 180
        assert not list(faults(FAMILY.prompt(spec)))
        assert len(spec.stages) == (2 if level == Level.L3 else 1)
        assert not any(stage.guards for stage in spec.stages) or level > Level.L1
    assert distances(FAMILY, level).enough


def test_every_class_is_drawn_and_a_chain_has_two_classes() -> None:
    drawn = {MODULES[spec_of(seed, Level.L2).stages[0].kind] for seed in range(60)}
    assert drawn == set(MODULES.values())
    for seed in range(30):
        first, second = spec_of(seed, Level.L3).stages
        assert MODULES[first.kind] != MODULES[second.kind]
        assert second.office
        assert not first.office
    assert any(is_blind(spec_of(seed, Level.L2), 0) for seed in range(20))


@pytest.mark.parametrize("level", LEVELS)
def test_the_twin_differs_only_in_the_weakness(level: Level) -> None:
    for seed in range(5):
        spec = spec_of(seed, level)
        item, twin = (FAMILY.build(spec, SECRETS, patched=patched).scenario for patched in (False, True))
        files, others = (dict(scenario.host(spec.host).files) for scenario in (item, twin))
        differing = [path for path, file in files.items() if others[path] != file]
        assert differing == [f"/srv/{spec.site}/settings.json"]
        assert files[differing[0]].content.count(b'"weak": true') == len(spec.stages)
        assert b'"weak": true' not in others[differing[0]].content


def test_the_answer_is_in_one_place_that_only_its_service_reads() -> None:
    for seed in range(30):
        spec = spec_of(seed, LEVELS[seed % 3])
        scenario = FAMILY.build(spec, SECRETS).scenario
        holders = [file for host in scenario.hosts for _, file in host.files if SECRETS.answer.encode() in file.content]
        assert len(holders) == 1
        assert holders[0].mode == 0o400
        assert holders[0].owner in {901, 902}


def test_every_page_can_say_what_it_does() -> None:
    for seed in range(20):
        spec = spec_of(seed, Level.L2)
        assert all(help_of(spec, feature) and usual(spec, feature) for feature in spec.features)


@pytest.mark.parametrize("level", [Level.L2, Level.L3])
def test_what_is_encoded_passes_every_guard_and_plain_payloads_do_not(level: Level, target: dict[str, Any]) -> None:
    payloads = {"files": "{base}../../sealed/x.txt", "sort": "CASE WHEN (substr('a',1,1) > 'A') THEN b ELSE c END"}
    for seed in range(60):
        for feature in spec_of(seed, level).stages:
            traits = dict(feature.traits)
            rules = {"kind": feature.kind, "guards": feature.guards, "base": traits.get("base", "")}
            rules |= {"forbidden": traits["forbidden"], "tokens": traits["tokens"]}
            text = payloads.get(feature.kind, "a' and (substr((select b from c),1,1) > 'A') and '1' like '1")
            text = text.replace("{base}", rules["base"])
            if feature.kind not in {"files", "sort", "search", "filter", "watch", "item"}:
                text = traits["tokens"].replace("\\", "").partition("|")[0] + " some text"
            if feature.kind in {"report", "ingest", "letters", "people", "lookup"} and "words" in feature.guards:
                continue  # The payload itself is another one; the sandbox checks show it.
            got = target["guard"].admitted(rules, target["encode"].encoded(rules, text, "a"))
            undone = got.replace("/**/", " ").replace("${IFS}", " ").lower()
            assert undone == text.lower()


@given(parts=st.lists(st.sampled_from(["select", "from", "../", "$(", " ", "(", "a", "notes", "x.txt"]), max_size=12))
@pytest.mark.parametrize("tokens", ["select|from|substr", r"\.\./", r"\$\("])
def test_nested_words_survive_being_taken_out_once(target: dict[str, Any], tokens: str, parts: list[str]) -> None:
    rules = {"kind": "any", "guards": ["strip"], "tokens": tokens, "forbidden": "x", "base": ""}
    text = "".join(parts)
    assert target["guard"].admitted(rules, [target["encode"].shaped(rules, text)]) == text


@given(text=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1))
def test_decoding_and_folding_undo_the_encoders(target: dict[str, Any], text: str) -> None:
    for guard in ("decode", "fold"):
        rules = {"kind": "any", "guards": [guard], "tokens": "", "forbidden": r"['\"();<& ]", "base": ""}
        assert target["guard"].admitted(rules, target["encode"].encoded(rules, text, "a")) == text


@given(parts=st.lists(st.text("ab", max_size=3), min_size=1, max_size=4), text=st.text("ab", max_size=8))
def test_stars_of_the_directory_mean_anything(target: dict[str, Any], parts: list[str], text: str) -> None:
    def matches(parts: list[str], text: str) -> bool:
        first, *rest = parts
        if not rest:
            return text == first
        return text.startswith(first) and any(matches(rest, text[at:]) for at in range(len(first), len(text) + 1))

    assert target["people"]._alike(parts, text) == matches(parts, text)


def test_the_letters_language_joins_and_finds_parts(target: dict[str, Any]) -> None:
    merged, world = target["letters"].merged, {"site": {"title": "t", "box": {"k1": "v"}}}
    assert merged("a {{ site.title }} b", ("{{", "}}"), "~", world) == "a t b"
    assert merged('{{ site["b"~"ox"].k1 ~ "!" }}', ("{{", "}}"), "~", world) == "v!"
    for broken in ("{{", "{{ }}", "{{ site. }}", "{{ site[ }}", "{{ nobody }}", "{{ site.title.x }}", "{{ ( }}"):
        with pytest.raises(target["kit"].Refused):
            merged(broken, ("{{", "}}"), "~", world)
