"""What a plan says of how a model is called, and of what it cannot be planned on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.making import CRITERIA
from trialplate.app.campaigns.folder import CampaignFile
from trialplate.app.campaigns.planning import PlanningError, elicitation_of, read_criteria, table_for
from trialplate.records import ItemLimits, SubjectId


def file(**arguments: str) -> CampaignFile:
    return CampaignFile(
        format="trialplate-campaign/1",
        subject=SubjectId("ab" * 16),
        number=1,
        bank="bank",
        root="aa",
        image="bb",
        model="openai-api/local/m",
        arguments=arguments,
        agent="react",
        limits=ItemLimits(),
        most_runs=0,
        token_budget=0,
        at_once=4,
        call_seconds=60,
        retries=1,
        dollars_in=0,
        dollars_out=0,
        beacon="operator",
        seed_beacon="",
        accepted=False,
    )


def test_what_may_be_a_secret_stands_in_no_plan() -> None:
    said = elicitation_of(file(api_key="k-123", base_url="http://127.0.0.1:1/v1", Password="p", temperature="0"))
    shown = {argument.name: (argument.value, argument.withheld) for argument in said.arguments}
    assert shown == {
        "Password": ("", True),
        "api_key": ("", True),
        "base_url": ("http://127.0.0.1:1/v1", False),
        "temperature": ("0", False),
    }


def test_criteria_are_found_by_name_and_by_file(tmp_path: Path) -> None:
    data = read_criteria("synthetic-2026.1")
    (tmp_path / "mine").write_bytes(data)
    assert read_criteria(str(tmp_path / "mine")) == data
    with pytest.raises(PlanningError, match="There are no criteria 'synthetic-1999'"):
        read_criteria("synthetic-1999")


def test_a_bank_without_an_item_near_the_cut_cannot_be_planned_on() -> None:
    with pytest.raises(PlanningError, match="No item lies near the cut of 2 hours"):
        table_for((), CRITERIA, bytes(32))
