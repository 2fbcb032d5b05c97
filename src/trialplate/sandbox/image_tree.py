"""Unpack an image's tree, and remove it, with the owners that scenarios need."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path

from trialplate.sandbox.errors import ImageError, NotReadyError
from trialplate.sandbox.ids import COUNT, IdSource

TREE = "tree"
"""The folder inside a place: the place is ours, the tree belongs to root of the map."""


def unpack(archive: Path, place: Path, ids: IdSource) -> None:
    """Unpack the tree of `archive` as `place`/tree; an interrupted attempt leaves no `place`.

    Raises:
        ImageError: where it cannot be unpacked.
    """
    partial = place.with_name(f"{place.name}.partial")
    remove(partial, ids)
    partial.mkdir()
    # Root of the map is a stranger to this folder and to those above it, so it works relative to where it stands.
    partial.chmod(0o777)
    # Only root of the machine makes device nodes; hosts get theirs from the runtime.
    script = f"mkdir {TREE} && exec tar -C {TREE} -xp --numeric-owner --exclude='./dev/*' -f -"
    with archive.open("rb") as file, _as_root_of(ids) as prefix:
        done = subprocess.run(  # noqa: S603 our own words
            [*prefix, "sh", "-c", script], cwd=partial, stdin=file, capture_output=True, check=False
        )
    if done.returncode != 0:
        remove(partial, ids)
        raise ImageError(
            f"The image could not be unpacked: {done.stderr.decode(errors='replace').strip()[-500:]}",
            f"Mend what it says (it needs about 700 MB in {place.parent}), then run `make setup`.",
        )
    partial.chmod(0o755)
    partial.rename(place)


def remove(place: Path, ids: IdSource) -> None:
    """Remove a place with its tree, whoever owns what is in it."""
    if not place.exists():
        return
    place.chmod(0o777)
    with _as_root_of(ids) as prefix:
        subprocess.run([*prefix, "rm", "-rf", TREE], cwd=place, check=True)  # noqa: S603 our own words
    shutil.rmtree(place)


@contextlib.contextmanager
def _as_root_of(ids: IdSource) -> Generator[list[str]]:
    """Yield the command prefix that runs as root of a map of `ids`; empty where images keep the machine's ids."""
    if ids.shift:
        yield []
        return
    # Unbuffered, so that closing the pipe to a holder that is gone has nothing left to write.
    with subprocess.Popen(
        ["unshare", "--user", "cat"], bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        try:
            # Its answer says that it is past unshare.
            if not _echoes(holder):
                raise NotReadyError("This machine forbids user namespaces.", "Run `trialplate doctor` for the fix.")
            _write_maps(holder.pid, ids)
            yield ["nsenter", f"--user=/proc/{holder.pid}/ns/user", "--setgid", "0", "--setuid", "0", "--"]
        finally:
            holder.kill()


def _echoes(process: subprocess.Popen[bytes]) -> bool:
    if process.stdin is None or process.stdout is None:
        return False
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(b"\n")
        process.stdin.flush()
    return bool(process.stdout.read(1))


def _write_maps(pid: int, ids: IdSource) -> None:
    for kind in ("uid", "gid"):
        if ids.mapper == "direct":
            Path(f"/proc/{pid}/{kind}_map").write_text(f"0 {ids.first} {COUNT}\n")
        else:
            argv = [f"new{kind}map", str(pid), "0", str(ids.first), str(COUNT)]
            done = subprocess.run(argv, check=False, capture_output=True, text=True)  # noqa: S603 our own numbers
            if done.returncode != 0:
                raise NotReadyError(
                    f"The ids from {ids.first} cannot be mapped: {done.stderr.strip()}", "Run `trialplate doctor`."
                )
