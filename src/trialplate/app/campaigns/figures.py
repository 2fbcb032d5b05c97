"""Figures of criteria, which are decimal texts, as the numbers that are measured with; and numbers as decimal texts."""

from __future__ import annotations

from trialplate.measurement.design import Design, NuisanceSet
from trialplate.records import Figures


def design_of(figures: Figures, *, places: int, alpha_cal: str, beta_cal: str) -> Design:
    """Return the design of a decision over so many items, its boundaries made for the calibrated levels.

    Raises:
        DesignError: where the figures make no design.
    """
    nuisance = figures.nuisance
    return Design(
        cut_hours=float(figures.cut_hours),
        n_max=places,
        delta=float(figures.delta),
        alpha=float(figures.alpha),
        beta=float(figures.beta),
        alpha_cal=float(alpha_cal),
        beta_cal=float(beta_cal),
        cost=float(figures.cost),
        nuisance=NuisanceSet(nuisance.name, _range(nuisance.kappa), _range(nuisance.s), _range(nuisance.eps)),
        linking=float(figures.linking),
        elicitation=float(figures.elicitation),
        look_every=min(figures.look_every, places),
        band=float(figures.band),
    )


def decimal(value: float, digits: int) -> str:
    """Return a number as a decimal text with at most so many digits behind the point, and no zeros at its end."""
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _range(side: tuple[str, str]) -> tuple[float, float]:
    return float(side[0]), float(side[1])
