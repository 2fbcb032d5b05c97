"""Runs a library on a proof. Its first line is "BUG WAY": the planted bug to wake, and the way into the library.

driver.py NAME PROOF             one proof, as a replay does it; what the library does not document ends it
driver.py NAME --survey < LIST   lines "BUG PATH": each in a process of its own; prints those that ended badly,
                                 and of bug 0, which is none, those that were met on the way
"""

import builtins
import importlib
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

awake = 0
met: set[int] = set()


def planted(bug: int) -> bool:
    """Say whether a bug is awake."""
    met.add(bug)
    return bug == awake


builtins.PLANTED = planted  # type: ignore[attr-defined] - the planted code asks for it by that name


def proof(way_in: ModuleType, path: str, bug: int | None = None) -> None:
    """Wake a bug, the one that the proof names or another one, and lead the rest of the proof into the library."""
    global awake  # noqa: PLW0603 what the planted code asks for
    head, _, data = Path(path).read_bytes().partition(b"\n")
    said, way = map(int, head.split())
    awake = said if bug is None else bug
    way_in.exercise(way, data)


def survey(way_in: ModuleType) -> None:
    """Run every pair of a bug and a proof that stands in a line of the input."""
    late: Counter[str] = Counter()
    for line in sys.stdin:
        bug, path = line.split()
        if late[bug] > 1:
            continue
        child = os.fork()
        if child == 0:
            signal.alarm(3)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            try:
                proof(way_in, path, int(bug))
            except BaseException:  # noqa: BLE001 whatever it is, it was not documented
                os._exit(1)
            for bug_met in sorted(met) if bug == "0" else ():
                print(bug_met, path, "met")  # noqa: T201 the answer
            sys.stdout.flush()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
            late[bug] += 1
        elif status:
            print(bug, path, status, flush=True)  # noqa: T201 the answer


def main() -> None:
    """Do what the command says."""
    name, path = sys.argv[1:]
    way_in = importlib.import_module(f"way_{name}")
    if path == "--survey":
        survey(way_in)
    else:
        proof(way_in, path)


main()
