"""Version 2: what subjects are found by beside their ids."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table of marks, empty: no flow of version 1 had any, and putting or rebuilding a row fills it."""
    op.create_table(
        "mark",
        sa.Column("subject", sa.Text(), primary_key=True),
        sa.Column("label", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), primary_key=True),
        sa.ForeignKeyConstraint(["subject", "label"], ["summary.subject", "summary.label"], ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("mark_found", "mark", ["name", "value", "subject"])
