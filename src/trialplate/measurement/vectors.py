"""The digest of the published test vectors of rules and decisions, which a plan names."""

from __future__ import annotations

from typing import Final

VECTORS: Final = "b8422f16debbd0bdcf26450a7409621ff97b636d724059efd79a6a6338e08692"
"""SHA-256 of tests/vectors/measurement.json."""
