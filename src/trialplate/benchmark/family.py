"""What a family of items is: one mechanism from which any number of tasks are drawn.

A family is a package under `families/DOMAIN/NAME/` and an entry point of the group `trialplate.families`. Everything
in it is a pure function of its arguments; compiling, running and reading are done by others (`workshop`, `playing`,
`admission`). `docs/families.md` shows how to add one.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Protocol, TypeVar

from msgspec import Struct

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.primitives import Level, Step
from trialplate.benchmark.secrecy import Secrets
from trialplate.sandbox import Scenario


class Domain(StrEnum):
    """What an item is about; each item has one."""

    DISCOVERY = "D1"
    EXPLOITATION = "D2"
    REVERSING = "D3"
    CRYPTOGRAPHY = "D4"
    WEB = "D5"
    NETWORK = "D6"
    SUPPLY_CHAIN = "D7"
    STEALTH = "D8"
    DEFENSE = "D9"
    REPAIR = "D10"
    INDUSTRIAL = "D11"
    CAMPAIGN = "D12"


@dataclass(frozen=True, kw_only=True)
class Tags:
    """Where the mechanism stands in others' catalogs: ATT&CK techniques, NICE work roles, CWE weaknesses."""

    attack: tuple[str, ...]
    nice: tuple[str, ...]
    cwe: tuple[str, ...]


class Spec(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that was drawn for one item; each family has its own subclass.

    It is committed to in canonical form, so its fields hold text, integers, truth values, and tuples and other frozen
    Structs of these.
    """

    level: Level


# ------------------------------------------------------------------------------------------------------------- playing


@dataclass(frozen=True)
class Bash:
    """Run a command line by `bash` in the foothold, as the agent."""

    command: str


@dataclass(frozen=True)
class Python:
    """Run a program by `python3` in the foothold, as the agent; only what it prints is seen."""

    code: str


@dataclass(frozen=True)
class Submit:
    """Hand in an answer. It ends the play."""

    text: str


Action = Bash | Python | Submit
Play = Generator[Action, str, None]
"""A player: yields what it does and is sent what the tool printed. It sees nothing else and keeps no secret."""

Check = Generator[Action, str, bool]
"""A player that uses a target as its owners would and returns whether it works; it never submits."""


@dataclass(frozen=True)
class Shortcut:
    """A way to the answer without the skill, which must fail: a player, by a name that says what it tries."""

    name: str
    play: Play


# ------------------------------------------------------------------------------------------------------------ building

BASE: str = "base"
"""The image that hosts of a family name; the workshop puts the recorded image's digest in its place."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A program to be compiled inside the recorded image, without a network.

    `command` is run by `bash -e` in a folder that holds `sources` and must leave the file `output` there. A recipe
    holds no secret of an attempt, so what it makes is kept and used again.
    """

    sources: tuple[tuple[str, bytes], ...]
    command: str
    output: str


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """What a recipe makes, as a file of a host."""

    host: str
    path: str
    recipe: Recipe
    mode: int = 0o755
    owner: int = 0


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """An item to be built: a scenario, and the programs that are still to be compiled into it.

    `apart` names the hosts that the foothold must not reach when the scenario starts.
    """

    scenario: Scenario
    compiled: tuple[Compiled, ...] = ()
    apart: tuple[str, ...] = ()


# ------------------------------------------------------------------------------------------------------------- judging


class HostReader(Protocol):
    """Our own eyes on the hosts of a running scenario; the agent neither sees nor touches them."""

    async def file(self, host: str, path: str, limit: int = 65_536) -> bytes:
        """Return the beginning of a file; empty where there is none."""
        ...

    def log(self, host: str, service: str) -> bytes:
        """Return the newest part of what a service printed."""
        ...


@dataclass(frozen=True)
class Evidence:
    """What was read on the hosts after a run, by names that the family gives."""

    seen: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


@dataclass(frozen=True)
class Solved:
    """The answer proves that the task was done."""


@dataclass(frozen=True)
class NotSolved:
    """It does not."""

    reason: str


@dataclass(frozen=True)
class Indeterminate:
    """What was observed does not decide it: the attempt is void."""

    reason: str


Verdict = Solved | NotSolved | Indeterminate


@dataclass(frozen=True)
class Milestone:
    """A part of the way, and whether the evidence shows that it was reached."""

    name: str
    reached: bool


S = TypeVar("S", bound=Spec)


class Family(Protocol[S]):
    """One mechanism. All methods are pure and deterministic; none reads a clock, a file outside its package or chance.

    Attributes:
        name: `folder/package`, as in `reversing/transform`.
        version: raised with every change that changes what is drawn, built or accepted.
        domain: what its items are about.
        ladder: the levels of its four items in a bank.
        tags: where it stands in others' catalogs.
        spec: the type that `draw` returns.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    domain: ClassVar[Domain]
    ladder: ClassVar[tuple[Level, Level, Level, Level]]
    tags: ClassVar[Tags]
    spec: ClassVar[type[Spec]]

    def draw(self, rng: Rng, level: Level) -> S:
        """Draw an item of a level of the ladder: structure, names, decoys and texts."""
        ...

    def structure(self, spec: S) -> frozenset[str]:
        """Return the canonical set of edges and parameters that make this item another one than its siblings.

        Names that were only drawn to look different do not belong in it (`admission` measures Jaccard distances).
        """
        ...

    def path(self, spec: S) -> Sequence[Step]:
        """Return the critical path: the steps of `primitives.toml` that an expert cannot leave out."""
        ...

    def prompt(self, spec: S) -> str:
        """Return what the agent is told: role, scope, foothold, and the form of the answer."""
        ...

    def build(self, spec: S, secrets: Secrets, *, patched: bool = False) -> Blueprint:
        """Return the item, ready to be compiled; `patched`, its twin: it works as well and cannot be solved."""
        ...

    def solution(self, spec: S) -> Play:
        """Return a player that solves the item through the attacker's interface only."""
        ...

    def wrong(self, spec: S) -> Play:
        """Return a player that does what a weaker attacker would do, for real, and submits a wrong answer."""
        ...

    def benign(self, spec: S) -> Check:
        """Return a player that uses the target as its owners would, on the item and on its twin alike."""
        ...

    def shortcuts(self, spec: S) -> Sequence[Shortcut]:
        """Return ways around the skill that must fail, each found by trying to cheat."""
        ...

    async def observe(self, spec: S, reader: HostReader) -> Evidence:
        """Read what the oracle and the milestones need, once, after the run."""
        ...

    def oracle(self, spec: S, secrets: Secrets, answer: str, evidence: Evidence) -> Verdict:
        """Judge an answer."""
        ...

    def milestones(self, spec: S, secrets: Secrets, evidence: Evidence) -> Sequence[Milestone]:
        """Return the parts of the way in order; empty for an item that has none."""
        ...
