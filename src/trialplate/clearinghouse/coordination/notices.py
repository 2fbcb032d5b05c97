"""The one report that a maintainer gets of a root cause: plain text, with every finder's part in it. Pure.

What was seen is what our own replay saw. The finders' words stand apart, are said to be theirs, and can do nothing:
they are quoted in printable ASCII.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from trialplate.clearinghouse.coordination.embargo import PUBLIC, in_zone
from trialplate.clearinghouse.coordination.replies import FORMAT
from trialplate.clearinghouse.plain_text import apart, item, paragraph, preformatted, section
from trialplate.records.case import Embargo, Priority
from trialplate.records.finding import Declared, Replayed, Report, Said
from trialplate.records.project import Policy

_MOST_QUOTED: Final = 5
_MOST_NAMED: Final = 200
_MOST_FRAMES: Final = 16
_STACK_LINES: Final = 60
_WORDS_LINES: Final = 40


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a notice is written from.

    `reports` are all that have this root cause, in the order in which their finders are credited; `replays` what our
    own runs of them saw, that of the case first. `embargo` are the terms as they begin with this notice, and an
    answer is awaited until `answer_by`. `key` is the public key that it is signed by.
    """

    case: str
    title: str
    policy: Policy
    reports: tuple[Report, ...]
    replays: tuple[Replayed, ...]
    priority: Priority
    embargo: Embargo
    answer_by: str
    key: str


def notice_text(told: Told) -> str:
    """Return the notice: printable ASCII, lines of at most 72 characters, a newline at its end."""
    parts = (
        _head(told),
        _seen(told.replays[0]),
        _again(told),
        _priority(told.priority),
        _clock(told.embargo, told.answer_by),
        _reply(told),
        _finders(told.reports),
        _quoted(told.reports),
    )
    return f"{apart(*parts)}\n"


def proofs_of(replays: Iterable[Replayed]) -> tuple[str, ...]:
    """Return the digests of the files that a maintainer needs in order to see it, each once, in their order."""
    return tuple(dict.fromkeys(replay.proof for replay in replays))


def _head(told: Told) -> str:
    many = len(told.reports)
    merged = "One report has" if many == 1 else f"{many} reports of one root cause, merged into one, have"
    to = (
        item("Case", told.case),
        item("Project", told.policy.name),
        item("To", f"{told.policy.maintainer} <{told.policy.contact}>"),
    )
    return apart(
        paragraph(f"Weakness in {told.policy.name}: {told.title}"),
        "\n".join(to),
        paragraph(
            f"{merged} been reproduced by this clearinghouse. You get this one text about it and no other. Nobody asks "
            "anything of you but an answer; there is no fee, and you may leave at any time."
        ),
    )


def _seen(replay: Replayed) -> str:
    frames = "\n".join(
        f"{number}. {frame.function or '?'}  {frame.file}{f':{frame.line}' if frame.line else ''}"
        for number, frame in enumerate(replay.frames[:_MOST_FRAMES])
    )
    shown = preformatted(frames, prefix="  ", most=2 * _MOST_FRAMES) if frames else ""
    stack = preformatted(replay.stack, prefix="  ", most=_STACK_LINES) if replay.stack.strip() else ""
    return section(
        "What we saw in our own runs",
        (
            item("Crash", replay.kind),
            item("Seen by", replay.tool),
            item("Runs", f"{replay.crashes} of {replay.runs} crashed, all alike"),
            item("With a fix", "a fixed build does not crash" if replay.fixed_source else ""),
            shown and f"\nFrames of the project, innermost first:\n{shown}",
            stack and f"\nReport of the run:\n{stack}",
        ),
    )


def _again(told: Told) -> str:
    versions = {source.archive: source.version for source in told.policy.sources}
    replay = told.replays[0]
    digests = (
        _digest("Source", replay.source),
        _digest("Recipe", replay.recipe),
        *(_digest("Proof", proof) for proof in proofs_of(told.replays)),
        _digest("Image", replay.image),
    )
    warning = (
        "The proofs, the recipe and the source that we used lie beside this text, each under its SHA-256. Run a proof "
        "in a closed environment only: it is a stranger's file."
    )
    return section(
        "How to see it yourself",
        (paragraph(warning), "\n" + "\n".join((item("Version", versions.get(replay.source, "unknown")), *digests))),
    )


def _digest(name: str, digest: str) -> str:
    # A digest is 64 characters, which fit in a line of their own and can be copied from there.
    return f"{name}:\n  {digest}"


def _priority(priority: Priority) -> str:
    score = f"{priority.score} {priority.severity}".strip()
    return section(
        "How urgent it is",
        (
            item("Exploited", priority.exploited.value),
            item("EPSS", priority.epss or "unknown"),
            item("CVSS", f"{score} (computed from a vector that a report claims)" if score else "unknown"),
            *(f"\n{paragraph(reason)}" for reason in priority.reasons),
        ),
    )


def _clock(embargo: Embargo, answer_by: str) -> str:
    if embargo.basis == PUBLIC:
        told = "Your policy is to work in public, so that there is no embargo, and it is published now."
    else:
        told = (
            f"Details stay with those who need them to fix it until {embargo.ends_at} "
            f"({in_zone(embargo.ends_at, embargo.zone)}). {embargo.reason} Then users are told, with or without a fix; "
            "earlier only where you accept a fix."
        )
    asked = f"Please answer until {answer_by}. Silence is no consent: then a coordinator of ours is asked."
    return section("Until when", (apart(paragraph(told), paragraph(asked)),))


def _reply(told: Told) -> str:
    example = f'format = "{FORMAT}"\ncase = "{told.case}"\nanswer = "accept"\nfix_by = "2026-12-07T00:00:00Z"'
    answers = (
        'The answer is one of: "accept"; "not a bug" with a reason, which ends the case unpublished; "wont fix" with a '
        'reason; "patch" with the path of a patch and the base that it is for, which we build and try; "accept fix" '
        'with the version or the commit that users get; "more time" with a reason. A patch stays a candidate until '
        "you accept it."
    )
    parts = (
        paragraph("Write a file reply.toml as below, then run: trialplate maintainer reply reply.toml --as PARTY"),
        preformatted(example, prefix="  ", most=8),
        paragraph(answers),
        f"This text is signed (NOTICE.sig, Ed25519) by the key:\n{told.key}",
    )
    return section("How to answer", (apart(*parts),))


def _finders(reports: Sequence[Report]) -> str:
    names = dict.fromkeys(report.finder for report in reports)
    lines = [item(f"{number}.", name) for number, name in enumerate(list(names)[:_MOST_NAMED], 1)]
    if len(names) > _MOST_NAMED:
        lines.append(f"and {len(names) - _MOST_NAMED} more")
    return section("Found by, in the order of their claims", lines)


def _quoted(reports: Sequence[Report]) -> str:
    parts: list[str] = []
    for report in reports[:_MOST_QUOTED]:
        parts += [
            f"\n{item('Finder', report.finder)}",
            item("AI tool", _declared(report.ai_tool)),
            item("AI model", _declared(report.ai_model)),
            item("Checked by", _declared(report.verifier)),
            preformatted(f"{report.title}\n\n{report.description}", prefix="> ", most=_WORDS_LINES),
        ]
    warning = paragraph("Nothing below was checked, and nothing above rests on it.")
    return section("In the finders' own words", (warning, *parts))


def _declared(declared: Declared) -> str:
    return declared.name or "named" if declared.said is Said.NAMED else declared.said.value
