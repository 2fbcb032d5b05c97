"""CSAF 2.0 documents checked per second, by the schema and all mandatory tests, against csaf-validator-lib on node.

The peer is the validator of the Secvisogram project, which others build on. Both check the same published advisories,
from their texts in memory, one after another, warm, each in one process that lives as long as the benchmark; both must
find the same number of them not valid. `python -m bench.bench_csaf` installs the peer, at the versions and hashes of
`bench/csaf_peer/package-lock.json`, into the cache of Trialplate's home.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Final

from bench.measure import Better, Row, against, interleaved
from trialplate.errors import TrialplateError
from trialplate.formats.csaf import check
from trialplate.home import home_folder

ROUNDS: Final = 15
EVERY: Final = 6
"""Of the published advisories each so many-th is checked, so that all years and vendors are met."""
FLOOR: Final = 1.0

_ROOT: Final = Path(__file__).parents[1]
_PEER: Final = Path(__file__).parent / "csaf_peer"
_PINS: Final = ("package.json", "package-lock.json")


class BenchmarkError(TrialplateError):
    """The benchmark cannot be run, or its two sides do not do the same."""


def run() -> list[Row]:
    """Return the row of documents per second."""
    documents = _documents()
    with _peer(documents) as peer:
        ours = _Ours(documents)
        rates = interleaved(ours.rate, peer.rate, rounds=ROUNDS, warmups=3)
        if ours.invalid != peer.invalid:
            raise BenchmarkError(
                f"Of {len(documents)} documents {ours.invalid} are not valid by ours, {peer.invalid} by the peer.",
                "Find out which, and who is right.",
            )
    name = f"CSAF 2.0, {len(documents)} advisories by schema and mandatory tests"
    return [
        against(name, "documents/s", *rates, peer_name="csaf-validator-lib, node", better=Better.HIGHER, floor=FLOOR)
    ]


class _Ours:
    """Our side: checks all documents once and returns how many a second."""

    def __init__(self, documents: Sequence[bytes]) -> None:
        self._documents = documents
        self.invalid = 0

    def rate(self) -> float:
        began = time.perf_counter()
        self.invalid = sum(not check(document).valid for document in self._documents)
        return len(self._documents) / (time.perf_counter() - began)


class _Peer:
    """The other side: asks a node process that waits to check all documents once."""

    def __init__(self, asked: IO[str], answers: IO[str], documents: int) -> None:
        self._asked = asked
        self._answers = answers
        self._documents = documents
        self.invalid = 0

    def rate(self) -> float:
        self._asked.write("again\n")
        self._asked.flush()
        seconds, _, invalid = self._answers.readline().partition(" ")
        if not invalid:
            raise BenchmarkError("The peer ended before it answered.", "See what it wrote above.")
        self.invalid = int(invalid)
        return self._documents / float(seconds)


@contextmanager
def _peer(documents: Sequence[bytes]) -> Iterator[_Peer]:
    folder = _installed()
    if not folder.is_dir() or not shutil.which("node"):
        raise BenchmarkError("csaf-validator-lib is not installed.", "Run `make bench`, which installs it.")
    with tempfile.NamedTemporaryFile(prefix="trialplate-bench-", suffix=".jsonl") as file:
        file.write(b"\n".join(documents))
        file.flush()
        command = ("node", str(_PEER / "peer.js"), str(folder), file.name)
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            if process.stdin is None or process.stdout is None:
                raise BenchmarkError("The peer has no pipes.")
            yield _Peer(process.stdin, process.stdout, len(documents))


def _documents() -> tuple[bytes, ...]:
    data = Path(os.environ.get("TRIALPLATE_REFERENCE") or _ROOT.parent / "shared" / "data")
    file = data / "csaf-cisa" / "documents.jsonl.gz"
    if not file.is_file():
        raise BenchmarkError(f"There are no advisories in {file}.", "Set TRIALPLATE_REFERENCE to the reference data.")
    with gzip.open(file) as lines:
        return tuple(line.rstrip(b"\n") for line in islice(lines, 0, None, EVERY))


def _installed() -> Path:
    """Return where the peer belongs: a folder of its own for each set of pins."""
    pins = b"".join((_PEER / name).read_bytes() for name in _PINS)
    return home_folder(os.environ) / "cache" / "bench" / f"csaf-peer-{hashlib.sha256(pins).hexdigest()[:16]}"


def set_up() -> None:
    """Install the peer where it is not there yet; an installation that was interrupted leaves none.

    Raises:
        BenchmarkError: where npm is missing or fails.
    """
    folder = _installed()
    if folder.is_dir():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise BenchmarkError("npm is missing.", "Install node and npm by this machine's package manager.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="csaf-peer-", dir=folder.parent) as part:
        made = Path(part) / "made"
        made.mkdir()
        for name in _PINS:
            shutil.copy(_PEER / name, made)
        command = (npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        if subprocess.run(command, cwd=made, stdout=sys.stderr, check=False).returncode:
            raise BenchmarkError("npm could not install csaf-validator-lib.", "See what it wrote above.")
        made.rename(folder)


if __name__ == "__main__":
    try:
        set_up()
    except BenchmarkError as failure:
        print(failure, file=sys.stderr)
        sys.exit(3)
