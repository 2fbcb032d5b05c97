"""The parts of a CSAF 2.0 document that its tests look at, walked once.

The values make trees and no circles, so that the collector of circles need not follow them (`gc=False`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from msgspec import Struct, convert

from trialplate.formats.csaf.versions import Moment, Version, moment, version

MOST_LISTED: Final = 100
"""Problems that a test lists of one document; whoever mends so many checks again anyway."""

MOST_MEMBERS: Final = 2_000_000
"""Products that the groups named by flags, threats and remediations have in all, each mention counted anew."""

MOST_SCORES: Final = 20_000
"""Score objects of a document; each is computed again from its vector."""

_SHOWN: Final = 80


class Problem(Struct, frozen=True):
    """What does not hold of a document.

    `test` is the number of the mandatory test ("6.1.27.9"), or "json", "version", "limits" or "schema"; `path` a JSON
    pointer (RFC 6901) to where it was seen; `message` a sentence in printable ASCII.
    """

    test: str
    path: str
    message: str


class At(NamedTuple):
    """Where one test does not hold, as a JSON pointer, and why, as a sentence."""

    path: str
    message: str


class FileHash(Struct, frozen=True, gc=False):
    """A hash of a file; its value is of no interest here."""

    algorithm: str


class Hashes(Struct, frozen=True, gc=False):
    """The hashes of one file."""

    file_hashes: tuple[FileHash, ...]


class Helper(Struct, frozen=True, gc=False):
    """What identifies a product beside its name; `purl` is empty where none is given."""

    purl: str = ""
    hashes: tuple[Hashes, ...] = ()


class Product(Struct, frozen=True, gc=False):
    """A full product name: the definition of a product id."""

    product_id: str
    product_identification_helper: Helper | None = None


class Branch(Struct, frozen=True, gc=False):
    """A branch of the product tree, with more of them or with a product."""

    category: str
    name: str
    branches: tuple[Branch, ...] = ()
    product: Product | None = None


class Relationship(Struct, frozen=True, gc=False):
    """A product that is defined by two others."""

    full_product_name: Product
    product_reference: str
    relates_to_product_reference: str


class Group(Struct, frozen=True, gc=False):
    """A named group of products."""

    group_id: str
    product_ids: tuple[str, ...]


class Tree(Struct, frozen=True, gc=False):
    """The product tree."""

    branches: tuple[Branch, ...] = ()
    full_product_names: tuple[Product, ...] = ()
    product_groups: tuple[Group, ...] = ()
    relationships: tuple[Relationship, ...] = ()


class Categorized(Struct, frozen=True, gc=False):
    """A note, a publisher: what has a category that counts."""

    category: str


class Reference(Struct, frozen=True, gc=False):
    """A reference; the schema's default category is external."""

    category: str = "external"


class Revision(Struct, frozen=True, gc=False):
    """An entry of the revision history."""

    date: str
    number: str


class Tracking(Struct, frozen=True, gc=False):
    """How a document has come about."""

    revision_history: tuple[Revision, ...]
    status: str
    version: str


class Head(Struct, frozen=True, gc=False):
    """What a document says of itself; languages are empty where none is given."""

    category: str
    publisher: Categorized
    tracking: Tracking
    lang: str = ""
    source_lang: str = ""
    notes: tuple[Categorized, ...] = ()
    references: tuple[Reference, ...] = ()


class Weakness(Struct, frozen=True, gc=False):
    """The CWE of a vulnerability."""

    id: str
    name: str


class Bearer(Struct, frozen=True, gc=False):
    """What holds of products and of groups of them: a flag, a threat or a remediation.

    `category` is empty for a flag.
    """

    category: str = ""
    product_ids: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()


class Involvement(Struct, frozen=True, gc=False):
    """What a party did; `date` is empty where none is given."""

    party: str
    date: str = ""


class Score(Struct, frozen=True, gc=False):
    """CVSS objects for products; the objects may break their schemas, which is a test of its own."""

    products: tuple[str, ...]
    cvss_v2: object = None
    cvss_v3: object = None


