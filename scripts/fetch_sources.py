"""Fetch the sources that the battery plants bugs in: `python scripts/fetch_sources.py HOME`.

They are pinned by digest and kept in `HOME/cache/sources`; what is there already is not fetched again. Debian's sources
come through apt with a list of sources of its own, made from the machine's, so that nothing of the machine changes;
packages of Python come through pip and are not installed.

Exit status: 0, or 3 where something could not be fetched or is not what is pinned.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trialplate.errors import TrialplateError
from trialplate.sandbox.image_build import sources, suite_of

SUITE = "bookworm"
"""The release of Debian whose sources are pinned, whichever the machine runs."""


@dataclass(frozen=True)
class Pin:
    """A file: the package that it is of (with its version, where that is asked for), its name, its SHA-256."""

    package: str
    file: str
    digest: str


DEBIAN = (
    Pin("cjson", "cjson_1.7.15.orig.tar.gz", "5308fd4bd90cef7aa060558514de6a1a4a0819974a26e6ed13973c5f624c24b2"),
    Pin("expat", "expat_2.5.0.orig.tar.gz", "ab00ee05c7067fd10a35c5d2a4922ebba746ddd50ff83b79c828da17bbdf1757"),
    Pin(
        "http-parser",
        "http-parser_2.9.4.orig.tar.gz",
        "467b9e30fd0979ee301065e70f637d525c28193449e1b13fbcb1b1fab3ad224f",
    ),
    Pin("jansson", "jansson_2.14.orig.tar.gz", "c739578bf6b764aa0752db9a2fdadcfe921c78f1228c7ec0bb47fa804c55d17b"),
    Pin("libcsv", "libcsv_3.0.3+dfsg.orig.tar.gz", "06fddfaca720a4be7603bad63eb1833bca5b6c5a69b42b1c518a02cda2a73aef"),
    Pin("libyaml", "libyaml_0.2.5.orig.tar.gz", "fa240dbf262be053f3898006d502d514936c818e422afdcf33921c63bed9bf2e"),
    Pin("md4c", "md4c_0.4.8.orig.tar.gz", "4a457df853425b6bb6e3457aa1d1a13bccec587a04c38c622b1013a0da41439f"),
    Pin("mxml", "mxml_3.3.1.orig.tar.xz", "83413d4dea692c27f94064cc7d5c0d5662e0905de54b8f5506bf4820f71bbcc0"),
    Pin(
        "tinyxml2",
        "tinyxml2_9.0.0+dfsg.orig.tar.xz",
        "96510f47a5db537f70dff3e83dd71fd2180cbba4aa76c589a549467e7f34bc9b",
    ),
    Pin("yajl", "yajl_2.1.0.orig.tar.gz", "3fb73364a5a30efe615046d07e6db9d09fd2b41c763c5f7d3bfb121cd5c5ac5a"),
)

PYTHON = (
    Pin(
        "commonmark==0.9.2",
        "commonmark-0.9.2-py2.py3-none-any.whl",
        "cc7dfaea4557c79e32ce1ad36727185ea8cfe9c7e797cf79297c5cdffe6c7f5a",
    ),
    Pin(
        "hjson==3.1.0",
        "hjson-3.1.0-py3-none-any.whl",
        "65713cdcf13214fb554eb8b4ef803419733f4f5e551047c9b711098ab7186b89",
    ),
    Pin(
        "mistune==3.4.0",
        "mistune-3.4.0-py3-none-any.whl",
        "d03cec4c8620f21517a996d82d14f3b59c30d79bda2cc6c56bd32b839f18ce6b",
    ),
    Pin(
        "pycparser==3.12",
        "pycparser-3.12-py3-none-any.whl",
        "a076f3f489b39b43ed13563a1dafe42447445bec2e294154ec5c57fcdda4c85e",
    ),
    Pin(
        "sqlparse==0.6.1",
        "sqlparse-0.6.1-py3-none-any.whl",
        "3be5a72d04c873d690d7c6dedd33d6fae2ef82759881ceec02fc2efd0cba564f",
    ),
    Pin(
        "tomli==2.0.1",
        "tomli-2.0.1-py3-none-any.whl",
        "939de3e7a6161af0c887ef91b7d41a53e7c5a1ca976325f429cb46ea9bc30ecc",
    ),
)


class FetchError(TrialplateError):
    """A source could not be had as it is pinned."""


def missing(folder: Path, pins: Iterable[Pin]) -> tuple[Pin, ...]:
    """Return the pins whose files are not in `folder`, or are others there."""
    return tuple(pin for pin in pins if not _is_right(folder / pin.file, pin))


def _is_right(path: Path, pin: Pin) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == pin.digest


def fetch(folder: Path, root: Path = Path("/")) -> None:
    """Put every pinned file into `folder`, each only once it is whole and right.

    Raises:
        FetchError: where one cannot be had; those before it are kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if wanted := missing(folder, DEBIAN):
        print(f"fetching the sources of {len(wanted)} Debian packages ...", flush=True)
        with tempfile.TemporaryDirectory(dir=folder) as place:
            _from_debian(wanted, Path(place), source_list(sources(root, suite_of(root)), suite_of(root)))
            _keep(wanted, Path(place), folder)
    if wanted := missing(folder, PYTHON):
        print(f"fetching {len(wanted)} Python packages ...", flush=True)
        with tempfile.TemporaryDirectory(dir=folder) as place:
            _from_python(wanted, Path(place))
            _keep(wanted, Path(place), folder)


