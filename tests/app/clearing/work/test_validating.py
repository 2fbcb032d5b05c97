"""What a report is built by, and what its trials come to, with a laboratory that shows what proofs say."""

from __future__ import annotations

import pytest

from tests.fakes.clearing import World
from tests.fakes.lab import RECIPE
from trialplate.app.clearing.cases import project_of
from trialplate.app.clearing.house import ClearingError
from trialplate.app.clearing.work.validating import patch_body, validation_body
from trialplate.clearinghouse.history import History
from trialplate.records.finding import Attached, NotReproduced, ReportedTarget, Reproduced, Verdict
from trialplate.records.project import ProjectSource

CRASH = b"crash card_copy card_read main"


@pytest.fixture
def world() -> World:
    made = World()
    made.staff()
    return made


def validated(world: World, project: str = "cards", proof: bytes = CRASH, **more: object) -> Reproduced | NotReproduced:
    subject = world.report(project, "ada", proof, **more)
    return validation_body(world.house, world.lab, world.house.history(subject))


def reason(found: Reproduced | NotReproduced, verdict: Verdict) -> str:
    assert isinstance(found, NotReproduced)
    assert found.verdict is verdict
    return found.reasons[0]


def test_the_owners_recipe_and_the_version_that_was_seen_are_built(world: World) -> None:
    world.project("cards", "mill")
    found = validated(world)
    assert isinstance(found, Reproduced)
    replayed = found.replayed
    assert (replayed.recipe, replayed.source, replayed.fixed_source) == (
        world.digests["recipe"],
        world.digests["source"],
        "",
    )
    assert replayed.state == ("card_copy", "card_read")
    assert replayed.tool == "AddressSanitizer"


def test_a_version_with_the_fix_is_tried_too_where_the_report_names_it(world: World) -> None:
    world.project("cards", "mill")
    target = ReportedTarget(purl="pkg:generic/cards@1.0", fixed="1.1")
    found = validated(world, target=target)
    assert isinstance(found, Reproduced)
    assert found.replayed.fixed_source == world.digests["fix"]


def test_the_finders_own_build_counts_only_where_no_owner_is_known(world: World) -> None:
    own: dict[str, object] = {"recipe": world.vault.put(RECIPE), "source": world.vault.put(b"their cards")}
    found = validated(world, "dice", CRASH, **own)
    assert isinstance(found, Reproduced)
    assert found.replayed.source == own["source"]
    world.project("dice", "mill", recipe="", sources=())
    assert "No recipe and source are known" in reason(validated(world, "dice", CRASH, **own), Verdict.NOT_TRIED)


def test_a_project_that_nobody_confirmed_is_none(world: World) -> None:
    world.project("cards", "mill")
    assert project_of(world.house, "pkg:generic/cards@1.0", "")
    world.project("loose", "mill", key=f"ed25519:{'0' * 64}")
    assert project_of(world.house, "", "") is None
    assert project_of(world.house, "pkg:generic/other", "https://example.com/other") is None


def test_what_cannot_be_tried_says_so(world: World) -> None:
    world.project("cards", "mill")
    assert "send a proof" in reason(validated(world, proofs=()), Verdict.NOT_TRIED)
    broken: dict[str, object] = {"recipe": world.vault.put(b"no recipe"), "source": world.vault.put(b"tar")}
    assert "no recipe" in reason(validated(world, "dice", CRASH, **broken), Verdict.NOT_TRIED)


def test_the_proof_that_shows_most_counts(world: World) -> None:
    world.project("cards", "mill")
    proofs = tuple(Attached(f"{n}", world.vault.put(data)) for n, data in enumerate((b"nothing", CRASH, b"flaky a b")))
    assert isinstance(validated(world, proofs=proofs), Reproduced)
    assert world.lab.replays[-2:] == [b"nothing", CRASH]
    flaky = (proofs[0], proofs[2])
    assert "crashed" in reason(validated(world, proofs=flaky), Verdict.FLAKY)


def test_files_that_the_project_excludes_are_out_of_scope(world: World) -> None:
    world.project("cards", "mill", excluded=("src/*",))
    assert "outside of what" in reason(validated(world), Verdict.OUT_OF_SCOPE)


def test_a_source_is_found_by_its_commit(world: World) -> None:
    sources = [
        {"version": "2", "commit": "2" * 40, "archive": world.vault.put(b"two")},
        {"version": "1", "commit": "1" * 40, "archive": world.vault.put(b"one")},
    ]
    world.project("cards", "mill", sources=sources)
    target = ReportedTarget(purl="pkg:generic/cards", seen_at="2" * 40)
    found = validated(world, target=target)
    assert isinstance(found, Reproduced)
    assert found.replayed.source == ProjectSource(**sources[0]).archive


def test_without_a_report_or_a_candidate_nothing_is_tried(world: World) -> None:
    with pytest.raises(ClearingError, match="no report"):
        validation_body(world.house, world.lab, History((), ()))
    with pytest.raises(ClearingError, match="no candidate"):
        patch_body(world.house, world.lab, History((), ()))
