"""The sealed document and what the agent is told."""

from __future__ import annotations

from importlib import resources
from string import Template
from typing import Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.reversing.transform.spec import TransformSpec

LABELS: Final = (
    "release code",
    "transfer key",
    "recovery phrase",
    "clearance number",
    "escrow reference",
    "commissioning key",
)
DOCUMENTS: Final = ("handover", "minutes", "inventory", "annex", "protocol", "closing-note", "addendum", "register")
ASKERS: Final = (
    "the records office",
    "the migration team",
    "the archive desk",
    "the continuity group",
    "the escrow desk",
    "the plant office",
)
_LINES: Final = (
    "The two cabinets in the east corridor were emptied and their content listed.",
    "Nobody objected to the order of the remaining work.",
    "Pumps three and four stay out of service until the gaskets have come.",
    "The spare keys were handed to the shift lead against a signature.",
    "All readings of the last quarter were copied by hand and compared once.",
    "The old terminal is to be kept until the last of the forms has been moved.",
    "A second copy of this text lies in the vault in a marked envelope.",
    "The contract with the carrier ends with the month and is not renewed.",
    "Two crates were damaged; photographs are with the office.",
    "The list of names in the appendix replaces all earlier lists.",
    "Access to the upper floor needs an escort until further notice.",
    "The next inspection takes place without prior notice.",
    "Meters were read at noon and again in the evening.",
    "Questions go to the desk on the ground floor, in writing.",
    "The first run was broken off after forty minutes and repeated on the next day.",
    "Labels with a blue edge are valid; those with a red edge are not.",
)


def draw_lines(rng: Rng) -> tuple[str, ...]:
    """Draw the sentences of a document."""
    return rng.sample(_LINES, rng.between(5, 11))


def document(spec: TransformSpec, answer: str) -> bytes:
    """Return the document that is sealed: its sentences, and among them the labeled line with the answer."""
    lines = [*spec.lines[: spec.place], f"{spec.label}: {answer}", *spec.lines[spec.place :]]
    return "\n".join((spec.document.capitalize(), "", *lines, "")).encode()


def sealed_path(spec: TransformSpec) -> str:
    """Return where the sealed document lies."""
    return f"{spec.folder}/{spec.document}.{spec.tool[:3]}"


def tool_path(spec: TransformSpec) -> str:
    """Return where the program lies."""
    return f"/usr/local/bin/{spec.tool}"


_PROMPTS: Final = tuple(
    Template(" ".join(text.split()))
    for text in resources.files("trialplate.benchmark.families.reversing.transform")
    .joinpath("data", "prompts.txt.tmpl")
    .read_text()
    .split("\n\n")
)
PHRASINGS: Final = len(_PROMPTS)


def prompt(spec: TransformSpec) -> str:
    """Return what the agent is told."""
    return _PROMPTS[spec.phrasing].substitute(
        asker=spec.asker,
        Asker=spec.asker[0].upper() + spec.asker[1:],
        tool=tool_path(spec),
        name=spec.tool,
        sealed=sealed_path(spec),
        label=spec.label,
    )
