"""Ctrl-C at any moment ends a command with one line and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from trialplate.sandbox.ids import find_ids
from trialplate.sandbox.leftovers import lasting_orphans

pytestmark = pytest.mark.sandbox

MAIN = "import sys; from trialplate.faces.cli.main import main; print('begun', flush=True); sys.exit(main(['doctor']))"


@pytest.mark.parametrize("seconds", [0.0, 0.4, 0.8, 1.2, 1.6, 2.0])
def test_an_interrupted_doctor_says_so_and_leaves_nothing(trialplate_home: Path, seconds: float) -> None:
    environment = {**os.environ, "TRIALPLATE_HOME": str(trialplate_home)}
    with subprocess.Popen(
        [sys.executable, "-c", MAIN],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as doctor:
        assert doctor.stdout is not None
        assert doctor.stdout.readline() == "begun\n"
        time.sleep(seconds)
        # As a terminal does: to every process of the group.
        os.killpg(doctor.pid, signal.SIGINT)
        said, errors = doctor.communicate(timeout=20)
    assert (doctor.returncode, errors.strip()) in {(130, "Interrupted."), (0, "")}, said + errors
    assert lasting_orphans(find_ids(trialplate_home)) == ()
