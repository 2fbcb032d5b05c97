"""Whether a report is tried: the project's policy on reports, and the record of whoever sends it. Pure.

A finder is held by its own doing alone. A report counts as false where our replay shows nothing, not where it could not
be tried or crashed only now and then. A duplicate counts where its finder could have known: the case had been reported
by the same finder before, or was public. Nobody can know what another reported under embargo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from trialplate.records.finding import Declined, Held, Report, Said, Screened, Verdict
from trialplate.records.project import Policy

_FALSE: Final = frozenset({Verdict.NOT_REPRODUCED, Verdict.OUT_OF_SCOPE})
_WHOLE: Final = 100


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When a finder is held.

    The last `window` answered reports count, once there are `least`. More than `most_false` of 100 of them false, or
    more than `most_known` of 100 known to the finder, hold the next one.
    """

    window: int = 20
    least: int = 5
    most_false: int = 50
    most_known: int = 80


DEFAULT: Final = Limits()


@dataclass(frozen=True, kw_only=True)
class Answered:
    """An earlier report of a finder, as far as it was answered.

    `at` is when it came. `verdict` is empty where it was reproduced. `case` is the case that it belongs to in the end,
    empty where none; `duplicate` says that it did not open that case, `public` that the case was public when it came.
    """

    at: str
    verdict: Verdict | None = None
    case: str = ""
    duplicate: bool = False
    public: bool = False


def screen(
    report: Report, project: str, policy: Policy | None, answered: Sequence[Answered], limits: Limits = DEFAULT
) -> Screened | Held | Declined:
    """Return whether a report is tried, waits for a coordinator, or is not taken.

    Args:
        report: what was sent.
        project: the subject of the project that it is about, empty where none is known; then no policy speaks.
        policy: that project's, or None.
        answered: the earlier reports of the same finder.
        limits: when a finder is held.
    """
    refusal = _declined(report, policy) if policy else ""
    if refusal:
        return Declined(project, refusal)
    return _held(answered, limits) or Screened(project=project)


def excluded(policy: Policy, files: Sequence[str]) -> bool:
    """Say whether the project excludes every one of these files, by their paths from the root of its source.

    In a pattern `*` stands for any characters, `/` among them. No file at all is not excluded.
    """
    return bool(files) and all(any(fnmatchcase(file, glob) for glob in policy.excluded) for file in files)


def _declined(report: Report, policy: Policy) -> str:
    if not policy.takes_ai_reports and Said.NAMED in {report.ai_tool.said, report.ai_model.said}:
        return "The project takes no reports that were made with AI, and this one says that it was."
    files = [place.file for place in report.places if place.file]
    if excluded(policy, files):
        return "Every file that the report names is outside of what the project takes reports on."
    return ""


def _held(answered: Sequence[Answered], limits: Limits) -> Held | None:
    # Of reports of one moment, the one that opened a case was there before those that were merged into it.
    ordered = sorted(answered, key=lambda each: (each.at, each.duplicate))
    judged = [
        (each, _was_known(each, ordered[:place]))
        for place, each in enumerate(ordered)
        if each.verdict is None or each.verdict is not Verdict.NOT_TRIED
    ]
    last = judged[-limits.window :]
    false = sum(each.verdict in _FALSE for each, _ in last)
    known = sum(was_known for _, was_known in last)
    many_false, many_known = (
        _WHOLE * false > limits.most_false * len(last),
        _WHOLE * known > limits.most_known * len(last),
    )
    if len(last) < limits.least or not (many_false or many_known):
        return None
    what = f"{false} were not reproduced" if many_false else f"{known} were known to the finder"
    return Held(
        reports=len(last),
        not_reproduced=false,
        duplicates=known,
        reason=f"Of the finder's last {len(last)} answered reports {what}.",
    )


def _was_known(each: Answered, earlier: Sequence[Answered]) -> bool:
    return each.duplicate and (each.public or any(each.case == other.case for other in earlier))
