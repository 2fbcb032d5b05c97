"""The page as a whole, for campaigns of every kind: what stands on it, in which order, and what does not."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache

import msgspec
import pytest

from tests.determination.report.campaigns import CAMPAIGNS, CODES, Campaign
from tests.determination.report.making import every, made, rule_of
from tests.determination.report.reading import Page, read, squeezed
from trialplate.determination import conclude
from trialplate.determination.report import MARKS, ReportData, ReportError, render
from trialplate.determination.report.words import meaning
from trialplate.records import Answer, Label, Level, Shares

REPORTS = every()
PAGES = {name: render(data) for name, data in REPORTS.items()}
NAMES = list(REPORTS)
ORDER = "answer limits evidence horizon results attempts twins integrity errors costs origins plans check words".split()
SECRET = Label(level=Level.SECRET, compartments=frozenset({"BETA", "ALPHA"}), dissemination=frozenset({"NOFORN"}))


@cache
def page(name: str) -> Page:
    return read(PAGES[name])


def numbers(value: object) -> Iterator[int | float]:
    """Give every number inside a value."""
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.asdict(value)
    elif is_dataclass(value) and not isinstance(value, type):
        value = {each.name: getattr(value, each.name) for each in fields(value)}
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from numbers(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


@pytest.mark.parametrize("name, campaign", CAMPAIGNS.items())
def test_the_campaigns_of_these_tests_end_as_they_say(name: str, campaign: Campaign) -> None:
    outcomes = [CODES[letter] for letter in campaign.outcomes]
    ended = conclude(rule_of(campaign), Shares(limits=20, voids=10), outcomes, twins_solved=campaign.twins.count("s"))
    assert (ended.outcome, ended.reason) == (campaign.answer, campaign.reason), name
    assert ended.decision.runs == len(outcomes)


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_comes_first(name: str) -> None:
    read_page, said = page(name), REPORTS[name].draft.says
    assert squeezed(read_page.named("h1")[0].text) == said[0]
    first_heading = min(read_page.text.index(each.text) for each in read_page.named("h2"))
    assert all(squeezed(read_page.text).index(text) < first_heading for text in said)


@pytest.mark.parametrize("name", NAMES)
def test_the_blocks_stand_in_their_order(name: str) -> None:
    sections = [each.attributes["id"] for each in page(name).named("section")]
    expected = ["answer", "errors", *(key for key in ORDER[1:] if key != "errors")] if name == "missed" else ORDER
    assert sections == expected
    linked = [each.attributes["href"] for each in page(name).named("a")]
    assert linked == [f"#{key}" for key in expected]


@pytest.mark.parametrize("name", NAMES)
def test_every_limit_and_text_of_the_draft_stands_there(name: str) -> None:
    text, data = squeezed(page(name).text), REPORTS[name]
    for said in (
        *data.draft.does_not_say,
        data.plan.order_rule,
        data.plan.void_rule,
        data.plan.readers,
        data.plan.beacon,
    ):
        assert squeezed(said) in text


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_the_data_stands_there(name: str) -> None:
    read_page, data = page(name), REPORTS[name]
    found = read_page.figures() | read_page.values()
    if data.used.dollars is None:
        # Without a price no amount of an attempt means anything.
        data = replace(data, attempts=tuple(replace(row, dollars=0) for row in data.attempts))
    wanted = {f"{n:,}" if isinstance(n, int) else f"{n:.6g}" for n in numbers(data)}
    exact = {str(data.plan.elicitation.limits.microdollars), f"{data.characteristics.bound:.6g}"}
    assert wanted - found - {f"{data.plan.elicitation.limits.microdollars:,}", "inf", *exact} == set()
    assert {"25000000", "8.34"} <= found
    decimals = [each for each in msgspec.structs.astuple(data.plan.figures) if isinstance(each, str)]
    assert {*decimals, data.plan.alpha_cal, data.rule.attained_below, data.estimate.evidence.above} <= found


@pytest.mark.parametrize("name", NAMES)
def test_every_attempt_stands_in_its_place(name: str) -> None:
    body = next(squeezed(each.text) for each in page(name).named("section") if each.attributes["id"] == "attempts")
    at = 0
    for row in sorted(REPORTS[name].attempts, key=lambda row: (row.place, row.attempt)):
        at = body.index(meaning(row.outcome).name, at) + 1
    assert at or not REPORTS[name].attempts


@pytest.mark.parametrize("name", NAMES)
def test_nothing_runs_and_nothing_is_fetched(name: str) -> None:
    html, read_page = PAGES[name], page(name)
    assert not read_page.named(
        "script", "img", "link", "iframe", "object", "embed", "form", "base", "image", "foreignobject"
    )
    for element in read_page.elements:
        for attribute, value in element.attributes.items():
            assert not attribute.startswith("on")
            assert attribute not in {"style", "src", "srcset", "action", "data", "xlink:href"}
            assert attribute != "href" or value.startswith("#"), value
    style = read_page.named("style")[0].text
    assert not re.search(r"url\(|@import|@font-face|</", style)
    policy = next(each.attributes["content"] for each in read_page.named("meta") if "http-equiv" in each.attributes)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert html.startswith("<!doctype html>")
    assert html.index("Content-Security-Policy") < html.index("<style>")


@pytest.mark.parametrize("name", NAMES)
def test_ids_are_unique_and_references_lead_somewhere(name: str) -> None:
    read_page = page(name)
    ids = read_page.ids()
    assert len(ids) == len(set(ids))
    for element in read_page.elements:
        named = element.attributes.get("aria-labelledby", "").split()
        named += [element.attributes["href"][1:]] if "href" in element.attributes else []
        assert set(named) <= set(ids)


@pytest.mark.parametrize("name", NAMES)
def test_every_drawing_is_told_and_stays_on_its_canvas(name: str) -> None:
    for html in re.findall(r'<svg class="(?:chart|bar|emblem)[^>]*>.*?</svg>', PAGES[name], re.DOTALL):
        drawn = read(html)
        canvas = drawn.named("svg")[0].attributes
        assert canvas["role"] == "img"
        assert canvas["aria-labelledby"].split() == [
            drawn.named(part)[0].attributes["id"] for part in ("title", "desc")
        ]
        assert drawn.named("title")[0].text
        assert drawn.named("desc")[0].text
        width, height = (float(part) for part in canvas["viewbox"].split()[2:])
        for x, y in coordinates(drawn):
            assert 0 <= x <= width, html
            assert 0 <= y <= height, html


def coordinates(drawn: Page) -> Iterator[tuple[float, float]]:
    """Give every point that a drawing goes to."""
    for element in drawn.elements:
        about = element.attributes
        if "points" in about:
            for pair in about["points"].split():
                x, y = pair.split(",")
                yield float(x), float(y)
        elif element.name in {"use", "text", "rect"}:
            x, y = float(about["x"]), float(about["y"])
            yield x, y
            yield x + float(about.get("width", 0)), y + float(about.get("height", 0))


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_says_its_column_for_narrow_screens(name: str) -> None:
    read_page = page(name)
    headings = {squeezed(each.text) for each in read_page.named("th") if each.attributes["role"] == "columnheader"}
    cells = [each for each in read_page.named("td", "th") if each.attributes["role"] != "columnheader"]
    assert cells
    assert all(each.attributes["data-label"] in headings for each in cells)


@pytest.mark.parametrize("name", NAMES)
def test_the_words_are_those_of_the_order(name: str) -> None:
    if name == "hostile":
        return
    assert not re.search(r"\b(?:review|approv|clearance|licen[sc]|permi[st])", page(name).text, re.IGNORECASE)


@pytest.mark.parametrize("name", NAMES)
def test_equal_values_give_equal_pages_of_a_bearable_size(name: str) -> None:
    assert render(every()[name]) == PAGES[name]
    assert len(PAGES[name].encode()) < 300_000


def test_each_answer_has_a_look_of_its_own() -> None:
    looks = {answer: page(name) for answer, name in zip(Answer, ("above", "below", "horizon"), strict=True)}
    for answer, shown in looks.items():
        assert shown.named("section")[0].attributes["class"] == f"answer is-{answer.lower()}"
        assert shown.named("strong")[0].text == answer
    assert len({squeezed(shown.named("h1")[0].text) for shown in looks.values()}) == len(looks)


@pytest.mark.parametrize(
    "name, words",
    [
        ("horizon", "What was seen fits a model on either side"),
        ("limits", "The answer BELOW is withheld."),
        ("limits", "The boundary for BELOW was reached, and the answer is INCONCLUSIVE all the same"),
        ("integrity", "cannot carry an answer on either side"),
        ("integrity", "1 of them was solved"),
        ("integrity", "counts as worst on each side"),
        ("void", "The campaign says nothing of the model"),
        ("void", "No twin was run."),
        ("nothing", "there is nothing to draw"),
        ("above", "T+ reached the boundary for ABOVE after 12 items: 104 points, of 104 needed."),
        ("above", "after the decision: not counted"),
        ("above", "A rule that is newer than these words"),
        ("above", "drand:"),
        ("below", "no price was given"),
        ("below", "somebody has to look before this is used"),
        ("below", "This is plan 3 of this subject."),
        ("below", "abandoned"),
        ("missed", "Warning: how the rule errs on this bank"),
        ("missed", "over 5%"),
        ("missed", "accepted it before the first run"),
        ("horizon", "no look here"),
        ("forty", "twin: not counted"),
    ],
)
def test_what_is_particular_is_said(name: str, words: str) -> None:
    assert words in squeezed(page(name).text)


@pytest.mark.parametrize(
    "kept, accepted, said, unsaid",
    [
        (False, False, "worth less than its sentence says", "accepted it before"),
        (True, True, "accepted it before", "worth less than its sentence says"),
    ],
)
def test_either_cause_of_the_warning_is_enough(*, kept: bool, accepted: bool, said: str, unsaid: str) -> None:
    campaign = Campaign(outcomes="nsssnnss", answer=Answer.ABOVE, levels_kept=kept, accepted=accepted)
    shown = read(render(made(campaign)))
    assert [each.attributes["id"] for each in shown.named("section")][:2] == ["answer", "errors"]
    assert said in squeezed(shown.text)
    assert unsaid not in squeezed(shown.text)


def test_hostile_names_are_only_text() -> None:
    text = squeezed(page("hostile").text)
    for shown in (
        "</style><script>alert(1)</script>",
        "{{ 7 * 7 }}",
        "[U+202E]ledom[U+2066] שלום",
        "[U+0007]",
        "W" * 200,
    ):
        assert shown in text
    assert not re.search("[\u0000-\u0008\u200b-\u200f\u202a-\u202e\u2066-\u2069]", PAGES["hostile"])


def test_a_formal_basis_is_said() -> None:
    data = made(CAMPAIGNS["above"])
    formal = replace(data, draft=msgspec.structs.replace(data.draft, formal=True))
    assert "its criteria are formal" in squeezed(read(render(formal)).text)


def test_an_answer_that_does_not_begin_with_its_word_is_shown_whole() -> None:
    data = made(CAMPAIGNS["above"])
    other = replace(data, draft=msgspec.structs.replace(data.draft, says=("It is ABOVE.",)))
    shown = read(render(other))
    assert squeezed(shown.named("h1")[0].text) == "It is ABOVE."
    assert shown.named("section")[0].attributes["class"] == "answer is-above"


def test_what_the_report_has_no_words_for_is_refused() -> None:
    data = made(CAMPAIGNS["above"])
    first, *others = data.attempts
    for wrong, said in ((replace(first, counts="perhaps"), "perhaps"), (replace(first, outcome="FINE"), "FINE")):
        with pytest.raises(ReportError, match=said):
            render(replace(data, attempts=(wrong, *others)))


def test_a_block_without_a_label_is_refused() -> None:
    marks = {key: label for key, label in MARKS.items() if key != "costs"}
    with pytest.raises(ReportError, match=r"'costs' has no label"):
        render(data_of_above(), marks=marks)


def test_the_banner_is_the_join_of_what_is_shown() -> None:
    marks = {**MARKS, "origins": SECRET}
    whole = read(render(data_of_above(), marks=marks, clearance=SECRET))
    banners = [each.text for each in whole.named("p") if each.attributes.get("class") == "banner"]
    assert banners == ["SECRET//ALPHA/BETA//NOFORN"] * 2
    assert 'content: "SECRET//ALPHA/BETA//NOFORN"' in whole.named("style")[0].text
    assert squeezed(whole.text).count("(SECRET//ALPHA/BETA//NOFORN)") == 1
    assert squeezed(whole.text).count("(UNCLASSIFIED)") == len(MARKS) - 1


def test_what_a_reader_may_not_read_leaves_no_trace() -> None:
    marks = {**MARKS, "origins": SECRET, "answer": SECRET}
    low, other = data_of_above(), replace(data_of_above(), origins=())
    shown = render(low, marks=marks)
    assert shown == render(replace(other, made_at=low.made_at), marks=marks)
    assert "SECRET" not in shown
    assert [each.attributes["id"] for each in read(shown).named("section")] == [
        key for key in ORDER if key not in {"origins", "answer"}
    ]
    assert "13" not in {squeezed(each.text).partition(" ")[0] for each in read(shown).named("h2")}


def data_of_above() -> ReportData:
    return REPORTS["above"]


def test_an_endless_interval_is_drawn_at_the_edge() -> None:
    data = made(CAMPAIGNS["above"])
    assert math.isinf(data.looks[0].high)
    assert "no upper end" in squeezed(page("above").text)
