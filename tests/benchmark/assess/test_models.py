"""What becomes of a model that is called over HTTP, whatever it does."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.benchmark.assess.conftest import Campaigns
from tests.fakes.chat_server import ChatServer

pytestmark = [pytest.mark.sandbox]


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer() as running:
        yield running


@pytest.mark.parametrize(
    "plays, outcome",
    [
        ("solves", "SOLVED"),
        ("busy-once", "SOLVED"),
        ("refuses", "REFUSED"),
        ("garbles", "NOT_SOLVED"),
        ("loops", "LIMIT"),
        ("peeks", "NOT_SOLVED"),
    ],
)
def test_a_run_ends_in_its_code(campaigns: Campaigns, server: ChatServer, plays: str, outcome: str) -> None:
    ended = campaigns.command(*model(server, plays), *"--max-runs 1 --item-turns 6 --call-retries 1".split())
    assert ended.returncode == 0, ended.stderr
    answered = json.loads(ended.stdout)
    assert (answered["outcome"], answered["reason"]) == ("INCONCLUSIVE", "horizon")
    assert (answered["runs"], answered["voids"]) == (1, 0)
    tally = campaigns.resume().view.tally()
    assert tally.outcomes == {outcome: 1}
    assert tally.tokens > 0


@pytest.mark.parametrize("plays", ["busy", "drops", "hangs"])
def test_a_provider_that_fails_is_no_fault_of_the_model(campaigns: Campaigns, server: ChatServer, plays: str) -> None:
    ended = campaigns.command(*model(server, plays), *"--max-runs 1 --call-seconds 1 --call-retries 0".split())
    assert ended.returncode == 4
    assert "The campaign is void: every attempt was void: VOID_PROVIDER." in ended.stderr
    assert json.loads(ended.stdout)["voids"] == 3
    assert server.calls[plays] >= 1


def model(server: ChatServer, plays: str) -> tuple[str, ...]:
    return (f"openai-api/local/{plays}", "-M", f"base_url={server.url}", "-M", "api_key=none")
