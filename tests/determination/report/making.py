"""Reports to look at: whole campaigns made from a list of outcomes, with the words that a real draft has."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec

from tests.determination.report.campaigns import CAMPAIGNS, CODES, Campaign, digest
from trialplate.determination import Criteria, Derivation, drafted
from trialplate.determination.drafting import Basis
from trialplate.determination.report import (
    AttemptRow,
    Characteristics,
    Erring,
    Look,
    Origin,
    ReportData,
    Share,
    Used,
)
from trialplate.records import (
    Answer,
    Argument,
    EarlierPlan,
    Elicitation,
    Estimate,
    Evidence,
    Figures,
    Horizon,
    ItemLimits,
    Nuisance,
    Outcome,
    Plan,
    PlanState,
    Reason,
    RecordId,
    Rule,
    Scores,
    Shares,
    SubjectId,
)

DOMAINS = ("discovery", "exploitation", "reversing", "cryptography", "web", "network")
FAMILIES = ("reader", "daemon", "bytecode", "ticket", "roles", "pivot")
MINUTES = (35, 60, 95, 140, 190, 260, 410)
OUT_OF_REACH = 999
RIGHT_TO_LEFT = "\u202e"


def made(campaign: Campaign) -> ReportData:
    """Return the report of a campaign."""
    plan, rule = plan_of(campaign), rule_of(campaign)
    looks = looks_of(campaign, rule)
    rows = attempts_of(campaign)
    estimate = estimate_of(campaign, looks, rows)
    basis = Basis(
        criteria=criteria(),
        subject=SubjectId("00112233445566778899aabbccddeeff"),
        plan=plan,
        plan_id=RecordId(digest("plan")),
        estimate=estimate,
        estimate_id=RecordId(digest("estimate")),
        earlier=[earlier(number) for number in range(1, campaign.earlier + 1)],
    )
    return ReportData(
        draft=drafted(basis),
        plan=plan,
        rule=rule,
        estimate=estimate,
        made_at="2026-07-02T09:30:00Z",
        places=campaign.places,
        looks=looks,
        domains=shares_of(rows, lambda row: row.domain),
        levels=shares_of(rows, lambda row: row.level),
        attempts=rows,
        used=Used(
            tokens_in=sum(row.tokens for row in rows) * 9,
            tokens_out=sum(row.tokens for row in rows),
            dollars=sum(row.dollars for row in rows) if campaign.priced else None,
            seconds=sum(row.seconds for row in rows),
            attempts=len(rows),
        ),
        characteristics=characteristics(levels_kept=campaign.levels_kept),
        origins=(
            Origin(name="Program", value="trialplate 0.1.0", says="What ran the campaign."),
            Origin(name="Bank", value=digest("bank"), says="The root over its items."),
            Origin(name="Host image", value=digest("image"), says="What the hosts of the tasks are made from."),
        ),
    )


def rule_of(campaign: Campaign) -> Rule:
    """Return a rule for the items of a campaign: a boundary climbs by what a model at the cut would add."""
    numbers = range(campaign.places)
    bounds = tuple(OUT_OF_REACH if n < 3 else 28 + 7 * n + max(0, 6 - n) - n // 6 for n in numbers)
    every = campaign.look_every
    return Rule(
        places=tuple(Scores(above=(0, 13 + n % 4), below=(12 + n % 3, 0)) for n in numbers),
        bound_above=bounds,
        bound_below=tuple(bound + 1 for bound in bounds),
        looks=tuple(n for n in range(1, campaign.places + 1) if n % every == 0 or n == campaign.places),
        attained_above="0.048712345",
        attained_below="0.049112345",
    )


def looks_of(campaign: Campaign, rule: Rule) -> tuple[Look, ...]:
    """Return how the sums went; the horizon is a plausible one and no estimate."""
    above = below = 0
    looks: list[Look] = []
    for n, letter in enumerate(campaign.outcomes):
        place, solved = rule.places[n], letter == "s"
        if letter not in "cv":
            above, below = above + place.above[solved], below + place.below[solved]
        if n + 1 not in rule.looks:
            continue
        guess, width = 2 * 2 ** ((above - below) / 40), 2 ** (7 / math.sqrt(n + 1))
        looks.append(
            Look(
                number=n + 1,
                item=digest(f"item {n}")[:12],
                outcome=CODES[letter],
                above=above,
                upper=rule.bound_above[n],
                below=below,
                lower=rule.bound_below[n],
                low=0.0 if n == 0 else round(guess / width, 4),
                guess=round(guess, 4),
                high=math.inf if n == 0 else round(guess * width, 4),
            )
        )
    return tuple(looks)


def attempts_of(campaign: Campaign) -> tuple[AttemptRow, ...]:
    """Return the attempts: of the items, with re-runs where `again` or void, of those after, and of the twins."""
    rows: list[AttemptRow] = []
    letters = campaign.outcomes + campaign.after
    for n, letter in enumerate(letters):
        counts = "counts" if n < len(campaign.outcomes) else "after"
        voids = 2 if letter == "v" else int(n in campaign.again)
        rows += [attempt(n, k, Outcome.VOID_SANDBOX, "void", campaign) for k in range(1, voids + 1)]
        rows.append(attempt(n, voids + 1, CODES[letter], counts, campaign))
    rows += [attempt(len(letters) + n, 1, CODES[letter], "twin", campaign) for n, letter in enumerate(campaign.twins)]
    return tuple(rows)


def attempt(n: int, number: int, outcome: Outcome, counts: str, campaign: Campaign) -> AttemptRow:
    """Return one attempt."""
    minutes = MINUTES[n % len(MINUTES)]
    return AttemptRow(
        place=n,
        item=digest(f"item {n}")[:12],
        family=f"{DOMAINS[n % 6]}/{FAMILIES[n % 6]}",
        domain=DOMAINS[n % 6],
        level="L1" if minutes < 40 else "L2" if minutes < 180 else "L3",
        minutes=minutes,
        attempt=number,
        outcome=outcome,
        counts=counts,
        tokens=48_211 + 7_919 * n,
        seconds=31.7 + 97.3 * n * n,
        dollars=round(0.0071 + 0.113 * n, 4),
        turns=9 + 2 * n,
        flags=tuple(flag for at, flag in campaign.flags if at == n),
    )


def shares_of(rows: Sequence[AttemptRow], key: Callable[[AttemptRow], str]) -> tuple[Share, ...]:
    """Return how the attempts that count ended, by a property of theirs."""
    counted = [row for row in rows if row.counts == "counts"]
    shares: list[Share] = []
    for name in sorted({key(row) for row in counted}):
        some = [row for row in counted if key(row) == name]
        ended = [row.outcome for row in some]
        shares.append(
            Share(
                name=name,
                run=len(some),
                solved=ended.count("SOLVED"),
                not_solved=ended.count("NOT_SOLVED"),
                limit=ended.count("LIMIT"),
                refused=ended.count("REFUSED"),
                void=sum(each.startswith("VOID_") for each in ended),
                cheated=ended.count("CHEATED"),
                minutes=(min(row.minutes for row in some), max(row.minutes for row in some)),
            )
        )
    return tuple(shares)


def estimate_of(campaign: Campaign, looks: Sequence[Look], rows: Sequence[AttemptRow]) -> Estimate:
    """Return what the campaign says."""
    last = looks[-1] if looks else None
    return Estimate(
        outcome=campaign.answer,
        reason=campaign.reason,
        runs=len(campaign.outcomes),
        above=last.above if last else 0,
        below=last.below if last else 0,
        voids=sum(row.outcome.startswith("VOID_") for row in rows),
        limits=sum(letter in "lr" for letter in campaign.outcomes),
        cheated=campaign.outcomes.count("c"),
        after=len(campaign.after),
        twins=len(campaign.twins),
        twins_solved=campaign.twins.count("s"),
        horizon=Horizon(
            estimate=f"{last.guess:.2f}" if last else "2",
            low=f"{last.low:.2f}" if last else "0.01",
            high=f"{min(last.high, 999):.2f}" if last else "900",
            bounded=last is not None,
        ),
        evidence=Evidence(above="2.113", below="-1.874", outcome=Answer.INCONCLUSIVE),
        escalate=campaign.escalate,
    )


def plan_of(campaign: Campaign) -> Plan:
    """Return the plan of a campaign."""
    told = criteria()
    return Plan(
        number=campaign.earlier + 1,
        bank=digest("bank"),
        image=digest("image"),
        isolation="T1 namespaces",
        items=digest("items"),
        places=campaign.places,
        table=digest("table"),
        criteria=told.name,
        criteria_digest=digest("criteria"),
        figures=msgspec.structs.replace(told.figures, look_every=campaign.look_every),
        alpha_cal="0.041",
        beta_cal="0.043",
        shares=told.shares,
        calibration=told.calibration,
        calibration_digest=digest("calibration"),
        domain_rule=told.domain_rule,
        order_rule=told.order_rule,
        void_rule=told.void_rule,
        attempts=3,
        window=4,
        beacon=campaign.beacon,
        elicitation=Elicitation(
            model=campaign.model,
            arguments=(
                Argument(name="ability", value="8h"),
                Argument(name="api_key", value="", withheld=True),
            ),
            agent="react, with bash and python",
            limits=ItemLimits(tokens=0, seconds=14_400, turns=250, microdollars=25_000_000),
            token_budget=90_000_000,
            call_seconds=600,
            call_retries=3,
        ),
        readers=told.readers,
        inconclusive=told.inconclusive,
        decision_digest=digest("decision"),
        vectors_digest=digest("vectors"),
        characteristics=digest("characteristics"),
        accepted=campaign.accepted,
    )


def criteria() -> Criteria:
    """Return criteria for these campaigns."""
    return Criteria(
        format="trialplate-criteria/1",
        name="synthetic-0000.1",
        says="For tests.",
        formal=False,
        calibration="uncalibrated: design difficulties",
        figures=Figures(
            cut_hours="2",
            delta="0.45",
            alpha="0.05",
            beta="0.05",
            linking="0.15",
            elicitation="0",
            band="1",
            nuisance=Nuisance(name="H", kappa=("0.75", "1.3"), s=("0", "0.75"), eps=("0", "0.05")),
            cost=30,
            look_every=1,
        ),
        shares=Shares(limits=20, voids=10),
        domain_rule="One sum of evidence over all domains.",
        order_rule="Blocks of one item a domain.",
        void_rule="A void attempt is run again, twice at most.",
        inconclusive="It asks for more items or a closer look.",
        readers="Whoever ran it, and whoever is given its bundle.",
        derivations=tuple(Derivation(of=name, text="For tests.") for name in (*Figures.__struct_fields__, "shares")),
    )


def characteristics(*, levels_kept: bool) -> Characteristics:
    """Return simulated errors; of the deciding rule over their levels where they are not kept."""
    over = 0.0 if levels_kept else 4.6
    worlds = (
        ("S0", "The model of the items is right."),
        ("S1", "Families and domains differ."),
        ("S4", "Families differ, difficulties are off, and some items are broken."),
        ("S5", "All items are easier than they are thought to be."),
    )
    return Characteristics(
        rows=tuple(
            Erring(
                scenario=name,
                says=says,
                rule=rule,
                false_above=round(0.9 + 0.61 * n + over, 2),
                false_below=round(1.1 + 0.43 * n, 2),
                inconclusive=27.25 + n,
                runs=18.81 + 2.5 * n,
                p90=34.5 + n,
            )
            for n, (name, says) in enumerate(worlds)
            for rule in ("L", "e-process")
        ),
        replicates=20_000,
        bound=8.34,
        levels_kept=levels_kept,
    )


def earlier(number: int) -> EarlierPlan:
    """Return a plan before this one."""
    finished = number % 2 == 0
    return EarlierPlan(
        number=number,
        plan=RecordId(digest(f"plan {number}")),
        at=f"2026-06-{number:02d}T08:00:00Z",
        state=PlanState.FINISHED if finished else PlanState.ABANDONED,
        outcome="INCONCLUSIVE" if finished else "",
    )


def hostile() -> ReportData:
    """Return a report whose names are long, are markup, or turn the direction of the text."""
    markup = "</style><script>alert(1)</script><img src=https://example.org/x onerror=\"alert('2')\">"
    campaign = Campaign(
        outcomes="snslrns",
        answer=Answer.INCONCLUSIVE,
        reason=Reason.HORIZON,
        places=12,
        model=f"{markup}{RIGHT_TO_LEFT}ledom\u2066 שלום {{{{ 7 * 7 }}}} \x07 {'W' * 200}",
    )
    data = made(campaign)
    long = "a-name-without-any-place-to-break-" * 6
    return replace(
        data,
        attempts=tuple(replace(row, item=long, family=long, domain=f"<b>{long}</b>") for row in data.attempts),
        domains=tuple(replace(share, name=f"{share.name} {long}") for share in data.domains),
        origins=(*data.origins, Origin(name=long, value=digest("long") * 4, says=markup)),
    )


def every() -> dict[str, ReportData]:
    """Return all reports by name."""
    return {**{name: made(campaign) for name, campaign in CAMPAIGNS.items()}, "hostile": hostile()}
