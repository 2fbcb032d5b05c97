"""Draw the public development bank anew, admit it, and simulate on it: `python scripts/public_bank.py [--simulate]`.

To be run after every change of a family that ships with Trialplate, because a bank belongs to the sources that drew it.
It takes minutes. With `--simulate` the bank stays, and only the simulation is made anew: after a change of
`measurement` or of the criteria that ship. The key is public on purpose: the bank is for trying things out, and for no
decision.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from trialplate.app.banks import SUFFIX, check, draw, key_path
from trialplate.app.campaigns.characteristics import REPLICATES, basis_of, simulated
from trialplate.app.campaigns.characteristics import SUFFIX as BESIDE
from trialplate.app.campaigns.planning import CRITERIA, read_criteria, table_for
from trialplate.app.settings import Settings
from trialplate.benchmark.bank_files import read_open_bank, write_public
from trialplate.benchmark.registry import family_names, load_family
from trialplate.determination import SALT_BYTES, parse_criteria

FOLDER = Path(__file__).parents[1] / "src" / "trialplate" / "benchmark" / "public"
KEY = hashlib.sha256(b"The public development bank of Trialplate").digest()


PATH = FOLDER / f"development{SUFFIX}"


def simulate() -> None:
    """Write how the rule of the criteria that ship errs on all items of the bank."""
    criteria = parse_criteria(read_criteria(CRITERIA))
    table = table_for(read_open_bank(PATH).items, criteria, bytes(SALT_BYTES))
    basis = basis_of(table, criteria.criteria, REPLICATES)
    found = simulated(table, criteria.criteria, REPLICATES, basis)
    PATH.with_suffix(BESIDE).unlink(missing_ok=True)
    write_public(PATH.with_suffix(BESIDE), found)
    print(f"levels kept: {found.levels_kept}; made for {found.alpha_cal} and {found.beta_cal}")


def draw_and_admit() -> int:
    """Write the bank, its key and its admission; return 1 where an item was refused."""
    path = PATH
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


def main() -> int:
    """Do what the command line says."""
    refused = 0 if "--simulate" in sys.argv[1:] else draw_and_admit()
    simulate()
    return refused


if __name__ == "__main__":
    sys.exit(main())
