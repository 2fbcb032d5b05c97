"""Build the images from the machine's own package sources, once: `python -m trialplate.sandbox.image_build HOME`.

This is the one part of the sandbox that needs a network. It is called by `make setup` and by nothing else.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from trialplate.errors import TrialplateError
from trialplate.sandbox import ids as sandbox_ids
from trialplate.sandbox.errors import ImageError
from trialplate.sandbox.image import BASE, TRIAGE, ImageRecord, ImageStore, package_lines, save_record


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What an image is made of: `packages`, and patterns of paths that are `dropped` from them.

    `cost` says in words what building it takes, for the person who waits.
    """

    packages: tuple[str, ...]
    dropped: tuple[str, ...]
    cost: str


_TOOLS: Final = tuple(
    (
        "bash binutils busybox-static curl dnsutils file gcc gdb git iproute2 iputils-ping jq less libc6-dev ltrace "
        "make netcat-openbsd nginx-light nmap openssh-client openssh-server procps python3 python3-requests socat "
        "sqlite3 strace tcpdump tini unzip vim-tiny wget xxd"
    ).split()
)
_BUILDERS: Final = tuple(
    (
        "autoconf automake clang cmake libclang-rt-dev libtool llvm patch pkg-config python3-dev python3-pytest "
        "python3-setuptools python3-wheel"
    ).split()
)
_READING: Final = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*")
_UNUSED: Final = (
    "/usr/bin/cpack",
    "/usr/bin/*-lto-dump-*",
    "/usr/lib/*/libclang-[0-9]*.so*",
    "/usr/lib/python3*/config-*/*.a",
    "/usr/lib/llvm-*/bin/llvm-exegesis",
    "/usr/lib/llvm-*/bin/*yaml*",
    "/usr/lib/llvm-*/lib/LLVMPolly.so",
    "/usr/lib/llvm-*/lib/clang/*/include/arm_*",
    "/usr/lib/llvm-*/lib/clang/*/include/riscv_*",
    *(
        f"/usr/lib/llvm-*/lib/clang/*/lib/linux/*{runtime}*"
        for runtime in ("dfsan", "hwasan", "i386", "memprof", "msan", "safestack", "scudo", "tsan", "xray")
    ),
)
"""Large parts of the compilers that replaying does not use: other sanitizers, other processors, their makers' tools."""

IMAGES: Final[Mapping[str, Contents]] = MappingProxyType(
    {
        BASE: Contents(packages=_TOOLS, dropped=_READING, cost="about a minute, 550 MB"),
        TRIAGE: Contents(packages=_TOOLS + _BUILDERS, dropped=_READING + _UNUSED, cost="about a minute, 830 MB"),
    }
)
"""The images that ship, by name. What relies on an image names its digest, so that a released list never changes."""

OVERLAY = {
    "etc/hostname": b"host\n",
    "etc/resolv.conf": b"",
    "etc/hosts": b"127.0.0.1 localhost\n",
    "etc/apt/sources.list": b"",
}
"""What mmdebstrap copies from the build machine into the image, and what stands there instead."""


def sources(root: Path, suite: str) -> str:
    """Return the machine's own apt sources of its own distribution, as one-line entries.

    Third parties' sources are left out: only entries for `suite` and its updates count.
    """
    wanted = {suite, f"{suite}-updates", f"{suite}-security"}
    lines = [
        line
        for path in [root / "etc/apt/sources.list", *sorted((root / "etc/apt/sources.list.d").glob("*.list"))]
        if path.exists()
        for line in path.read_text().splitlines()
        if line.startswith("deb ") and wanted & set(line.split())
    ]
    for path in sorted((root / "etc/apt/sources.list.d").glob("*.sources")):
        for paragraph in path.read_text().split("\n\n"):
            lines += _one_liners(paragraph, wanted)
    if not lines:
        raise ImageError(f"No apt source of this machine is for {suite}.", "Add one to /etc/apt/sources.list.")
    return "\n".join(lines) + "\n"


def _one_liners(paragraph: str, wanted: set[str]) -> list[str]:
    rows = (line.partition(":") for line in paragraph.splitlines() if ":" in line and line[0] not in "# \t")
    fields = {key: value.split() for key, _, value in rows}
    if "deb" not in fields.get("Types", []) or fields.get("Enabled") == ["no"]:
        return []
    option = f"[signed-by={fields['Signed-By'][0]}] " if fields.get("Signed-By", [""])[0].startswith("/") else ""
    components = " ".join(fields.get("Components", []))
    return [
        f"deb {option}{uri} {suite} {components}"
        for uri in fields.get("URIs", [])
        for suite in fields.get("Suites", [])
        if suite in wanted
    ]


