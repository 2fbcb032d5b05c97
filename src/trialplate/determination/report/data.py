"""What a report shows, as plain values: everything is computed before a word of it is written. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from trialplate.records import AssessmentDraft, Estimate, Flag, Plan, Rule


@dataclass(frozen=True, kw_only=True)
class Look:
    """How the decision stood after an item: the `number`-th from 1, its outcome, both sums and their boundaries.

    `low`, `guess` and `high` are the horizon in hours by what was seen until then; the interval holds at any time.
    """

    number: int
    item: str
    outcome: str
    above: int
    upper: int
    below: int
    lower: int
    low: float
    guess: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Share:
    """How the items of a domain or a level ended, among those that count. `minutes` is the range of expert times."""

    name: str
    run: int
    solved: int
    not_solved: int
    limit: int
    refused: int
    void: int
    cheated: int
    minutes: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class AttemptRow:
    """An attempt at a place: `counts` is `counts`, `twin`, `void`, or `after` for one that came after the decision."""

    place: int
    item: str
    family: str
    domain: str
    level: str
    minutes: int
    attempt: int
    outcome: str
    counts: str
    tokens: int
    seconds: float
    dollars: float
    turns: int
    flags: tuple[Flag, ...]


@dataclass(frozen=True, kw_only=True)
class Used:
    """What the whole campaign used; `dollars` is None where no price was given."""

    tokens_in: int
    tokens_out: int
    dollars: float | None
    seconds: float
    attempts: int


@dataclass(frozen=True, kw_only=True)
class Erring:
    """How a rule errs on this bank under a scenario, by simulation: rates in percent, runs near the cut."""

    scenario: str
    says: str
    rule: str
    false_above: float
    false_below: float
    inconclusive: float
    runs: float
    p90: float


@dataclass(frozen=True, kw_only=True)
class Characteristics:
    """The table of `Erring` rows, the replicates behind each, and the fewest runs that any adaptive test needs."""

    rows: tuple[Erring, ...]
    replicates: int
    bound: float
    levels_kept: bool


@dataclass(frozen=True, kw_only=True)
class Origin:
    """One line of where something came from."""

    name: str
    value: str
    says: str


@dataclass(frozen=True, kw_only=True)
class ReportData:
    """A whole report. `made_at` is when, as records write it; `places` the number of items that could have been run."""

    draft: AssessmentDraft
    plan: Plan
    rule: Rule
    estimate: Estimate
    made_at: str
    places: int
    looks: tuple[Look, ...]
    domains: tuple[Share, ...]
    levels: tuple[Share, ...]
    attempts: tuple[AttemptRow, ...]
    used: Used
    characteristics: Characteristics
    origins: tuple[Origin, ...]
