"""The form of a report: its questions one by one, what each answer must be, and the document that the answers make."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trialplate.app.clearing.files import read_file
from trialplate.errors import TrialplateError
from trialplate.formats.intake import LIMITS, Declarations, parse_plain
from trialplate.formats.intake.plain import (
    FORMAT,
    Report,
    ReportFinding,
    ReportLocation,
    ReportProof,
    ReportTarget,
)

_MOST_TITLE: Final = 300
_PURL: Final = re.compile(r"pkg:[A-Za-z][A-Za-z0-9.+-]*/\S+")
_REPOSITORY: Final = re.compile(r"(?:https?|ssh|git)://[^\s/]+/\S+")
_CWE: Final = re.compile(r"(?:CWE-)?([1-9][0-9]{0,5})", re.IGNORECASE)
_WHERE: Final = re.compile(r"([^:]+)(?::([1-9][0-9]{0,8}))?(?::([^:].*))?")
_NONE: Final = "none"


class AnswerError(TrialplateError):
    """An answer is not what its question asks for."""


class Form(Struct, frozen=True, kw_only=True):
    """The answers, each as it was checked; empty where a question was passed over."""

    title: str = ""
    target: str = ""
    description: str = ""
    weakness: str = ""
    where: str = ""
    proof: str = ""
    ai_tool: str = ""
    ai_model: str = ""
    verifier: str = ""


@dataclass(frozen=True)
class Question:
    """A question: the field of the form that it fills, how it is asked, and what checks an answer.

    `check` returns the answer as it is kept, or raises `AnswerError`, `FileError` or `OSError`.
    """

    field: str
    text: str
    check: Callable[[str], str]


def _title(answer: str) -> str:
    if not 0 < len(answer) <= _MOST_TITLE:
        raise AnswerError(f"A title has 1 to {_MOST_TITLE} characters.", "Say in one line what is wrong.")
    return answer


def _target(answer: str) -> str:
    if not _PURL.fullmatch(answer) and not _REPOSITORY.fullmatch(answer):
        raise AnswerError(
            "This is neither a purl nor the address of a repository.",
            "Write it as pkg:pypi/NAME@VERSION or https://HOST/PATH.",
        )
    return answer


def _description(answer: str) -> str:
    if not 0 < len(answer) <= LIMITS.text:
        raise AnswerError(f"A description has 1 to {LIMITS.text} characters.", "Say what happens, and how.")
    return answer


def _weakness(answer: str) -> str:
    found = [_CWE.fullmatch(each) for each in re.split(r"[\s,]+", answer) if each]
    if None in found:
        raise AnswerError("A kind of weakness is a CWE number.", "Write it as CWE-787; put commas between several.")
    return ", ".join(f"CWE-{each[1]}" for each in found if each)


def _where(answer: str) -> str:
    if answer and not _WHERE.fullmatch(answer):
        raise AnswerError("This is no place in a source.", "Write it as FILE, FILE:LINE or FILE:LINE:FUNCTION.")
    return answer


def _proof(answer: str) -> str:
    if answer:
        read_file(Path(answer), LIMITS.proof)
    return answer


def _declared(answer: str) -> str:
    if len(answer) > LIMITS.short:
        raise AnswerError(f"A name has at most {LIMITS.short} characters.", "Name it more shortly.")
    return answer


QUESTIONS: Final = (
    Question("title", "What is wrong, in one line", _title),
    Question("target", "In what: a purl, or the address of a repository", _target),
    Question("description", "What happens, and what follows from it", _description),
    Question("weakness", "What kind of weakness, as CWE-787 (empty: not known)", _weakness),
    Question("where", "Where, as FILE:LINE:FUNCTION (empty: not known)", _where),
    Question("proof", "A file that shows it when it is read (empty: there is none)", _proof),
    Question("ai_tool", "By which AI tool was it found (none: by none; empty: not said)", _declared),
    Question("ai_model", "By which model (none: by none; empty: not said)", _declared),
    Question("verifier", "Which person verified it (none: nobody; empty: not said)", _declared),
)


def answered(form: Form, question: Question, answer: str) -> Form:
    """Return the form with one more answer.

    Raises:
        AnswerError: where the answer is not what the question asks for.
        FileError: where it names a file that cannot be used.
    """
    return msgspec.structs.replace(form, **{question.field: question.check(answer.strip())})


def document_of(form: Form) -> bytes:
    """Return the report that the answers make, in the format `trialplate.report/1`; its proof is read from its file.

    Raises:
        AnswerError: where a report of these answers would not be taken.
        FileError: where the proof can no longer be read.
    """
    purl = form.target if _PURL.fullmatch(form.target) else ""
    finding = ReportFinding(
        title=form.title,
        description=form.description,
        target=ReportTarget(purl=purl, repository="" if purl else form.target),
        weakness=tuple(form.weakness.split(", ")) if form.weakness else (),
        locations=_locations(form.where),
        proofs=_proofs(form.proof),
        declared=Declarations(
            ai_tool=_said(form.ai_tool), ai_model=_said(form.ai_model), verifier=_said(form.verifier)
        ),
    )
    document = msgspec.json.format(msgspec.json.encode(Report(FORMAT, (finding,))), indent=2) + b"\n"
    refusals = parse_plain(document).refusals
    if refusals:
        raise AnswerError(f"The report would not be taken: {refusals[0].detail}", "Begin again.")
    return document


def _locations(where: str) -> tuple[ReportLocation, ...]:
    place = _WHERE.fullmatch(where)
    if place is None:
        return ()
    return (ReportLocation(file=place[1], line=int(place[2]) if place[2] else None, function=place[3] or ""),)


def _proofs(path: str) -> tuple[ReportProof, ...]:
    if not path:
        return ()
    data = base64.b64encode(read_file(Path(path), LIMITS.proof)).decode()
    return (ReportProof(name=Path(path).name, base64=data),)


def _said(answer: str) -> str | UnsetType | None:
    if not answer:
        return UNSET
    return None if answer.lower() == _NONE else answer
