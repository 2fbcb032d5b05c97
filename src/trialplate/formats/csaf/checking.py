"""The check of one document: its limits, its version, its shape, then every mandatory test."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from trialplate.formats.csaf import documents, products, scores, tracking, vulnerabilities
from trialplate.formats.csaf.model import MOST_LISTED, At, Document, Problem, walked
from trialplate.formats.csaf.reading import VERSION, Unread, read
from trialplate.formats.csaf.shape import SCHEMA, shape_problems


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    `version` is the version of CSAF that the document states, cut to 16 characters; empty where it states none.
    """

    version: str
    problems: tuple[Problem, ...]

    @property
    def valid(self) -> bool:
        """Say whether nothing was found."""
        return not self.problems


@dataclass(frozen=True)
class Test:
    """A mandatory test: its number and name in section 6.1 of the standard, and what finds where it does not hold."""

    # The name is no test's of this project, and pytest shall not collect it.
    __test__ = False

    number: str
    name: str
    finds: Callable[[Document], Iterable[At]]


TESTS: Final = (
    Test("6.1.1", "Missing Definition of Product ID", products.undefined_products),
    Test("6.1.2", "Multiple Definition of Product ID", products.products_defined_twice),
    Test("6.1.3", "Circular Definition of Product ID", products.circular_products),
    Test("6.1.4", "Missing Definition of Product Group ID", products.undefined_groups),
    Test("6.1.5", "Multiple Definition of Product Group ID", products.groups_defined_twice),
    Test("6.1.6", "Contradicting Product Status", vulnerabilities.contradicting_status),
    Test("6.1.7", "Multiple Scores with same Version per Product", scores.repeated_scores),
    Test("6.1.9", "Invalid CVSS computation", scores.wrong_scores),
    Test("6.1.10", "Inconsistent CVSS", scores.inconsistent_metrics),
    Test("6.1.11", "CWE", vulnerabilities.unknown_weakness),
    Test("6.1.12", "Language", documents.unknown_language),
    Test("6.1.13", "PURL", products.invalid_purl),
    Test("6.1.14", "Sorted Revision History", tracking.unsorted_history),
    Test("6.1.15", "Translator", documents.translator_without_source),
    Test("6.1.16", "Latest Document Version", tracking.not_latest_version),
    Test("6.1.17", "Document Status Draft", tracking.undeclared_draft),
    Test("6.1.18", "Released Revision History", tracking.zero_in_released_history),
    Test("6.1.19", "Revision History Entries for Pre-release Versions", tracking.prerelease_in_history),
    Test("6.1.20", "Non-draft Document Version", tracking.prerelease_of_released),
    Test("6.1.21", "Missing Item in Revision History", tracking.gap_in_history),
    Test("6.1.22", "Multiple Definition in Revision History", tracking.repeated_in_history),
    Test("6.1.23", "Multiple Use of Same CVE", vulnerabilities.repeated_cve),
    Test("6.1.24", "Multiple Definition in Involvements", vulnerabilities.repeated_involvement),
    Test("6.1.25", "Multiple Use of Same Hash Algorithm", products.repeated_hash),
    Test("6.1.26", "Prohibited Document Category Name", documents.prohibited_category),
    Test("6.1.27.1", "Document Notes", documents.no_document_notes),
    Test("6.1.27.2", "Document References", documents.no_document_references),
    Test("6.1.27.3", "Vulnerabilities", documents.has_vulnerabilities),
    Test("6.1.27.4", "Product Tree", documents.no_product_tree),
    Test("6.1.27.5", "Vulnerability Notes", documents.no_vulnerability_notes),
    Test("6.1.27.6", "Product Status", documents.no_product_status),
    Test("6.1.27.7", "VEX Product Status", documents.no_vex_status),
    Test("6.1.27.8", "Vulnerability ID", documents.no_vulnerability_id),
    Test("6.1.27.9", "Impact Statement", documents.no_impact_statement),
    Test("6.1.27.10", "Action Statement", documents.no_action_statement),
    Test("6.1.27.11", "Vulnerabilities", documents.no_vulnerabilities),
    Test("6.1.28", "Translation", documents.same_languages),
    Test("6.1.29", "Remediation without Product Reference", vulnerabilities.remediation_of_nothing),
    Test("6.1.30", "Mixed Integer and Semantic Versioning", tracking.mixed_versioning),
    Test("6.1.31", "Version Range in Product Version", products.range_as_version),
    Test("6.1.32", "Flag without Product Reference", vulnerabilities.flag_of_nothing),
    Test("6.1.33", "Multiple Flags with VEX Justification Codes per Product", vulnerabilities.repeated_flag),
)
"""Every mandatory test in the order of the standard, but 6.1.8 (Invalid CVSS), which is a test by schema."""


def check(data: bytes) -> Verdict:
    """Return whether bytes are a valid CSAF 2.0 document, by its schema and all mandatory tests.

    A document that breaks the schema outside of its CVSS objects is not tested further, because the tests speak of
    parts that may not be there. Each test lists its first 100 problems. Any bytes have a verdict.
    """
    found = read(data)
    if isinstance(found, Unread):
        return Verdict(found.version, (found.problem,))
    broken = shape_problems(found.value)
    if any(problem.test == SCHEMA for problem in broken):
        return Verdict(VERSION, broken)
    document = walked(found.value)
    if isinstance(document, Problem):
        return Verdict(VERSION, (document, *broken))
    return Verdict(VERSION, (*broken, *_tested(document)))


def _tested(document: Document) -> Iterable[Problem]:
    for test in TESTS:
        for path, message in islice(test.finds(document), MOST_LISTED):
            yield Problem(test.number, path, message)
