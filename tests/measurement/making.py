"""Orders and designs to try things on."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from trialplate.measurement import LARGE, STANDARD, SUPPORTED, Design, ItemRow

FAMILIES = 10
DOMAINS = 5


def items(
    difficulties: Sequence[float], *, slope: float = 1.4, families: int = FAMILIES, domains: int = DOMAINS
) -> list[ItemRow]:
    """Return items that are passed or failed, with families and domains in turn, for a cut at 1 hour (theta0 = 0)."""
    return [
        ItemRow(f"item-{n:03d}", f"family-{n % families}", f"domain-{n % families % domains}", 60, b, slope)
        for n, b in enumerate(difficulties)
    ]


def spread(count: int, width: float = 1.0) -> list[float]:
    """Return difficulties spread evenly over -+ `width` in an order that mixes easy and hard."""
    even = [width * (2 * n / max(count - 1, 1) - 1) for n in range(count)]
    return [even[(7 * n) % count] if count % 7 else even[(5 * n) % count] for n in range(count)]


def graded(difficulties: Sequence[Sequence[float]]) -> list[ItemRow]:
    """Return items with milestones; the last one of each is its difficulty."""
    return [
        ItemRow(f"item-{n:03d}", f"family-{n}", "domain", 60, steps[-1], 1.4, tuple(steps[:-1]))
        for n, steps in enumerate(difficulties)
    ]


@st.composite
def tables(draw: st.DrawFn, least: int = 1, most: int = 8, steps: int = 1) -> list[ItemRow]:
    """Return orders of items within the band of a cut at 1 hour, with up to `steps` milestones each."""
    rows: list[ItemRow] = []
    for n in range(draw(st.integers(least, most))):
        b = draw(st.integers(-100, 100)) / 100
        gaps = draw(st.lists(st.integers(20, 100), max_size=steps - 1))
        before = tuple(b - sum(gaps[at:]) / 100 for at in range(len(gaps)))
        rows.append(
            ItemRow(f"item-{n}", f"family-{n % 3}", f"domain-{n % 2}", 60, b, draw(st.integers(90, 210)) / 100, before)
        )
    return rows


@st.composite
def designs(draw: st.DrawFn, n_max: int) -> Design:
    """Return designs with a cut at 1 hour."""
    level = draw(st.sampled_from([0.01, 0.05, 0.1, 0.2]))
    return Design(
        cut_hours=1,
        n_max=n_max,
        alpha=level,
        beta=level,
        alpha_cal=level,
        beta_cal=draw(st.sampled_from([level, level / 2])),
        cost=draw(st.sampled_from([5.0, 30.0, 60.0])),
        nuisance=draw(st.sampled_from([STANDARD, SUPPORTED, LARGE])),
        linking=draw(st.sampled_from([0.0, 0.15])),
        elicitation=draw(st.sampled_from([0.0, 0.2, 1.0])),
        look_every=draw(st.integers(1, n_max)),
    )
