"""Until when a weakness stays among those who fix it: by the project's own clock, in its own time zone. Pure.

A time of some days runs to the end of the local day on which it is over, and so is never shorter than was said: the
end of a day is the first moment of the next, whatever the clocks of the zone do between.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trialplate.records import moment, written
from trialplate.records.case import Embargo, Known
from trialplate.records.project import Clock, Policy
from trialplate.trust import Refused

EXTENSION: Final = "extension"
EXPLOITED: Final = "known exploited"
PUBLIC: Final = "public by policy"
"""What an embargo rests on beside the policy; see `records.case.Embargo`."""


def terms(policy: Policy, exploited: Known, begins_at: str) -> Embargo:
    """Return the embargo that begins with a notice at `begins_at`.

    A project that works in public has none; what is known to be exploited has the other time of the project's clock.

    Raises:
        MomentError: where `begins_at` is not a moment.
    """
    clock = policy.clock
    zone, doubt = _zone(clock.zone)
    if policy.public_by_policy:
        said = "The project works on weaknesses in public."
        return Embargo(begins_at=begins_at, ends_at=begins_at, zone=zone.key, basis=PUBLIC, reason=said)
    days, basis = clock.embargo, "policy"
    said = f"The project asks for {_days(days)}."
    if exploited is Known.YES:
        days, basis = clock.exploited, EXPLOITED
        said = f"It is known to be exploited, for which the time is {_days(days)}."
    return Embargo(
        begins_at=begins_at, ends_at=day_end(begins_at, days, zone), zone=zone.key, basis=basis, reason=said + doubt
    )


def extended(embargo: Embargo, clock: Clock, *, engaged: bool, reason: str, now: str) -> Embargo | Refused:
    """Return the embargo with the days that the clock grants where a fix is under way, or why there are none.

    It is extended once, before it ends, and only for a maintainer that took the weakness on (`engaged`).
    """
    exploited = embargo.basis == EXPLOITED
    days = clock.exploited_engaged if exploited else clock.engaged
    if embargo.basis == EXTENSION:
        return Refused("It was extended once already.")
    if embargo.basis == PUBLIC or embargo.ends_at <= now:
        return Refused("It is over.")
    if not engaged:
        return Refused("No maintainer has taken the weakness on, so that no fix is under way.")
    if not days:
        return Refused("The project's clock grants no more days.")
    zone, _ = _zone(embargo.zone)
    return Embargo(
        begins_at=embargo.begins_at,
        ends_at=day_end(embargo.ends_at, days, zone),
        zone=embargo.zone,
        basis=EXTENSION,
        reason=reason,
    )


def in_zone(at: str, name: str) -> str:
    """Return a moment as the clocks of a zone show it, with the name of the zone."""
    zone, _ = _zone(name)
    return f"{moment(at).astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"


def day_end(begins_at: str, days: int, zone: ZoneInfo) -> str:
    """Return the end, in UTC, of the local day on which `days` after `begins_at` are over.

    Both ways to count are kept: that many times 24 hours, and that many dates of the local calendar. An end of a day
    is already the end of its day: 0 days after it, it is itself.
    """
    begun = moment(begins_at)
    whole = begun + timedelta(days=days)
    # The moment before, so that what begins or ends exactly at midnight counts with the day that it closes.
    last = max(_local(whole, zone), _local(begun, zone) + timedelta(days=days))
    midnight = datetime.combine(last + timedelta(days=1), datetime.min.time(), tzinfo=zone)
    # Where clocks are put back, midnight comes twice, and the day ends with the second one; where they are put forward
    # over it, the reading that is no skipped time is the later one as well.
    return written(max(midnight.replace(fold=fold).astimezone(UTC) for fold in (0, 1)))


def _local(at: datetime, zone: ZoneInfo) -> date:
    return (at - timedelta(seconds=1)).astimezone(zone).date()


def _zone(name: str) -> tuple[ZoneInfo, str]:
    """Return the zone of that name; in UTC, and said so, where this machine knows none: a wait must end."""
    try:
        return ZoneInfo(name), ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC"), f" Its time zone {name[:40]!r} is not known here, so that the days are those of UTC."


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
