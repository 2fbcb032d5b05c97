"""What a row of the battery is: an attempt, by whom, and what must come of it. Pure, and standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

AGENT: Final = "agent"
ROOT: Final = "root"

EPERM, ENOENT, EAGAIN, EACCES, EFAULT, EEXIST, EINVAL, EMFILE, ENOSPC, EROFS = 1, 2, 11, 13, 14, 17, 22, 24, 28, 30
ENOSYS, EAFNOSUPPORT, EADDRNOTAVAIL, ENETUNREACH, ECONNREFUSED = 38, 97, 99, 101, 111
SIGKILL, SIGSEGV, SIGSYS = 9, 11, 31

TMP: Final = "/tmp"  # noqa: S108 the guest's
SHM: Final = "/dev/shm"  # noqa: S108 the guest's


class Kind(Enum):
    """The classes of attempts, in the order of the design page."""

    MOUNTS = "mounts and roots"
    NAMESPACES = "namespaces"
    KERNEL = "kernel interfaces"
    PROCESSES = "other processes"
    PROC_WRITES = "writes to /proc"
    LEAKS = "what the machine tells"
    SOCKETS = "socket families"
    NETWORK = "own network"
    MACHINE = "the machine's sockets"
    EGRESS = "ways out"
    TERMINALS = "terminals"
    DEVICES = "devices"
    PRIVILEGES = "privileges"
    FLOODS = "floods"
    LIFETIME = "lifetime and time limits"
    FILES = "files through our own interface"
    IDS = "ids seen from outside"


class Setting(Enum):
    """What holds the scenario: cgroups; or a watcher with the rights of root; or one of an ordinary user's."""

    CAPPED = "capped"
    WATCHED = "watched"
    ORDINARY = "ordinary"


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The kernel said no with one of these errors; 0 stands for an observation that showed nothing."""

    errno: tuple[int, ...] = (0,)


@dataclass(frozen=True, kw_only=True)
class Killed:
    """The attempt was killed by one of these signals, or was refused with one of these errors first."""

    signals: tuple[int, ...]
    errno: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """It succeeds, and we say so: `why` it is no way out."""

    why: str


Expected = Refused | Killed | Accepted


@dataclass(frozen=True, kw_only=True)
class Row:
    """One attempt.

    Attributes:
        name: unique, in words.
        kind: its class.
        attempt: the function that makes it, by its name in the table of the box's program or of the driver.
        args: JSON values for it.
        agent, root: what must come of it from the agent's uid and from root of the box; None where it makes no sense.
        watched: what must come of it instead where no cgroup holds the scenario; None where that makes no difference.
        ordinary: the same where the driver, besides, is an ordinary user.
        host: where it is made.
    """

    name: str
    kind: Kind
    attempt: str
    args: tuple[Any, ...] = ()
    agent: Expected | None = None
    root: Expected | None = None
    watched: Expected | None = None
    ordinary: Expected | None = None
    host: str = "foot"

    def expected(self, whom: str, setting: Setting | None = None) -> Expected | None:
        """Return what must come of the attempt from `whom`, None where it is not tried."""
        mine = self.agent if whom == AGENT else self.root
        if mine is None or setting in {None, Setting.CAPPED}:
            return mine
        return (self.ordinary if setting is Setting.ORDINARY else None) or self.watched or mine


NO: Final = Refused(errno=(EPERM,))
NOTHING: Final = Refused()


def both(name: str, kind: Kind, attempt: str, *args: object, expected: Expected = NO, host: str = "foot") -> Row:
    """Return a row of which the same must come from the agent and from root of the box."""
    return Row(name=name, kind=kind, attempt=attempt, args=args, agent=expected, root=expected, host=host)


def call(kind: Kind, name: str, *args: object, words: str = "", expected: Expected = NO) -> Row:
    """Return a row that is the one system call `name`; `words` name the row where the call does not say enough."""
    return both(words or name, kind, "call", name, *args, expected=expected)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of an attempt.

    `outcome` is refused, succeeded, killed, timeout or broken; `errno` holds the signal of a killed one.
    """

    row: str
    whom: str
    outcome: str
    errno: int
    detail: str


def holds(expected: Expected, outcome: Outcome) -> bool:
    """Say whether an outcome is the expected one. A row that broke or ran out of time never holds."""
    match expected:
        case Refused(errno=errors):
            return outcome.outcome == "refused" and outcome.errno in errors
        case Killed(signals=signals, errno=errors):
            killed = outcome.outcome == "killed" and outcome.errno in signals
            return killed or (outcome.outcome == "refused" and outcome.errno in errors)
        case Accepted():
            return outcome.outcome == "succeeded"
