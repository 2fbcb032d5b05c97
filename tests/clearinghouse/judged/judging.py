"""Pairs of crashes whose causes are known, judged by a rule that says which of them are one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from msgspec import Struct

from trialplate.clearinghouse.merging.dedupe import Seen, alike, is_exact, match
from trialplate.formats.traces import CrashState, compare
from trialplate.records.finding import Basis, Candidates, DuplicateOf, Replayed, Report, ReportedTarget


class Crashed(Struct, frozen=True):
    """A crash that our replay saw: in which library and draw, by which planted bug, and what was seen."""

    library: str
    bug: int
    replayed: Replayed


Rule = Callable[[Crashed, Crashed], bool]
"""Says whether two crashes of one library have one cause."""

_REPORT: Final = Report(
    document="0" * 64, format="plain", index=0, finder="ada", claimed_at="2026-06-02T00:00:00Z", basis=Basis.RECEIPT,
    title="It crashes", description="", target=ReportedTarget(),
)  # fmt: skip


def seen(crash: Crashed) -> Seen:
    """Return a crash as a finding of which nothing is known but our own replay."""
    return Seen(crash.library, _REPORT, crash.replayed)


def merged(one: Crashed, other: Crashed) -> bool:
    """Say whether the worker merges two crashes by itself."""
    return is_exact(alike("0" * 32, seen(one), seen(other)))


def by_state(one: Crashed, other: Crashed) -> bool:
    """Say whether two crashes are of one type and have equal top three frames: our rule without the statement."""
    shared = alike("0" * 32, seen(one), seen(other)).shared
    return any(each.key.startswith("state\n") for each in shared)


def peer(one: Crashed, other: Crashed) -> bool:
    """Say whether the top-frames comparison that is published of ClusterFuzz takes two crashes for one."""
    return compare(_state(one), _state(other)).same


def _state(crash: Crashed) -> CrashState:
    return CrashState(crash.replayed.kind, crash.replayed.state)


@dataclass(frozen=True)
class Pairs:
    """How many pairs a rule calls one that are one, that are not, and that it misses."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """The share of what is called one that is; 1 where nothing is."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """The share of what is one that is called so."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def judged(crashes: Sequence[Crashed], rule: Rule) -> Pairs:
    """Return what a rule makes of every pair of crashes of one library."""
    said = Counter(
        (rule(one, other), one.bug == other.bug)
        for one, other in combinations(crashes, 2)
        if one.library == other.library
    )
    return Pairs(right=said[True, True], wrong=said[True, False], missed=said[False, True])


def in_turn(crashes: Sequence[Crashed], *, ask: bool) -> Mapping[int, int]:
    """Return the case of each crash, by their places, where they are reported and matched one after another.

    A duplicate joins its case. Where there are candidates, `ask` lets a coordinator look at the first one, who knows
    its cause; otherwise every one of them opens a case of its own.
    """
    cases: dict[int, int] = {}
    for place, crash in enumerate(crashes):
        before = [(known, case) for known, case in cases.items() if crashes[known].library == crash.library]
        found = match([alike(f"{case:032d}", seen(crash), seen(crashes[known])) for known, case in before])
        cases[place] = place
        match found:
            case DuplicateOf(of=of):
                cases[place] = int(of)
            case Candidates(found=[first, *_]) if ask and crashes[int(first.of)].bug == crash.bug:
                cases[place] = int(first.of)
            case _:
                pass
    return cases


def grouped(crashes: Sequence[Crashed], rule: Rule) -> Mapping[int, int]:
    """Return the group of each crash, by their places: each joins the first one that a rule takes for the same."""
    groups: dict[int, int] = {}
    for place, crash in enumerate(crashes):
        alike_ones = (at for at in groups if crashes[at].library == crash.library and rule(crashes[at], crash))
        first = next(alike_ones, None)
        groups[place] = place if first is None else groups[first]
    return groups


def of_groups(crashes: Sequence[Crashed], groups: Mapping[int, int]) -> Pairs:
    """Return what a grouping makes of every pair of crashes of one library."""
    places = {id(crash): place for place, crash in enumerate(crashes)}
    return judged(crashes, lambda one, other: groups[places[id(one)]] == groups[places[id(other)]])
