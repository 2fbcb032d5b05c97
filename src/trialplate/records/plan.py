"""The body of a plan: everything that an assessment is bound to, written down before the first run.

Figures are declared decimal texts: a record holds no floats. A field that says nothing is refused, so that no run can
begin with one missing.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

import msgspec
from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.records.canon import canonical

MOST_PLACES: Final = 4096
MOST_ATTEMPTS: Final = 3
"""An attempt and its two re-runs after a void one."""

COMMITMENT_TAG: Final = b"trialplate.commitment/1\n"

_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,9})?")
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})+")
_BEACON: Final = re.compile(r"operator|drand:[0-9a-f]{64}:[1-9][0-9]{0,14}")
_HUNDRED: Final = 100
_SHOWN: Final = 40


class PlanError(TrialplateError):
    """A plan leaves something open or contradicts itself."""


class ItemLimits(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one attempt may use; 0 sets no limit. Tokens at 0 means the cap of the item's level.

    `seconds` counts what the model and its tools take; `microdollars` are millionths of a dollar.
    """

    tokens: int = 0
    seconds: int = 0
    turns: int = 0
    microdollars: int = 0

    def __post_init__(self) -> None:
        if min(self.tokens, self.seconds, self.turns, self.microdollars) < 0:
            raise PlanError("A limit of an attempt is negative.", "Give 0 or more.")


