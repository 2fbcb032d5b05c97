"""Keep the traceback of an uncaught exception in a file, beside what the program prints.

What a program prints is often what its input says; this file holds what Python itself saw.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import TracebackType


def keep(path: str) -> None:
    """Keep what is not caught from here on in a new file at `path`; nothing changes where it is empty."""
    if not path:
        return
    shown = sys.excepthook

    def kept(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        try:
            with Path(path).open("x", encoding="utf-8", errors="backslashreplace") as file:
                traceback.print_exception(kind, error, trace, file=file)
        finally:
            shown(kind, error, trace)

    sys.excepthook = kept
