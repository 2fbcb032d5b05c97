"""The command group `case`, and a maintainer's `inbox` and `reply`, run as their users run them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.app.clearing.coordination.test_desking import EPSS
from tests.fakes.clearing import EXPLOITED
from tests.fakes.lab import RECIPE, ScriptedLab
from trialplate.app.clearing.work.laboring import labor
from trialplate.app.settings import Settings
from trialplate.faces.cli.main import main

PROJECT = """
format = "trialplate.project/1"
name = "cards"
contact = "mia@example.com"
purls = ["pkg:generic/cards"]
open_limit = 1
recipe = "recipe.toml"
sources = [{version = "1.0", archive = "cards.tar"}]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRIALPLATE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cards.toml").write_text(PROJECT)
    (tmp_path / "recipe.toml").write_bytes(RECIPE)
    (tmp_path / "cards.tar").write_bytes(b"cards")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str, fails: int = 0) -> str:
    """Run a command and return what it wrote: its answer, or why it failed."""
    assert main(arguments) == fails
    written = capsys.readouterr()
    return written.err if fails else written.out


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:  # noqa: ANN401 - an answer in JSON
    """Run a command that answers programs, and return its answer."""
    return json.loads(run(capsys, *arguments, "--json"))


def finding(proof: bytes, *, alias: str = "", purl: str = "pkg:generic/cards@1.0") -> dict[str, object]:
    shown = {"name": "proof", "base64": base64.b64encode(proof).decode()}
    declared = {"ai_tool": "none", "ai_model": "none", "verifier": "none"}
    more = {"aliases": [alias]} if alias else {}
    said = {"title": "It overflows", "description": "A length is not checked."}
    return {**said, "target": {"purl": purl}, "proofs": [shown], "declared": declared, **more}


def report(capsys: pytest.CaptureFixture[str], finder: str, *findings: dict[str, object]) -> list[str]:
    """Send findings, and return the ids of their reports."""
    Path("report.json").write_text(json.dumps({"format": "trialplate.report/1", "findings": findings}))
    receipt = asked(capsys, "report", "send", "report.json", "--as", finder)
    return [taken["report"] for taken in receipt["taken"]]


def work(folder: Path) -> None:
    shown = list(labor(Settings(home=folder / "home"), watch=False, every_s=1, lab=ScriptedLab()))
    assert not [each.line for each in shown if each.failed]


def opened(capsys: pytest.CaptureFixture[str]) -> None:
    """Open the clearinghouse, with a project of a maintainer's."""
    run(capsys, "case", "appoint", "cora", "--as", "cora")
    run(capsys, "maintainer", "register", "cards.toml", "--as", "mia")
    run(capsys, "maintainer", "confirm", "cards", "--reason", "Known.", "--as", "cora")


def test_a_case_from_the_desk_to_the_answer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened(capsys)
    (one,) = report(capsys, "ann", finding(b"crash a b c"))
    work(folder)
    (same, urgent) = report(capsys, "bob", finding(b"crash a b c d"), finding(b"crash x y", alias=EXPLOITED))
    work(folder)
    listing = run(capsys, "case", "list", "--as", "cora")
    assert f"{one[:8]}  Heap-buffer-overflow in a: sent, 2 reports; waits for maintainer until" in listing
    assert {row["subject"] for row in asked(capsys, "case", "list", "--as", "cora")} == {one, urgent}
    shown = run(capsys, "case", "show", one[:8], "--as", "cora")
    for said in ("report VALID, embargo ACTIVE, case Vfdpxa", "credit                bob", "party                 mia"):
        assert said in shown
    view = asked(capsys, "case", "show", one, "--as", "cora")
    assert (view["reports"], {each["name"] for each in view["credits"]}) == (2, {"ann", "bob"})
    assert view["waiting"][0]["silence"]
    run(capsys, "case", "split", same, "--reason", "Another line.", "--as", "cora")
    work(folder)
    run(capsys, "case", "merge", same, one, "--reason", "One line after all.", "--as", "cora")
    assert "recorded" in run(capsys, "case", "split", same, "--reason", "No.", "--as", "cora")

    mine = run(capsys, "maintainer", "inbox", "--as", "mia", "--out", "inbox")
    assert f"{one}  sent " in mine
    assert "awaited: an answer: accepted, no bug, or will not be fixed, until" in mine
    assert f"written to inbox/{one}" in mine
    assert (folder / "inbox" / one / "NOTICE.txt").read_text().startswith("Weakness in cards")
    (folder / "reply.toml").write_text(f'format = "trialplate.reply/1"\ncase = "{one}"\nanswer = "accept"\n')
    assert "recorded" in run(capsys, "maintainer", "reply", "reply.toml", "--as", "mia")
    assert asked(capsys, "case", "extend", one, "--reason", "Soon.", "--as", "cora")["subject"] == one
    (folder / "reply.toml").write_text(
        f'format = "trialplate.reply/1"\ncase = "{one}"\nanswer = "wont fix"\nreason = "x"'
    )
    assert asked(capsys, "maintainer", "reply", "reply.toml", "--as", "mia")["subject"] == one
    assert asked(capsys, "maintainer", "inbox", "--as", "mia") == []
    assert asked(capsys, "maintainer", "inbox", "--all", "--as", "mia")[0]["case"] == one

    figures = run(capsys, "case", "figures", "--as", "cora")
    assert figures.startswith("duplicates sent  0\nreports          3\n")
    assert "days to fix      -" in figures
    assert asked(capsys, "case", "figures", "--to-publish", "--as", "cora")["reports"] is None


