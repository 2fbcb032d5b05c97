"""Numbers that parts compute over their values for the report: drawn from steps, one or two passes, and an end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.discovery.reader.spec import Measure

_FILTERS: Final = (
    "",
    "",
    "if (v & 1u)",
    "if (v > {n})",
    "if (k % {m} == {r})",
    "if (v != last)",
    "if (v % {m} != {r})",
    "if (last < v && k > {r})",
)
_STEPS: Final = (
    ("a += v;",),
    ("a ^= v << (k & 7u);",),
    ("a = a * {odd}u + v;",),
    ("if (v > b)", "    b = v;"),
    ("b += v > last ? v - last : last - v;",),
    ("c++;",),
    ("c = v == last ? c + 1 : 0;", "if (c > b)", "    b = c;"),
    ("a = (a << {r} | a >> (32 - {r})) ^ v;",),
    ("if (v % {m} == 0)", "    c += k;", "else", "    a += {r};"),
    ("b = b > v ? b - v : v - b;",),
    ("a += v / {m};", "c ^= v % {m};"),
)
_SECOND: Final = (
    ("if (v > mean)", "    c++;"),
    ("b += v > mean ? v - mean : mean - v;",),
    ("if ((v ^ mean) & {odd}u)", "    a++;"),
    ("a ^= v * mean + k;",),
    ("if (v + {n} < mean)", "    b = k;"),
)
_ENDS: Final = ("a + b + c", "a ^ (b << 8) ^ c", "c ? a / c + b : a", "a - b * 3u + c", "(a >> 3) + (b ^ c)")
_NAMES: Final = "spread weight drift trace peak grain bias slope pulse crest".split()


def draw_measure(rng: Rng, number: int) -> Measure:
    """Draw the measure of a number, which gives it its name."""
    first = tuple(line for _ in range(rng.between(1, 3)) for line in _step(rng, _STEPS))
    second = tuple(line for _ in range(rng.between(1, 2)) for line in _step(rng, _SECOND)) if rng.chance(45) else ()
    return Measure(_NAMES[number], first, second, rng.pick(_ENDS))


def _step(rng: Rng, steps: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    most = rng.between(2, 9)
    values = {"n": rng.between(3, 200), "m": most, "r": rng.between(1, most - 1), "odd": 2 * rng.between(1, 60) + 1}
    condition = rng.pick(_FILTERS).format(**values)
    lines = tuple(line.format(**values) for line in rng.pick(steps))
    if not condition:
        return lines
    return (f"{condition} {{", *(f"    {line}" for line in lines), "}")


def measure_in_c(measure: Measure, noun: str, view: str) -> str:
    """Return the function of a measure; `view` is the loop of its part, with `~` where `v` is the value."""
    loop = _pass(view, (*measure.first, "k++;", "last = v;"))
    body = [
        f"static uint32_t {noun}_{measure.name}(const struct {noun}_state *s, uint32_t slot)",
        "{",
        "    uint32_t a = 0, b = 0, c = 0, k = 0, last = 0;",
        *_braced(loop),
    ]
    if measure.second:
        mean = "    uint32_t mean = k ? (a + b) / k : 0;"
        body += [mean, "    k = last = 0;", *_braced(_pass(view, (*measure.second, "k++;", "last = v;")))]
    return "\n".join([*body, "    (void)last;", f"    return {measure.end};", "}"])


def _braced(loop: Sequence[str]) -> list[str]:
    return ["    {", *(f"    {line}" for line in loop), "    }"]


def _pass(view: str, steps: Sequence[str]) -> list[str]:
    lines = list[str]()
    for line in view.rstrip("\n").split("\n"):
        if line.strip() == "~":
            indent = line[: line.index("~")]
            lines += [indent + step for step in steps]
        else:
            lines.append(line)
    return lines
