"""What holds of the code of the project: sizes, imports, docstrings, and that every part is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence

import pytest

from tests.repo.tree import Source, imports, paths, python, texts, within

MOST_LINES = 400

LONG = "src/trialplate/faces/verify.py"
"""One file on purpose: whoever was handed a bundle copies it alone to another machine, and reads all of it there."""

PURE = (
    "src/trialplate/records",
    "src/trialplate/flows",
    "src/trialplate/measurement",
    "src/trialplate/trust/labels.py",
    "src/trialplate/trust/merkle.py",
)
"""Rules: functions of values, which read no clock, file, network or environment."""

WORLD = ("os", "pathlib", "socket", "subprocess", "time", "random", "asyncio", "threading")
"""What a rule may not import."""

OWNERS: Mapping[str, str] = {
    "inspect_ai": "src/trialplate/benchmark/inspect",
    "sqlalchemy": "src/trialplate/store",
    "alembic": "src/trialplate/store",
    "numpy": "src/trialplate/measurement",
    "scipy": "src/trialplate/measurement",
    "jinja2": "src/trialplate/determination/report",
    "cvss": "src/trialplate/formats/cvss.py",
    "jsonschema_rs": "src/trialplate/formats/csaf",
    "langcodes": "src/trialplate/formats/csaf",
}
"""Dependencies that one package owns and no other imports."""

LATE = "src/trialplate/benchmark/inspect/registry.py"
"""The entry point that Inspect calls: its factories import late, so that the command line stays fast."""

BY_FOLDER = "trialplate.store.migrations."
"""Alembic finds the modules of this package by their place, so that nothing imports them by name."""


def too_long(sources: Iterable[Source]) -> list[str]:
    """Return the files with more than 400 lines."""
    counted = ((source.path, source.text.count("\n")) for source in sources)
    return [f"{path}: {lines} lines, at most {MOST_LINES}; split it" for path, lines in counted if lines > MOST_LINES]


def late_imports(sources: Iterable[Source]) -> list[str]:
    """Return the imports inside functions."""
    return sorted(
        {
            f"{source.path}:{line}: imports {name} inside a function"
            for source in sources
            for node in ast.walk(source.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for line, name in imports(node)
        }
    )


def forbidden_imports(sources: Iterable[Source], roots: Sequence[str]) -> list[str]:
    """Return the imports of a package of `roots` or of a part of one."""
    return [
        f"{source.path}:{line}: imports {name}"
        for source in sources
        for line, name in imports(source.tree)
        if name.partition(".")[0] in roots
    ]


def direct_input_output(sources: Iterable[Source]) -> list[str]:
    """Return the calls of built-in functions that reach the world without an import."""
    return [
        f"{source.path}:{node.lineno}: calls {node.func.id}()"
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"open", "print", "input"}
    ]


def bad_packages(files: Sequence[str], sources: Iterable[Source]) -> list[str]:
    """Return folders of modules without an `__init__`, and packages that say too little or export by chance."""
    folders = {path.rpartition("/")[0] for path in files if path.endswith(".py") and path.startswith("src/trialplate/")}
    found = [f"{folder}: has no __init__.py" for folder in folders if f"{folder}/__init__.py" not in files]
    for source in sources:
        if not source.path.endswith("/__init__.py"):
            continue
        if len((ast.get_docstring(source.tree) or "").split()) < 5:
            found.append(f"{source.path}: its docstring does not say what the package is for")
        exported = _exported(source.tree)
        for node in source.tree.body:
            if isinstance(node, ast.ImportFrom) and node.module != "__future__":
                names = (alias.asname or alias.name for alias in node.names)
                found.extend(f"{source.path}: {name} is missing from __all__" for name in names if name not in exported)
    return sorted(found)


def _exported(tree: ast.Module) -> frozenset[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == "__all__" for to in node.targets):
            return frozenset(ast.literal_eval(node.value))
    return frozenset()


def unused_modules(modules: Iterable[Source], users: Iterable[Source]) -> list[str]:
    """Return the modules that no other file imports or names by dotted name, as an entry point or a command does."""
    named: dict[str, set[str]] = {}
    for user in users:
        package = user.module.rpartition(".")[0] if user.path.startswith("src/") else ""
        names = {name for _, name in imports(user.tree, package)} if user.path.endswith(".py") else set()
        for name in names | set(re.findall(r"\btrialplate(?:\.\w+)+", user.text)):
            named.setdefault(name, set()).add(user.path)
    return [
        f"{module.path}: no test, module or command uses it"
        for module in modules
        if not module.path.endswith("/__init__.py")
        and not module.module.startswith(BY_FOLDER)
        and not named.get(module.module, set()) - {module.path}
    ]


def test_files_are_short_enough_to_read() -> None:
    folders = ("src", "tests", "bench", "fuzz", "scripts")
    assert too_long(source for source in python(*folders) if source.path != LONG) == []
    assert too_long(within(texts(), LONG)), f"{LONG} is short enough now: take back its exception"
    assert too_long([Source("src/a.py", "\n" * 400)]) == []
    assert too_long([Source("src/a.py", "\n" * 401)]) == ["src/a.py: 401 lines, at most 400; split it"]


def test_no_function_hides_an_import() -> None:
    assert late_imports(source for source in python("src") if source.path != LATE) == []
    hidden = "async def a():\n    from os import path\ndef b():\n    if True:\n        import sys\n"
    assert [line.partition(":")[2] for line in late_imports([Source("src/a.py", hidden)])] == [
        "2: imports os inside a function",
        "2: imports os.path inside a function",
        "5: imports sys inside a function",
    ]
    assert late_imports([Source("src/a.py", "import os\nclass A:\n    import sys\n")]) == []


def test_rules_reach_nothing_of_the_world() -> None:
    rules = within(texts(), *PURE, ending=".py")
    assert {source.path for source in rules} >= {"src/trialplate/records/header.py", "src/trialplate/trust/labels.py"}
    assert forbidden_imports(rules, WORLD) == []
    assert direct_input_output(rules) == []


@pytest.mark.parametrize("name", WORLD)
def test_a_rule_that_reaches_the_world_is_found(name: str) -> None:
    for text in (f"import {name}", f"import {name}.part as p", f"from {name} import part", f"def a(): import {name}"):
        assert forbidden_imports([Source("src/rule.py", text)], WORLD)
    assert forbidden_imports([Source("src/rule.py", f"from trialplate.{name} import a; import {name}_b")], WORLD) == []


def test_a_rule_that_opens_a_file_is_found() -> None:
    assert direct_input_output([Source("a.py", "x = 1\nopen('b')")]) == ["a.py:2: calls open()"]
    assert direct_input_output([Source("a.py", "window.open('b')")]) == []


@pytest.mark.parametrize("package, owner", OWNERS.items())
def test_a_dependency_is_imported_by_its_owner_only(package: str, owner: str) -> None:
    owned = within(python("src"), owner)
    assert forbidden_imports(set(python("src")) - set(owned), (package,)) == []
    assert forbidden_imports(owned, (package,)), f"{owner} no longer imports {package}: correct OWNERS"


def test_a_package_says_what_it_is_for_and_what_it_exports() -> None:
    assert bad_packages(paths(), python("src")) == []
    short = Source("src/trialplate/a/__init__.py", '"""Things."""\nfrom b import c, d\n__all__ = ["c"]\n')
    assert bad_packages([short.path, "src/trialplate/b/c.py"], [short]) == [
        "src/trialplate/a/__init__.py: d is missing from __all__",
        "src/trialplate/a/__init__.py: its docstring does not say what the package is for",
        "src/trialplate/b: has no __init__.py",
    ]


def test_every_module_is_used() -> None:
    # A text of this folder that only names a module, such as a list of rules, is no use of it.
    users = [source for source in texts() if not source.path.startswith(("docs/", "tests/repo/", "CHANGELOG"))]
    assert unused_modules(python("src"), users) == []


def test_a_module_that_nobody_uses_is_found() -> None:
    lonely = Source("src/trialplate/a/lonely.py", "from trialplate.a import lonely")
    assert unused_modules([lonely], [lonely]) == ["src/trialplate/a/lonely.py: no test, module or command uses it"]
    for path, text in (
        ("tests/test_a.py", "from trialplate.a import lonely"),
        ("src/trialplate/b.py", "from trialplate.a.lonely import x"),
        ("src/trialplate/c.py", "command = ['-m', 'trialplate.a.lonely']"),
        ("pyproject.toml", 'a = "trialplate.a.lonely:main"'),
    ):
        assert unused_modules([lonely], [lonely, Source(path, text)]) == []
