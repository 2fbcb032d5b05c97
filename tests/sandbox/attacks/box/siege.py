"""Flood a box and keep it flooded for some seconds: `python3 -m tests.sandbox.attacks.box.siege KIND [UID]`.

The bounds are those of `floods`, counted over all processes of the siege together. What is refused is tried again.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import sys
import time

from tests.sandbox.attacks.box import floods
from tests.sandbox.attacks.box.outcome import SHM, TMP

SECONDS = 3.0
_CHUNK = 1 << 20
_FOLDERS = ("/home/agent", TMP, SHM)


def processes() -> None:
    """Fork, and let every child fork too, in groups of their own, until 1,000 were made."""
    made = mmap.mmap(-1, mmap.PAGESIZE)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        (count,) = struct.unpack_from("=I", made)
        if count >= floods.MOST_FORKS:
            time.sleep(0.05)
            continue
        # Several may read the same number, so the bound is kept with a wide margin by a third of it.
        struct.pack_into("=I", made, 0, count + 3)
        with contextlib.suppress(OSError):
            if os.fork() == 0:
                os.setsid()


def memory() -> None:
    """Take 1 GiB of memory, and hold what is given."""
    held: list[mmap.mmap] = []
    block = b"x" * _CHUNK
    for _ in range(floods.MOST_MEMORY // _CHUNK):
        page = mmap.mmap(-1, _CHUNK, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        page.write(block)
        held.append(page)
    time.sleep(SECONDS)


def disk() -> None:
    """Fill every folder that can be written to, 512 MiB in all."""
    block = b"x" * _CHUNK
    left = floods.MOST_DISK // _CHUNK
    for folder in (*_FOLDERS, "/"):
        with contextlib.suppress(OSError), open(f"{folder}/siege", "wb", buffering=0) as file:
            while left > 0:
                file.write(block)
                left -= 1
    time.sleep(SECONDS)
    _clear()


def inodes() -> None:
    """Make 100,000 files in all, wherever they can be made."""
    left = floods.MOST_INODES
    for folder in _FOLDERS:
        place = f"{folder}/siege-files"
        with contextlib.suppress(OSError):
            os.mkdir(place)
            while left > 0:
                os.close(os.open(f"{place}/{left}", os.O_WRONLY | os.O_CREAT))
                left -= 1
    time.sleep(SECONDS)
    _clear()


def _clear() -> None:
    for folder in (*_FOLDERS, "/"):
        with contextlib.suppress(OSError):
            os.unlink(f"{folder}/siege")
        place = f"{folder}/siege-files"
        with contextlib.suppress(OSError):
            for name in os.listdir(place):
                os.unlink(f"{place}/{name}")
            os.rmdir(place)


def output() -> None:
    """Print 300 MB."""
    left = floods.MOST_OUTPUT
    block = b"x" * _CHUNK
    while left > 0:
        left -= os.write(1, block[:left])


KINDS = {"processes": processes, "memory": memory, "disk": disk, "inodes": inodes, "output": output}


def main() -> None:
    """Run as a command."""
    if len(sys.argv) > 2:
        uid = int(sys.argv[2])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    KINDS[sys.argv[1]]()


if __name__ == "__main__":
    main()
