"""The digest that plans name is that of the vectors which the decision is tested by."""

from __future__ import annotations

import hashlib
from pathlib import Path

from trialplate.measurement.vectors import VECTORS

FILE = Path(__file__).parents[1] / "vectors" / "measurement.json"


def test_the_digest_is_that_of_the_vectors() -> None:
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == VECTORS
