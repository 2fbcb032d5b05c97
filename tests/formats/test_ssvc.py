"""The engine and the format of decision tables: what is decided, what stays open, and which tables are refused."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.formats.ssvc import (
    Decided,
    Input,
    InputError,
    Shipped,
    Table,
    TableError,
    Undecided,
    decide,
    parse_table,
    relevant,
    shipped,
)
from trialplate.formats.ssvc.table import MOST_BYTES

SMALL = """
format = "trialplate-ssvc/1"
name = "umbrella"
version = "1.0.0"
says = "Whether to take an umbrella."

[[points]]
id = "here:RAIN:1.0.0"
name = "Rain"
asks = "Does it rain?"
[points.values]
N = ["No", "It is dry."]
Y = ["Yes", "It rains."]

[[points]]
id = "here:WIND:1.0.0"
name = "Wind"
asks = "How strong is the wind?"
[points.values]
L = ["Low", "Leaves hardly move."]
M = ["Medium", "Branches move."]
H = ["High", "Trees move."]

[outcome]
id = "here:TAKE:1.0.0"
name = "Take it"
asks = "Is it taken?"
[outcome.values]
N = ["No", "It stays at home."]
Y = ["Yes", "It is taken."]
C = ["Coat", "A coat is taken instead."]

[mapping]
"N" = "N N N"
"Y" = "Y Y C"
"""
RAIN, WIND = "here:RAIN:1.0.0", "here:WIND:1.0.0"
SHIPPED = [shipped(which) for which in Shipped]


def small(old: str = "", new: str = "") -> Table:
    """Return the small table, with one change."""
    assert old in SMALL
    return parse_table(SMALL.replace(old, new, 1).encode())


def keys(answer: Decided | Undecided) -> list[str]:
    """Return the outcomes that an answer leaves, one where it is decided."""
    return [answer.outcome.key] if isinstance(answer, Decided) else [value.key for value in answer.outcomes]


@st.composite
def questions(draw: st.DrawFn) -> tuple[Table, list[Input], list[Input]]:
    """Draw a table that ships, inputs for all its points, and some of them."""
    table = draw(st.sampled_from(SHIPPED))
    full = [Input(point.id, draw(st.sampled_from(point.keys))) for point in table.points]
    some = [given for given in full if draw(st.booleans())]
    return table, full, draw(st.permutations(some))


@pytest.mark.parametrize(
    "inputs, outcomes, missing",
    [
        ([], ["N", "Y", "C"], [RAIN, WIND]),
        ([(RAIN, "N")], ["N"], []),
        ([(RAIN, "Y")], ["Y", "C"], [WIND]),
        ([(WIND, "L")], ["N", "Y"], [RAIN]),
        ([(WIND, "H"), (RAIN, "Y")], ["C"], []),
    ],
)
def test_an_answer_says_what_is_possible_and_what_is_missing(
    inputs: list[tuple[str, str]], outcomes: list[str], missing: list[str]
) -> None:
    answer = decide(small(), [Input(*each) for each in inputs])
    assert keys(answer) == outcomes
    assert list(answer.missing if isinstance(answer, Undecided) else ()) == missing
    assert (answer.table, answer.version) == ("umbrella", "1.0.0")
    assert [(given.point, given.value) for given in answer.inputs] == sorted(inputs)


def test_a_point_that_makes_no_difference_any_more_is_not_missing() -> None:
    # With dry weather sure to take nothing, wind matters only in rain; where rain takes a coat always, never.
    assert decide(small("Y Y C", "C C C"), []) == Undecided(
        table="umbrella",
        version="1.0.0",
        outcomes=tuple(small().outcome.values[place] for place in (0, 2)),
        missing=(RAIN,),
        inputs=(),
    )


@given(questions())
def test_no_completion_of_the_unknown_contradicts_an_answer(question: tuple[Table, list[Input], list[Input]]) -> None:
    table, full, some = question
    answer, complete = decide(table, some), decide(table, full)
    assert isinstance(complete, Decided)
    assert complete.outcome.key in keys(answer)


@given(questions())
def test_an_answer_leaves_exactly_what_completions_reach(question: tuple[Table, list[Input], list[Input]]) -> None:
    table, _, some = question
    known = {given.point for given in some}
    unknown = [[Input(point.id, key) for key in point.keys] for point in table.points if point.id not in known]
    reached = {key for rest in product(*unknown) for key in keys(decide(table, [*some, *rest]))}
    answer = decide(table, some)
    assert keys(answer) == [value.key for value in table.outcome.values if value.key in reached]
    assert isinstance(answer, Decided) == (len(reached) == 1)


@given(questions())
def test_whoever_learns_all_that_is_missing_gets_a_decision(question: tuple[Table, list[Input], list[Input]]) -> None:
    table, full, some = question
    answer = decide(table, some)
    if isinstance(answer, Undecided):
        learned = [given for given in full if given.point in answer.missing]
        assert decide(table, [*some, *learned]) == decide(table, relevant(table, [*some, *learned]))
        assert isinstance(decide(table, [*some, *learned]), Decided)
        assert all(
            len({tuple(keys(decide(table, [*some, Input(point.id, key)]))) for key in point.keys}) == 1
            for point in table.points
            if point.id not in {*answer.missing, *(given.point for given in some)}
        )


@pytest.mark.parametrize(
    "inputs, said",
    [
        ([Input("here:SNOW:1.0.0", "N")], "does not ask for 'here:SNOW:1.0.0'"),
        ([Input("here:RAIN:1.1.0", "N")], "does not ask for"),
        ([Input(RAIN, "Maybe")], "'Maybe' is no value of here:RAIN:1.0.0. Give one of N, Y"),
        ([Input(RAIN, "")], "is no value"),
        ([Input(RAIN, "N"), Input(RAIN, "N")], "given twice"),
        ([Input(RAIN, "N"), Input(RAIN, "Y")], "given twice"),
    ],
)
def test_an_input_that_makes_no_sense_is_refused(inputs: list[Input], said: str) -> None:
    with pytest.raises(InputError, match=said):
        decide(small(), inputs)


def test_facts_that_a_table_does_not_ask_for_can_be_left_out() -> None:
    facts = [Input("ssvc:E:1.1.0", "A"), Input("cisa:KEV:1.0.0", "Y"), Input("ssvc:TI:1.0.0", "T")]
    table = shipped(Shipped.CISA_BOD_26_04)
    assert relevant(table, facts) == tuple(facts[1:])
    assert keys(decide(table, relevant(table, facts))) == ["14D", "3DF"]


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("ssvc/1", "ssvc/2", "format 'trialplate-ssvc/2'"),
        ('version = "1.0.0"', 'version = "1.0"', "no decision table"),
        ('name = "umbrella"', 'name = "Umbrella!"', "no decision table"),
        ('name = "umbrella"', 'name = "umbrella"\nscore = 9', "unknown field"),
        ('id = "here:RAIN:1.0.0"', 'id = "RAIN"', "no decision table"),
        ("here:WIND:1.0.0", "here:RAIN:2.0.0", "names here:RAIN twice"),
        ("here:TAKE:1.0.0", "here:RAIN:1.0.0", "names here:RAIN twice"),
        ('M = ["Medium", "Branches move."]\n', "", "'N' has 3 outcomes for the 2 values of here:WIND:1.0.0"),
        ('N = ["No", "It is dry."]\nY = ["Yes", "It rains."]\n', "", "no decision table"),
        ('Y = ["Yes", "It rains."]', 'N = ["No", "It rains."]', "no decision table"),
        ('Y = ["Yes", "It rains."]', '"a b" = ["Yes", "It rains."]', "no decision table"),
        ('"Y" = "Y Y C"', "", "has no line 'Y'"),
        ('"Y" = "Y Y C"', '"Y" = "Y Y C"\n"Y" = "Y Y C"', "no decision table"),
        ('"Y" = "Y Y C"', '"Y" = "Y Y C"\n" Y" = "Y Y C"', "Two lines"),
        ('"Y" = "Y Y C"', '"Y" = "Y Y C"\n"X" = "Y Y C"', "'X' names no combination"),
        ('"Y" = "Y Y C"', '"Y" = "Y Y C"\n"Y H" = "C"', "'Y H' names no combination"),
        ('"Y" = "Y Y C"', '"Y" = "Y C"', "has 2 outcomes for the 3 values"),
        ('"Y" = "Y Y C"', '"Y" = "Y Y D"', "'D' in the line 'Y' is no outcome"),
        ("[mapping]", "[[mapping]]", "no decision table"),
        ("format", "\0", "no decision table"),
        pytest.param("format", f"x = {'9' * 5000}\nformat", "no decision table", id="a long number"),
        pytest.param("format", f"x = {'[' * 20000}\nformat", "no decision table", id="deep lists"),
        pytest.param("format", f"# {'x' * MOST_BYTES}\nformat", "more than the 65536", id="too many bytes"),
    ],
)
def test_a_table_that_is_not_whole_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(TableError, match=said):
        small(old, new)


def test_a_table_that_is_no_text_is_refused() -> None:
    with pytest.raises(TableError, match="no decision table"):
        parse_table(b"\xff")


def test_a_table_of_too_many_combinations_is_refused() -> None:
    values = "\n".join(f'V{number} = ["a", "b"]' for number in range(9))
    points = "\n".join(
        f'[[points]]\nid = "here:P{number}:1.0.0"\nname = "a"\nasks = "a"\n[points.values]\n{values}'
        for number in range(4)
    )
    large = f"{SMALL.partition('[[points]]')[0]}{points}\n[outcome]{SMALL.partition('[outcome]')[2]}"
    with pytest.raises(TableError, match="6561 combinations, at most 4096"):
        parse_table(large.encode())


def test_a_table_of_one_point_has_one_line() -> None:
    first, _, rest = SMALL.partition('[[points]]\nid = "here:WIND')
    alone = f"{first}[outcome]{rest.partition('[outcome]')[2].partition('[mapping]')[0]}[mapping]\n'' = 'N C'\n"
    assert keys(decide(parse_table(alone.encode()), [Input(RAIN, "Y")])) == ["C"]


def test_tables_that_ship_are_named_by_what_they_hold() -> None:
    assert [f"{table.name}/{table.version}" for table in SHIPPED] == list(Shipped)
    assert all(table.follows and table.says for table in SHIPPED)


def test_a_point_is_the_same_in_every_table() -> None:
    points = {point for table in SHIPPED for point in table.points}
    assert len(points) == len({point.id for point in points}) == 10


@pytest.mark.parametrize(
    "exposed, listed, automatable, impact, outcome",
    [
        ("Y", "Y", "Y", "T", "3 days & forensic investigation"),
        ("Y", "N", "Y", "T", "3 days"),
        ("N", "Y", "N", "P", "14 days"),
        ("N", "N", "Y", "P", "60 days"),
        ("N", "N", "N", "T", "Fix on system upgrade"),
    ],
)
def test_the_directive_is_answered_in_its_words(
    exposed: str, listed: str, automatable: str, impact: str, outcome: str
) -> None:
    table = shipped(Shipped.CISA_BOD_26_04)
    values = (exposed, listed, automatable, impact)
    answer = decide(table, [Input(point.id, value) for point, value in zip(table.points, values, strict=True)])
    assert isinstance(answer, Decided)
    assert answer.outcome.name == outcome


def test_the_example_of_the_page_answers_as_the_page_says() -> None:
    page = (Path(__file__).parents[2] / "docs" / "formats" / "ssvc.md").read_text(encoding="utf-8")
    table = parse_table(page.partition("```toml\n")[2].partition("```")[0].encode())
    exploited, exposed = (point.id for point in table.points)
    assert decide(table, [Input(exploited, "N")]) == Decided(
        table="night-call", version="1.0.0", outcome=table.outcome.values[0], inputs=(Input(exploited, "N"),)
    )
    some, none = decide(table, [Input(exploited, "Y")]), decide(table, [])
    assert isinstance(some, Undecided)
    assert isinstance(none, Undecided)
    assert (keys(some), some.missing) == (["N", "Y"], (exposed,))
    assert (keys(none), none.missing) == (["N", "Y"], (exploited, exposed))
    assert keys(decide(table, [Input(exploited, "Y"), Input(exposed, "O")])) == ["Y"]
    assert all(
        f"`{table.name}/{table.version}` | `{table.follows}` | {len(table.outcomes)} |" in page for table in SHIPPED
    )
