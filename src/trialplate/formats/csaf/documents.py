"""The tests of what a document says of itself, and of what its category (profile) demands of the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

import langcodes

from trialplate.formats.csaf.model import At, Document, Vulnerability, shown, vulnerability_path

_INCIDENT: Final = "csaf_security_incident_response"
_INFORMATIONAL: Final = "csaf_informational_advisory"
_ADVISORY: Final = "csaf_security_advisory"
_VEX: Final = "csaf_vex"
_PROFILES: Final = frozenset({"csaf_base", _INCIDENT, _INFORMATIONAL, _ADVISORY, _VEX})

_SEPARATORS: Final = re.compile(r"[\s_-]+")
_RESERVED: Final = frozenset(
    name for profile in _PROFILES - {"csaf_base"} for name in (profile.replace("_", ""), profile[5:].replace("_", ""))
)
"""The categories and names of the profiles other than the base, without what parts their words."""

_TELLING_NOTES: Final = frozenset({"description", "details", "general", "summary"})
_VEX_STATUSES: Final = ("fixed", "known_affected", "known_not_affected", "under_investigation")
_TAGS: Final = 1024
_LONGEST_TAG: Final = 128
"""Characters of a language tag: the library walks through one by recursion, and what it found of one is kept."""


def unknown_language(document: Document) -> Iterator[At]:
    """6.1.12: the languages are tags whose every part is registered (BCP 47)."""
    head = document.csaf.document
    for name, tag in (("lang", head.lang), ("source_lang", head.source_lang)):
        if tag and (len(tag) > _LONGEST_TAG or not _is_registered(tag)):
            yield At(f"/document/{name}", f"{shown(tag)} is no registered language.")


def translator_without_source(document: Document) -> Iterator[At]:
    """6.1.15: a translator names the language of the source."""
    head = document.csaf.document
    if head.publisher.category == "translator" and not head.source_lang:
        yield At("/document/source_lang", "A translator names the language that was translated from.")


def prohibited_category(document: Document) -> Iterator[At]:
    """6.1.26: a category that is no profile's is not like one's: case, white space, "-" and "_" do not count.

    What begins with `csaf_` is kept for profiles.
    """
    category = document.csaf.document.category
    if category in _PROFILES:
        return
    plain = category.casefold()
    if plain.startswith("csaf_") or _SEPARATORS.sub("", plain) in _RESERVED:
        yield At("/document/category", f"{shown(category)} can be taken for the category of a profile.")


def no_document_notes(document: Document) -> Iterator[At]:
    """6.1.27.1: an informational advisory or incident response has a note that describes, details or summarizes."""
    notes = document.csaf.document.notes
    if _is(document, _INFORMATIONAL, _INCIDENT) and not any(note.category in _TELLING_NOTES for note in notes):
        yield At("/document/notes", "A note with category description, details, general or summary is missing.")


def no_document_references(document: Document) -> Iterator[At]:
    """6.1.27.2: an informational advisory or incident response has an external reference."""
    references = document.csaf.document.references
    if _is(document, _INFORMATIONAL, _INCIDENT) and not any(each.category == "external" for each in references):
        yield At("/document/references", "A reference with category external is missing.")


def has_vulnerabilities(document: Document) -> Iterator[At]:
    """6.1.27.3: an informational advisory has no vulnerabilities."""
    if _is(document, _INFORMATIONAL) and document.csaf.vulnerabilities:
        yield At("/vulnerabilities", "An informational advisory has no vulnerabilities.")


def no_product_tree(document: Document) -> Iterator[At]:
    """6.1.27.4: a security advisory or VEX has a product tree."""
    if _is(document, _ADVISORY, _VEX) and document.csaf.product_tree is None:
        yield At("/product_tree", "The product tree is missing.")


def no_vulnerability_notes(document: Document) -> Iterator[At]:
    """6.1.27.5: each vulnerability of a security advisory or VEX has notes."""
    return _lacking(document, (_ADVISORY, _VEX), "notes", lambda each: bool(each.notes))


def no_product_status(document: Document) -> Iterator[At]:
    """6.1.27.6: each vulnerability of a security advisory has a product status."""
    return _lacking(document, (_ADVISORY,), "product_status", lambda each: each.product_status is not None)


def no_vex_status(document: Document) -> Iterator[At]:
    """6.1.27.7: each vulnerability of a VEX says what is fixed, affected, not affected or under investigation."""
    return _lacking(document, (_VEX,), "product_status", _has_vex_status)


def no_vulnerability_id(document: Document) -> Iterator[At]:
    """6.1.27.8: each vulnerability of a VEX has a CVE or another id."""
    return _lacking(document, (_VEX,), "ids", lambda each: bool(each.cve or each.ids))


def no_impact_statement(document: Document) -> Iterator[At]:
    """6.1.27.9: a VEX says of each product that is not affected, by a flag or a threat of category impact, why not."""
    if not _is(document, _VEX):
        return
    for index, vulnerability in enumerate(document.csaf.vulnerabilities):
        impacts = [threat for threat in vulnerability.threats if threat.category == "impact"]
        said = document.products_of((*vulnerability.flags, *impacts))
        yield from _unsaid(index, vulnerability, "known_not_affected", said)


def no_action_statement(document: Document) -> Iterator[At]:
    """6.1.27.10: a VEX says of each product that is affected, by a remediation, what to do."""
    if not _is(document, _VEX):
        return
    for index, vulnerability in enumerate(document.csaf.vulnerabilities):
        said = document.products_of(vulnerability.remediations)
        yield from _unsaid(index, vulnerability, "known_affected", said)


def no_vulnerabilities(document: Document) -> Iterator[At]:
    """6.1.27.11: a security advisory or VEX has vulnerabilities."""
    if _is(document, _ADVISORY, _VEX) and not document.csaf.vulnerabilities:
        yield At("/vulnerabilities", "The vulnerabilities are missing.")


def same_languages(document: Document) -> Iterator[At]:
    """6.1.28: the language of a document and of its source differ, where both are given; case does not count."""
    head = document.csaf.document
    if head.lang and head.lang.casefold() == head.source_lang.casefold():
        yield At("/document/source_lang", "The language of the source is that of the document.")


def _is(document: Document, *profiles: str) -> bool:
    return document.csaf.document.category in profiles


def _lacking(
    document: Document, profiles: Sequence[str], name: str, has: Callable[[Vulnerability], bool]
) -> Iterator[At]:
    if _is(document, *profiles):
        for index, vulnerability in enumerate(document.csaf.vulnerabilities):
            if not has(vulnerability):
                yield At(f"{vulnerability_path(index)}/{name}", "A document of this category needs one here.")


def _has_vex_status(vulnerability: Vulnerability) -> bool:
    return any(getattr(vulnerability.product_status, status, ()) for status in _VEX_STATUSES)


def _unsaid(index: int, vulnerability: Vulnerability, status: str, said: frozenset[str]) -> Iterator[At]:
    products: Sequence[str] = getattr(vulnerability.product_status, status, ())
    for at, product in enumerate(products):
        if product not in said:
            path = f"{vulnerability_path(index)}/product_status/{status}/{at}"
            yield At(path, f"Nothing is said of {shown(product)}: why not affected, or what to do.")


@lru_cache(maxsize=_TAGS)
def _is_registered(tag: str) -> bool:
    return langcodes.tag_is_valid(tag)
