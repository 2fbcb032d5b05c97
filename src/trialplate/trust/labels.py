"""The label algebra: who may read what, and how sensitive is what was derived.

Labels form a lattice, the product of three:

- **levels**, a total order;
- **compartments**, sets of names under inclusion: a reader must hold *every* compartment of what it reads
  (need-to-know);
- **dissemination**, sets of restrictions under inclusion: a reader must satisfy *every* restriction of what it
  reads. A restriction is a named audience or condition: `NOFORN`, `REL TO FVEY`, `PROPIN`, `DEVELOPER-ONLY acme`.

A reader's clearance is a label too, read the other way round: its level is the highest that the reader may read, its
compartments are those that the reader holds, and its `dissemination` lists the restrictions that the reader
*satisfies*. Whoever grants a clearance decides that, and lists `NOFORN` for a reader that it knows not to be foreign
and `REL TO FVEY` for one that belongs to that audience. The algebra never takes a restriction's name apart: `REL TO`
two overlapping audiences is two names, and what is derived from both carries both, so only a reader in both
audiences reads it. More restrictions never widen an audience; a name that nobody lists is read by nobody.

Empty means no: a clearance without level, compartments and dissemination (`PUBLIC`) reads only what is public.

Clearances carry no time of their own. Whoever makes a `Reader` from grants leaves out those that have run out.

Sources: D. E. Denning, "A Lattice Model of Secure Information Flow" (1976), for `join` as the label of what is
derived; the simple security property of Bell and LaPadula for `may_read`.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from trialplate.records.label import PUBLIC, Label
from trialplate.trust.ports import Reader
from trialplate.trust.verdicts import Refused


class Granted(Struct, frozen=True):
    """Yes: the reader may read."""


_GRANTED = Granted()


def dominates(high: Label, low: Label) -> bool:
    """Return whether `high` is at least as restrictive as `low` in every part: the partial order of the lattice."""
    return high.level >= low.level and high.compartments >= low.compartments and high.dissemination >= low.dissemination


def join(labels: Iterable[Label]) -> Label:
    """Return the high-water mark: the least label that dominates all of `labels`, the label of what rests on them.

    Of no labels that is `PUBLIC`, the bottom: what rests on nothing is as sensitive as nothing.

    Raises:
        LabelError: where the result would name more compartments or restrictions than a label may; the caller must
            then split what it derives.
    """
    level, compartments, dissemination = PUBLIC.level, PUBLIC.compartments, PUBLIC.dissemination
    for label in labels:
        level = max(level, label.level)
        compartments |= label.compartments
        dissemination |= label.dissemination
    return Label(level=level, compartments=compartments, dissemination=dissemination)


def may_read(label: Label, reader: Reader) -> Granted | Refused:
    """Return whether `reader` may read what carries `label`: exactly where its clearance dominates the label.

    The reason of a refusal names the first thing that the reader lacks. It is for the audit log of the side that
    holds the object, never for the reader.
    """
    clearance = reader.clearance
    if dominates(clearance, label):
        return _GRANTED
    if clearance.level < label.level:
        return Refused(f"The level is {label.level.name}; the reader's is {clearance.level.name}.")
    lacking = sorted(label.compartments - clearance.compartments)
    if lacking:
        return Refused(f"The reader does not hold compartment {lacking[0]!r}.")
    unmet = sorted(label.dissemination - clearance.dissemination)
    return Refused(f"The reader does not satisfy restriction {unmet[0]!r}.")
