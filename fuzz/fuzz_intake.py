"""Fuzz one parser of intake: `python -m fuzz.fuzz_intake sarif|osv|plain CORPUS [-max_total_time=120 ...]`.

CORPUS is a folder that keeps what was found from run to run; it starts with the good documents of the tests. What
stands behind it goes to libFuzzer. A parser that raises anything but its own error, or answers beyond its limits, ends
the run, and the input that did it is written to the working directory.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

# The package makes this name when it is imported, where no checker of types sees it.
with atheris.instrument_imports(include=["trialplate.formats.intake"]):  # pyright: ignore[reportAttributeAccessIssue]
    from tests.formats.intake.test_hostile import GOOD, PARSERS, TEXTS, WORDS, answer


def prepared(name: str, corpus: Path) -> Path:
    """Return the dictionary of a parser's fuzzer, written beside its seeds."""
    corpus.mkdir(parents=True, exist_ok=True)
    (corpus / "good.json").write_bytes(GOOD[name])
    words = (word.encode("unicode_escape").decode("ascii") for word in (*WORDS, *TEXTS))
    dictionary = corpus.with_name(f"{corpus.name}.dict")
    lines = [f'"{word}"\n' for word in words if word and "\\" not in word]
    dictionary.write_text("".join(lines), encoding="ascii")
    return dictionary


def main() -> None:
    """Fuzz until time, memory or patience ends."""
    if len(sys.argv) < 3 or sys.argv[1] not in PARSERS:  # noqa: PLR2004 - the program, a parser and a folder
        sys.exit(__doc__)
    name, corpus = sys.argv[1], Path(sys.argv[2])
    parse = PARSERS[name]

    def one(data: bytes) -> None:
        answer(parse, data)

    options = [sys.argv[0], str(corpus), f"-dict={prepared(name, corpus)}", "-max_len=4096", *sys.argv[3:]]
    atheris.Setup(options, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
