"""The table that a decision rests on: expert time, difficulty and slope of each item that may be run. Pure.

It is committed to by the plan under a salt, because it tells how hard each item is, and published with the bundle.
"""

from __future__ import annotations

import hashlib
from typing import Final

from msgspec import Struct

from trialplate.measurement.table import ItemRow
from trialplate.records import canonical, decode
from trialplate.records.plan import require_decimal
from trialplate.trust import Tree, leaf_hash

TABLE_TAG: Final = b"trialplate.table/1\n"
SALT_BYTES: Final = 32
_MOST_BYTES: Final = 4 << 20
_DECIMALS: Final = 6


class TableRow(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An item: minutes of an expert, difficulty `b` and slope `a` as decimals, which are what is computed with."""

    item: str
    family: str
    domain: str
    minutes: int
    b: str
    a: str

    def __post_init__(self) -> None:
        require_decimal("b", self.b)
        require_decimal("a", self.a)


class Table(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The rows, sorted by item, and the salt of their commitment in hex."""

    rows: tuple[TableRow, ...]
    salt: str

    @property
    def commitment(self) -> str:
        """Return what the plan says of the table."""
        return hashlib.sha256(TABLE_TAG + bytes.fromhex(self.salt) + canonical(self.rows)).hexdigest()

    def measured(self) -> tuple[ItemRow, ...]:
        """Return the rows as the instruments take them."""
        return tuple(
            ItemRow(
                item=row.item,
                family=row.family,
                domain=row.domain,
                minutes=row.minutes,
                b=float(row.b),
                a=float(row.a),
            )
            for row in self.rows
        )


def table_of(rows: tuple[ItemRow, ...], salt: bytes) -> Table:
    """Return the table of these items."""
    written = (
        TableRow(
            item=row.item,
            family=row.family,
            domain=row.domain,
            minutes=row.minutes,
            b=f"{row.b:.{_DECIMALS}f}",
            a=f"{row.a:.{_DECIMALS}f}",
        )
        for row in rows
    )
    return Table(rows=tuple(sorted(written, key=lambda row: row.item)), salt=salt.hex())


def parse_table(data: bytes) -> Table:
    """Return the table in a file's bytes.

    Raises:
        TrialplateError: where they are none.
    """
    return decode(data.removesuffix(b"\n"), Table, most=_MOST_BYTES)


def items_root(commitments: dict[str, str]) -> str:
    """Return the root over items, each with its commitment: what the plan says of the items that may be run."""
    leaves = (leaf_hash(f"{item}:{commitments[item]}".encode()) for item in sorted(commitments))
    return Tree(leaves).root().hex()
