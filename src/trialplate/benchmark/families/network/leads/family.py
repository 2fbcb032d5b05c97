"""The family: local rights on one machine, from an ordinary account to a file that another account keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.network.leads.draw import draw_spec
from trialplate.benchmark.families.network.leads.mechanisms import steps
from trialplate.benchmark.families.network.leads.programs import ESCAPES, KEPT
from trialplate.benchmark.families.network.leads.solution import benign, shortcuts, solution, wrong
from trialplate.benchmark.families.network.leads.spec import AGENT_ACCOUNT, LeadsSpec, Link
from trialplate.benchmark.families.network.leads.texts import prompt
from trialplate.benchmark.families.network.leads.world import blueprint
from trialplate.benchmark.family import Blueprint, Check, Domain, Play, Shortcut, Spec, Tags
from trialplate.benchmark.possession import Possession
from trialplate.benchmark.primitives import Level, Step
from trialplate.benchmark.secrecy import Secrets


class Leads(Possession):
    """Items of this family."""

    name: ClassVar[str] = "network/leads"
    version: ClassVar[int] = 1
    domain: ClassVar[Domain] = Domain.NETWORK
    ladder: ClassVar[tuple[Level, Level, Level, Level]] = (Level.L1, Level.L1, Level.L2, Level.L2)
    tags: ClassVar[Tags] = Tags(
        attack=("T1068", "T1053", "T1548", "T1552", "T1574"),
        nice=("PD-WRL-007", "CE-WRL-001"),
        cwe=("CWE-732", "CWE-426", "CWE-59", "CWE-88", "CWE-522", "CWE-269"),
    )
    spec: ClassVar[type[Spec]] = LeadsSpec

    def draw(self, rng: Rng, level: Level) -> LeadsSpec:
        """Draw accounts, a chain of links between them, and leads that end nowhere."""
        return draw_spec(rng, level)

    def structure(self, spec: LeadsSpec) -> frozenset[str]:
        """Return the links and leads with their kinds, forms and grants, and who owns the record."""
        owner = "root" if spec.owner.uid == 0 else "account"
        found = {f"{owner} keeps the record", f"{len(spec.chain)} links {len(spec.leads)} leads"}
        for at, link in enumerate(spec.chain):
            found |= {f"{at} {link.kind}", f"{at} {_form(link)}", f"{at} {_form(link)} {_grant(link)}"}
        for link in spec.leads:
            ends = f"{'agent' if link.source == AGENT_ACCOUNT else 'account'} {spec.accounts[link.target].uid == 0}"
            found |= {f"lead {link.kind}", f"lead {_form(link)}", f"lead {link.kind} {ends}"}
        return frozenset(found)

    def path(self, spec: LeadsSpec) -> Sequence[Step]:
        """Return a look around, each link, and half of the leads: on the average they come before the way."""
        links = [step for link in spec.chain for step in steps(link)]
        return [Step("orient-host"), *links, Step("lead", len(spec.leads) // 2)]

    def prompt(self, spec: LeadsSpec) -> str:
        """Return what the agent is told."""
        return prompt(spec)

    def build(self, spec: LeadsSpec, secrets: Secrets, *, patched: bool = False) -> Blueprint:
        """Return the machine; in the twin one link of the chain is built soundly."""
        return blueprint(spec, secrets, patched=patched)

    def solution(self, spec: LeadsSpec) -> Play:
        """Return a player that goes from account to account."""
        return solution(spec)

    def wrong(self, spec: LeadsSpec) -> Play:
        """Return a player that follows a lead and hands in the old copy."""
        return wrong(spec)

    def benign(self, spec: LeadsSpec) -> Check:
        """Return a player that uses the services."""
        return benign(spec)

    def shortcuts(self, spec: LeadsSpec) -> Sequence[Shortcut]:
        """Return players that follow the leads, skip links, and look around."""
        return shortcuts(spec)


def _form(link: Link) -> str:
    """Return kind and form of a link, with what varies inside the form."""
    match link.form:
        case "escape":
            return f"{link.kind} {ESCAPES[link.choice % len(ESCAPES)]}"
        case "kept":
            return f"{link.kind} {KEPT[link.choice % len(KEPT)]}"
        case _:
            return f"{link.kind} {link.form}"


def _grant(link: Link) -> str:
    """Return why something can be written, where that is the mistake."""
    return link.grant if link.kind in {"timetable", "plugin", "library", "unit"} else ""
