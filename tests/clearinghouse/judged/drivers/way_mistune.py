"""The ways into mistune."""

import mistune
from mistune.directives import Admonition, FencedDirective, RSTDirective, TableOfContents
from mistune.renderers.markdown import MarkdownRenderer
from mistune.renderers.rst import RSTRenderer

_PLUGINS = ("strikethrough", "footnotes", "table", "url", "task_lists", "def_list", "abbr", "math", "ruby", "spoiler")


def exercise(way: int, data: bytes) -> None:
    """Turn a text into HTML, Markdown or reStructuredText, with and without plug-ins."""
    text = data.decode(errors="replace")
    if way == 0:
        mistune.html(text)
    elif way == 1:
        mistune.create_markdown(escape=True, plugins=_PLUGINS)(text)
    elif way == 2:
        mistune.create_markdown(renderer=MarkdownRenderer(), plugins=("table",))(text)
    elif way == 3:
        mistune.create_markdown(renderer=RSTRenderer())(text)
    else:
        kind = FencedDirective if way & 1 else RSTDirective
        mistune.create_markdown(plugins=(*_PLUGINS, kind([Admonition(), TableOfContents()])))(text)
