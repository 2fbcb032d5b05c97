"""The tables of the record store, shared by every SQL adapter.

`record` is append-only; `summary`, `mark`, `lease` and `leaf_queue` are mutable. `migrations/` builds these tables step
by step, and a test holds the two to one another. A change here needs a migration and a higher `SCHEMA_VERSION`.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA_VERSION: Final = 2
"""The version that this program reads and writes; migration `000N` leads to version N."""

APPLICATION_ID: Final = 0x54504C54
"""`TPLT` in ASCII: tells a Trialplate store from any other SQLite file."""

metadata = MetaData()

record = Table(
    "record",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("subject", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    # The label and the slot are columns besides being in the header: they are what the database itself enforces.
    Column("label", Text, nullable=False),
    Column("header", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("received_at", Text, nullable=False),
    UniqueConstraint("subject", "flow", "step", "ordinal", name="record_slot"),
    # Counting a view (subject and labels) reads this index alone, however long the bodies are.
    Index("record_view", "subject", "label"),
    # Without it SQLite may give the number of a lost row to the next one.
    sqlite_autoincrement=True,
)

summary = Table(
    "summary",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("label", Text, primary_key=True),
    Column("flow", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("sort_key", Text, nullable=False),
    Column("next_due_at", Text, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Index("summary_due", "next_due_at", "subject"),
)

mark = Table(
    "mark",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("label", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    # Whoever takes a row away takes away what its subject is found by, in the same transaction.
    ForeignKeyConstraint(["subject", "label"], ["summary.subject", "summary.label"], ondelete="CASCADE"),
    Index("mark_found", "name", "value", "subject"),
    sqlite_with_rowid=False,
)

lease = Table(
    "lease",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("expires_at", Text, nullable=False),
    CheckConstraint("fence > 0", name="lease_fence"),
)

leaf_queue = Table(
    "leaf_queue",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("record", Text, ForeignKey("record.id"), nullable=False, unique=True),
    sqlite_autoincrement=True,
)
