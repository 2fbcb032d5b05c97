"""The choke point: every answer of a store passes `readable`, and it alone asks the label rules.

SQL adapters call `may_read_texts` from inside the database, so that pages and counts are made of readable rows only.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from trialplate.errors import TrialplateError
from trialplate.records.canon import canonical
from trialplate.records.label import Label
from trialplate.trust.labels import Granted, may_read
from trialplate.trust.ports import Reader


class NoReaderError(TrialplateError):
    """Somebody asked the store without saying who asks."""


@lru_cache(maxsize=65536)
def readable(label: Label, reader: Reader) -> bool:
    """Return whether `reader` may read what carries `label`."""
    return isinstance(may_read(label, reader), Granted)


def view_of(label: Label) -> Reader:
    """Return the reader who stands for the view that `label` names: its clearance is the label itself."""
    return Reader(party="", clearance=label)


def require(reader: object) -> Reader:
    """Return `reader`, or fail where there is none: no answer is ever given to nobody.

    Raises:
        NoReaderError: for anything but a `Reader`.
    """
    if isinstance(reader, Reader):
        return reader
    raise NoReaderError("The store was asked without a reader.", "Pass the Reader on whose behalf the call is made.")


@lru_cache(maxsize=65536)
def label_text(label: Label) -> str:
    """Return the RFC 8785 text of a label: equal labels, equal texts."""
    return canonical(label).decode()


@lru_cache(maxsize=65536)
def text_label(text: str) -> Label:
    """Return the label that `label_text` wrote."""
    return msgspec.json.decode(text, type=Label)


@lru_cache(maxsize=1024)
def reader_text(reader: Reader) -> str:
    """Return the text under which a reader is handed to the database."""
    return msgspec.json.encode(reader, order="deterministic").decode()


@lru_cache(maxsize=1024)
def _text_reader(text: str) -> Reader:
    return msgspec.json.decode(text, type=Reader)


def may_read_texts(label: str, reader: str) -> bool:
    """Return `readable` of a label and a reader, each given as its text: the function that SQL calls."""
    return readable(text_label(label), _text_reader(reader))
