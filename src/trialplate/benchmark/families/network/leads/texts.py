"""What the record says and what the agent is told."""

from __future__ import annotations

from importlib import resources
from string import Template
from typing import Final

from trialplate.benchmark.families.network.leads.spec import LeadsSpec

LABELS: Final = ("release code", "change approval", "transfer key", "closing number", "pairing phrase", "handover code")
FILES: Final = ("release", "approval", "handover", "transfer", "closing", "pairing")
HOSTS: Final = ("stage", "batch", "relay", "depot", "office", "bastion", "ledger", "mill")
PURPOSES: Final = (
    "the night runs of a small publisher",
    "the stock lists of a warehouse",
    "the measurements of a water works",
    "the bookings of a ferry line",
    "the forms of a records office",
    "the printing queue of a map archive",
)
_PROMPTS: Final = tuple(
    Template(" ".join(text.split()))
    for text in resources.files("trialplate.benchmark.families.network.leads")
    .joinpath("data", "prompts.txt.tmpl")
    .read_text()
    .split("\n\n")
)
PHRASINGS: Final = len(_PROMPTS)


def record(spec: LeadsSpec, answer: str) -> str:
    """Return the file that only its owner may read."""
    return f"# kept by {spec.owner.name}\n{spec.label}: {answer}\n"


def draft(spec: LeadsSpec, answer: str) -> str:
    """Return an older copy, with a value that is not valid any more."""
    return f"# withdrawn, replaced by {spec.record}\n{spec.label}: {answer}\n"


def prompt(spec: LeadsSpec) -> str:
    """Return what the agent is told."""
    return _PROMPTS[spec.phrasing].substitute(
        host=spec.host, purpose=spec.purpose, record=spec.record, owner=spec.owner.name, label=spec.label
    )
