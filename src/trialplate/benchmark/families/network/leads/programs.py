"""Mechanisms of set-user-id programs, and the rules by which a helper runs commands for others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from trialplate.benchmark.families.network.leads.pieces import Site, database
from trialplate.benchmark.family import Compiled, Recipe

ESCAPES: Final = ("find", "tar", "sqlite3")
KEPT: Final = ("PYTHONPATH", "BASH_ENV")


def wrapper(site: Site) -> None:
    """Build a program that runs others: which ones, the caller's environment or home folder decides."""
    form, weak = site.link.form, site.weak
    entries = site.put(f"{site.folder}/data/entries.txt", "first\nsecond\nthird\n")
    variable = f"{site.link.name.upper()}_VIEW"
    code = site.text(
        f"wrapper_{form}.c",
        entries=entries,
        variable=variable,
        clean='clearenv();\n    setenv("PATH", "/usr/bin:/bin", 1);' if not weak and form == "path" else "",
        view=f'getenv("{variable}")' if weak else "0",
        home='getenv("HOME")' if weak else "getpwuid(geteuid())->pw_dir",
    )
    site.compile(program(site), code)


def viewer(site: Site) -> None:
    """Build a program that shows texts, and with the right words other files of the target's."""
    form, weak = site.link.form, site.weak
    site.put(f"{site.folder}/texts/welcome", f"{site.link.name} welcome\n")
    site.put(f"{site.folder}/texts/hours", "from eight to five\n")
    code = site.text(
        f"viewer_{form}.c",
        texts=f"{site.folder}/texts",
        refused="name[0] == '/'" if weak else "name[0] == '/' || strchr(name, '/') || name[0] == '.'",
        own="" if weak else "setegid(getgid());\n    seteuid(getuid());",
        pause=(60 + 40 * (site.link.choice % 5)) * 1000,
    )
    site.compile(program(site), code)


def library(site: Site) -> None:
    """Build a program that loads code from a folder, or by a list, that the source can write."""
    name, folder = site.link.name, site.folder
    place = site.make(f"{folder}/lib")
    code = site.text("library.c")
    shared = Recipe(
        sources=(("lib.c", code.encode()),),
        command="gcc -O1 -w -s -shared -fPIC -Wl,--build-id=none -o out lib.c",
        output="out",
    )
    path = f"{place}/lib{name}.so"
    site.pieces.compiled.append(Compiled(host=site.spec.host, path=path, recipe=shared))
    site.grant(path, "root", "root", 0o755)
    if site.link.form == "search":
        # The linker only needs a library of that name; the one that is loaded lies in the folder.
        flags = f"-Wl,-rpath,{place} -L. -l{name}"
        main = Recipe(
            sources=(("main.c", site.text("library_search.c").encode()), ("lib.c", code.encode())),
            command=f"gcc -shared -fPIC -w -o lib{name}.so lib.c; "
            f"gcc -O1 -w -s -Wl,--build-id=none -o out main.c {flags}",
            output="out",
        )
        site.pieces.compiled.append(Compiled(host=site.spec.host, path=program(site), recipe=main))
        site.grant(program(site), site.target.name, site.target.name, 0o6755)
        site.loosen(place, folder=True)
    else:
        modules = site.put(f"{folder}/modules.conf", f"{path}\n")
        site.compile(program(site), site.text("library_modules.c", modules=modules))
        site.loosen(modules)


def rules(site: Site) -> None:
    """Allow the source one command as the target, by a rule that says more than it should."""
    match site.link.form:
        case "pattern":
            command = _pattern(site)
        case "escape":
            command = _escape(site)
        case _:
            command = _kept(site)
    site.pieces.rules.append(f"{site.source.name} {site.target.name} {command}")


def _pattern(site: Site) -> str:
    tools = f"{site.folder}/tools"
    site.put(f"{tools}/report.sh", site.text("report.sh"), mode=0o755)
    site.put(f"{tools}/usage.sh", site.text("report.sh"), mode=0o755)
    return f"- {tools}/*" if site.weak else f"- {tools}/report.sh"


def _escape(site: Site) -> str:
    tool, data = ESCAPES[site.link.choice % len(ESCAPES)], f"{site.folder}/data"
    site.put(f"{data}/report.txt", f"{site.link.name} report\n")
    match tool:
        case "find":
            command = f"/usr/bin/find {data} -name"
        case "tar":
            command = f"/usr/bin/tar -cf /dev/null -C {data}"
        case _:
            own = site.put(f"{data}/own.db", database([("poll", "guest", "guest")]))
            command = f"/usr/bin/sqlite3 {own}"
    exact = {"find": "report.txt", "tar": "report.txt", "sqlite3": ".tables"}[tool]
    return f"- {command} {'*' if site.weak else exact}"


def _kept(site: Site) -> str:
    kept = KEPT[site.link.choice % len(KEPT)]
    if kept == "PYTHONPATH":
        script = site.put(f"{site.folder}/report.py", site.text("report.py"), mode=0o755)
        shell = "/usr/bin/python3"
    else:
        script = site.put(f"{site.folder}/report.sh", site.text("report.sh"), mode=0o755)
        shell = "/bin/bash"
    return f"{kept if site.weak else '-'} {shell} {script}"


def program(site: Site) -> str:
    """Return where a link's own program lies."""
    return f"{site.folder}/{site.link.name}"


PROGRAMS: Final[Mapping[str, Callable[[Site], None]]] = MappingProxyType(
    {"wrapper": wrapper, "viewer": viewer, "library": library, "rules": rules}
)
