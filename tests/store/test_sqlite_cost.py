"""A page and a tick cost as many queries at 10 subjects as at 100,000."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial

import pytest
from sqlalchemy import event, func, insert, select

from tests.store.making import START, at, entry, id_of, low, row, subject
from trialplate.store import Durability, SqliteStore, schema
from trialplate.trust.ports import Mark

DUE, LATER = at(10), at(1000)
ALL_BEAR = Mark("project", "one")


def own(n: int) -> Mark:
    """Return the mark that one subject alone bears."""
    return Mark("number", f"{n}")


class Counter:
    """Counts the statements that reach a database."""

    def __init__(self, store: SqliteStore) -> None:
        self.statements: list[str] = []
        event.listen(store.engine, "before_cursor_execute", self)

    def __call__(self, _c: object, _cursor: object, statement: str, *_rest: object) -> None:
        self.statements.append(statement)

    def of(self, act: Callable[[], object]) -> int:
        self.statements.clear()
        act()
        return len(self.statements)


def fill(store: SqliteStore, subjects: int, due: int) -> None:
    """Append a subject for each due one, and write copies of the first as the others, because that is quick."""
    abouts = [subject(f"s{n}") for n in range(due)]
    rows = [row(about, 1, due_at=DUE, marks=(ALL_BEAR, own(n))) for n, about in enumerate(abouts)]
    store.append(low, [entry(about) for about in abouts], now=START, summaries=rows)
    others = sorted(subject(f"s{n}") for n in range(due, subjects))
    with store.engine.begin() as connection:
        a_record = dict(connection.execute(select(schema.record).limit(1)).mappings().one())
        a_row = dict(connection.execute(select(schema.summary).limit(1)).mappings().one())
        del a_record["seq"]
        records = [a_record | {"id": other * 2, "subject": other} for other in others]
        connection.execute(insert(schema.record), records)
        connection.execute(insert(schema.summary), [a_row | {"subject": s, "next_due_at": LATER} for s in others])
        marks = [(s, mark) for n, s in enumerate(others, start=due) for mark in (ALL_BEAR, own(n))]
        of_row = {"label": a_row["label"]}
        connection.execute(
            insert(schema.mark), [of_row | {"subject": s, "name": m.name, "value": m.value} for s, m in marks]
        )


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, SqliteStore]]:
    made: dict[int, SqliteStore] = {}
    for subjects in (10, 100_000):
        path = tmp_path_factory.mktemp("cost") / "store.db"
        made[subjects] = SqliteStore(path, durability=Durability.UNSAFE_OFF)
        fill(made[subjects], subjects, due=5)
    yield made
    for store in made.values():
        store.close()


def counts(store: SqliteStore) -> dict[str, int]:
    known = subject("s3")
    counter = Counter(store)
    return {
        "page": counter.of(lambda: store.summaries(low)),
        "later page": counter.of(lambda: store.summaries(low, after=known)),
        "due page": counter.of(lambda: store.summaries(low, due_by=at(11))),
        "all due page": counter.of(lambda: store.summaries(low, due_by=at(2000))),
        "history": counter.of(lambda: store.history(low, known)),
        "record": counter.of(lambda: store.get(low, id_of(entry(known)))),
        "marks": counter.of(lambda: store.marked(low, [own(n) for n in range(1000)])),
        "info": counter.of(lambda: store.info(now=START)),
        "append": counter.of(
            lambda: store.append(low, [entry(known, ordinal=9)], now=START, summaries=[row(known, 2, due_at=DUE)])
        ),
    }


def test_an_act_costs_a_constant_number_of_queries(stores: dict[int, SqliteStore]) -> None:
    small, large = counts(stores[10]), counts(stores[100_000])
    assert small == large
    # The page, and before it, for a due one, the question how it is best found; each within BEGIN and COMMIT.
    assert large["page"] <= 2
    assert large["due page"] <= 3
    # Marks are asked in chunks of 500.
    assert large["marks"] <= 3


@pytest.mark.parametrize("due_by", ["", at(11), at(2000)])
def test_a_page_of_100_000_subjects_is_found_by_an_index(stores: dict[int, SqliteStore], due_by: str) -> None:
    took: list[float] = []
    for after in ("", "8" * 32, ""):
        began = time.perf_counter()
        stores[100_000].summaries(low, due_by=due_by, after=after)
        took.append(time.perf_counter() - began)
    # Reading every row takes more than 150 ms; a page by index, less than 10.
    assert min(took) < 0.12


def instructions(store: SqliteStore, act: Callable[[], object]) -> int:
    """Return how many instructions the database runs for an act."""
    ran = 0

    def step() -> None:
        nonlocal ran
        ran += 1

    # The pool holds this one connection, and hands it out again for the act.
    with closing(store.engine.raw_connection()) as pooled:
        driver = pooled.driver_connection
        assert driver is not None
        driver.set_progress_handler(step, 1)
    act()
    driver.set_progress_handler(None, 1)
    return ran


@pytest.mark.parametrize(
    "marks, found",
    [((ALL_BEAR,), 5), ((own(1), own(7)), 2), ((Mark("number", "none"),), 0)],
    ids=["all", "own", "none"],
)
def test_who_bears_a_mark_costs_its_answer_however_many_bear_it(
    stores: dict[int, SqliteStore], marks: tuple[Mark, ...], found: int
) -> None:
    ran: list[int] = []
    for store in stores.values():
        assert len(store.marked(low, marks, limit=5)) == found
        ran.append(instructions(store, partial(store.marked, low, marks, limit=5)))
    assert 0 < ran[1] < 1.2 * ran[0]


def test_due_subjects_are_the_same_few_among_many(stores: dict[int, SqliteStore]) -> None:
    for subjects, store in stores.items():
        found = store.summaries(low, due_by=at(11))
        assert {summary.subject for summary in found} == {subject(f"s{n}") for n in range(5)}
        with store.engine.connect() as connection:
            rows = connection.execute(select(func.count()).select_from(schema.summary)).scalar_one()
        assert rows == subjects
