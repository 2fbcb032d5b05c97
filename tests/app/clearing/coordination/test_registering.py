"""Projects in a house: registered with what they are built by, changed by their maintainer alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from trialplate.app.clearing.coordination import projects
from trialplate.app.clearing.files import FileError
from trialplate.app.clearing.house import ClearingError, House
from trialplate.app.keyring import Keyring
from trialplate.clearinghouse.coordination.projects import ProjectError
from trialplate.clearinghouse.triage.recipe import RecipeError
from trialplate.clearinghouse.vault import Vault
from trialplate.records import MomentError
from trialplate.records.project import Busy, Policy
from trialplate.store import SqliteStore
from trialplate.trust import public_uri

NOW = "2026-08-01T00:00:00Z"
LATER = "2026-08-09T00:00:00Z"
RECIPE = (
    'format = "trialplate.recipe/1"\nname = "tiny"\nlanguage = "c"\nbuild = ["make"]\nrun = ["./tiny", "{proof}"]\n'
)
CALENDAR = f"""
format = "trialplate.calendar/1"
busy = [{{begins_at = "{NOW}", ends_at = "{LATER}", reason = "Release."}}]
"""

Write = Callable[..., Path]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    with closing(SqliteStore(tmp_path / "store.db")) as store:
        yield House(store, Keyring(keys), Vault(tmp_path / "vault", keys / "vault.key"), lambda: NOW)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return what writes a project's file, with its recipe and source beside it."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "recipe.toml").write_text(RECIPE)
    (folder / "tiny-1.0.tar").write_bytes(b"an archive")

    def written(*more: str, name: str = "tiny", purl: str = "pkg:generic/tiny") -> Path:
        head = ('format = "trialplate.project/1"', f'name = "{name}"', 'contact = "mill@tiny.example"')
        path = folder / f"{name}.toml"
        path.write_text("\n".join((*head, f'purls = ["{purl}"]', *more)))
        return path

    return written


class TestRegister:
    def test_recipe_and_sources_are_kept_sealed(self, house: House, write: Write) -> None:
        sources = 'sources = [{version = "1.0", archive = "tiny-1.0.tar"}]'
        shown = projects.register(house, "mill", write('recipe = "recipe.toml"', sources))
        policy = shown.policy
        assert (policy.maintainer, policy.key) == ("mill", public_uri(house.signer("mill")))
        assert house.vault.get(policy.recipe).decode() == RECIPE
        assert house.vault.get(policy.sources[0].archive) == b"an archive"
        assert projects.show(house, "tiny") == shown
        said = house.history(shown.project).record(Policy)
        assert said
        assert said.author == "mill"

    def test_the_newest_policy_counts_and_the_same_again_changes_nothing(self, house: House, write: Write) -> None:
        first = projects.register(house, "mill", write())
        second = projects.register(house, "mill", write("open_limit = 1"))
        assert second.project == first.project
        assert (first.policy.open_limit, second.policy.open_limit) == (3, 1)
        history = house.history(second.project)
        assert [said.body for said in history.standing if isinstance(said.body, Policy)] == [second.policy]
        assert [stored.entry.header.slot.ordinal for stored in history.records if stored.entry.body][:2] == [1, 2]
        projects.register(house, "mill", write("open_limit = 1"))
        assert house.history(second.project) == history

    def test_only_its_maintainer_changes_it(self, house: House, write: Write) -> None:
        projects.register(house, "mill", write())
        for attempt in (
            lambda: projects.register(house, "lane", write("open_limit = 1000")),
            lambda: projects.stop(house, "lane", "tiny", reason="Mine.", until=LATER),
            lambda: projects.set_calendar(house, "lane", "tiny", calendar(write)),
        ):
            with pytest.raises(ClearingError, match="registered by another party"):
                attempt()
        assert projects.show(house, "tiny").policy.open_limit == 3

    def test_a_project_is_handed_over_and_then_the_others(self, house: House, write: Write) -> None:
        key = public_uri(house.signer("lane"))
        projects.register(house, "mill", write(f'handover = {{party = "lane", key = "{key}"}}'))
        with pytest.raises(ClearingError):
            projects.register(house, "mill", write())
        assert projects.register(house, "lane", write()).policy.maintainer == "lane"

    @pytest.mark.parametrize("purl", ["pkg:GENERIC/tiny", "pkg:generic/tiny?arch=arm64"])
    def test_a_package_belongs_to_one_project(self, purl: str, house: House, write: Write) -> None:
        projects.register(house, "mill", write())
        with pytest.raises(ClearingError, match="pkg:generic/tiny belongs to another project already"):
            projects.register(house, "lane", write(name="tiny2", purl=purl))
        with pytest.raises(ClearingError, match="No project is registered as 'tiny2'"):
            projects.show(house, "tiny2")

    def test_a_repository_belongs_to_one_project_however_it_is_reached(self, house: House, write: Write) -> None:
        projects.register(house, "mill", write('repositories = ["https://github.com/tiny/tiny.git"]'))
        for more, purl in (
            ('repositories = ["git@github.com:Tiny/Tiny"]', "pkg:generic/a"),
            ("", "pkg:github/tiny/Tiny"),
        ):
            with pytest.raises(ClearingError, match=r"(?i)tiny/tiny belongs to another"):
                projects.register(house, "lane", write(more, name="other", purl=purl))

    def test_what_a_project_gives_up_is_free(self, house: House, write: Write) -> None:
        projects.register(house, "mill", write())
        projects.register(house, "mill", write(purl="pkg:generic/renamed"))
        assert projects.register(house, "lane", write(name="second")).policy.purls == ("pkg:generic/tiny",)

    @pytest.mark.parametrize(
        "line, failure",
        [
            ('recipe = "nothing.toml"', FileError),
            ('recipe = "tiny-1.0.tar"', RecipeError),
            ('sources = [{version = "1.0", archive = "nothing"}]', FileError),
            ('clock = {zone = "Middle/Earth"}', ProjectError),
            ('clock = {zone = "Europe"}', ProjectError),
            ('clock = {zone = "../../etc/passwd"}', ProjectError),
        ],
    )
    def test_a_file_that_names_what_is_not_there_registers_nothing(
        self, line: str, failure: type[Exception], house: House, write: Write
    ) -> None:
        with pytest.raises(failure):
            projects.register(house, "mill", write(line))
        with pytest.raises(ClearingError, match="No project is registered as 'tiny'"):
            projects.show(house, "tiny")

    def test_a_zone_of_the_database_is_taken(self, house: House, write: Write) -> None:
        assert projects.register(house, "mill", write('clock = {zone = "Europe/Berlin"}')).policy.clock.zone


def calendar(write: Write) -> Path:
    path = write().with_name("calendar.toml")
    path.write_text(CALENDAR)
    return path


class TestOwner:
    def test_the_newest_calendar_counts(self, house: House, write: Write) -> None:
        projects.register(house, "mill", write())
        path = calendar(write)
        busy = (Busy(begins_at=NOW, ends_at=LATER, reason="Release."),)
        assert projects.set_calendar(house, "mill", "tiny", path).busy == busy
        path.write_text('format = "trialplate.calendar/1"')
        assert projects.set_calendar(house, "mill", "tiny", path).busy == ()

    def test_a_stop_order_stands_until_it_is_taken_back(self, house: House, write: Write) -> None:
        projects.register(house, "mill", write())
        assert projects.stop(house, "mill", "tiny", reason="Release.", until=LATER).stopped_until == LATER
        assert projects.resume(house, "mill", "tiny", reason="Done.").stopped_until == ""
        with pytest.raises(ClearingError, match="No stop order stands for tiny"):
            projects.resume(house, "mill", "tiny", reason="Again.")

    def test_a_stop_order_is_over_at_its_end(self, tmp_path: Path, house: House, write: Write) -> None:
        projects.register(house, "mill", write())
        projects.stop(house, "mill", "tiny", reason="Release.", until=LATER)
        with closing(SqliteStore(tmp_path / "store.db")) as store:
            after = House(store, Keyring(tmp_path / "keys"), house.vault, lambda: LATER)
            assert projects.show(after, "tiny").stopped_until == ""

    @pytest.mark.parametrize("until, failure", [("tomorrow", MomentError), (NOW, ProjectError)])
    def test_a_stop_order_ends_at_a_moment_to_come(
        self, until: str, failure: type[Exception], house: House, write: Write
    ) -> None:
        projects.register(house, "mill", write())
        with pytest.raises(failure):
            projects.stop(house, "mill", "tiny", reason="Release.", until=until)
