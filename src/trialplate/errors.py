"""The one base that every Trialplate failure shares."""

from typing import ClassVar


class TrialplateError(Exception):
    """A failure of the world or of its input, told so that the reader can act.

    Args:
        what: what happened, as one sentence.
        fix: what to do next, as one sentence; empty only where nothing can be done.

    Attributes:
        exit_code: what a command that ends by this failure exits with: 1, or 3 where the environment is not ready.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(f"{what} {fix}".strip())
        self.what = what
        self.fix = fix
