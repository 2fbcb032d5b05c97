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
    summary = json.loads(ended.stdout)
    assert summary["outcomes"] == {outcome: 1}
    assert (summary["runs"], summary["voids"]) == (1, 0)
    assert summary["tokens"] > 0


@pytest.mark.parametrize("plays", ["busy", "drops", "hangs"])
def test_a_provider_that_fails_is_no_fault_of_the_model(campaigns: Campaigns, server: ChatServer, plays: str) -> None:
    ended = campaigns.command(*model(server, plays), *"--max-runs 1 --call-seconds 1 --call-retries 0".split())
    assert ended.returncode == 4
    assert "Every attempt was void: VOID_PROVIDER." in ended.stderr
    assert server.calls[plays] >= 3


def model(server: ChatServer, plays: str) -> tuple[str, ...]:
    return (f"openai-api/local/{plays}", "-M", f"base_url={server.url}", "-M", "api_key=none")
