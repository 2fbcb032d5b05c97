"""What a reader of a page finds in it: its text in order, its elements, and every figure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "br", "hr", "img", "link", "input", "circle", "path", "rect", "polyline", "polygon", "use"})
BLOCKS = frozenset(
    {"p", "li", "td", "th", "dt", "dd", "h1", "h2", "h3", "div", "tr", "caption", "figcaption", "summary"}
)


@dataclass
class Element:
    """An element with its attributes and the text inside it."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    inside: tuple[str, ...] = ()


@dataclass
class Page:
    """A page, read."""

    elements: list[Element] = field(default_factory=list)
    text: str = ""

    def named(self, *names: str) -> list[Element]:
        """Return the elements of these names, in order."""
        return [each for each in self.elements if each.name in names]

    def ids(self) -> list[str]:
        """Return every id, in order."""
        return [each.attributes["id"] for each in self.elements if "id" in each.attributes]

    def values(self) -> set[str]:
        """Return the exact figures behind rounded texts."""
        return {each.attributes["value"] for each in self.named("data")}

    def figures(self) -> set[str]:
        """Return every whole or decimal figure that stands in the text, as it stands there."""
        return set(re.findall(r"-?\d[\d,]*(?:\.\d+)?", self.text))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, inside=tuple(e.name for e in self.open))
        self.page.elements.append(element)
        self._space(tag)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        ended = self.open.pop()
        assert ended.name == tag, f"<{ended.name}> is ended by </{tag}>"
        self._space(tag)

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data
        if not any(element.name == "style" for element in self.open):
            self.page.text += data

    def _space(self, tag: str) -> None:
        if tag in BLOCKS:
            self.page.text += "\n"
            for element in self.open:
                element.text += "\n"


def read(html: str) -> Page:
    """Return a page; an element that is not ended where it should be fails."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open
    return reader.page


def squeezed(text: str) -> str:
    """Return a text with every run of white space as one blank."""
    return " ".join(text.split())
