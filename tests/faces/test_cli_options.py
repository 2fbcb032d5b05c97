"""Options that commands share: nobody speaks with the house's own keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialplate.app.keyring import RESERVED
from trialplate.faces.cli.main import main


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_a_name_of_the_houses_own_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIALPLATE_HOME", str(tmp_path / "home"))
    assert main(["report", "list", "--as", name]) == 2
    assert "take another one" in capsys.readouterr().err
    assert not (tmp_path / "home").exists()
