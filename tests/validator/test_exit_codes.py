"""Exit codes: what each combination of verdicts, waivers, unreadable sources and options comes to.

The verdicts are those of house rules that say the same of every source, so that each can be there or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import chain, combinations, product
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from guardline.cli import app
from guardline.validator.comparison import compare
from guardline.validator.control import Severity, Status
from guardline.validator.controls import house_rules
from guardline.validator.report import Options
from guardline.validator.run import Request, run
from tests.support.judging import NOW
from tests.support.plans import plan

LOW, MEDIUM, HIGH, CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL
RULES = {
    "said-pass": ("PASS", "HIGH"),
    "said-fail-low": ("FAIL", "LOW"),
    "said-fail-high": ("FAIL", "HIGH"),
    "said-unsure-low": ("UNDETERMINED", "LOW"),
    "said-unsure-high": ("UNDETERMINED", "HIGH"),
    "said-waived-fail": ("FAIL", "CRITICAL"),
    "said-waived-unsure": ("UNDETERMINED", "CRITICAL"),
}
MODULE = """\
from guardline.validator.control import Control, Severity, Status, Verdict
from guardline.validator.controls.shared.cells import account_cells

def rule(name, status, severity):
    return Control(
        id=name, title="T", practice=1, severity=Severity[severity], why="w", passes="p", fails="f", unsure="u",
        fix="f", cells=account_cells, check=lambda estate, scope, cell: Verdict(Status[status], "so it is"),
    )

"""
WAIVERS = """\
version: 1
waivers:
- {control: said-waived-fail, reason: r, owner: Ann, approver: Bob, created: 2026-11-01, expires: 2027-01-31}
- {control: said-waived-unsure, reason: r, owner: Ann, approver: Bob, created: 2026-11-01, expires: 2027-01-31}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A plan, its waivers, and the rules."""
    home = tmp_path_factory.mktemp("exit-codes")
    record = home / "said-1.dist-info"
    record.mkdir()
    names = {name: name.replace("-", "_") for name in RULES}
    made = (f"{names[name]} = rule({name!r}, *{given!r})\n" for name, given in RULES.items())
    (home / "said_rules.py").write_text(MODULE + "".join(made))
    lines = (f"{name} = said_rules:{names[name]}\n" for name in RULES)
    (record / "entry_points.txt").write_text(f"[{house_rules.GROUP}]\n{''.join(lines)}")
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: said\nVersion: 1\n")
    (home / "plan.json").write_bytes(plan([]))
    (home / "waivers.yaml").write_text(WAIVERS)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(home)
        house_rules.installed.cache_clear()
        yield home
    house_rules.installed.cache_clear()


SUBSETS = [frozenset(each) for each in chain.from_iterable(combinations(list(RULES)[1:], n) for n in range(7))]


def expected(there: frozenset[str], options: Options, *, unreadable: bool) -> int:
    """What DESIGN says, strongest first; a waived cell decides nothing."""
    heavy = {name for name in there if "waived" not in name and Severity[RULES[name][1]].rank >= options.fail_on.rank}
    if unreadable:
        return 2
    if any("fail" in name for name in heavy):
        return 1
    return 3 if not options.allow_undetermined and any("unsure" in name for name in heavy) else 0


OPTIONS = [
    Options(fail_on=fail_on, allow_undetermined=allowed)
    for fail_on in (LOW, MEDIUM, HIGH, CRITICAL)
    for allowed in (False, True)
]


@pytest.mark.parametrize("unreadable", [False, True], ids=["readable", "unreadable"])
def test_every_combination(folder: Path, *, unreadable: bool) -> None:
    sources = (str(folder / "plan.json"), *((str(folder / "no-such.json"),) if unreadable else ()))
    for there in SUBSETS:
        controls, waivers = there | {"said-pass"}, folder / "waivers.yaml"
        report = run(Request(sources, date(2026, 11, 25), controls=controls, waivers=waivers), NOW)
        assert {row.control for row in report.rows} == controls  # the rest is reported, whatever cannot be read
        waived = {row.control for row in report.rows if row.verdict is Status.WAIVED}
        assert waived == {name for name in there if "waived" in name}
        well = replace(report, rows=[replace(row, verdict=Status.PASS) for row in report.rows])
        for options in OPTIONS:
            now, only_new = replace(report, options=options), replace(report, options=replace(options, only_new=True))
            wanted = expected(there, options, unreadable=unreadable)
            assert now.exit_code == wanted, (there, options)
            # Where only what is new counts: as bad as before is well, and all of it is new where all was well.
            assert compare(only_new, report, "old").exit_code == (2 if unreadable else 0), (there, options)
            assert compare(only_new, well, "old").exit_code == wanted, (there, options)


def test_the_table_has_every_code() -> None:
    cases = product(SUBSETS, OPTIONS, (False, True))
    assert {expected(there, options, unreadable=unread) for there, options, unread in cases} == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("there", "arguments", "code"),
    [
        ("", "", 0),
        ("said-fail-low", "", 0),
        ("said-fail-low", "--fail-on low", 1),
        ("said-fail-high", "", 1),
        ("said-fail-high", "--fail-on critical", 0),
        ("said-fail-high said-unsure-high", "", 1),
        ("said-fail-high said-unsure-high", "--allow-undetermined", 1),
        ("said-fail-low said-unsure-high", "", 3),
        ("said-unsure-low", "", 0),
        ("said-unsure-low", "--fail-on low", 3),
        ("said-unsure-high", "--allow-undetermined", 0),
        ("said-waived-fail said-waived-unsure", "", 0),
        ("said-waived-fail", "--as-of 2027-02-01", 1),
        ("said-waived-unsure", "--as-of 2027-02-01", 3),
        ("said-fail-high", "no-such.json", 2),
        ("said-unsure-high", "no-such.json --allow-undetermined", 2),
        ("", "no-such.json", 2),
        ("", "--fail-on dire", 2),
        ("", "--no-such-option", 2),
        ("", "--control no-such-control", 2),
        ("", "--as-of yesterday", 2),
    ],
)
def test_the_command(folder: Path, there: str, arguments: str, code: int) -> None:
    day = () if "--as-of" in arguments else ("--as-of", "2026-11-25")
    controls = [f"--control={name}" for name in ("said-pass", *there.split())]
    waivers = ("--waivers", str(folder / "waivers.yaml"))
    done = CliRunner().invoke(
        app, ["validate", str(folder / "plan.json"), *controls, *waivers, *day, *arguments.split()]
    )
    assert done.exit_code == code, done.output
    assert (f"exit {code}: " in done.stdout) is (code != 2 or "no-such.json" in arguments)
