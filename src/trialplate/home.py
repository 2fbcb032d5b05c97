"""Where Trialplate keeps what is its own on this machine."""

from collections.abc import Mapping
from pathlib import Path


def home_folder(environment: Mapping[str, str]) -> Path:
    """Return `TRIALPLATE_HOME`, or Trialplate's folder in the user's data folder (XDG base directories)."""
    if chosen := environment.get("TRIALPLATE_HOME"):
        return Path(chosen).absolute()
    data = environment.get("XDG_DATA_HOME") or str(Path(environment.get("HOME") or Path.home()) / ".local" / "share")
    return Path(data).absolute() / "trialplate"