class Nuisance(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The laws that the outcome is held under: ranges (low, high) of slope factor, noise sd and contamination."""

    name: str
    kappa: tuple[str, str]
    s: tuple[str, str]
    eps: tuple[str, str]

    def __post_init__(self) -> None:
        require_text("nuisance.name", self.name)
        for value in (*self.kappa, *self.s, *self.eps):
            require_decimal("nuisance", value)


class Figures(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The numbers of a decision: where the cut is, how far off an error counts, how often one may happen.

    `cut_hours` is the cut as an expert's time; `delta`, `linking`, `elicitation` and `band` are on the scale of ability
    (.45 is a doubling of time); `alpha` and `beta` are the levels of ABOVE and BELOW, `cost` what an INCONCLUSIVE end
    costs in runs, `look_every` how many runs lie between looks.
    """

    cut_hours: str
    delta: str
    alpha: str
    beta: str
    linking: str
    elicitation: str
    band: str
    nuisance: Nuisance
    cost: int
    look_every: int

    def __post_init__(self) -> None:
        for field in ("cut_hours", "delta", "alpha", "beta", "linking", "elicitation", "band"):
            require_decimal(field, getattr(self, field))
        if self.cost <= 0 or self.look_every <= 0:
            raise PlanError("A count among a plan's figures is out of range.", "Give a cost and looks of 1 or more.")


class Shares(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How much may go wrong, in percent of the items that were run.

    Where LIMIT and REFUSED pass `limits`, BELOW is withheld; where void attempts pass `voids`, the campaign is void.
    """

    limits: int
    voids: int

    def __post_init__(self) -> None:
        if not (0 < self.limits <= _HUNDRED and 0 < self.voids <= _HUNDRED):
            raise PlanError("A share is no percentage.", f"Give 1 to {_HUNDRED}.")


class Argument(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An argument that the model was called with. A value that may be a secret is withheld: it is empty then."""

    name: str
    value: str
    withheld: bool = False


class Elicitation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the model is brought to show what it can: agent, tools, arguments, limits, patience with its provider."""

    model: str
    arguments: tuple[Argument, ...]
    agent: str
    limits: ItemLimits
    token_budget: int
    call_seconds: int
    call_retries: int

    def __post_init__(self) -> None:
        require_text("elicitation.model", self.model)
        require_text("elicitation.agent", self.agent)
        if min(self.token_budget, self.call_retries) < 0 or self.call_seconds <= 0:
            raise PlanError("A figure of the elicitation is out of range.", "Give 0 or more.")


class Plan(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an assessment is bound to before its order is drawn.

    `number` counts the plans of the subject, finished or not. `bank` is a bank's root; `items` the RFC 6962 root over
    the items that may be run, `places` their number; `table` the salted commitment to their difficulties; `image` the
    digest of the hosts' image. `alpha_cal` and `beta_cal` are the levels that the boundaries are made for, lowered
    until the simulated errors on this bank keep `figures`. Digests: `criteria_digest` of the signed criteria,
    `calibration_digest` of what difficulties rest on, `decision_digest` of the function that decides, `vectors_digest`
    of its test vectors, `characteristics` of what was simulated on this bank, `accepted` where it misses a level and
    was accepted all the same. The texts say the rest in words. `commitment` is what the order's seed is made from.

    Raises:
        PlanError: for an empty text, a malformed digest or number, or an unknown beacon.
    """

    number: int
    bank: str
    image: str
    isolation: str
    items: str
    places: int
    table: str
    criteria: str
    criteria_digest: str
    figures: Figures
    alpha_cal: str
    beta_cal: str
    shares: Shares
    calibration: str
    calibration_digest: str
    domain_rule: str
    order_rule: str
    void_rule: str
    attempts: int
    window: int
    beacon: str
    elicitation: Elicitation
    readers: str
    inconclusive: str
    decision_digest: str
    vectors_digest: str
    characteristics: str
    accepted: bool

    def __post_init__(self) -> None:
        for field in (
            *("isolation", "criteria", "calibration", "domain_rule", "order_rule", "void_rule", "readers"),
            "inconclusive",
        ):
            require_text(field, getattr(self, field))
        for field in (
            *("bank", "image", "items", "table", "criteria_digest", "calibration_digest", "decision_digest"),
            *("vectors_digest", "characteristics"),
        ):
            require_digest(field, getattr(self, field))
        for field in ("alpha_cal", "beta_cal"):
            require_decimal(field, getattr(self, field))
        if not _BEACON.fullmatch(self.beacon):
            raise PlanError(f"{self.beacon[:_SHOWN]!r} is no beacon.", "Use operator, or drand:CHAIN:ROUND.")
        if not (self.number >= 1 and 0 < self.places <= MOST_PLACES and 0 < self.attempts <= MOST_ATTEMPTS):
            raise PlanError("A count of the plan is out of range.", f"Plan 1 to {MOST_PLACES} places.")
        if self.window < 1:
            raise PlanError("The plan's window has no place.", "Give 1 or more.")

    @property
    def commitment(self) -> bytes:
        """Return 32 bytes that hang on which items may be run and on the whole rule, and on nothing that is random.

        The seed of the order is made of this and of a beacon that is drawn after the plan was written down.
        """
        parts = {
            "bank": self.bank,
            "items": self.items,
            "places": self.places,
            "criteria": self.criteria_digest,
            "figures": msgspec.to_builtins(self.figures),
            "alpha_cal": self.alpha_cal,
            "beta_cal": self.beta_cal,
        }
        return hashlib.sha256(COMMITMENT_TAG + canonical(parts)).digest()


def require_decimal(field: str, value: str) -> None:
    """Refuse what is no declared decimal.

    Raises:
        PlanError: for it.
    """
    if not _DECIMAL.fullmatch(value):
        raise PlanError(f"{field} is {value[:_SHOWN]!r}, which is no decimal number.", "Write it as in 0.05.")


def require_digest(field: str, value: str) -> None:
    """Refuse what is no digest.

    Raises:
        PlanError: for it.
    """
    if not _HEX.fullmatch(value):
        raise PlanError(f"{field} is {value[:_SHOWN]!r}, which is no digest.", "Give lower-case hex digits.")


def require_text(field: str, value: str) -> None:
    """Refuse an empty text.

    Raises:
        PlanError: for it.
    """
    if not value.strip():
        raise PlanError(f"{field} of the plan is missing.", "A run cannot begin before the plan says it.")
