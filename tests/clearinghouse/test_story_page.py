"""The page docs/fixing.md runs as it stands: a real sandbox, real builds, real files."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo.tree import ROOT

PAGE = ROOT / "docs" / "fixing.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MINUTES = 15


@pytest.mark.sandbox
def test_the_page_runs_as_it_stands(tmp_path: Path, trialplate_home: Path) -> None:
    home = tmp_path / "home"
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "images").symlink_to(trialplate_home / "cache" / "images")
    script = "\n".join(["set -euo pipefail", *BLOCK.findall(PAGE.read_text(encoding="utf-8"))])
    environment = {
        **os.environ,
        "TRIALPLATE_HOME": str(home),
        "EXAMPLES": str(ROOT / "examples"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", "-c", script],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        timeout=MINUTES * 60,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-5000:]
    said = done.stdout
    assert said.count("told the maintainer") == 2
    assert re.search(r"held until", said, re.IGNORECASE)
    assert "patch" in said
    assert [path.name for path in sorted((tmp_path / "advisories" / "osv").glob("*.json"))]
    (osv,) = (json.loads(path.read_text()) for path in (tmp_path / "advisories" / "osv").glob("*.json"))
    assert [each["name"] for each in osv["credits"]][:2] == ["ada", "bo"]
    assert "valid" in said
