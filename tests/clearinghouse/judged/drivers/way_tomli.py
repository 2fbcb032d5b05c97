"""The ways into tomli."""

import contextlib
import io

import tomli


def exercise(way: int, data: bytes) -> None:
    """Read a document as text or as a file."""
    with contextlib.suppress(tomli.TOMLDecodeError, UnicodeDecodeError):
        if way & 1:
            tomli.load(io.BytesIO(data))
        else:
            tomli.loads(data.decode(), parse_float=str)