class Statuses(Struct, frozen=True, gc=False):
    """Products by their status."""

    first_affected: tuple[str, ...] = ()
    first_fixed: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    known_affected: tuple[str, ...] = ()
    known_not_affected: tuple[str, ...] = ()
    last_affected: tuple[str, ...] = ()
    recommended: tuple[str, ...] = ()
    under_investigation: tuple[str, ...] = ()


class Vulnerability(Struct, frozen=True, gc=False):
    """One vulnerability; a list that is empty here is not in the document, since the schema refuses empty ones."""

    cve: str = ""
    cwe: Weakness | None = None
    flags: tuple[Bearer, ...] = ()
    ids: tuple[object, ...] = ()
    involvements: tuple[Involvement, ...] = ()
    notes: tuple[Categorized, ...] = ()
    product_status: Statuses | None = None
    remediations: tuple[Bearer, ...] = ()
    scores: tuple[Score, ...] = ()
    threats: tuple[Bearer, ...] = ()


class Csaf(Struct, frozen=True, gc=False):
    """A whole document."""

    document: Head
    product_tree: Tree | None = None
    vulnerabilities: tuple[Vulnerability, ...] = ()


class PlacedProduct(NamedTuple):
    """A definition of a product, and where it is."""

    path: str
    product: Product


class PlacedBranch(NamedTuple):
    """A branch, and where it is."""

    path: str
    branch: Branch


class Ids(NamedTuple):
    """Ids that are referred to at one place: the parts of its JSON pointer, and the list there, or the one value."""

    parts: tuple[str | int, ...]
    ids: Sequence[str]
    listed: bool = True

    def place(self, index: int) -> str:
        """Return the JSON pointer of one of the ids."""
        return "".join(f"/{part}" for part in ((*self.parts, index) if self.listed else self.parts))


class Entry(NamedTuple):
    """An entry of the revision history, in an order by moment and then by version; `at` is where it stands."""

    moment: Moment
    version: Version
    at: int

    @property
    def path(self) -> str:
        """The JSON pointer of its number."""
        return f"/document/tracking/revision_history/{self.at}/number"


@dataclass(frozen=True)
class Document:
    """A document and what a walk through it gathers.

    `products` are all definitions, in branches, names and relationships; `branches` all branches at any depth;
    `product_lists` and `group_lists` all references; `members` the products of each group; `history` the revision
    history by date, entries of one date by version; `version` the version that the document states.
    """

    csaf: Csaf
    products: tuple[PlacedProduct, ...]
    branches: tuple[PlacedBranch, ...]
    product_lists: tuple[Ids, ...]
    group_lists: tuple[Ids, ...]
    members: Mapping[str, frozenset[str]]
    history: tuple[Entry, ...]
    version: Version

    def products_of(self, bearers: Iterable[Bearer]) -> frozenset[str]:
        """Return the products that any of `bearers` names, itself or by a group."""
        found: set[str] = set()
        for bearer in bearers:
            found.update(bearer.product_ids, *(self.members.get(group, ()) for group in bearer.group_ids))
        return frozenset(found)


