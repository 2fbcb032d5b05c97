"""The adapters of the record store: where records are kept, in memory or in one SQLite file.

In: signed entries, summary rows folded from them, leases. Out: what a `Reader` may read, and nothing else.

Rules:

- Records are only ever appended; summary rows with their marks, leases and the queue of log leaves are mutable.
- An append is one transaction: records, summary rows with their marks and queued leaves, or nothing.
- Every read names its reader; what it may not read does not exist for it: no gap in `seq`, no short page.
- A slot is taken once; a stale decision, a lost lease and an outdated summary are refused.
- Nothing outside this package knows SQL.
"""

from trialplate.store.appending import EntryError
from trialplate.store.faults import Fault, Point, no_fault
from trialplate.store.info import StoreInfo
from trialplate.store.memory import MemoryStore
from trialplate.store.opening import Durability, NewerSchemaError, NotAStoreError, StoreError
from trialplate.store.reading import NoReaderError
from trialplate.store.sqlite import SqliteStore

__all__ = [
    "Durability",
    "EntryError",
    "Fault",
    "MemoryStore",
    "NewerSchemaError",
    "NoReaderError",
    "NotAStoreError",
    "Point",
    "SqliteStore",
    "StoreError",
    "StoreInfo",
    "no_fault",
]
