"""The parsers of what finders, owners and maintainers write to the clearinghouse, as rows of the table of targets."""

from __future__ import annotations

from typing import Final

from fuzz import oracles
from fuzz.row import Target
from trialplate.clearinghouse.coordination.projects import parse_calendar, parse_project
from trialplate.clearinghouse.coordination.replies import parse_reply
from trialplate.clearinghouse.finders.claims import read_opening
from trialplate.clearinghouse.finders.targets import repository
from trialplate.clearinghouse.merging.patches import hunks_of
from trialplate.clearinghouse.triage.recipe import parse_recipe

_TOML: Final = ('"""', "'''", "\\u0000", "\\ud800", "1979-05-27T07:32:00Z", "{", "}", "[[", "]]", "inf", "0x", "=")
_RECIPE: Final = b"""format = "trialplate.recipe/1"
name = "cards"
language = "c"
build = ["make"]
run = ["./cards", "{proof}"]
tests = ["make check"]
harness = ["main.c"]
[fuzz]
build = ["make fuzz"]
run = ["./fuzz"]
[limits]
build_seconds = 60
memory = 512
"""
_PROJECT: Final = b"""format = "trialplate.project/1"
name = "cards"
contact = "security@example.com"
purls = ["pkg:generic/cards"]
repositories = ["https://example.com/cards"]
recipe = "recipe.toml"
excluded = ["tests/**"]
sources = [{version = "1.0", commit = "5f0c2d7", archive = "cards.tar"}]
[clock]
zone = "Europe/Berlin"
embargo = 90
"""
_CALENDAR: Final = b"""format = "trialplate.calendar/1"
[[busy]]
begins_at = "2026-12-07T00:00:00Z"
ends_at = "2026-12-09T00:00:00Z"
reason = "Release."
"""
_REPLY: Final = (
    b'format = "trialplate.reply/1"\ncase = "%b"\nanswer = "accept"\nfix_by = "2026-12-07T00:00:00Z"\n' % (b"c" * 32),
    b'{"format":"trialplate.reply/1","case":"%b","answer":"accept fix","version":"1.1"}' % (b"c" * 32),
)
_OPENING: Final = b'{"commitment":"%b","digest":"%b","format":"trialplate.opening/1","salt":"%b"}' % (
    b"a" * 64,
    b"b" * 64,
    b"c" * 64,
)
_PATCH: Final = b"""--- a/src/cards.c
+++ b/src/cards.c
@@ -8,3 +8,5 @@ card_copy
 int size = card->size;
-memcpy(to, card->bytes, size);
+if (size > LONGEST)
+    return -1;
+memcpy(to, card->bytes, (size_t)size);
 return 0;
"""

ROWS: Final = (
    Target("recipe", (parse_recipe,), oracles.refusing(parse_recipe), (_RECIPE,), (*_TOML, *_RECIPE.decode().split())),
    Target(
        "project", (parse_project,), oracles.refusing(parse_project), (_PROJECT,), (*_TOML, *_PROJECT.decode().split())
    ),
    Target(
        "calendar",
        (parse_calendar,),
        oracles.refusing(parse_calendar),
        (_CALENDAR,),
        (*_TOML, *_CALENDAR.decode().split()),
    ),
    Target("reply", (parse_reply,), oracles.refusing(parse_reply), _REPLY, (*_TOML, "patch", "wont fix", "not a bug")),
    Target(
        "opening",
        (read_opening,),
        oracles.refusing(read_opening),
        (_OPENING,),
        ("format", "salt", "digest", "commitment", "trialplate.opening/1", "0000"),
        json=True,
    ),
    Target(
        "repository",
        (repository,),
        oracles.place,
        (b"https://GitHub.com/Tiny/Kit.git", b"git+ssh://git@git.example.org:2222/a", b"git@example.org:a/b.git"),
        ("https://", "ssh://", "git+", "git@", ".git", "%2F", "%00", "..", "//", ":443", "@", "?", "#"),
        longest=600,
    ),
    Target("patch", (hunks_of,), oracles.hunks, (_PATCH,), ("--- ", "+++ ", "@@ -", " @@", "/dev/null", "\n", "\\ No")),
)
"""What this module adds to the table."""
