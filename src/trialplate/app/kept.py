"""What was found once and is kept: a value in a file that is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from trialplate.records import canonical


def keep(path: Path, value: Struct) -> None:
    """Write a value in its canonical form, with its folder; whoever else writes it at the same time loses nothing.

    Raises:
        OSError: where it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_bytes(canonical(value) + b"\n")
    part.replace(path)
