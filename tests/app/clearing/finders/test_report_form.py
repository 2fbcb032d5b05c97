"""The form of a report: every answer is checked at once, and the report that the answers make is one that is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.intake.making import only
from trialplate.app.clearing.files import FileError
from trialplate.app.clearing.finders.report_form import QUESTIONS, AnswerError, Form, answered, document_of
from trialplate.formats.intake import Declared, DeclaredNone, Finding, InlineProof, Location, Undeclared, parse_plain

GIVEN = {"title": "It overflows", "target": "pkg:pypi/a@1", "description": "At once."}


def filled(**answers: str) -> Form:
    """Return the form with these answers, and the least ones where nothing is given."""
    form = Form()
    for question in QUESTIONS:
        form = answered(form, question, (GIVEN | answers).get(question.field, ""))
    return form


def finding(**answers: str) -> Finding:
    return only(parse_plain(document_of(filled(**answers))))


def test_the_least_that_is_answered_is_a_report() -> None:
    made = finding()
    assert (made.title, made.description, made.targets[0].purl) == ("It overflows", "At once.", "pkg:pypi/a@1")
    assert (made.weakness, made.locations, made.proofs) == ((), (), ())
    assert made.ai_tool == made.ai_model == made.verifier == Undeclared()


def test_all_that_is_answered_is_in_it(tmp_path: Path) -> None:
    proof = tmp_path / "poc.bin"
    proof.write_bytes(b"\0ABC")
    made = finding(
        target="https://git.example/a",
        weakness="cwe-787, 125",
        where="src/a.c:12:a::parse",
        proof=str(proof),
        ai_tool="Finder",
        ai_model="none",
        verifier="None",
    )
    assert made.targets[0].repository == "https://git.example/a"
    assert made.weakness == ("CWE-787", "CWE-125")
    assert made.locations == (Location(file="src/a.c", line=12, function="a::parse"),)
    assert made.proofs == (InlineProof(name="poc.bin", data=b"\0ABC"),)
    assert (made.ai_tool, made.ai_model, made.verifier) == (Declared("Finder"), DeclaredNone(), DeclaredNone())


@pytest.mark.parametrize(
    "where, place",
    [("a.c", Location(file="a.c")), ("a.c:7", Location(file="a.c", line=7)), ("a.c::f", None), ("", None)],
)
def test_a_place_may_be_a_file_alone(where: str, place: Location | None) -> None:
    if where == "a.c::f":
        with pytest.raises(AnswerError):
            filled(where=where)
    else:
        assert finding(where=where).locations == ((place,) if place else ())


@pytest.mark.parametrize(
    "field, answer, message",
    [
        ("title", "", "A title has 1 to 300"),
        ("title", "x" * 301, "A title has 1 to 300"),
        ("target", "", "neither a purl nor the address"),
        ("target", "requests", "neither a purl nor the address"),
        ("target", "pkg:pypi/", "neither a purl nor the address"),
        ("description", " ", "A description has 1 to"),
        ("weakness", "overflow", "A kind of weakness is a CWE number"),
        ("weakness", "CWE-787, CWE-0", "A kind of weakness is a CWE number"),
        ("where", ":7", "no place in a source"),
        ("verifier", "x" * 2049, "A name has at most"),
    ],
)
def test_an_answer_that_is_none_is_told(field: str, answer: str, message: str) -> None:
    with pytest.raises(AnswerError, match=message):
        filled(**{field: answer})


def test_a_proof_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        filled(proof=str(tmp_path / "nothing"))
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate((1 << 20) + 1)
    with pytest.raises(FileError, match="more than the 1048576"):
        filled(proof=str(large))


def test_a_form_that_was_not_filled_in_makes_no_report() -> None:
    with pytest.raises(AnswerError, match="would not be taken"):
        document_of(Form())


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
plausible = {
    "title": texts,
    "target": st.one_of(texts, texts.map("pkg:pypi/a{}".format), texts.map("https://git.example/{}".format)),
    "description": texts,
    "weakness": st.one_of(texts, st.from_regex(r"(CWE-)?[0-9]{1,7}(, *[0-9]{1,3})?", fullmatch=True)),
    "where": st.one_of(texts, st.from_regex(r"[^:]{1,9}(:[0-9]{1,12})?(:[^:].{0,9})?", fullmatch=True)),
    "ai_tool": texts,
}


@given(answers=st.fixed_dictionaries({}, optional=plausible))
def test_what_passes_every_question_is_taken(answers: dict[str, str]) -> None:
    try:
        form = filled(**answers)
    except AnswerError:
        return
    assert len(parse_plain(document_of(form)).findings) == 1
