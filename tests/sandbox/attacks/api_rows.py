"""The rows that are played against our own interface; see `api` for how each attempt works."""

from __future__ import annotations

from tests.sandbox.attacks.row import (
    EACCES,
    EINVAL,
    ENOENT,
    ENOSPC,
    EPERM,
    NOTHING,
    TMP,
    Accepted,
    Expected,
    Kind,
    Refused,
    Row,
    both,
)

_HELD = NOTHING
_ENXIO, _ENOTDIR, _EISDIR, _ELOOP = 6, 20, 21, 40

_IGNORES = "import signal, time\nfor n in (1, 2, 3, 15): signal.signal(n, signal.SIG_IGN)\nwhile True: time.sleep(1)"
_DETACHES = """
import os, time
for _ in range(5):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(1000)
        os._exit(0)
time.sleep(1000)
"""
_RUNS_ON = """
import os, time
if os.fork():
    time.sleep(1000)
while True:
    if os.fork():
        os._exit(0)
"""
_RUNS_ON_MANY = """
import os
for _ in range(8):
    if os.fork() == 0:
        os.setsid()
        while True:
            if os.fork():
                os._exit(0)
import time; time.sleep(1000)
"""
_SPEAKS = "import os\nwhile True: os.write(1, b'x' * 65536)"


def _both(name: str, kind: Kind, attempt: str, *args: object, expected: Expected = _HELD) -> Row:
    return both(name, kind, attempt, *args, expected=expected)


LIFETIME = (
    _both("a command that ignores every signal", Kind.LIFETIME, "times_out", _IGNORES),
    _both("daemons of a command that is timed out", Kind.LIFETIME, "times_out", _DETACHES),
    _both("a process that forks and ends, for ever", Kind.LIFETIME, "times_out", _RUNS_ON),
    _both("eight that do, in sessions of their own", Kind.LIFETIME, "times_out", _RUNS_ON_MANY),
    _both("output without end", Kind.LIFETIME, "times_out", _SPEAKS),
    _both("a child that holds the output", Kind.LIFETIME, "holds_output"),
    _both("300 MB of output, on both streams", Kind.LIFETIME, "floods_output"),
    _both("the clock of children", Kind.LIFETIME, "child_clock"),
    _both("a command that is canceled", Kind.LIFETIME, "cancels"),
    _both("a command that stops its init", Kind.LIFETIME, "stops_own_init"),
    _both(
        "a command that kills its init",
        Kind.LIFETIME,
        "kills_own_init",
        expected=Accepted(why="an orphan may live until its scenario ends, and no longer: see the row after"),
    ),
    _both("daemons when the scenario closes", Kind.LIFETIME, "survives_close"),
)

_LAY = f"{TMP}/lay"
_ABSENT = Refused(errno=(ENOENT,))
_MAGIC = Refused(errno=(_ELOOP, ENOENT, EACCES))
_IRREGULAR = Refused(errno=(EPERM,))


def _file(name: str, attempt: str, path: str, *args: object, agent: Expected, root: Expected | None = None) -> Row:
    words = f"{attempt}ing {name}" if attempt == "read" else f"writing {name}"
    return Row(name=words, kind=Kind.FILES, attempt=attempt, args=(path, *args), agent=agent, root=root or agent)


FILES = (
    _file("the machine's file", "read", "/SECRET", agent=_ABSENT),
    _file("the machine's file by `..`", "read", "../../../../../../../../../SECRET", agent=_ABSENT),
    _file("a link to the machine's file", "read", f"{_LAY}/to-secret", agent=_ABSENT),
    _file("a link that climbs to it", "read", f"{_LAY}/up-to-secret", agent=_ABSENT),
    _file("it through /proc/1/root", "read", "/proc/1/root/SECRET", agent=_MAGIC),
    _file("it through a link to /proc/1/root", "read", f"{_LAY}/to-first", agent=_MAGIC),
    _file("it through /proc/self/root", "read", f"{_LAY}/to-self", agent=_MAGIC),
    _file("a descriptor of ours", "read", f"{_LAY}/to-descriptor", agent=_MAGIC),
    _file("a link to a file of root's", "read", f"{_LAY}/to-shadow", agent=Refused(errno=(EACCES,)), root=_HELD),
    _file("a link to itself", "read", f"{_LAY}/loop", agent=Refused(errno=(_ELOOP,))),
    _file("a FIFO", "read", f"{_LAY}/fifo", agent=_IRREGULAR),
    _file("/dev/zero", "read", "/dev/zero", agent=_IRREGULAR),
    _file("a link to /dev/zero", "read", f"{_LAY}/to-zero", agent=_IRREGULAR),
    _file("a folder", "read", f"{_LAY}/folder", agent=Refused(errno=(_EISDIR,))),
    _file("a sparse giant", "read", f"{_LAY}/giant", agent=_HELD),
    _file("the kernel's memory", "read", "/proc/kcore", agent=Refused(errno=(EPERM, EACCES, ENOENT))),
    _file("the environment of pid 1", "read", "/proc/1/environ", agent=Refused(errno=(EACCES,)), root=_HELD),
    _file(
        "the machine's file",
        "write",
        "/SECRET",
        agent=Accepted(why="a file of that name is made in the box, and the machine's stays as it was"),
    ),
    _file(
        "a link to the machine's file",
        "write",
        f"{_LAY}/to-secret",
        agent=Accepted(why="it leads to the box's own file of that name"),
    ),
    _file("it through /proc/1/root", "write", f"{_LAY}/to-first", agent=_MAGIC),
    _file(
        "a link to the list of users",
        "write",
        f"{_LAY}/to-passwd",
        agent=Refused(errno=(EACCES,)),
        root=Accepted(why="root of the box may change the box's users"),
    ),
    _file(
        "below a link to /etc",
        "write",
        f"{_LAY}/to-etc/new",
        agent=Refused(errno=(EACCES,)),
        root=Accepted(why="root of the box may write below /etc of the box"),
    ),
    _file("a FIFO", "write", f"{_LAY}/fifo", agent=Refused(errno=(_ENXIO, EPERM))),
    _file("/dev/zero", "write", "/dev/zero", agent=_IRREGULAR),
    _file("a folder", "write", f"{_LAY}/folder", agent=Refused(errno=(_EISDIR,))),
    _file("below a file", "write", f"{_LAY}/giant/file", agent=Refused(errno=(_ENOTDIR,))),
    _file(
        "a setting of the kernel's",
        "write",
        "/proc/sys/net/ipv4/ip_forward",
        agent=Refused(errno=(EACCES, EINVAL, 30)),
        root=Refused(errno=(30, EACCES)),
    ),
    _file("more than the disk holds", "write", "big", 80 << 20, agent=Refused(errno=(ENOSPC,))),
)

IDS = (
    _both("ids of every process", Kind.IDS, "outer_ids"),
    _both("groups of every process", Kind.IDS, "leaves_group"),
)

EGRESS = (
    _both("the library's probes", Kind.EGRESS, "probes"),
    _both("the driver's listeners", Kind.MACHINE, "listeners"),
)

API_ROWS = (*LIFETIME, *FILES, *IDS, *EGRESS)
"""The listeners are asked last: what arrived at any time before counts."""
