"""The ways into hjson."""

import contextlib

import hjson


def exercise(way: int, data: bytes) -> None:
    """Read a document and write it in another form."""
    with contextlib.suppress(hjson.HjsonDecodeError, UnicodeDecodeError):
        value = hjson.loads(data if way & 4 else data.decode(), use_decimal=bool(way & 1))
        if way & 2:
            hjson.dumpsJSON(value, use_decimal=True, indent=1, item_sort_key=str)
        else:
            hjson.dumps(value, use_decimal=True, item_sort_key=str)
