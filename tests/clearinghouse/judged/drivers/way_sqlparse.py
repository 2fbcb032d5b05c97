"""The ways into sqlparse."""

import sqlparse
from sqlparse.exceptions import SQLParseError

_FORMATS = (
    {"reindent": True, "keyword_case": "upper"},
    {"reindent_aligned": True, "strip_comments": True},
    {"strip_whitespace": True, "use_space_around_operators": True, "truncate_strings": 5},
    {"reindent": True, "comma_first": True, "wrap_after": 10, "indent_columns": True},
)


def exercise(way: int, data: bytes) -> None:
    """Format, split or parse statements."""
    text = data.decode(errors="replace")
    try:
        if way < len(_FORMATS):
            sqlparse.format(text, **_FORMATS[way])
        elif way == len(_FORMATS):
            sqlparse.split(text, strip_semicolon=True)
        else:
            for statement in sqlparse.parse(text):
                statement.get_type()
                for token in statement.flatten():
                    token.within(sqlparse.sql.Function)
    except SQLParseError:
        pass
