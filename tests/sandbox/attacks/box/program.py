"""The attack program: stdlib Python that runs inside a box, tries rows, and says of each what came of it.

In: one JSON object on stdin, with `rows` (name, attempt, arguments) and `facts`. Out: one JSON line a row, with
`row`, `outcome` (refused, succeeded, killed, timeout, broken), `errno` (or the signal) and `detail`.

Every row runs in a process of its own for at most 20 seconds. What an attempt may use up is bounded where it uses
it (`floods`): 1,000 forks, 1 GiB of memory, 512 MiB of disk, 100,000 inodes, 300 MB of output.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import sys
import time
from typing import Any

from tests.sandbox.attacks.box import calls, floods, look, reach
from tests.sandbox.attacks.box.outcome import Facts, RefusedError

ATTEMPTS = {**calls.ATTEMPTS, **look.ATTEMPTS, **reach.ATTEMPTS, **floods.ATTEMPTS}
SECONDS = 20
_MOST_FILE = 512 << 20


def main() -> None:
    """Try every row of the order on stdin."""
    order = json.load(sys.stdin)
    for name, attempt, arguments in order["rows"]:
        sys.stdout.write(json.dumps({"row": name, **run(attempt, arguments, order["facts"])}) + "\n")
        sys.stdout.flush()


def run(attempt: str, arguments: list[Any], facts: Facts) -> dict[str, Any]:
    """Try one row in a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _be_child(writer, attempt, arguments, facts)
    os.close(writer)
    # By a pidfd, so that a row that leaves its own session, or its pipe with a child of its own, still ends.
    pidfd = os.pidfd_open(child)
    ready, _, _ = select.select([pidfd], [], [], SECONDS)
    if not ready:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.set_blocking(reader, False)
    said = b""
    with contextlib.suppress(BlockingIOError):
        said = os.read(reader, 1 << 16)
    os.close(reader)
    os.close(pidfd)
    floods.remove_segments()
    if not ready:
        return {"outcome": "timeout", "errno": 0, "detail": f"{SECONDS} s"}
    if os.WIFSIGNALED(status):
        return {"outcome": "killed", "errno": os.WTERMSIG(status), "detail": ""}
    return json.loads(said) if said else {"outcome": "broken", "errno": 0, "detail": f"status {status}, no answer"}


def _be_child(writer: int, attempt: str, arguments: list[Any], facts: Facts) -> None:
    os.setsid()
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_FILE, _MOST_FILE))
    # Where memory runs out, this process goes first, and not the program above it.
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")
    began = time.monotonic()
    try:
        answer = {"outcome": "succeeded", "errno": 0, "detail": ATTEMPTS[attempt](facts, *arguments)}
    except RefusedError as refusal:
        answer = {"outcome": "refused", "errno": 0, "detail": str(refusal)}
    except OSError as error:
        answer = {"outcome": "refused", "errno": error.errno or 0, "detail": str(error)}
    except BaseException as error:  # noqa: BLE001 whatever it is, the row must say so
        answer = {"outcome": "broken", "errno": 0, "detail": repr(error)}
    answer["detail"] = f"{answer['detail'][:400]} ({time.monotonic() - began:.2f} s)"
    os.write(writer, json.dumps(answer).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
