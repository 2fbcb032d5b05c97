"""Each adapter of the record store, for the tests of what every one of them promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.adapters import AnyStore, Maker
from trialplate.store import Durability, Fault, MemoryStore, SqliteStore, no_fault


@pytest.fixture(params=["memory", "sqlite"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Maker]:
    opened: list[SqliteStore] = []

    def made(fault: Fault) -> AnyStore:
        if request.param == "memory":
            return MemoryStore(fault=fault)
        path = tmp_path / f"store-{len(opened)}.db"
        opened.append(SqliteStore(path, busy_timeout_s=5, durability=Durability.UNSAFE_OFF, fault=fault))
        return opened[-1]

    yield made
    for store in opened:
        store.close()


@pytest.fixture
def store(make: Maker) -> AnyStore:
    return make(no_fault)
