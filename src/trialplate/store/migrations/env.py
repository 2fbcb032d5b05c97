"""Alembic runs this file: it migrates over the connection, and in the transaction, that the store opened."""

from __future__ import annotations

from alembic import context

from trialplate.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
