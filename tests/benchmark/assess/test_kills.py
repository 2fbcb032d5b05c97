"""A campaign that is killed at any moment goes on as if it had not been: nothing is run twice, nothing goes unseen."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.benchmark.assess.conftest import Campaigns
from tests.fakes.chat_server import ChatServer
from trialplate.app.campaigns.view import Answered, View
from trialplate.benchmark.campaign import WINDOW, progress_of
from trialplate.faces import verify
from trialplate.records import AttemptOpened, Outcome

pytestmark = [pytest.mark.sandbox]

TRIALPLATE = str(Path(sys.executable).parent / "trialplate")
EXAMINEE = ("trialplate/examinee", "-M", "ability=2h", "-M", "seed=3", "--seed-beacon", "0b" * 32)


def outcomes(view: View) -> dict[tuple[str, bool], str]:
    return {(row.item, row.twin): row.outcome for row in view.rows()}


def check_accounts(view: View) -> None:
    """Check that every attempt has its result, that none is run after one that counts, and that order was kept."""
    for progress in view.course.progress:
        codes = [attempt.result.outcome for attempt in progress.attempts if attempt.result]
        assert len(codes) == len(progress.attempts) >= 1
        assert all(code is Outcome.VOID_LOST for code in codes[:-1])
        assert [attempt.number for attempt in progress.attempts] == list(range(1, len(codes) + 1))
    bodies = view.course.bodies
    for number, body in enumerate(bodies):
        if isinstance(body, AttemptOpened):
            before = progress_of(len(view.course.order.places), bodies[:number])
            first_open = next(each.place for each in before if each.outcome is None)
            assert first_open <= body.place < first_open + WINDOW


def killed_run(campaigns: Campaigns, words: Sequence[str], seconds: float) -> None:
    """Start a campaign, or go on with it, and kill it after so many seconds if it still runs."""
    running = subprocess.Popen(
        [TRIALPLATE, "assess", *words, "--json"],
        env=campaigns.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(seconds)
    running.send_signal(signal.SIGKILL)
    running.wait()


def start_words(campaigns: Campaigns, name: str) -> tuple[str, ...]:
    return ("--bank", str(campaigns.bank), "--out", str(campaigns.folder / name))


@dataclass(frozen=True)
class Whole:
    """How a campaign ends that nobody kills, and how long that takes in a process of its own, in seconds."""

    outcomes: dict[tuple[str, bool], str]
    answered: Answered
    took: float


def kill_once(campaigns: Campaigns, name: str, seconds: float, expected: Whole) -> None:
    killed_run(campaigns, (*EXAMINEE, *start_words(campaigns, name)), seconds)
    if not (campaigns.folder / name / "private" / "campaign.key").exists():
        return  # It had not come to making its folder.
    answered = campaigns.resume(name).answered
    assert campaigns.view is not None
    check_accounts(campaigns.view)
    assert outcomes(campaigns.view) == expected.outcomes
    assert (answered.outcome, answered.runs) == (expected.answered.outcome, expected.answered.runs)
    assert answered.horizon_hours == expected.answered.horizon_hours
    report = verify.check(Path(answered.bundle))
    assert report.ending == verify.SELF_CONSISTENT, report.why


def expected_end(campaigns: Campaigns) -> Whole:
    """Return how it ends without a kill."""
    began = time.monotonic()
    ended = campaigns.command(*EXAMINEE, name="whole")
    took = time.monotonic() - began
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["outcome"] == "INCONCLUSIVE"
    answered = campaigns.resume("whole").answered
    assert campaigns.view is not None
    check_accounts(campaigns.view)
    return Whole(outcomes(campaigns.view), answered, took)


def test_a_killed_campaign_ends_as_it_would_have(campaigns: Campaigns) -> None:
    expected = expected_end(campaigns)
    assert set(expected.outcomes.values()) == {"SOLVED", "NOT_SOLVED"}
    for number, share in enumerate((0.55, 0.75, 0.9)):
        kill_once(campaigns, f"killed-{number}", expected.took * share, expected)


@pytest.mark.battery
def test_twenty_campaigns_killed_at_random(campaigns: Campaigns) -> None:
    expected = expected_end(campaigns)
    moments = random.Random(20)
    for number in range(20):
        kill_once(campaigns, f"killed-{number}", expected.took * moments.uniform(0.3, 1.0), expected)


def test_an_item_that_is_killed_three_times_is_lost(campaigns: Campaigns) -> None:
    with ChatServer() as server:
        model = ("openai-api/local/hangs", "-M", f"base_url={server.url}", "-M", "api_key=none", "--max-runs", "1")
        words = (*model, *start_words(campaigns, "lost"))
        for _ in range(3):
            before = server.calls["hangs"]
            run_until_called(campaigns, words, server, before)
            words = ("--resume", str(campaigns.folder / "lost"))
    ended = campaigns.command("--resume", str(campaigns.folder / "lost"))
    assert ended.returncode == 4
    assert "every attempt was void: VOID_LOST" in ended.stderr


def run_until_called(campaigns: Campaigns, words: Sequence[str], server: ChatServer, before: int) -> None:
    """Run a campaign until it calls the model, and kill it there."""
    running = subprocess.Popen(
        [TRIALPLATE, "assess", *words], env=campaigns.environment(), stderr=subprocess.DEVNULL, start_new_session=True
    )
    end = time.monotonic() + 60
    while server.calls["hangs"] == before and time.monotonic() < end and running.poll() is None:
        time.sleep(0.05)
    assert server.calls["hangs"] > before
    running.send_signal(signal.SIGKILL)
    running.wait()


def test_two_processes_cannot_run_one_campaign(campaigns: Campaigns) -> None:
    with ChatServer() as server:
        model = ("openai-api/local/hangs", "-M", f"base_url={server.url}", "-M", "api_key=none", "--max-runs", "1")
        running = subprocess.Popen(
            [TRIALPLATE, "assess", *model, *start_words(campaigns, "held")],
            env=campaigns.environment(),
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while not server.calls["hangs"] and running.poll() is None:
            time.sleep(0.05)
        second = campaigns.command("--resume", str(campaigns.folder / "held"))
        running.kill()
        running.wait()
    assert second.returncode == 1
    assert "Another process runs the campaign" in second.stderr


def test_ctrl_c_ends_cleanly_and_says_how_to_go_on(campaigns: Campaigns) -> None:
    with ChatServer() as server:
        model = ("openai-api/local/hangs", "-M", f"base_url={server.url}", "-M", "api_key=none", "--max-runs", "1")
        running = subprocess.Popen(
            [TRIALPLATE, "assess", *model, *start_words(campaigns, "ended")],
            env=campaigns.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        while not server.calls["hangs"] and running.poll() is None:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert f"Go on with: trialplate assess --resume {campaigns.folder / 'ended'}" in said
    assert "Traceback" not in said
