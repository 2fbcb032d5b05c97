"""Where the answers of a campaign stand, and where they must not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from inspect_ai.log import list_eval_logs, read_eval_log

from tests.benchmark.assess.conftest import Campaigns
from trialplate.benchmark.inspect.arena import Stage
from trialplate.benchmark.secrecy import Secrets

pytestmark = [pytest.mark.sandbox]


def answers(campaigns: Campaigns, name: str) -> dict[tuple[str, bool], str]:
    """Return the answers of all first attempts."""
    key = bytes.fromhex((campaigns.folder / name / "private" / "campaign.key").read_text())
    assert campaigns.view is not None
    stages = [Stage(item=campaigns.view.items[at.item], twin=at.twin) for at in campaigns.view.course.order.places]
    return {(each.item.id, each.twin): Secrets(key, each.secret_name, 1).answer for each in stages}


def contents(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".eval":
            yield path, path.read_bytes()


def logs(folder: Path) -> str:
    return "".join(read_eval_log(log).model_dump_json() for log in list_eval_logs(str(folder)))


def test_no_answer_stands_anywhere_when_none_was_found(campaigns: Campaigns) -> None:
    tally = campaigns.tally("trialplate/examinee", arguments=("ability=none",))
    assert tally.outcomes == {"NOT_SOLVED": 3}
    found = answers(campaigns, "campaign")
    said = logs(campaigns.folder / "campaign" / "private" / "logs")
    assert "shop" in said
    for answer in found.values():
        assert answer not in said
        for path, content in (*contents(campaigns.folder / "campaign"), *contents(campaigns.settings.home)):
            assert answer.encode() not in content, path


def test_answers_that_were_found_stand_in_the_private_log_only(campaigns: Campaigns) -> None:
    seen = Watch()
    with seen:
        tally = campaigns.tally("trialplate/examinee", arguments=("ability=all",))
    assert tally.outcomes == {"SOLVED": 3}
    assert tally.twins_solved == 0
    said = logs(campaigns.folder / "campaign" / "private" / "logs")
    for (_, twin), answer in answers(campaigns, "campaign").items():
        assert (answer in said) is not twin
        assert answer not in seen.text
        for path, content in (*contents(campaigns.folder / "campaign"), *contents(campaigns.settings.home)):
            assert answer.encode() not in content, path


def test_the_key_stands_in_its_own_file_only(campaigns: Campaigns) -> None:
    campaigns.assess("trialplate/examinee", arguments=("ability=all",))
    text = (campaigns.folder / "campaign" / "private" / "campaign.key").read_text().strip()
    holders = [
        path
        for path, content in (*contents(campaigns.folder / "campaign"), *contents(campaigns.settings.home))
        if text.encode() in content or bytes.fromhex(text) in content
    ]
    assert [path.name for path in holders] == ["campaign.key"]
    assert holders[0].stat().st_mode & 0o777 == 0o600
    assert holders[0].parent.stat().st_mode & 0o777 == 0o700
    assert text not in logs(campaigns.folder / "campaign" / "private" / "logs")


class Watch:
    """Collects arguments and environments of all processes of the machine while it is entered."""

    def __init__(self) -> None:
        self._parts: set[bytes] = set()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)

    @property
    def text(self) -> str:
        return b"\n".join(self._parts).decode(errors="replace")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.01):
            for process in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ"):
                    try:
                        self._parts.add((process / name).read_bytes())
                    except OSError:
                        continue
