"""What an attempt can say: nothing but a value or an exception, so that an attempt reads like the attack it is."""

from __future__ import annotations

from typing import Any

Facts = dict[str, Any]
"""What the driver tells the program about the machine outside: see `driver.facts`."""


class RefusedError(Exception):
    """The attempt reached nothing, without an error number to show for it; the words say what was seen instead."""


TMP = "/tmp"  # noqa: S108 the guest's
SHM = "/dev/shm"  # noqa: S108 the guest's
