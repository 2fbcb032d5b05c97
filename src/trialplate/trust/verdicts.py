"""The answer that every trust rule may give.

A refusal is a value. It is false where a truth value is asked for, so that code which forgets to look at the type
still refuses.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Refused(Struct, frozen=True):
    """No, because of `reason`: one sentence for logs and operators.

    A reason may name what the other side lacks, so it is never shown to that side (an object above a reader is *not
    found*).
    """

    reason: str

    def __bool__(self) -> Literal[False]:
        return False