def source_list(binary: str, suite: str) -> str:
    """Return the list of sources of `SUITE` for the entries of binary packages of the machine's own suite."""
    lines = (line.split() for line in binary.splitlines())
    return "".join(
        " ".join(("deb-src", *(SUITE if word == suite else word for word in words[1:]))) + "\n"
        for words in lines
        if suite in words
    )


def _from_debian(pins: Sequence[Pin], place: Path, listed: str) -> None:
    for name in ("lists/partial", "cache/archives/partial"):
        (place / name).mkdir(parents=True)
    (place / "sources.list").write_text(listed)
    options = {
        "Dir::Etc::sourcelist": place / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": place / "lists",
        "Dir::Cache": place / "cache",
        # The folder is closed to the user that apt would become.
        "APT::Sandbox::User": "root",
    }
    apt = ("apt-get", "-qq", *(word for key, value in options.items() for word in ("-o", f"{key}={value}")))
    _run((*apt, "update"), place)
    _run((*apt, "source", "--download-only", "--tar-only", "--only-source", *(pin.package for pin in pins)), place)


def _from_python(pins: Sequence[Pin], place: Path) -> None:
    wanted = place / "wanted.txt"
    wanted.write_text("".join(f"{pin.package} --hash=sha256:{pin.digest}\n" for pin in pins))
    # Wheels alone: they are unpacked where a package of sources would run its own set-up to be looked at.
    options = (
        "--quiet",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--require-hashes",
    )
    _run((sys.executable, "-m", "pip", "download", *options, "-d", str(place), "-r", str(wanted)), place)


def _run(command: Sequence[str], place: Path) -> None:
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-1000:]
        raise FetchError(f"{' '.join(command[:1])} failed:\n{said}", "Mend what it says (network, sources), try again.")


def _keep(pins: Iterable[Pin], place: Path, folder: Path) -> None:
    for pin in pins:
        if not _is_right(place / pin.file, pin):
            raise FetchError(
                f"{pin.file} of {pin.package} is not what is pinned, or is not there.",
                f"The pins are those of {SUITE}; take its sources into the machine's list.",
            )
        (place / pin.file).replace(folder / pin.file)


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit status."""
    if len(arguments) != 1:
        print("Say python scripts/fetch_sources.py HOME.", file=sys.stderr)
        return 2
    try:
        fetch(Path(arguments[0]) / "cache" / "sources")
    except TrialplateError as failure:
        print(failure, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
