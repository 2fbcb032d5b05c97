"""Shapes of the fields that bodies share, checked wherever a body is made or read."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

Short = Annotated[str, Meta(max_length=2_048)]
"""A name, a path, a URL; empty where it was not given."""
Text = Annotated[str, Meta(max_length=1 << 16)]
"""A text to read; empty where it was not given."""
Reason = Annotated[str, Meta(min_length=1, max_length=4_000)]
"""Why somebody did something, in words."""
Name = Annotated[str, Meta(min_length=1, max_length=256)]
"""A name that must be there."""
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
"""SHA-256 in lower-case hex."""
MaybeDigest = Annotated[str, Meta(pattern=r"^(?:[0-9a-f]{64})?\Z")]
"""SHA-256 in lower-case hex, or nothing."""
Subject = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
"""The id of another subject."""
MaybeSubject = Annotated[str, Meta(pattern=r"^(?:[0-9a-f]{32})?\Z")]
"""The id of another subject, or nothing."""
Moment = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")]
"""UTC in whole seconds."""
MaybeMoment = Annotated[str, Meta(pattern=r"^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?\Z")]
"""UTC in whole seconds, or nothing."""
Decimal = Annotated[str, Meta(pattern=r"^(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,9})?\Z")]
"""A number of 0 or more, as text."""
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
"""How many."""
PublicKey = Annotated[str, Meta(pattern=r"^ed25519:[0-9a-f]{64}\Z")]
"""A public key as a URI."""
