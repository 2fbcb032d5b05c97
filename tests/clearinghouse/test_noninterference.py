"""With and without a sealed case, every answer to an outsider is byte-equal, but for until when a claim holds.

Two homes are copies of one: in the second, somebody else claims, reports, and a case goes as far as its embargo. Then
an outsider, who has sent a report of its own before, asks both for everything that it can ask.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.lab import RECIPE, ScriptedLab
from trialplate.app.clearing import roles
from trialplate.app.clearing.coordination import projects
from trialplate.app.clearing.finders import claiming, reporting
from trialplate.app.clearing.house import House, opened_house
from trialplate.app.clearing.work import laboring
from trialplate.app.settings import Settings
from trialplate.faces.cli.main import main
from trialplate.records.claim import ClaimTarget

NOW = "2026-12-07T00:00:00Z"

PROJECT = """
format = "trialplate.project/1"
name = "cards"
contact = "security@example.com"
purls = ["pkg:generic/cards"]
recipe = "recipe.toml"
sources = [{version = "1.0", archive = "cards.tar"}]
"""

QUESTIONS = (
    "report list --as outsider",
    "report list --as outsider --json",
    "report list --as outsider --all",
    "report refused --as outsider",
    "report status {own} --as outsider --json",
    "report show {own} --as outsider --json",
    "report status {sealed} --as outsider",
    "report show {sealed} --as outsider",
    "report status {short} --as outsider",
    "claim list --as outsider --json",
    "claim list --as outsider --all",
    "claim show {sealed_claim} --as outsider",
    "claim release {sealed_claim} --as outsider",
    "case list --as outsider",
    "case list --as outsider --json",
    "case show {sealed} --as outsider",
    "case show {short} --as outsider",
    "case rule {sealed} --distinct --reason x --as outsider",
    "case merge {own} {sealed} --reason x --as outsider",
    "case split {sealed} --reason x --as outsider",
    "case release {sealed} --reason x --as outsider",
    "case close {sealed} --reason x --as outsider",
    "case bypass {sealed} --reason x --as outsider",
    "case extend {sealed} --reason x --as outsider",
    "case figures --as outsider",
    "maintainer inbox --as outsider --json",
    "maintainer inbox --as outsider --all",
    "maintainer show cards",
    "maintainer stop cards --reason x --until 2027-01-01T00:00:00Z --as outsider",
    "advisory list",
    "advisory list --json",
    "advisory show TRIALPLATE-2026-{head}",
    "advisory show TRIALPLATE-2026-{head} --format osv",
    "advisory revise TRIALPLATE-2026-{head} --summary x --as outsider",
    "advisory export {out}",
    "claim open --purl pkg:generic/free --method m --contact c --as outsider",
)
"""Every command that an outsider can call, with ids of its own, of the sealed case, and the beginnings of them."""


@contextmanager
def house_at(home: Path) -> Iterator[House]:
    with opened_house(Settings(home=home), lambda: NOW) as house:
        yield house


def sent(home: Path, finder: str, proof: bytes) -> str:
    finding = {
        "title": "It overflows",
        "description": "A length is trusted.",
        "target": {"purl": "pkg:generic/cards@1.0"},
        "proofs": [{"name": "proof", "base64": base64.b64encode(proof).decode()}],
    }
    document = json.dumps({"format": "trialplate.report/1", "findings": [finding]}).encode()
    with house_at(home) as house:
        return reporting.submit(house, finder, reporting.Sent(document=document)).taken[0].report


def worked(home: Path) -> None:
    for shown in laboring.labor(Settings(home=home), watch=False, every_s=1, lab=ScriptedLab()):
        assert not shown.failed, shown


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("homes")
    low, high = folder / "low" / "home", folder / "high" / "home"
    low.mkdir(parents=True)
    (folder / "recipe.toml").write_bytes(RECIPE)
    (folder / "cards.tar").write_bytes(b"cards")
    (folder / "project.toml").write_text(PROJECT)
    with house_at(low) as house:
        roles.appoint(house, "desk", "desk", roles.Role.COORDINATOR)
        projects.register(house, "mill", folder / "project.toml")
        projects.confirm(house, "desk", "cards", reason="Known for years.")
    own = sent(low, "outsider", b"nothing")
    worked(low)
    shutil.copytree(low, high)
    with house_at(high) as house:
        opened = claiming.open_claim(
            house,
            "insider",
            claiming.Asked(target=ClaimTarget(purl="pkg:generic/other"), method="m", contact="c", days=30),
        )
        assert isinstance(opened, claiming.Opened)
    sealed = sent(high, "insider", b"crash card_copy card_read main")
    worked(high)
    ids = {
        "own": own,
        "sealed": sealed,
        "short": sealed[:6],
        "head": sealed[:8].upper(),
        "sealed_claim": opened.claim,
    }
    return low, high, ids


@pytest.fixture
def ask(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[Path, str], tuple[object, ...]]:
    def asked(home: Path, question: str) -> tuple[object, ...]:
        copy = home.with_name("asked")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(home, copy)
        monkeypatch.setenv("TRIALPLATE_HOME", str(copy))
        monkeypatch.chdir(home.parent)
        shutil.rmtree(home.parent / "out", ignore_errors=True)
        code = main(question.format(out="out").split())
        said = capsys.readouterr()
        files = sorted((path.name, path.read_bytes()) for path in (home.parent / "out").rglob("*") if path.is_file())
        return code, _plain(said.out), _plain(said.err), files

    return asked


def _plain(text: str) -> str:
    """Return a text without what is new at each call, in whichever home: moments and random ids."""
    return re.sub(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z", "NOW", re.sub(r"\b[0-9a-f]{8,64}\b", "ID", text))


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_outsider_is_answered_alike(
    question: str, homes: tuple[Path, Path, dict[str, str]], ask: Callable[[Path, str], tuple[object, ...]]
) -> None:
    low, high, ids = homes
    asked = question.format(**ids, out="{out}")
    assert ask(low, asked) == ask(high, asked)


def test_there_is_a_sealed_case(
    homes: tuple[Path, Path, dict[str, str]], ask: Callable[[Path, str], tuple[object, ...]]
) -> None:
    low, high, ids = homes
    asked = f"case show {ids['sealed']} --as desk"
    assert ask(high, asked)[0] == 0
    assert ask(low, asked)[0] != 0


def test_a_claim_says_only_until_when_it_holds(
    homes: tuple[Path, Path, dict[str, str]], ask: Callable[[Path, str], tuple[object, ...]]
) -> None:
    low, high, _ = homes
    asked = "claim open --purl pkg:generic/other --method m --contact c --as outsider"
    free, held = ask(low, asked), ask(high, asked)
    assert free != held
    assert "insider" not in str(held)