def test_candidates_strays_and_noise_are_ruled(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened(capsys)
    (one,) = report(capsys, "ann", finding(b"crash a b c"))
    work(folder)
    alike, other = report(capsys, "bob", finding(b"crash q a b"), finding(b"crash r b c"))
    report(capsys, "max", *(finding(b"nothing %d" % n) for n in range(5)))
    work(folder)
    (held,) = report(capsys, "max", finding(b"crash m n"))
    work(folder)
    waiting = {row["subject"]: row["stage"] for row in asked(capsys, "case", "list", "--asked", "--as", "cora")}
    assert waiting == {alike: "candidates", other: "candidates", held: "held"}
    run(capsys, "case", "rule", alike, "--same-as", one, "--reason", "One loop.", "--as", "cora")
    run(capsys, "case", "rule", other, "--distinct", "--reason", "Another.", "--as", "cora")
    run(capsys, "case", "release", held, "--reason", "It looks sound.", "--as", "cora")
    work(folder)
    assert asked(capsys, "case", "show", alike, "--as", "cora")["case"] == one
    assert asked(capsys, "case", "show", held, "--as", "cora")["case"] == held
    for options in ((), ("--distinct", "--same-as", one)):
        assert "either" in run(capsys, "case", "rule", alike, *options, "--reason", "x", "--as", "cora", fails=2)


def test_a_case_that_nobody_owns_is_assigned_or_closed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened(capsys)
    Path("report.json").write_text(
        json.dumps({"format": "trialplate.report/1", "findings": [finding(b"crash a", purl="pkg:generic/x")]})
    )
    sent = ("report", "send", "report.json", "--recipe", "recipe.toml", "--source", "cards.tar")
    one = asked(capsys, *sent, "--as", "ann")["taken"][0]["report"]
    Path("report.json").write_text(
        json.dumps({"format": "trialplate.report/1", "findings": [finding(b"crash z", purl="pkg:generic/x")]})
    )
    other = asked(capsys, *sent, "--as", "ann")["taken"][0]["report"]
    work(folder)
    project = asked(capsys, "maintainer", "show", "cards")["project"]
    run(capsys, "case", "assign", one, project, "--reason", "It is theirs.", "--as", "cora")
    run(capsys, "case", "close", other, "--reason", "Nobody keeps it.", "--as", "cora")
    work(folder)
    assert asked(capsys, "case", "show", one, "--as", "cora")["stage"] == "sent"
    assert asked(capsys, "case", "show", other, "--as", "cora")["stage"] == "closed"


def test_what_is_exploited_passes_on_a_signature(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened(capsys)
    entry = {
        "cveID": EXPLOITED,
        "vendorProject": "v",
        "product": "p",
        "vulnerabilityName": "n",
        "requiredAction": "a",
        "dateAdded": "2026-06-01",
        "dueDate": "2026-06-22",
    }
    kev = {"catalogVersion": "1", "dateReleased": "2026-06-01T00:00:00Z", "count": 1, "vulnerabilities": [entry]}
    (folder / "kev.json").write_text(json.dumps(kev))
    (folder / "epss.csv").write_bytes(EPSS)
    told = run(capsys, "case", "feed", "kev.json", "--as", "cora")
    assert told == "KEV 1 of 2026-06-01T00:00:00Z: 1 vulnerabilities\n"
    assert asked(capsys, "case", "feed", "epss.csv", "--as", "cora")["feed"] == "EPSS"
    report(capsys, "ann", finding(b"crash a b c"))
    work(folder)
    (urgent,) = report(capsys, "bob", finding(b"crash x y", alias=EXPLOITED))
    work(folder)
    assert f"{urgent[:8]}  Heap-buffer-overflow in x: ranked, 1 reports, exploited" in run(
        capsys, "case", "list", "--as", "cora"
    )
    run(capsys, "case", "bypass", urgent, "--reason", "It is used.", "--as", "cora")
    work(folder)
    view = asked(capsys, "case", "show", urgent, "--as", "cora")
    assert (view["stage"], view["exploited"]) == ("sent", "yes")


def test_whoever_is_no_coordinator_is_told_how_to_become_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert "case appoint ann --as ann" in run(capsys, "case", "list", "--as", "ann", fails=1)
    said = run(capsys, "case", "appoint", "cora", "--as", "cora", "--office", "Treasury")
    assert said.startswith("cora is coordinator with ed25519:")
    assert "the first" in said
    made = asked(capsys, "case", "appoint", "rhea", "--role", "releaser", "--as", "cora")
    assert (made["party"], made["role"], made["first"]) == ("rhea", "releaser", False)
    assert "no coordinator here" in run(capsys, "case", "list", "--as", "ann", fails=1)
