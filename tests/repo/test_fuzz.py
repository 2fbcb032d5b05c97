"""Fuzzing: that no parser is missing, that the oracles hold and can fail, and what the command makes of a run."""

from __future__ import annotations

import importlib
import inspect
import io
import json
import pkgutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any, Final

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from rich.console import Console

from fuzz import oracles
from fuzz.__main__ import GRACE_S, MOST_MIB, ROOT, Ended, Outcome, judged, main, prepared, run, table_of, watched
from fuzz.mutation import changed
from fuzz.targets import TARGETS, Target
from tests.formats.intake.making import report, weakness
from tests.repo.test_packaging import bad_lock
from trialplate import formats
from trialplate.errors import TrialplateError
from trialplate.formats.intake import LIMITS, Intake, Limits, parse_plain

PASSED: Final = Ended(0, "#2\tINITED\nstat::number_of_executed_units: 70\nstat::peak_rss_mb:  105\n")


def readers(package: ModuleType) -> Iterator[Callable[..., object]]:
    """Yield the public functions of a package's parts that take bytes, or a text that they may refuse."""
    for part in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(part.name)
        names = module.__all__ if part.ispkg else [name for name in vars(module) if not name.startswith("_")]
        for function in filter(inspect.isfunction, (getattr(module, name) for name in names)):
            if function.__module__.startswith(part.name):
                first = next(iter(inspect.signature(function, eval_str=True).parameters.values()), None)
                refuses = "Raises:" in (function.__doc__ or "")
                if first and (first.annotation is bytes or (first.annotation is str and refuses)):
                    yield function


def missing(package: ModuleType, targets: Mapping[str, Target]) -> list[str]:
    """Return the names of the readers of a package that no target covers."""
    covered = {function for target in targets.values() for function in target.covers}
    return sorted(each.__qualname__ for each in set(readers(package)) - covered)


def test_every_parser_of_foreign_formats_is_a_target() -> None:
    assert missing(formats, TARGETS) == []


def test_a_parser_that_was_forgotten_is_found() -> None:
    known = {name: target for name, target in TARGETS.items() if name not in {"kev", "cvss"}}
    assert missing(formats, known) == ["base_scores", "parse_kev"]


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
def test_seeds_are_good_and_small(target: Target) -> None:
    assert target.seeds
    assert all(target.check(seed) for seed in target.seeds)
    assert max(map(len, target.seeds)) <= target.longest
    assert len(target.dictionary) > 5


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
@settings(max_examples=300, suppress_health_check=[HealthCheck.differing_executors])
@given(data=st.data())
def test_oracles_hold_of_any_bytes_and_of_good_ones_that_were_changed(target: Target, data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from(target.seeds))
    at = data.draw(st.integers(0, len(seed)))
    new = data.draw(st.binary(max_size=8) | st.sampled_from(target.dictionary).map(str.encode))
    target.check(seed[:at] + new + seed[at + data.draw(st.integers(0, 8)) :])
    target.check(new)
    if target.json:
        target.check(changed(seed, target.dictionary, Random(at)))


@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if target.json])
def test_a_changed_document_is_json_of_other_values(name: str) -> None:
    target = TARGETS[name]
    seed = target.seeds[0]
    others = {changed(seed, target.dictionary, Random(number)) for number in range(50)}
    assert len(others) > 40
    assert all(isinstance(json.loads(other), dict | list | str | int | float | None) for other in others)
    assert changed(seed, target.dictionary, Random(7)) == changed(seed, target.dictionary, Random(7))
    assert changed(b"{", target.dictionary, Random(7)) == b"{"
    assert changed(b"[" * 100_000, target.dictionary, Random(7)) == b"[" * 100_000


class OurError(TrialplateError):
    """What a parser of the tests below refuses by."""


def refusing(error: Exception) -> Callable[[bytes], object]:
    """Return a parser that takes nothing."""

    def parse(_data: bytes) -> object:
        raise error

    return parse


def test_a_refusal_is_the_parsers_own_and_can_be_shown() -> None:
    assert oracles.taken(bytes.decode, b"a", OurError) == "a"
    assert oracles.taken(refusing(OurError("No.", "Go.")), b"", OurError) is None
    for bad in (OurError("No."), OurError("", "Go."), OurError("\x1b", "Go."), OurError("x" * 1500, "Go.")):
        with pytest.raises(AssertionError):
            oracles.taken(refusing(bad), b"", OurError)
    for other in (ValueError("no"), TrialplateError("No.", "Go."), RecursionError()):
        with pytest.raises(type(other)):
            oracles.taken(refusing(other), b"", OurError)


