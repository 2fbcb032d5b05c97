"""The standard examinee: a model whose ability is known, because it is drawn.

For each item it draws whether it succeeds, and then really plays the item's solution or the wrong attempt, as tool
calls through the same agent, sandbox and oracle as any model. It is the check weight of the instrument: it proves
plumbing and error rates, and nothing about whether the items measure real skill.

The draw shares no code with the decision. Success falls off with expert time by a power law, with effects of domain,
family and item that a decision does not know:

    ln odds = .91 ln(ability / minutes) + effects,  effects ~ N(0, .56^2) domain + N(0, .84^2) family + N(0, .7^2) item

The slope is 1.4 x .45 / ln 2; the effects are sd .4, .6 and .5 of the ability scale times its slope 1.4. They hang on
seed and item and never on the attempt, so that a re-run after a void one ends the same.
"""

from __future__ import annotations

import hashlib
import math
import re
from statistics import NormalDist
from typing import Final

from inspect_ai.model import (
    ChatMessage,
    ChatMessageTool,
    GenerateConfig,
    ModelAPI,
    ModelInfo,
    ModelOutput,
    ModelUsage,
    set_model_info,
)
from inspect_ai.tool import ToolChoice, ToolInfo
from inspect_ai.util import store
from typing_extensions import override

from trialplate.benchmark.family import Action, Bash, Play, Python, Submit
from trialplate.benchmark.inspect.agent import PLACE
from trialplate.benchmark.inspect.arena import Arena, place_of
from trialplate.benchmark.inspect.scenarios import current_source
from trialplate.benchmark.inspect.scripted import scripted_play
from trialplate.benchmark.items import Item
from trialplate.errors import TrialplateError

EXAMINEE: Final = "examinee"
SCRIPTED: Final = "scripted"
_SLOPE: Final = 0.91
_EFFECTS: Final = (("domain", 0.56), ("family", 0.84), ("item", 0.7))
_ABILITY: Final = re.compile(r"(\d+(?:\.\d+)?)(min|m|h)")
_CHARACTERS_A_TOKEN: Final = 4


class ModelError(TrialplateError):
    """A model of ours is called wrongly."""


class Ability:
    """How able an examinee is: `all`, `none`, or the expert time that it masters half of, as `90min` or `16h`.

    Raises:
        ModelError: for any other text.
    """

    def __init__(self, text: str, seed: int) -> None:
        match = _ABILITY.fullmatch(text)
        if match is None and text not in {"all", "none"}:
            raise ModelError(f"{text[:40]!r} is no ability.", "Give all, none, or a time such as 30min or 16h.")
        self._minutes = 0.0 if match is None else float(match[1]) * (60 if match[2] == "h" else 1)
        self._text = text
        self._seed = seed

    def succeeds(self, item: Item) -> bool:
        """Draw whether this examinee solves an item; the same every time."""
        if self._text in {"all", "none"}:
            return self._text == "all"
        if not self._minutes:
            return False
        named = {"domain": item.family.domain.value, "family": item.family.name, "item": item.id}
        odds = _SLOPE * math.log(self._minutes / item.time.minutes)
        odds += sum(sd * NormalDist().inv_cdf(self._uniform(f"{kind}:{named[kind]}")) for kind, sd in _EFFECTS)
        return self._uniform(f"draw:{item.id}") < 1 / (1 + math.exp(-odds))

    def _uniform(self, what: str) -> float:
        """Return a number strictly between 0 and 1 that hangs on seed and `what` alone."""
        digest = hashlib.blake2b(what.encode(), key=f"examinee {self._seed}".encode(), digest_size=8).digest()
        return (int.from_bytes(digest, "big") + 0.5) / 2**64


class Player(ModelAPI):
    """`trialplate/examinee` and `trialplate/scripted`: models that play, and need no network and no key.

    Args:
        model_name: `examinee` or `scripted`.
        base_url: of no use here.
        api_key: of no use here.
        config: Inspect's.
        ability: how able the examinee is.
        seed: which examinee of that ability it is.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - Inspect's own, and ours
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        ability: str = "16h",
        seed: int = 1,
    ) -> None:
        super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())
        if model_name not in {EXAMINEE, SCRIPTED}:
            raise ModelError(f"There is no model trialplate/{model_name[:40]}.", f"Use {EXAMINEE} or {SCRIPTED}.")
        self._ability = Ability(str(ability), int(seed))
        # Without it, Inspect would look through its database of models.
        set_model_info(f"trialplate/{model_name}", ModelInfo(context_length=1_000_000, output_tokens=100_000))

    @override
    def max_connections(self) -> int:
        return 1000

    @override
    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """Return the next action of the play, which is advanced anew through the conversation: no state is kept."""
        action = next_action(self._play(), [message.text for message in input if isinstance(message, ChatMessageTool)])
        output = ModelOutput.for_tool_call(f"trialplate/{self.model_name}", *_call(action), content="")
        # Without figures of its own, Inspect would look for a tokenizer on the internet.
        given = sum(len(message.text) for message in input) // _CHARACTERS_A_TOKEN + 1
        said = len(str(action)) // _CHARACTERS_A_TOKEN + 1
        output.usage = ModelUsage(input_tokens=given, output_tokens=said, total_tokens=given + said)
        return output

    def _play(self) -> Play:
        if self.model_name == SCRIPTED:
            return scripted_play()
        arena = current_source()
        if not isinstance(arena, Arena):
            raise ModelError("An examinee plays in campaigns only.", "Use `trialplate assess trialplate/examinee`.")
        item = arena.stages[place_of(str(store().get(PLACE)))].item
        return (item.family.solution if self._ability.succeeds(item) else item.family.wrong)(item.spec)


def next_action(player: Play, outputs: list[str]) -> Action:
    """Return what a player does after the outputs that it has seen; a player that has ended submits nothing."""
    try:
        action = next(player)
        for output in outputs:
            action = player.send(output)
    except StopIteration:
        return Submit("")
    else:
        return action
    finally:
        player.close()


def _call(action: Action) -> tuple[str, dict[str, str]]:
    match action:
        case Bash(command):
            return "bash", {"command": command}
        case Python(code):
            return "python", {"code": code}
        case Submit(text):
            return "submit", {"answer": text}
