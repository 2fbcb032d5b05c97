"""A page and a tick cost as many queries at 10 subjects as at 100,000."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import event, func, insert, select

from tests.store.making import START, at, entry, id_of, low, row, subject
from trialplate.store import Durability, SqliteStore, schema

DUE, LATER = at(10), at(1000)


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
    rows = [row(about, 1, due_at=DUE) for about in abouts]
    store.append(low, [entry(about) for about in abouts], now=START, summaries=rows)
    others = [subject(f"s{n}") for n in range(due, subjects)]
    with store.engine.begin() as connection:
        a_record = dict(connection.execute(select(schema.record).limit(1)).mappings().one())
        a_row = dict(connection.execute(select(schema.summary).limit(1)).mappings().one())
        del a_record["seq"]
        records = [a_record | {"id": other * 2, "subject": other} for other in others]
        connection.execute(insert(schema.record), records)
        connection.execute(insert(schema.summary), [a_row | {"subject": s, "next_due_at": LATER} for s in others])


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


@pytest.mark.parametrize("due_by", ["", at(11), at(2000)])
def test_a_page_of_100_000_subjects_is_found_by_an_index(stores: dict[int, SqliteStore], due_by: str) -> None:
    took: list[float] = []
    for after in ("", "8" * 32, ""):
        began = time.perf_counter()
        stores[100_000].summaries(low, due_by=due_by, after=after)
        took.append(time.perf_counter() - began)
    # Reading every row takes more than 150 ms; a page by index, less than 10.
    assert min(took) < 0.12


def test_due_subjects_are_the_same_few_among_many(stores: dict[int, SqliteStore]) -> None:
    for subjects, store in stores.items():
        found = store.summaries(low, due_by=at(11))
        assert {summary.subject for summary in found} == {subject(f"s{n}") for n in range(5)}
        with store.engine.connect() as connection:
            rows = connection.execute(select(func.count()).select_from(schema.summary)).scalar_one()
        assert rows == subjects
