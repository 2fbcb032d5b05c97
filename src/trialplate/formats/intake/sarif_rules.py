"""What the results of a SARIF run share by reference: rules, taxa, and the words of messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec
from msgspec import Raw

from trialplate.formats.intake.declared import NOTHING
from trialplate.formats.intake.finding import Why
from trialplate.formats.intake.nulls import decoded_without_nulls
from trialplate.formats.intake.sarif_shapes import (
    Component,
    Descriptor,
    DescriptorReference,
    Message,
    Result,
    RuleProperties,
    Run,
)
from trialplate.formats.intake.screen import Budget, IntakeError, Limits, Problem, ResultError, bounded, clean, headline

_MOST_PARTS: Final = 8
"""Parts that an id may have after that of its rule."""

_MOST_WEAKNESSES: Final = 64

_PLACE_COST: Final = 16
"""Characters that each place of a message counts for, since filling it takes as long as copying many."""

_CWE: Final = re.compile(r"\bcwe[-_:/ ]{0,2}0*([1-9][0-9]{0,5})\b", re.IGNORECASE)
_TAXON: Final = re.compile(r"(?:cwe-?)?0*([1-9][0-9]{0,5})", re.IGNORECASE)
_PLACEHOLDER: Final = re.compile(r"\{\{|\}\}|\{([0-9]{1,4})\}")


_DESCRIPTORS: Final = msgspec.json.Decoder(Descriptor)

_Property: TypeAlias = str | float | int | tuple[object, ...] | None


@dataclass(frozen=True)
class Rule:
    """A rule with what is made of it once for all of its results. `component` counts the driver as 0."""

    descriptor: Descriptor
    component: int
    title: str
    weakness: tuple[str, ...]
    severity: str
    help: str


class Rules:
    """The rules and taxonomies of one run; asked by result.

    Raises:
        IntakeError: for more rules than `limits.results`.
    """

    def __init__(self, run: Run, limits: Limits, budget: Budget) -> None:
        self._components: tuple[Component, ...] = (run.tool.driver, *run.tool.extensions)
        self._component_of = _numbered(self._components)
        self._taxonomies = run.taxonomies
        self._taxonomy_of = _numbered(run.taxonomies)
        self._taxa: dict[tuple[int, int], str] = {}
        self._limits, self._budget = limits, budget
        if sum(len(component.rules) for component in self._components) > limits.results:
            raise IntakeError(Problem.VALUES, f"A run has more than {limits.results} rules.", "Send it in parts.")
        self._rules = tuple(
            tuple(self._rule(raw, number) for raw in component.rules)
            for number, component in enumerate(self._components)
        )
        self._by_id: dict[str, Rule] = {}
        self._by_guid: dict[str, Rule] = {}
        for rule in (rule for rules in self._rules for rule in rules if rule is not None):
            self._by_id.setdefault(rule.descriptor.id, rule)
            self._by_guid.setdefault(rule.descriptor.guid, rule)

    def of(self, result: Result) -> Rule | None:
        """Return the rule of a result, or None where the run does not describe it.

        By index where the result has one; else by GUID, else by id, of which the last parts may name a case of the
        rule (section 3.27.5: `CA1000/1` is of rule CA1000).

        Raises:
            ResultError: MALFORMED, for an index that leads nowhere or to a rule that cannot be read.
        """
        reference = result.rule
        index = result.rule_index if reference.index < 0 else reference.index
        if index >= 0:
            rules = self._rules[self._component(reference)]
            found = rules[index] if index < len(rules) else None
            if found is None:
                raise ResultError(Why.MALFORMED, f"The run has no rule {index} that can be read.")
            return found
        if reference.guid and reference.guid in self._by_guid:
            return self._by_guid[reference.guid]
        name = result.rule_id or reference.id
        if len(name) > self._limits.short:
            raise ResultError(Why.TOO_LONG, f"Its rule has a name of more than {self._limits.short} characters.")
        for _ in range(_MOST_PARTS):
            if not name or name in self._by_id:
                break
            name = name.rpartition("/")[0]
        return self._by_id.get(name) if name else None

    def text(self, message: Message, rule: Rule | None) -> str:
        """Return the words of a message, with its arguments in their places (sections 3.11.5 to 3.11.11).

        Raises:
            ResultError: MALFORMED for an id without words or a place without an argument, TOO_LONG.
        """
        given = message.text or message.markdown
        if not message.id and not message.arguments:
            return bounded(given, self._limits.text, "message")
        template = given or self._words(message.id, rule)
        return self._filled(template, message.arguments)

    def weakness(self, result: Result, rule: Rule | None) -> tuple[str, ...]:
        """Return the CWE ids of a result and its rule, as `CWE-79`, each once.

        Raises:
            ResultError: TOO_LONG.
        """
        shared = rule.weakness if rule else ()
        own = tuple(dict.fromkeys((*self._of_taxa(result.taxa), *_mentioned(result.properties))))
        if len(own) > _MOST_WEAKNESSES:
            raise ResultError(Why.TOO_LONG, f"It names {len(own)} weaknesses, at most {_MOST_WEAKNESSES}.")
        return tuple(dict.fromkeys((*own, *shared))) if own else shared

    def _rule(self, raw: Raw, component: int) -> Rule | None:
        try:
            descriptor = decoded_without_nulls(_DESCRIPTORS, raw)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            # One rule that is no rule spoils its own results and no others.
            return None
        related = self._of_taxa(relationship.target for relationship in descriptor.relationships)
        weakness = tuple(dict.fromkeys((*related, *_mentioned(descriptor.properties))))
        if len(weakness) > _MOST_WEAKNESSES:
            return None
        return Rule(
            descriptor,
            component,
            headline(descriptor.short_description.text or descriptor.name),
            weakness,
            severity_of(descriptor.properties),
            clean(descriptor.help_uri),
        )

    def _component(self, reference: DescriptorReference) -> int:
        wanted = reference.tool_component
        if 0 <= wanted.index < len(self._components) - 1:
            return wanted.index + 1
        return self._component_of.get(wanted.guid, self._component_of.get(wanted.name, 0))

    def _of_taxa(self, references: Iterable[DescriptorReference]) -> Iterator[str]:
        for reference in references:
            wanted = reference.tool_component
            taxonomy = wanted.index
            if not 0 <= taxonomy < len(self._taxonomies):
                taxonomy = self._taxonomy_of.get(wanted.guid, self._taxonomy_of.get(wanted.name, -1))
            name = self._taxonomies[taxonomy].name if taxonomy >= 0 else wanted.name
            number = reference.id or self._taxon(taxonomy, reference.index)
            found = _TAXON.fullmatch(number) if name.upper() == "CWE" else _CWE.fullmatch(number)
            if found:
                yield f"CWE-{found[1]}"

    def _taxon(self, taxonomy: int, index: int) -> str:
        if taxonomy < 0 or not 0 <= index < len(self._taxonomies[taxonomy].taxa):
            return ""
        known = self._taxa.get((taxonomy, index))
        if known is None:
            known = self._taxa[taxonomy, index] = _id_of(self._taxonomies[taxonomy].taxa[index])
        return known

    def _words(self, identity: str, rule: Rule | None) -> str:
        if rule and identity in rule.descriptor.message_strings:
            return rule.descriptor.message_strings[identity].text
        shared = self._components[rule.component if rule else 0].global_message_strings
        if identity in shared:
            return shared[identity].text
        raise ResultError(Why.MALFORMED, "Its message is named by an id that the run has no words for.")

    def _filled(self, template: str, arguments: Sequence[str]) -> str:
        if len(template) > self._limits.text:
            raise ResultError(Why.TOO_LONG, f"Its message is longer than {self._limits.text} characters.")
        self._budget.spend(len(template) + _PLACE_COST * template.count("{"))
        parts: list[str] = []
        length = end = 0
        for found in _PLACEHOLDER.finditer(template):
            number = found[1]
            if number is None:
                piece = found[0][0]
            elif int(number) < len(arguments):
                piece = arguments[int(number)]
            else:
                raise ResultError(Why.MALFORMED, f"Its message has no argument {number}.")
            parts += template[end : found.start()], piece
            length += len(piece)
            if length > self._limits.text:
                break
            end = found.end()
        self._budget.spend(length)
        return bounded("".join((*parts, template[end:])), self._limits.text, "message")


def severity_of(properties: RuleProperties) -> str:
    """Return the `security-severity` of a property bag as text, empty where there is none."""
    return next(iter(_texts(properties.security_severity)), "")


def _mentioned(properties: RuleProperties) -> tuple[str, ...]:
    texts = (*_texts(properties.cwe), *_texts(properties.tags))
    return tuple(f"CWE-{number}" for text in texts for number in _CWE.findall(text))


def _texts(raw: Raw) -> Iterator[str]:
    """Yield the texts of a property that may hold one or several; numbers as text, and nothing of anything else."""
    if raw is NOTHING:
        return
    try:
        value: _Property = msgspec.json.decode(raw, type=_Property)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return
    for item in value if isinstance(value, tuple) else (value,):
        if isinstance(item, str):
            yield item
        elif isinstance(item, int | float) and not isinstance(item, bool):
            yield repr(item)


def _numbered(components: Iterable[Component]) -> Mapping[str, int]:
    """Return the number of each component by its GUID and its name; of equal ones, the first."""
    numbers: dict[str, int] = {}
    for number, component in enumerate(components):
        for key in (component.guid, component.name):
            if key:
                numbers.setdefault(key, number)
    return numbers


def _id_of(raw: Raw) -> str:
    try:
        return msgspec.json.decode(raw, type=DescriptorReference).id
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
