"""The command `verify`: check a bundle without trust in whoever made it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from trialplate.faces import verify as verifier
from trialplate.faces.cli.options import AS_JSON

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("bundle", type=_PATH)
@click.option("--trust", type=_PATH, metavar="KEYS", help="A file of public keys that you trust.")
@click.option("--checkpoint", type=_PATH, metavar="FILE", help="A checkpoint of the log that you kept.")
@AS_JSON
def verify(bundle: Path, trust: Path | None, checkpoint: Path | None, *, as_json: bool) -> int:
    """Check that the outcome in BUNDLE follows from a rule that was fixed before the first run."""
    given = {"--trust": trust, "--checkpoint": checkpoint}
    words = [word for name, path in given.items() if path for word in (name, str(path))]
    return verifier.run([*words, *(["--json"] if as_json else []), "--", str(bundle)], sys.stdout)
