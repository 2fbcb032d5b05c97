"""What the operator of a store may know of it without being a reader of anything in it."""

from __future__ import annotations

from msgspec import Struct


class StoreInfo(Struct, frozen=True, kw_only=True):
    """Sizes of a store. `due` counts subjects with something due, `leases` those that run, `queued` log leaves."""

    path: str
    schema_version: int
    records: int
    subjects: int
    summaries: int
    due: int
    leases: int
    queued: int
