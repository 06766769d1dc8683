"""Begins a control: ``make new-control ID=vpc-endpoints PRACTICE=flow-logs``.

Writes its file and its table of cases, names it in the catalogue and in the list of public ids, and makes its page.
What it writes is a whole control that asks for a detector, so that everything runs before you change the question.
CONTRIBUTING, "Adding a control", has the steps that are left.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

from guardline.spec.practice import PRACTICES, TERRAFORM
from guardline.validator import controls

ROOT = Path(__file__).parents[1]
CONTROLS = Path("validator/guardline/validator/controls")
TESTS = Path("tests/validator/controls")

CONTROL = '''"""Control {id}."""

from __future__ import annotations

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector


def _check(estate: Estate, _scope: Scope, cell: Cell) -> Verdict:
    selection = estate.select(Detector, cell.account, cell.region)
    if not selection.here:
        selection.assert_complete()
        return failed(f"no detector in {{cell.region}}", missing=Detector)
    detector = selection.here[0]
    if not detector.enabled.get():
        return failed(f"the detector in {{cell.region}} is off", detector.origin)
    return passed(f"the detector in {{cell.region}} is on", detector.origin)


CONTROL = Control(
    id="{id}",
    title="GuardDuty is on",
    practice={number},
    severity=Severity.MEDIUM,
    why="Say in two or three sentences what happens where this is missing.",
    passes="Say exactly what passes.",
    fails="Say exactly what fails.",
    unsure="The setting is known only after apply, or the source is incomplete.",
    fix="Declare `aws_guardduty_detector` with `enable = true`.",
    limits="Say what it cannot see.",
    cells=region_cells,
    check=_check,
    links=("https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetDetector.html",),
)
'''

TABLE = '''"""{id}: its table of cases."""

from __future__ import annotations

import pytest

from guardline.validator.model.resource import Resource
from tests.support.estates import PENDING, US, detector, estate, scope, verdicts

ID = "{id}"


@pytest.mark.parametrize(
    ("resources", "verdict"),
    [
        ((detector(),), "pass"),
        ((detector(enabled=False),), "fail"),
        ((detector(enabled=PENDING),), "undetermined"),
        ((), "fail"),
    ],
    ids=["on", "off", "unknown", "absent"],
)
def test_cases(resources: tuple[Resource, ...], verdict: str) -> None:
    assert verdicts(ID, estate(*resources), scope(US)) == {{US: verdict}}


def test_an_incomplete_source_never_fails() -> None:
    assert verdicts(ID, estate(incomplete="cut off"), scope(US)) == {{US: "undetermined"}}
'''


class ScaffoldError(Exception):
    """The control cannot be begun; the message says why, and what to give."""


def begin(root: Path, control: str, practice: str) -> tuple[Path, ...]:
    """Write the files of a new control.

    Args:
        root: the repository.
        control: its id, in kebab-case.
        practice: the practice's name, e.g. ``flow-logs``.

    Returns:
        What was written or changed, below `root`.

    Raises:
        ScaffoldError: the id or the practice is not one, or the control exists.
    """
    known = {**PRACTICES, TERRAFORM.id: TERRAFORM}
    if practice not in known:
        raise ScaffoldError(f"PRACTICE={practice} is none of: {', '.join(known)}")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", control):
        raise ScaffoldError(f"ID={control} should be two or more words in lower case with hyphens, e.g. vpc-endpoints")
    name, folder = control.replace("-", "_"), known[practice].package
    file, table = CONTROLS / folder / f"{name}.py", TESTS / folder / f"test_{name}.py"
    catalogue, public = CONTROLS / "__init__.py", TESTS / "test_catalogue.py"
    if controls.by_id(control) is not None:
        raise ScaffoldError(f"ID={control} exists already")
    neighbour = next(module for module in reversed(controls.MODULES) if module.__name__.split(".")[-2] == folder)
    *_, last = controls.defined_in(neighbour)
    above = neighbour.__name__.rpartition(".")[2]
    (root / file).write_text(CONTROL.format(id=control, number=known[practice].number), encoding="utf-8")
    (root / table).write_text(TABLE.format(id=control), encoding="utf-8")
    head, modules = (root / catalogue).read_text(encoding="utf-8").split("\nMODULES", 1)
    modules = modules.replace(f"    {above},\n", f"    {above},\n    {name},\n", 1)
    imported = f"from guardline.validator.controls.{folder} import {name}\n"
    (root / catalogue).write_text(f"{head}{imported}\nMODULES{modules}", encoding="utf-8")
    ids = (root / public).read_text(encoding="utf-8")
    (root / public).write_text(ids.replace(f'"{last.id}",', f'"{last.id}",\n    "{control}",', 1), encoding="utf-8")
    return file, table, catalogue, public


def main(arguments: list[str]) -> int:
    """Begin a control in this repository, in its format and with its page.

    Returns:
        The exit code: 0 written, 2 bad usage.
    """
    parser = argparse.ArgumentParser(prog="make new-control", description=__doc__)
    parser.add_argument("id", metavar="ID")
    parser.add_argument("practice", metavar="PRACTICE")
    given = parser.parse_args(arguments)
    try:
        written = begin(ROOT, given.id, given.practice)
    except ScaffoldError as error:
        print(f"make new-control: {error}", file=sys.stderr)
        return 2
    tidy(ROOT, written)
    subprocess.run([sys.executable, "-m", "guardline.validator.controls.pages"], check=True, cwd=ROOT)
    print("\n".join(map(str, (*written, f"docs/controls/{given.id}.md"))))
    print('Next: CONTRIBUTING.md, "Adding a control".')
    return 0


def tidy(root: Path, written: tuple[Path, ...]) -> None:
    """Sort the imports of what was written."""
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "check", "--quiet", "--select", "I", "--fix", *written], check=True, cwd=root)
    subprocess.run([*ruff, "format", "--quiet", *written], check=True, cwd=root)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
