"""Every setting of the program, read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from trialplate.home import home_folder

NOT_READY: Final = 3
"""The exit code of a failure that the environment and not the input is the cause of."""


class Settings(Struct, frozen=True, kw_only=True):
    """Where data live and how much of anything is allowed; limits name their units.

    `home` is absolute. `busy_timeout_s` is how long a call waits for another process's transaction; `lease_s` how
    long a worker holds a subject before others may take it; `page_rows` how many rows a page has.
    """

    home: Path
    busy_timeout_s: int = 60
    lease_s: int = 600
    page_rows: int = 100

    @property
    def store_path(self) -> Path:
        """The file of the record store."""
        return self.home / "store.db"

    @property
    def keys_dir(self) -> Path:
        """The folder of private keys, readable by its owner only."""
        return self.home / "keys"

    @property
    def images_dir(self) -> Path:
        """The folder of unpacked images, one a digest."""
        return self.home / "cache" / "images"

    @property
    def builds_dir(self) -> Path:
        """The folder of compiled programs, each by the digest of its recipe."""
        return self.home / "cache" / "builds"

    @property
    def admissions_dir(self) -> Path:
        """The folder of what admissions found, one file a bank and image."""
        return self.home / "cache" / "admissions"

    @property
    def characteristics_dir(self) -> Path:
        """The folder of what was simulated, one file a table of items and criteria."""
        return self.home / "cache" / "characteristics"

    @property
    def log_dir(self) -> Path:
        """The folder of the log of all records of this home."""
        return self.home / "log"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Return the settings that an environment names.

        `TRIALPLATE_HOME` is the folder of all data; without it, `trialplate` in the XDG data folder.
        """
        return cls(home=home_folder(environment))
