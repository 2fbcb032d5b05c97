"""An ordinary user of this machine, made for a test: with subordinate ids, a closed home folder and the image.

What the user runs is this interpreter and this project, shown to it at neutral paths in a mount namespace of its own,
because both may lie in a folder that only root may enter.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_SHOWN = """
set -e
mount --make-rprivate /
mkdir -p "$PLACE/python" "$PLACE/project" "$PLACE/packages"
mount --bind "$PYTHON" "$PLACE/python"
mount --bind "$PROJECT" "$PLACE/project"
mount --bind "$PACKAGES" "$PLACE/packages"
exec setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups -- env -i \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$USER_HOME" TRIALPLATE_HOME="$USER_HOME/trialplate" \
    LD_LIBRARY_PATH="$PLACE/python/lib" PYTHONHOME="$PLACE/python" \
    PYTHONPATH="$PLACE/project/src:$PLACE/project:$PLACE/packages" \
    "$PLACE/python/bin/$NAME" "$@"
"""


@dataclass(frozen=True, kw_only=True)
class OrdinaryUser:
    """A user: its name, id and home folder, and where it is shown what it runs."""

    name: str
    uid: int
    home: Path
    place: Path

    def run(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run this interpreter with `arguments` as the user, and return how it ended."""
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=timeout, check=False)

    def command(self, *arguments: str) -> list[str]:
        """Return the command line by which root runs this interpreter with `arguments` as the user."""
        environment = {
            "PLACE": str(self.place),
            "PYTHON": sys.base_prefix,
            "PROJECT": str(_ROOT),
            "PACKAGES": sysconfig.get_path("purelib"),
            "NAME": f"python{sys.version_info.major}.{sys.version_info.minor}",
            "USER_ID": str(self.uid),
            "USER_HOME": str(self.home),
        }
        settings = [f"{name}={value}" for name, value in environment.items()]
        return ["env", *settings, "unshare", "--mount", "sh", "-c", _SHOWN, "sh", *arguments]


@contextlib.contextmanager
def ordinary_user(image: Path, *, subordinate: bool = True) -> Iterator[OrdinaryUser]:
    """Make an ordinary user with the image whose cache folder is `image`, and remove it with all its files."""
    name = f"tp{secrets.token_hex(4)}"
    place = Path("/run") / name
    subprocess.run(["useradd", "--create-home", "--base-dir", "/var/tmp", name], check=True)  # noqa: S108
    try:
        if subordinate:
            # Debian's useradd gives a range by itself, others do not; the second range does no harm.
            ranges = ("--add-subuids", "600000000-600065535", "--add-subgids", "600000000-600065535")
            subprocess.run(["usermod", *ranges, name], check=True)
        else:
            _forget_ranges(name)
        home = Path("/var/tmp") / name  # noqa: S108 useradd made it, for this user alone
        home.chmod(0o700)
        cached = home / "trialplate" / "cache" / "images" / image.name
        cached.mkdir(parents=True)
        for file in ("record.json", "root.tar"):
            shutil.copy(image / file, cached / file)
        uid = home.stat().st_uid
        subprocess.run(["chown", "--recursive", f"{uid}:{uid}", str(home)], check=True)
        place.mkdir(mode=0o755)
        yield OrdinaryUser(name=name, uid=uid, home=home, place=place)
    finally:
        subprocess.run(["userdel", "--remove", "--force", name], check=True, capture_output=True)
        shutil.rmtree(place, ignore_errors=True)


def _forget_ranges(name: str) -> None:
    for kind in ("uid", "gid"):
        file = Path(f"/etc/sub{kind}")
        rows = [row for row in file.read_text().splitlines() if not row.startswith(f"{name}:")]
        file.write_text("".join(f"{row}\n" for row in rows))
