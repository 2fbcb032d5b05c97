"""The published bundle is accepted as docs/formats/bundle.md says, and is the one that the tests vary."""

from __future__ import annotations

from pathlib import Path

from tests.faces.bundles import bundle
from trialplate.faces import verify

FOLDER = Path(__file__).parent / "bundle"


def test_the_published_bundle_is_self_consistent() -> None:
    report = verify.check(FOLDER)
    assert report.ending == verify.SELF_CONSISTENT, report.why
    assert report.answer.startswith(("ABOVE", "BELOW", "INCONCLUSIVE"))


def test_the_published_bundle_is_up_to_date() -> None:
    published = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert published == dict(bundle()), "run scripts/bundle_vector.py"
