"""What can go wrong with a sandbox, each with what to do about it."""

from typing import ClassVar

from trialplate.errors import TrialplateError


class SandboxError(TrialplateError):
    """The sandbox could not do what was asked of it."""


class NotReadyError(SandboxError):
    """The machine lacks something that the sandbox needs; `fix` names it."""

    exit_code: ClassVar[int] = 3


class ScenarioError(SandboxError):
    """A scenario contradicts itself or asks for what is never given."""


class ImageError(SandboxError):
    """The image is missing, or is not the one that was recorded or asked for."""

    exit_code: ClassVar[int] = 3


class HostGoneError(SandboxError):
    """The host, or its whole scenario, is not running any more."""