def shown(text: str) -> str:
    """Return a text of a document, fit for a message: quoted ASCII, cut after 80 characters."""
    return ascii(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def vulnerability_path(index: int) -> str:
    """Return the JSON pointer of a vulnerability."""
    return f"/vulnerabilities/{index}"


def walked(value: object) -> Document | Problem:
    """Return the document that a decoded JSON value is, or which limit it passes.

    Args:
        value: what holds to the schema, but for its CVSS objects.
    """
    csaf = convert(value, Csaf)
    tree = csaf.product_tree or Tree()
    members = _members(tree.product_groups)
    scores = sum(len(vulnerability.scores) for vulnerability in csaf.vulnerabilities)
    if scores > MOST_SCORES:
        return Problem("limits", "/vulnerabilities", f"{scores} scores are more than the {MOST_SCORES} allowed.")
    group_lists = tuple(_group_lists(csaf.vulnerabilities))
    mentioned = sum(len(members.get(group, ())) for ids in group_lists for group in ids.ids)
    if mentioned > MOST_MEMBERS:
        return Problem("limits", "/vulnerabilities", f"Groups stand for more than the {MOST_MEMBERS} products allowed.")
    branches = tuple(_branches(tree))
    return Document(
        csaf,
        products=tuple(_products(tree, branches)),
        branches=branches,
        product_lists=(*_tree_lists(tree), *_product_lists(csaf.vulnerabilities)),
        group_lists=group_lists,
        members=members,
        history=_history(csaf.document.tracking.revision_history),
        version=version(csaf.document.tracking.version),
    )


def bearers(vulnerability: Vulnerability) -> tuple[tuple[str, tuple[Bearer, ...]], ...]:
    """Return what of a vulnerability holds of products and groups, by the name of its list."""
    return (
        ("flags", vulnerability.flags),
        ("remediations", vulnerability.remediations),
        ("threats", vulnerability.threats),
    )


def _members(groups: Sequence[Group]) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for group in groups:
        found[group.group_id] = found.get(group.group_id, frozenset()).union(group.product_ids)
    return found


def _branches(tree: Tree) -> Iterator[PlacedBranch]:
    # A stack and no recursion, since whoever wrote the document chose its depth.
    waiting = [("/product_tree/branches", tree.branches)]
    while waiting:
        path, siblings = waiting.pop()
        for index, branch in enumerate(siblings):
            here = f"{path}/{index}"
            yield PlacedBranch(here, branch)
            if branch.branches:
                waiting.append((f"{here}/branches", branch.branches))


def _products(tree: Tree, branches: Sequence[PlacedBranch]) -> Iterator[PlacedProduct]:
    for path, branch in branches:
        if branch.product:
            yield PlacedProduct(f"{path}/product", branch.product)
    for index, product in enumerate(tree.full_product_names):
        yield PlacedProduct(f"/product_tree/full_product_names/{index}", product)
    for index, relationship in enumerate(tree.relationships):
        yield PlacedProduct(f"/product_tree/relationships/{index}/full_product_name", relationship.full_product_name)


def _tree_lists(tree: Tree) -> Iterator[Ids]:
    for index, group in enumerate(tree.product_groups):
        yield Ids(("product_tree", "product_groups", index, "product_ids"), group.product_ids)
    for index, relationship in enumerate(tree.relationships):
        for name in ("product_reference", "relates_to_product_reference"):
            yield Ids(("product_tree", "relationships", index, name), (getattr(relationship, name),), listed=False)


def _product_lists(vulnerabilities: Sequence[Vulnerability]) -> Iterator[Ids]:
    for index, vulnerability in enumerate(vulnerabilities):
        if statuses := vulnerability.product_status:
            for status in Statuses.__struct_fields__:
                if ids := getattr(statuses, status):
                    yield Ids(("vulnerabilities", index, "product_status", status), ids)
        for at, score in enumerate(vulnerability.scores):
            yield Ids(("vulnerabilities", index, "scores", at, "products"), score.products)
        for name, listed in bearers(vulnerability):
            for at, bearer in enumerate(listed):
                if bearer.product_ids:
                    yield Ids(("vulnerabilities", index, name, at, "product_ids"), bearer.product_ids)


def _group_lists(vulnerabilities: Sequence[Vulnerability]) -> Iterator[Ids]:
    for index, vulnerability in enumerate(vulnerabilities):
        for name, listed in bearers(vulnerability):
            for at, bearer in enumerate(listed):
                if bearer.group_ids:
                    yield Ids(("vulnerabilities", index, name, at, "group_ids"), bearer.group_ids)


def _history(revisions: Sequence[Revision]) -> tuple[Entry, ...]:
    entries = (Entry(moment(each.date), version(each.number), index) for index, each in enumerate(revisions))
    return tuple(sorted(entries))
