"""The benchmark's figures as Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.measure import Run

WORDS = {
    "bare typer": "a bare Typer program of two commands, `--help`",
    "help": "`guardline --help`",
    "json": "bare `json.load`",
    "validate": "`guardline validate`",
    "generate": "`guardline generate`, all regions",
    "plan generated": "`terraform plan`, alias style, 17 regions: the generated root",
    "plan barest": "`terraform plan`, alias style, 17 regions: the barest root of as many resources",
    "demo": "`guardline validate`, the demo's plan of 17 regions, by its spec",
    "stub one": "`terraform plan`, argument style with the stub provider, one region",
    "stub default": "`terraform plan`, argument style with the stub provider, 17 regions",
    "stub all": "`terraform plan`, argument style with the stub provider, all regions",
    "alias one": "`terraform plan`, alias style, one region",
    "checkov": "`checkov`, 3,000 resources",
    "validate networks": "`guardline validate`, 3,000 resources of networks",
    "checkov networks": "`checkov`, 3,000 resources of networks",
    "hcl2 small": "bare python-hcl2, source of 141 files (0.2 MB)",
    "cold small": "`guardline validate`, source of 141 files, first run",
    "warm small": "`guardline validate`, source of 141 files, second run",
    "c7n-left": "`c7n-left`, two policies, source of 141 files",
    "checkov source": "`checkov -d`, source of 141 files",
    "hcl2 large": "bare python-hcl2, source of 1,093 files (1.7 MB)",
    "cold large": "`guardline validate`, source of 1,093 files, first run",
    "warm large": "`guardline validate`, source of 1,093 files, second run",
    "organization 203": "`guardline validate`, the plans of 203 accounts",
    "organization 1003": "`guardline validate`, the plans of 1,003 accounts",
}


@dataclass(frozen=True)
class Bar:
    """A bound and what was measured against it.

    Attributes:
        unit: ``s`` or ``×``.
        at_least: the measured figure must be at or above the bound instead of at or below.
    """

    what: str
    measured: float
    bound: float
    unit: str
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the bound is kept."""
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound


def figures(runs: Mapping[str, Run], sizes: Mapping[int, int]) -> list[tuple[str, str, str, str]]:
    """One line per run: what, seconds, peak memory, rounds."""
    return [
        (_words(name, sizes), f"{run.seconds:.2f} s", f"{run.peak / 1e6:,.0f} MB" if run.peak else "", str(run.rounds))
        for name, run in runs.items()
    ]


def render(lines: Sequence[tuple[str, str, str, str]], bars: Sequence[Bar]) -> str:
    """Both tables."""
    held = [
        (bar.what, _figure(bar.measured, bar.unit), f"{'≥' if bar.at_least else '≤'} {_figure(bar.bound, bar.unit)}",
         "yes" if bar.holds else "**no**")
        for bar in bars
    ]  # fmt: skip
    took = _table(("command, whole process", "fastest", "peak memory", "rounds"), lines)
    return f"{took}\n\n{_table(('bound', 'measured', 'allowed', 'held'), held)}"


def _table(head: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(line[column]) for line in (head, *lines)) for column in range(len(head))]
    rule = tuple("-" * width if column == 0 else "-" * (width - 1) + ":" for column, width in enumerate(widths))
    return "\n".join(
        f"| {' | '.join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])])} |"
        for line in (head, rule, *lines)
    )


def _figure(number: float, unit: str) -> str:
    return f"{number:.2f} s" if unit == "s" else f"{number:.1f} ×"


def _words(name: str, sizes: Mapping[int, int]) -> str:
    sized = re.fullmatch(r"(\w+) (\d+)", name)
    if sized is None or name in WORDS:
        return WORDS[name]
    count = int(sized[2])
    return f"{WORDS[sized[1]]}, {count:,} resources ({sizes[count] / 1e6:.1f} MB)"
