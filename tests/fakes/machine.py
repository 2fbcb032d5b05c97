"""A machine as the checks see it, with whatever a test takes away from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

GOOD: Mapping[str, str] = {
    "/proc/sys/kernel/osrelease": "6.1.0-test",
    "/proc/filesystems": "nodev\tsysfs\nnodev\toverlay\n\text4",
}


@dataclass(frozen=True, kw_only=True)
class FakeMachine:
    """Has everything but `without`; `files` are laid over those of a good machine."""

    without: frozenset[str] = frozenset()
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    refusal: str = ""
    free_bytes: int = 10 << 30

    def has(self, program: str) -> bool:
        return Path(program).name not in self.without

    def read(self, path: str) -> str:
        return {**GOOD, **self.files}.get(path, "")

    def free(self, folder: Path) -> int:
        del folder
        return self.free_bytes

    def refuses_user_namespace(self) -> str:
        return self.refusal
