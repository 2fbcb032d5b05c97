"""What an admission found, kept as a record, and what it says about the bank. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import Struct

from trialplate.benchmark.bank import BankError, OpenBank
from trialplate.benchmark.difficulty import in_band, information_share
from trialplate.benchmark.items import Item
from trialplate.benchmark.primitives import Level, primitives
from trialplate.errors import TrialplateError
from trialplate.records import decode

FORMAT: Final = "trialplate-admission/1"
_MOST_BYTES: Final = 4 << 20


class Result(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What became of one item: admitted where `reason` is empty."""

    item: str
    reason: str


class Admission(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An admission of the bank with this root, on hosts of this image, in full or by a sample of the checks."""

    format: str
    root: str
    image: str
    quick: bool
    results: tuple[Result, ...]

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise BankError(f"This is no admission of format {FORMAT}.", "Run `trialplate bank check` again.")


class Refused(Struct, frozen=True):
    """An item that is not admitted, and why."""

    item: str
    reason: str


class Summary(Struct, frozen=True, kw_only=True):
    """A bank in figures. Domains, levels, bands and information count admitted items only.

    Bands are of |b - theta0| <= 1 at a cut of so many hours; shares are of the information of items of L4 and above.
    """

    mechanisms: int
    items: int
    admitted: int
    refused: tuple[Refused, ...]
    domains: dict[str, int]
    levels: dict[str, int]
    in_band: dict[str, int]
    information_share_L4: dict[str, float]  # noqa: N815 - the name in the published contract


class PrimitiveUse(Struct, frozen=True, kw_only=True):
    """A row of the table of primitives, and in how many items of a bank its step is taken how often."""

    primitive: str
    minutes: int
    log_sd: float
    source: str
    items: int
    times: int


def admission_of(opened: OpenBank, image: str, *, quick: bool, reasons: dict[str, str]) -> Admission:
    """Return the record of an admission; `reasons` holds the fault of each refused item by its id."""
    results = tuple(Result(item=item.id, reason=reasons.get(item.id, "")) for item in opened.items)
    return Admission(format=FORMAT, root=opened.bank.root, image=image, quick=quick, results=results)


def parse_admission(data: bytes) -> Admission:
    """Return the admission in a file's bytes.

    Raises:
        BankError: where they are none.
    """
    try:
        return decode(data.removesuffix(b"\n"), Admission, most=_MOST_BYTES)
    except (TrialplateError, msgspec.ValidationError) as failure:
        raise BankError(f"This is no admission ({failure}).", "Run `trialplate bank check` again.") from failure


def admitted_items(opened: OpenBank, admission: Admission) -> tuple[Item, ...]:
    """Return the items of a bank that an admission let in.

    Raises:
        BankError: where the admission is of another bank.
    """
    if admission.root != opened.bank.root:
        raise BankError("This admission is of another bank.", "Run `trialplate bank check` for this one.")
    good = {result.item for result in admission.results if not result.reason}
    return tuple(item for item in opened.items if item.id in good)


def summary_of(opened: OpenBank, admission: Admission) -> Summary:
    """Return a bank in figures."""
    items = admitted_items(opened, admission)
    minutes = [item.time.minutes for item in items]
    hard = [item.time.minutes for item in items if item.level >= Level.L4]
    return Summary(
        mechanisms=len({item.family.name for item in items}),
        items=len(opened.items),
        admitted=len(items),
        refused=tuple(Refused(result.item, result.reason) for result in admission.results if result.reason),
        domains=_counted(item.family.domain.value for item in items),
        levels=_counted(item.level.name for item in items),
        in_band={f"{hours}h": sum(in_band(each, hours) for each in minutes) for hours in (2, 8)},
        information_share_L4={f"{hours}h": round(information_share(hard, minutes, hours), 3) for hours in (2, 8, 24)},
    )


def primitive_uses(opened: OpenBank) -> tuple[PrimitiveUse, ...]:
    """Return the rows of the table of primitives that a bank's difficulties rest on, the most used first."""
    from_items: Counter[str] = Counter()
    times: Counter[str] = Counter()
    for item in opened.items:
        path = item.family.path(item.spec)
        from_items.update({step.primitive for step in path})
        for step in path:
            times[step.primitive] += step.times
    return tuple(
        PrimitiveUse(
            primitive=name,
            minutes=row.minutes,
            log_sd=row.log_sd,
            source=row.source,
            items=from_items[name],
            times=count,
        )
        for name, count in times.most_common()
        for row in (primitives().rows[name],)
    )


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
