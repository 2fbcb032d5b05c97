"""The parts of a report: words, drawings, scales, and the colors of the style sheet."""

from __future__ import annotations

import math
import re
from importlib.resources import files

import pytest

from trialplate.determination.report import Look, Share, plots, words
from trialplate.determination.report.drawing import Box, Frame, Line, Mark, steps, time_ticks, whole_ticks
from trialplate.determination.report.marking import marking
from trialplate.determination.report.plots import Side, Stand
from trialplate.records import PUBLIC, Answer, Label, Level

STYLE = (files("trialplate.determination.report") / "templates" / "style.css").read_text(encoding="utf-8")
PAIRS = [
    ("ink", "paper", 7.0),
    ("muted", "paper", 4.5),
    ("accent", "paper", 4.5),
    ("ink", "soft", 7.0),
    ("ink", "region", 4.5),
    ("accent", "region", 3.0),
]


def colors(style: str) -> list[dict[str, str]]:
    """Return the palettes of a style sheet, light first."""
    return [
        dict(re.findall(r"--(\w+): (#\w{6});", block)) for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    ]


def luminance(color: str) -> float:
    """Return the relative luminance of a color, by WCAG 2.2."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors, 1 to 21, by WCAG 2.2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("front, back, least", PAIRS)
def test_colors_are_told_apart(front: str, back: str, least: float) -> None:
    palettes = colors(STYLE)
    assert len(palettes) == 2
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for palette in palettes:
        assert contrast(palette[front], palette[back]) >= least, (front, back, palette)


def test_the_style_sheet_never_prints_dark_and_names_no_color_elsewhere() -> None:
    assert "@media screen and (prefers-color-scheme: dark)" in STYLE
    assert "(prefers-color-scheme: dark)" not in STYLE.replace("@media screen and (prefers-color-scheme: dark)", "")
    rules = re.sub(r":root \{.*?\}", "", STYLE, flags=re.DOTALL)
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb|hsl", rules)


@pytest.mark.parametrize(
    "hours, text",
    [
        (0.0, "0 min"),
        (0.0301, "1.81 min"),
        (0.5, "30 min"),
        (0.97, "58 min"),
        (1.0, "1 h"),
        (2.345, "2.35 h"),
        (15.95, "15.9 h"),
        (1234.4, "1,234 h"),
        (math.inf, "no upper end"),
    ],
)
def test_hours_are_told_as_people_tell_them(hours: float, text: str) -> None:
    assert words.hours(hours).text == text


@pytest.mark.parametrize(
    "seconds, text", [(0.0, "0 s"), (31.7, "31.7 s"), (212.4, "3 min 32 s"), (7261.0, "2 h 1 min")]
)
def test_durations_are_told_as_people_tell_them(seconds: float, text: str) -> None:
    assert words.duration(seconds).text == text
    assert words.duration(seconds).value == f"{seconds:.6g}"


def test_money_is_told_in_cents_or_smaller() -> None:
    assert [words.dollars(each).text for each in (0.0, 0.0071, 0.01, 1234.5)] == [
        "$0.00",
        "$0.0071",
        "$0.01",
        "$1,234.50",
    ]
    assert words.microdollars(1_500_000).text == "$1.50"


def test_hidden_characters_are_written_out() -> None:
    assert words.visible("a\u202eb\u00adc\td\ne\u0000\ud800é") == "a[U+202E]b[U+00AD]c[U+0009]d e[U+0000][U+D800]é"


def test_numbers_come_with_their_noun() -> None:
    assert [words.plural(each, "item") for each in (0, 1, 2000)] == ["0 items", "1 item", "2,000 items"]
    assert words.plural(2, "re-try", "re-tries") == "2 re-tries"


@pytest.mark.parametrize(
    "low, high, texts",
    [
        (0, 4, "0 1 2 3 4"),
        (0, 36, "0 10 20 30"),
        (0, 1, "0 1"),
        (-45.0, 30.0, "\N{MINUS SIGN}40 \N{MINUS SIGN}20 0 20"),
        (0, 4096, "0 1,000 2,000 3,000 4,000"),
    ],
)
def test_ticks_of_whole_numbers_are_round(low: float, high: float, texts: str) -> None:
    assert [text for _, text in whole_ticks(low, high)] == texts.split()


def test_ticks_of_time_are_doublings() -> None:
    assert [text for _, text in time_ticks(0.5, 8)] == ["30 min", "1 h", "2 h", "4 h", "8 h"]
    assert [text for _, text in time_ticks(0.01, 2048, most=4)] == ["1 min", "30 min", "16 h", "512 h"]


def test_a_frame_keeps_everything_inside() -> None:
    frame = Frame(columns=4, low=1.0, high=4.0, log=True)
    assert frame.y(0.0) == frame.y(1.0) == frame.y(-3.0)
    assert frame.y(math.inf) == frame.y(4.0)
    assert frame.y(2.0) == pytest.approx((frame.y(1.0) + frame.y(4.0)) / 2)
    assert frame.x(9) == frame.x(4)


def test_steps_keep_their_height_until_the_next_point() -> None:
    assert steps([(0, 1), (2, 3), (4, 0)]) == ((0, 1), (2, 1), (2, 3), (4, 3), (4, 0))
    assert steps([]) == ()


def side(totals: list[int], *, looks: tuple[int, ...] = (1, 2, 3, 4), boundary: tuple[int, ...] = (9, 9, 9, 9)) -> Side:
    """Return a side of four items of 5 points each."""
    course = [Stand(number=n, total=total, outcome="SOLVED") for n, total in enumerate(totals, 1)]
    return Side(answer=Answer.BELOW, scores=[(0, 5)] * 4, boundary=boundary, looks=frozenset(looks), course=course)


@pytest.mark.parametrize(
    "totals, looks, says",
    [
        ([5, 10], (1, 2, 3, 4), "reached the boundary for BELOW after 2 items: 10 points, of 9 needed."),
        ([5, 10, 10], (3, 4), "reached the boundary for BELOW after 3 items: 10 points, of 9 needed."),
        ([5, 5], (1, 2, 3, 4), "did not reach the boundary for BELOW: 5 points after 2 items; 9 were needed."),
        ([5], (2, 4), "did not reach the boundary for BELOW: 5 points after 1 item; it cannot be reached so early."),
    ],
)
def test_evidence_is_told_in_words(totals: list[int], looks: tuple[int, ...], says: str) -> None:
    assert plots.evidence_says(side(totals, looks=looks)) == f"T\N{MINUS SIGN} {says}"


def test_evidence_is_drawn_where_it_was_looked_at() -> None:
    drawn = plots.evidence(side([0, 5, 10]))
    assert [shape.name for shape in drawn.shapes if isinstance(shape, Mark)] == ["solved"] * 3
    looks = [shape.look for shape in drawn.shapes if isinstance(shape, Line)]
    assert {"region", "boundary", "drop", "path"} <= set(looks)


def test_a_boundary_that_nothing_reaches_is_not_drawn() -> None:
    drawn = plots.evidence(side([0, 5], boundary=(99, 99, 99, 99)))
    assert not {"region", "boundary", "drop"} & {shape.look for shape in drawn.shapes if isinstance(shape, Line)}


@pytest.mark.parametrize("low, high, where", [(3.0, 5.0, "lies above"), (0.5, 1.0, "lies below"), (1.0, 4.0, "holds")])
def test_a_horizon_is_told_by_its_side_of_the_cut(low: float, high: float, where: str) -> None:
    look = Look(number=3, item="a", outcome="SOLVED", above=0, upper=9, below=0, lower=9, low=low, guess=low, high=high)
    assert where in plots.horizon_says(look, 2.0)
    assert plots.horizon([look], 8, 2.0).says == plots.horizon_says(look, 2.0)


def test_a_bar_is_filled_as_far_as_solved() -> None:
    share = Share(name="a", run=4, solved=1, not_solved=3, limit=0, refused=0, void=0, cheated=0, minutes=(1, 2))
    drawn = plots.bar(share, 8, "key")
    inside, outline = drawn.shapes
    assert drawn.title == "1 of 4 solved"
    assert isinstance(inside, Box)
    assert isinstance(outline, Box)
    assert inside.width * 4 == outline.width == 60


def test_each_answer_has_a_sign_on_its_side_of_the_line() -> None:
    for answer, (top, bottom) in {Answer.ABOVE: (0, 36), Answer.BELOW: (36, 72), Answer.INCONCLUSIVE: (0, 72)}.items():
        whiskers = [s for s in plots.emblem(answer).shapes if isinstance(s, Line) and s.look == "whisker"]
        heights = [y for whisker in whiskers for _, y in whisker.points]
        assert top < min(heights) < max(heights) < bottom
        assert (min(heights) < 36 < max(heights)) == (answer is Answer.INCONCLUSIVE)


def test_labels_are_marked_in_words() -> None:
    assert marking(PUBLIC) == "UNCLASSIFIED"
    assert marking(Label(level=Level.TOP_SECRET, dissemination=frozenset({"REL TO FVEY"}))) == "TOP SECRET//REL TO FVEY"
