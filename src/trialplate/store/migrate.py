"""Bring the tables of an open database to this program's version, in the caller's transaction."""

from __future__ import annotations

from importlib import resources
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect

from trialplate.store.schema import SCHEMA_VERSION

_SCRIPTS: Final = resources.files("trialplate.store").joinpath("migrations")


def version(connection: Connection) -> int:
    """Return the schema version of the database; 0 for one that holds none of our tables."""
    revision = MigrationContext.configure(connection).get_current_revision()
    return 0 if revision is None else int(revision)


def is_empty(connection: Connection) -> bool:
    """Return whether the database holds no table at all."""
    return not inspect(connection).get_table_names()


def upgrade(connection: Connection) -> None:
    """Run the migrations that lead from the database's version to `SCHEMA_VERSION`."""
    config = Config()
    # Alembic's configuration interpolates percent signs, and a path may hold one.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, f"{SCHEMA_VERSION:04d}")
