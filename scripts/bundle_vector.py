"""Write the test vector of the bundle format, a small synthetic bundle: `python scripts/bundle_vector.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.faces.bundles import bundle  # noqa: E402 - the tests are no package that is installed

FOLDER: Final = ROOT / "tests" / "vectors" / "bundle"


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for name, data in bundle().items():
        (FOLDER / name).write_bytes(data)
        print(FOLDER / name)


if __name__ == "__main__":
    main()
