"""Draw the public development bank anew and admit it: `python scripts/public_bank.py`.

To be run after every change of a family that ships with Trialplate, because a bank belongs to the sources that drew it.
It takes minutes. The key is public on purpose: the bank is for trying things out, and for no decision.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from trialplate.app.banks import SUFFIX, check, draw, key_path
from trialplate.app.settings import Settings
from trialplate.benchmark.bank_files import write_public
from trialplate.benchmark.registry import family_names, load_family

FOLDER = Path(__file__).parents[1] / "src" / "trialplate" / "benchmark" / "public"
KEY = hashlib.sha256(b"The public development bank of Trialplate").digest()


def main() -> int:
    """Write the bank, its key and its admission; return 1 where an item was refused."""
    path = FOLDER / f"development{SUFFIX}"
    admission = path.with_suffix(".admission.json")
    for old in (path, key_path(path), admission):
        old.unlink(missing_ok=True)
    own = [name for name in family_names() if type(load_family(name)).__module__.startswith("trialplate.")]
    opened = draw(path, families=own, key=KEY)
    print(f"{len(opened.items)} items of {len(own)} families; admitting them ...")
    found = check(Settings.from_environment(os.environ), path, again=True)
    write_public(admission, found.admission)
    for refused in found.summary.refused:
        print(f"refused {refused.item}: {refused.reason}")
    print(f"{found.summary.admitted} of {found.summary.items} admitted; in band {found.summary.in_band}")
    return int(bool(found.summary.refused))


if __name__ == "__main__":
    sys.exit(main())
