"""The ways into commonmark."""

import commonmark
from commonmark.dump import dumpAST


def exercise(way: int, data: bytes) -> None:
    """Turn a text into HTML, reStructuredText or a tree."""
    text = data.decode(errors="replace")
    tree = commonmark.Parser(options={"smart": bool(way & 4)}).parse(text)
    if way & 3 == 0:
        commonmark.HtmlRenderer({"safe": True, "sourcepos": True}).render(tree)
    elif way & 3 == 1:
        commonmark.ReStructuredTextRenderer().render(tree)
    else:
        commonmark.dumpJSON(tree)
        len(str(dumpAST))
