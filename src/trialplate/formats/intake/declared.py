"""What finders declare about who or what found and checked a weakness; the same three fields in every format.

SARIF: `properties.trialplate` of a run or of a result; OSV: `database_specific.trialplate`; plain reports: `declared`.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from trialplate.formats.intake.finding import Declaration, Declared, DeclaredNone, Undeclared, Why
from trialplate.formats.intake.screen import Limits, ResultError, bounded, shown

NOTHING: Final = Raw(b"")
"""A part that was not given."""


class Declarations(Struct, frozen=True, forbid_unknown_fields=True):
    """Who or what found and checked a finding. A text names it, null says that there was none, silence says nothing."""

    ai_tool: str | UnsetType | None = UNSET
    ai_model: str | UnsetType | None = UNSET
    verifier: str | UnsetType | None = UNSET


NO_DECLARATIONS: Final = Declarations()


def declared_in(raw: Raw, limits: Limits) -> Declarations:
    """Return the declarations of a part of a document, of which none is longer than `limits.short`.

    Raises:
        ResultError: MALFORMED or TOO_LONG.
    """
    if raw is NOTHING:
        return NO_DECLARATIONS
    try:
        return checked(msgspec.json.decode(raw, type=Declarations), limits)
    except msgspec.MsgspecError as error:
        raise ResultError(Why.MALFORMED, f"Its declarations cannot be read: {shown(str(error))}.") from None


def checked(declared: Declarations, limits: Limits) -> Declarations:
    """Return declarations of clean texts, of which none is longer than `limits.short`.

    Raises:
        ResultError: TOO_LONG.
    """
    return Declarations(
        ai_tool=_checked(declared.ai_tool, limits),
        ai_model=_checked(declared.ai_model, limits),
        verifier=_checked(declared.verifier, limits),
    )


def merged(shared: Declarations, own: Declarations) -> Declarations:
    """Return what a result declares, and what its document declares for all where it says nothing itself."""
    if own is NO_DECLARATIONS:
        return shared
    return Declarations(
        ai_tool=shared.ai_tool if own.ai_tool is UNSET else own.ai_tool,
        ai_model=shared.ai_model if own.ai_model is UNSET else own.ai_model,
        verifier=shared.verifier if own.verifier is UNSET else own.verifier,
    )


def declaration(value: str | UnsetType | None) -> Declaration:
    """Return a declaration as a value of a finding."""
    if value is UNSET:
        return _UNDECLARED
    return _NONE if value is None else Declared(value)


def _checked(value: str | UnsetType | None, limits: Limits) -> str | UnsetType | None:
    return bounded(value, limits.short, "declaration") if isinstance(value, str) else value


_UNDECLARED: Final = Undeclared()
_NONE: Final = DeclaredNone()
