"""The example on the sandbox's page runs as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.sandbox

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"


def test_the_example_fetches_a_page_from_the_other_host(trialplate_home: Path) -> None:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    program = f"{found[1]}\nimport sys\nasyncio.run(main(Path(sys.argv[1])))\n"
    done = subprocess.run(
        [sys.executable, "-c", program, str(trialplate_home)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    fetched, name = done.stdout.splitlines()
    assert "Directory listing" in fetched
    assert "data=b'web\\n'" in name