def suite_of(root: Path) -> str:
    """Return the code name of the machine's distribution."""
    for line in (root / "etc/os-release").read_text().splitlines():
        key, _, value = line.partition("=")
        if key == "VERSION_CODENAME":
            return value.strip('"')
    raise ImageError("This machine's distribution has no code name.", "Use Debian or Ubuntu.")


Bootstrap = Callable[[list[str], str, Path], str]
"""Runs a command line of mmdebstrap's with apt sources and our archive of files; returns why it failed, or ""."""


def run_bootstrap(command: list[str], apt_sources: str, overlay: Path) -> str:
    """Run mmdebstrap."""
    environment = {**os.environ, "OVERLAY": str(overlay), "SOURCE_DATE_EPOCH": "0"}
    if shutil.which(command[0]) is None:
        return f"{command[0]} is not installed"
    done = subprocess.run(  # noqa: S603 our own words
        command, input=apt_sources.encode(), env=environment, stderr=subprocess.PIPE, check=False
    )
    if done.returncode == 0:
        return ""
    # One that was killed, for instance for lack of memory, says nothing, and has failed all the same.
    return done.stderr.decode(errors="replace").strip()[-1000:] or f"it ended with {done.returncode} and no word"


def build(folder: Path, name: str, *, root: Path = Path("/"), bootstrap: Bootstrap = run_bootstrap) -> ImageRecord:
    """Build the image `name` of `IMAGES` into the image folder `folder` and return its record.

    Args:
        folder: the home's `cache/images`.
        name: which one.
        root: the machine's file system, another one only in tests.
        bootstrap: what makes the tree.

    Raises:
        ImageError: where it cannot be built; what was begun is gone.
    """
    suite = suite_of(root)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder, prefix="building-") as place:
        archive = Path(place) / "root.tar"
        _make_tree(archive, IMAGES[name], suite, sources(root, suite), bootstrap)
        record = ImageRecord(
            name=name,
            suite=suite,
            packages=_packages(archive),
            overlay=tuple((path, hashlib.sha256(content).hexdigest()) for path, content in sorted(OVERLAY.items())),
        )
        save_record(record, Path(place))
        target = folder / record.digest
        if not target.exists():
            os.rename(place, target)  # noqa: PTH104 the folder that the context still names
            Path(place).mkdir()
    return record


def _make_tree(archive: Path, contents: Contents, suite: str, apt_sources: str, bootstrap: Bootstrap) -> None:
    hooks = ['rm -rf "$1"/etc/apt/sources.list.d/* "$1"/var/log/* "$1"/var/cache/apt/*', 'tar -C "$1" -xf "$OVERLAY"']
    command = [
        "mmdebstrap",
        f"--mode={'root' if os.geteuid() == 0 else 'unshare'}",
        "--variant=minbase",
        f"--include={','.join(contents.packages)}",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in contents.dropped),
        *(f"--customize-hook={hook}" for hook in hooks),
        suite,
        str(archive),
        "-",
    ]
    with tempfile.NamedTemporaryFile(suffix=".tar") as overlay:
        overlay.write(_overlay_archive())
        overlay.flush()
        # An ordinary user's mmdebstrap reads it with another id.
        Path(overlay.name).chmod(0o644)
        said = bootstrap(command, apt_sources, Path(overlay.name))
    if said:
        raise ImageError(f"mmdebstrap failed:\n{said}", "Mend what it says (sources, disk, network), then try again.")


def _overlay_archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, content in sorted(OVERLAY.items()):
            entry = tarfile.TarInfo(f"./{path}")
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _packages(archive: Path) -> tuple[str, ...]:
    with tarfile.open(archive) as tar:
        status = tar.extractfile("./var/lib/dpkg/status")
        if status is None:
            raise ImageError("The built image has no package list.", "Try again.")
        return package_lines(status.read().decode())


def main(arguments: list[str] | None = None, *, root: Path = Path("/"), bootstrap: Bootstrap = run_bootstrap) -> int:
    """Build the images that are missing; return the exit status. `root` and `bootstrap` are as in `build`."""
    parser = argparse.ArgumentParser(prog="python -m trialplate.sandbox.image_build", description=__doc__)
    parser.add_argument("home", type=Path, help="Trialplate's home folder")
    home = parser.parse_args(arguments).home
    try:
        store = ImageStore(home / "cache" / "images", sandbox_ids.find_ids(home))
        for name, contents in IMAGES.items():
            record = next((record for record in store.records() if record.name == name), None)
            if record is None:
                print(f"building the sandbox image {name} ({contents.cost}) ...", flush=True)
                record = build(home / "cache" / "images", name, root=root, bootstrap=bootstrap)
            store.open(record.digest)
    except TrialplateError as error:
        print(error, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
