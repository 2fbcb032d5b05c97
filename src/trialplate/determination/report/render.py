"""The page: blocks in their order, numbered, labeled and written as one HTML file that needs nothing else. Pure."""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, FunctionLoader, StrictUndefined

from trialplate.determination.report import answer, course, origin, results, words
from trialplate.determination.report.data import ReportData
from trialplate.determination.report.document import Block
from trialplate.determination.report.marking import MARKS, banner, marked, marking
from trialplate.records import PUBLIC, Label

_TEMPLATES: Final = files("trialplate.determination.report") / "templates"


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """A block as it stands on the page; the answer has no number."""

    block: Block
    marking: str
    number: int


def render(data: ReportData, *, marks: Mapping[str, Label] = MARKS, clearance: Label = PUBLIC) -> str:
    """Return the report as an HTML page; equal values, equal pages.

    Args:
        data: what is shown.
        marks: the label of every block by its key.
        clearance: of whom the page is for. Blocks that it does not dominate are left out without a trace, and the
            banner is the join of what stays.

    Raises:
        ReportError: for a block without a label, or a value that the report has no words for.
    """
    shown = marked(blocks(data), marks, clearance)
    top = banner(shown)
    style = _environment().get_template("style.css").render(banner=top)
    numbers = itertools.count(1)
    page = _environment().get_template("page.html.jinja")
    return page.render(
        banner=top,
        shown=[
            _Shown(
                block=each.block,
                marking=marking(each.label),
                number=0 if each.block.headline else next(numbers),
            )
            for each in shown
        ],
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def blocks(data: ReportData) -> tuple[Block, ...]:
    """Return the blocks in the order of the page: errors of the rule stand before all else where they are a warning."""
    errors = origin.errors(data)
    first, later = ((errors,), ()) if errors.warns else ((), (errors,))
    return (
        answer.answer(data),
        *first,
        answer.limits(data),
        course.evidence(data),
        course.horizon(data),
        results.results(data),
        results.attempts(data),
        results.twins(data),
        results.integrity(data),
        *later,
        origin.costs(data),
        origin.origins(data),
        origin.plans(data),
        answer.check(data),
        answer.closing(data),
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_final,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _final(value: object) -> object:
    """Return what is written for a value: of texts, nothing that hides or turns the direction."""
    return words.visible(value) if type(value) is str else value
