"""The wiring of the command group `store`: opens the store of these settings and looks after it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import ClassVar

from trialplate.app.keyring import Keyring
from trialplate.app.settings import NOT_READY, Settings
from trialplate.app.upkeep import Rebuilt, rebuild
from trialplate.app.wiring_flows import flows_of
from trialplate.errors import TrialplateError
from trialplate.records.times import written
from trialplate.store import SqliteStore, StoreInfo


class HomeError(TrialplateError):
    """The folder of all data cannot be made or has no store yet."""

    exit_code: ClassVar[int] = NOT_READY


def utc_now() -> str:
    """Return the moment, as records write it: the one clock that is handed to everything below."""
    return written(datetime.now(UTC))


@contextmanager
def opened(settings: Settings) -> Generator[SqliteStore]:
    """Open the store of these settings, with its folders, and close it after.

    Raises:
        HomeError: where the folders cannot be made.
        StoreError: where the file cannot be used.
    """
    try:
        # Bodies and keys lie below: nobody but this user looks in.
        for folder in (settings.home, settings.keys_dir):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as failure:
        raise HomeError(
            f"The folder {settings.home} cannot be made ({failure.strerror}).",
            "Set TRIALPLATE_HOME to a folder that you may write to.",
        ) from failure
    store = SqliteStore(settings.store_path, busy_timeout_s=settings.busy_timeout_s)
    try:
        yield store
    finally:
        store.close()


def info(settings: Settings) -> StoreInfo:
    """Return the sizes of the store.

    Raises:
        HomeError: where there is none yet.
        StoreError: where the file cannot be used.
    """
    with _existing(settings) as store:
        return store.info(now=utc_now())


def rebuilt(settings: Settings, progress: Callable[[int, int], None]) -> Rebuilt:
    """Make every summary row of the store anew.

    Args:
        settings: say where the store is.
        progress: called with the number of subjects done and of all subjects.

    Raises:
        HomeError: where there is no store yet.
        StoreError: where the file cannot be used; then no row was changed.
    """
    with _existing(settings) as store:
        subjects = store.info(now=utc_now()).subjects
        return rebuild(store, flows_of(Keyring(settings.keys_dir).keyed), lambda done: progress(done, subjects))


@contextmanager
def _existing(settings: Settings) -> Generator[SqliteStore]:
    if not settings.store_path.exists():
        raise HomeError(
            f"There is no store at {settings.store_path} yet.",
            "It is made by the first command that records something; or set TRIALPLATE_HOME to the folder of another.",
        )
    with opened(settings) as store:
        yield store
