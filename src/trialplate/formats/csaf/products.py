"""The tests of the product tree, and of every reference to products and groups."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final
from urllib.parse import unquote_to_bytes

from trialplate.formats.csaf.model import At, Document, Ids, shown

_RANGE_SIGNS: Final = re.compile(r"[<>]")
_RANGE_WORDS: Final = frozenset("after all before earlier later prior versions".split())

_PURL_TYPE: Final = re.compile(r"[A-Za-z][A-Za-z0-9.+-]*")
_PURL_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def undefined_products(document: Document) -> Iterator[At]:
    """6.1.1: every product id that is referred to is defined."""
    yield from _undefined(document.product_lists, {placed.product.product_id for placed in document.products})


def products_defined_twice(document: Document) -> Iterator[At]:
    """6.1.2: no product id is defined twice."""
    places = ((f"{path}/product_id", product.product_id) for path, product in document.products)
    yield from _repeated(places)


def circular_products(document: Document) -> Iterator[At]:
    """6.1.3: no product of a relationship is defined by itself, at any distance."""
    tree = document.csaf.product_tree
    relationships = tree.relationships if tree else ()
    needs: dict[str, set[str]] = {}
    for each in relationships:
        defined = needs.setdefault(each.full_product_name.product_id, set())
        defined.update((each.product_reference, each.relates_to_product_reference))
    circular = _without_end(needs)
    for index, each in enumerate(relationships):
        if each.full_product_name.product_id in circular:
            path = f"/product_tree/relationships/{index}/full_product_name/product_id"
            yield At(path, f"The definition of {shown(each.full_product_name.product_id)} leads back to itself.")


def undefined_groups(document: Document) -> Iterator[At]:
    """6.1.4: every group id that is referred to is defined."""
    yield from _undefined(document.group_lists, document.members)


def groups_defined_twice(document: Document) -> Iterator[At]:
    """6.1.5: no group id is defined twice."""
    tree = document.csaf.product_tree
    groups = tree.product_groups if tree else ()
    yield from _repeated(
        (f"/product_tree/product_groups/{index}/group_id", group.group_id) for index, group in enumerate(groups)
    )


def invalid_purl(document: Document) -> Iterator[At]:
    """6.1.13: every package URL is valid."""
    for path, product in document.products:
        helper = product.product_identification_helper
        if helper and helper.purl and (wrong := purl_fault(helper.purl)):
            yield At(f"{path}/product_identification_helper/purl", wrong)


def repeated_hash(document: Document) -> Iterator[At]:
    """6.1.25: no file of a product has two hashes of one algorithm."""
    for path, product in document.products:
        helper = product.product_identification_helper
        for index, hashes in enumerate(helper.hashes if helper else ()):
            base = f"{path}/product_identification_helper/hashes/{index}/file_hashes"
            yield from _repeated(
                (f"{base}/{at}/algorithm", file_hash.algorithm) for at, file_hash in enumerate(hashes.file_hashes)
            )


def range_as_version(document: Document) -> Iterator[At]:
    """6.1.31: the name of a branch for one version has no sign or word of a range; words are parted by white space."""
    for path, branch in document.branches:
        if branch.category == "product_version" and (
            _RANGE_SIGNS.search(branch.name) or not _RANGE_WORDS.isdisjoint(branch.name.casefold().split())
        ):
            yield At(f"{path}/name", f"{shown(branch.name)} is a range; its category is product_version_range.")


def purl_fault(purl: str) -> str:
    """Return what is wrong with a package URL by the purl specification, as a sentence; empty where nothing is.

    What single types demand beyond the syntax of all is not looked at.
    """
    if _BAD_ESCAPE.search(purl):
        return "This package URL has a percent sign that escapes nothing."
    rest, _, subpath = purl.partition("#")
    rest, _, qualifiers = rest.partition("?")
    kind, _, path = rest.partition(":")[2].partition("/")
    name = path.strip("/").rpartition("/")[2].partition("@")[0]
    if _PURL_TYPE.fullmatch(kind) is None:
        return f"{shown(kind)} is no type of a package URL."
    if not unquote_to_bytes(name).strip():
        return "This package URL names no package."
    if not all(_is_utf8(part) for part in (rest, qualifiers, subpath)):
        return "An escape of this package URL is no UTF-8."
    return _qualifiers_fault(qualifiers)


def _qualifiers_fault(qualifiers: str) -> str:
    keys = [pair.partition("=")[0].lower() for pair in qualifiers.split("&")] if qualifiers else []
    if any(_PURL_KEY.fullmatch(key) is None for key in keys):
        return "A qualifier of this package URL has no proper key."
    return "A qualifier of this package URL is there twice." if len(set(keys)) < len(keys) else ""


def _is_utf8(text: str) -> bool:
    try:
        unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _undefined(lists: Sequence[Ids], defined: Collection[str]) -> Iterator[At]:
    missing = frozenset(chain.from_iterable(each.ids for each in lists)).difference(defined)
    if not missing:
        return
    for each in lists:
        for index, identifier in enumerate(each.ids):
            if identifier in missing:
                yield At(each.place(index), f"{shown(identifier)} is defined nowhere.")


def _repeated(places: Iterable[tuple[str, str]]) -> Iterator[At]:
    seen: set[str] = set()
    for path, value in places:
        if value in seen:
            yield At(path, f"{shown(value)} is there twice.")
        seen.add(value)


def _without_end(needs: Mapping[str, Collection[str]]) -> Collection[str]:
    """Return the keys from which a walk along `needs` never ends, found by taking away those from which it does."""
    users: dict[str, list[str]] = {}
    waits = {key: sum(need in needs for need in wanted) for key, wanted in needs.items()}
    for key, wanted in needs.items():
        for need in wanted:
            users.setdefault(need, []).append(key)
    ends = [key for key, count in waits.items() if count == 0]
    while ends:
        ended = ends.pop()
        for user in users.get(ended, ()):
            waits[user] -= 1
            if waits[user] == 0:
                ends.append(user)
    return {key for key, count in waits.items() if count > 0}
