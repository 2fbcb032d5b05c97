"""Print an outline: `python3 -m outline FILE`."""

import sys
from pathlib import Path

from outline import OutlineError, read_outline


def main() -> int:
    try:
        outline = read_outline(Path(sys.argv[1]).read_text(encoding="utf-8"))
    except (OutlineError, UnicodeDecodeError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for name, text in outline.items():
        sys.stdout.write(f"{name}: {text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
