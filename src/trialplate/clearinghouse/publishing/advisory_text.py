"""An advisory as plain text, for people: printable ASCII in lines of at most 72 characters. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from trialplate.clearinghouse.plain_text import item, paragraph, section
from trialplate.records.case import Advisory, Affected


def text_of(advisory: Advisory) -> str:
    """Return the text of an advisory, with a newline at its end."""
    last = advisory.revisions[-1]
    head = (
        item("Advisory", advisory.id),
        item("Published", advisory.published_at),
        item("Revision", f"{last.number} of {last.at}"),
        item("Also known as", f"  {', '.join(advisory.aliases)}" if advisory.aliases else ""),
        item("Weakness", ", ".join(advisory.weakness)),
        item("CVSS", advisory.vector),
    )
    parts = (
        paragraph(advisory.title),
        "\n".join(filter(None, head)),
        section("What it is", (paragraph(advisory.summary), *map(paragraph, advisory.details.splitlines()))),
        section("What to do", (paragraph(advisory.remedy),)),
        section("What is affected", (line for each in advisory.affected for line in _affected(each))),
        section("References", (paragraph(url) for url in advisory.references)),
        section("Thanks to", (item(each.role.capitalize(), f"  {each.name}") for each in advisory.credits)),
        section("What changed", (item(each.at[:10], f"{each.number}. {each.summary}") for each in advisory.revisions)),
        paragraph(" ".join(filter(None, (advisory.publisher, advisory.namespace, advisory.contact)))),
    )
    return "\n\n".join(filter(None, parts)) + "\n"


def _affected(given: Affected) -> Iterator[str]:
    yield item("Package", f"{given.name} {given.purl}")
    yield item("Repository", given.repository)
    yield item("From", "" if given.introduced == "0" else given.introduced)
    yield item("Before", given.fixed)
    yield item("Fix commit", given.fix_commit)
    yield item("Versions", ", ".join(given.versions))
