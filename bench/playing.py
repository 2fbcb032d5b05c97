"""Every item of a bank through the real agent, sandbox and oracle, whatever came of the others; nothing is decided."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from trialplate.app.banks import check, public_bank
from trialplate.app.settings import Settings
from trialplate.benchmark.admitted import admitted_items
from trialplate.benchmark.bank_files import read_open_bank
from trialplate.benchmark.campaign import WINDOW, Progress, progress_of
from trialplate.benchmark.inspect.arena import Arena, Stage
from trialplate.benchmark.inspect.run import Examined, Patience, Setting, run_open_places
from trialplate.benchmark.items import Item
from trialplate.benchmark.workshop import Workshop
from trialplate.records import AttemptOpened, ItemLimits, Outcome, RunResult
from trialplate.sandbox import Sandbox
from trialplate.sandbox.egress import EgressProbes

_KEY: Final = bytes(range(32))
_LIMITS: Final = ItemLimits(seconds=600, turns=100)
_TOKENS: Final = 1_000_000


class Notes:
    """Attempts and results of places, in memory; every place may run."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._said: list[AttemptOpened | RunResult] = []

    def open_attempt(self, place: int) -> int:
        """See `Ledger.open_attempt`."""
        attempt = len(self.progress()[place].attempts) + 1
        self._said.append(AttemptOpened(place=place, attempt=attempt))
        return attempt

    def finish_attempt(self, result: RunResult) -> None:
        """See `Results.finish_attempt`."""
        self._said.append(result)

    def progress(self) -> Sequence[Progress]:
        """See `Results.progress`."""
        return progress_of(self._places, self._said)

    def most(self) -> int:
        """See `Results.most`."""
        return self._places


def public_items(settings: Settings) -> tuple[Item, ...]:
    """Return the items of the public development bank that are admitted on this machine's image."""
    return admitted_items(read_open_bank(public_bank()), check(settings, public_bank(), quick=True).admission)


def played(settings: Settings, items: Sequence[Item], folder: Path, model: str, **arguments: str) -> list[Outcome]:
    """Let a model play items, and return the outcome of each.

    Args:
        settings: say where image and builds are.
        items: of the public development bank.
        folder: where logs are written; must be there and have none.
        model: by its name for Inspect.
        arguments: of the model.
    """
    logs = folder / "logs"
    logs.mkdir()
    image = check(settings, public_bank(), quick=True).admission.image
    notes = Notes(len(items))

    def builds(sandbox: Sandbox) -> Workshop:
        return Workshop(sandbox, settings.builds_dir, image)

    with EgressProbes() as probes:
        stages = {number: Stage(item=item, twin=False) for number, item in enumerate(items)}
        arena = Arena(stages, _KEY, notes, builds=builds, probes=probes)
        setting = Setting(
            prompts={number: item.family.prompt(item.spec) for number, item in enumerate(items)},
            token_caps=dict.fromkeys(range(len(items)), _TOKENS),
            limits=_LIMITS,
            at_once=WINDOW,
            logs=logs,
            metadata={},
        )
        examined = Examined(model=model, arguments=arguments, agent="react", patience=Patience())
        run_open_places(examined, setting, arena, notes, lambda _: None)
    return [each.outcome or Outcome.VOID_LOST for each in notes.progress()]