def test_an_answer_beyond_the_limits_fails() -> None:
    def unlimited(data: bytes, *, limits: Limits) -> Intake:
        assert limits != LIMITS
        return parse_plain(data)

    assert oracles.intake(unlimited)(report(weakness(description="x" * 300)))
    with pytest.raises(AssertionError):
        oracles.intake(unlimited)(report(weakness(description="x" * 301)))


@pytest.mark.parametrize(
    "ended, outcome, runs, found",
    [
        (PASSED, Outcome.PASSED, 70, ""),
        (Ended(0, PASSED.log.replace("105", str(MOST_MIB + 1))), Outcome.LARGE, 70, ""),
        (Ended(0, ""), Outcome.IDLE, 0, ""),
        (Ended(None, "#12\tNEW\n#9\tNEW\n"), Outcome.HUNG, 12, ""),
        (Ended(70, "x; Test unit written to a/timeout-1\n"), Outcome.HUNG, 0, "a/timeout-1"),
        (Ended(71, "Test unit written to a/oom-1\n"), Outcome.LARGE, 0, "a/oom-1"),
        (Ended(77, "Test unit written to a/crash-1\n"), Outcome.CRASHED, 0, "a/crash-1"),
        (Ended(-11, PASSED.log), Outcome.CRASHED, 70, ""),
        (Ended(1, "Traceback"), Outcome.CRASHED, 0, ""),
    ],
)
def test_only_a_target_that_ran_to_its_end_within_its_memory_passes(
    ended: Ended, outcome: Outcome, runs: int, found: str
) -> None:
    result = judged("a", 1.5, 3, ended)
    assert (result.target, result.seconds, result.corpus) == ("a", 1.5, 3)
    assert (result.outcome, result.runs, result.found) == (outcome, runs, found)


def test_what_a_process_is_given(tmp_path: Path) -> None:
    target = TARGETS["cvss"]
    name, *options = prepared(target, tmp_path)
    assert name == "cvss"
    assert {"-timeout=10", "-rss_limit_mb=512", "-max_len=600", str(tmp_path / "corpus" / "cvss")} <= set(options)
    assert {file.read_bytes() for file in (tmp_path / "corpus" / "cvss").iterdir()} == set(target.seeds)
    assert (tmp_path / "corpus" / "cvss.dict").read_text().startswith('"\\x41\\x56\\x3a\\x4e"\n')


def test_a_process_is_watched_to_its_end(tmp_path: Path) -> None:
    told: list[float] = []
    ended = watched((sys.executable, "-c", "print('a'); raise SystemExit(70)"), GRACE_S, tmp_path / "log", told.append)
    assert ended == Ended(70, "a\n")
    began = time.monotonic()
    sleeping = "import time; print('a', flush=True); time.sleep(60)"
    ended = watched((sys.executable, "-c", sleeping), 1.5, tmp_path / "log", told.append)
    assert ended == Ended(None, "a\n")
    assert told
    assert time.monotonic() - began < 30


def test_each_result_is_kept_as_it_comes(tmp_path: Path) -> None:
    told = Console(file=io.StringIO())
    ends = {"kev": Ended(77, "Test unit written to .fuzz/found/kev-crash-1\n"), "epss": PASSED}

    def runner(target: Target, seconds: int, tell: Callable[[float], None]) -> Ended:
        tell(seconds / 2)
        if target.name not in ends:
            raise KeyboardInterrupt
        return ends[target.name]

    results = run([TARGETS["kev"], TARGETS["epss"]], 9, tmp_path, runner, told)
    with pytest.raises(KeyboardInterrupt):
        run([TARGETS["epss"], TARGETS["csaf"]], 9, tmp_path, runner, told)
    lines: list[dict[str, Any]] = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert [(line["target"], line["outcome"]) for line in lines] == [
        ("kev", "crashed"),
        ("epss", "passed"),
        ("epss", "passed"),
    ]
    assert set(lines[0]) == {"target", "seconds", "runs", "corpus", "peak_mib", "outcome", "found"}
    shown = Console(width=140, file=io.StringIO())
    with shown.capture() as captured:
        shown.print(table_of(results))
    assert all(
        word in captured.get() for word in ("kev", "crashed", ".fuzz/found/kev-crash-1", "epss", "passed", "105")
    )


@pytest.mark.parametrize("arguments, said", [(["--only", "none"], "'sarif'"), ([], "make fuzz")])
def test_the_command_refuses_what_it_cannot_do(arguments: list[str], said: str) -> None:
    # The environment of the tests has no atheris, so that nothing is fuzzed by it.
    ended = CliRunner().invoke(main, arguments)
    assert ended.exit_code == 2
    assert said in ended.stderr


def test_the_fuzzer_is_locked() -> None:
    lock = (ROOT / "fuzz" / "requirements.lock").read_text(encoding="utf-8")
    assert bad_lock(lock, [Requirement("atheris")]) == []
