"""What a change stops covering, in plans that Terraform made: whoever stopped it, one cell says so."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from guardline.validator.control import Status
from guardline.validator.report import Report
from guardline.validator.reporters import render
from guardline.validator.reporters.problems import problems
from guardline.validator.run import Request, run
from tests.support.judging import NOW

DATA = Path(__file__).parents[1] / "data"
FAIL, PASS = Status.FAIL, Status.PASS
APPROVED = ", reason: no budget, approved_by: Ann"


def judge(tmp_path: Path, name: str, leaving: str, old: str = "", new: str = "", **options: Any) -> Report:
    """Judge an applied plan from which a module leaves, with the spec in which a text is replaced."""
    plan: dict[str, Any] = json.loads((DATA / name / "applied.json").read_text())
    left = [each for each in plan["resource_changes"] if each["address"].startswith(leaving)]
    for each in (each for each in left if each["mode"] == "managed"):
        each["change"].update(actions=["delete"], after=None, after_unknown=False, after_sensitive=False)
    if leaving in {f"module.{call}" for call in plan["configuration"]["root_module"]["module_calls"]}:
        del plan["configuration"]["root_module"]["module_calls"][leaving.removeprefix("module.")]
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    spec = tmp_path / "guardline.yaml"
    text = (DATA / name / "guardline.yaml").read_text()
    assert old in text
    spec.write_text(text.replace(old, new) if old else text + new)
    for file in (DATA / name).glob("*.txt"):
        (tmp_path / file.name).write_text(file.read_text())
    return run(Request((str(tmp_path / "plan.json"),), date(2026, 11, 25), spec=spec, **options), NOW)


def kept(report: Report) -> dict[str | None, Status]:
    return {row.region or row.subject: row.verdict for row in report.rows if row.control == "coverage-kept"}


EXCLUDE = "  exclude:\n"
RETIRING = "  retiring: [{region: us-east-1, mode: destroy%s}]\n" + EXCLUDE
ACCESS = """access:
  readers: ["arn:aws:iam::123456789012:role/analysts"]
  responders: ["arn:aws:iam::123456789012:role/soc"]
  administrators: ["arn:aws:iam::123456789012:role/security-engineers"]
"""


@pytest.mark.parametrize(
    ("name", "leaving", "old", "new", "found"),
    [
        ("baseline", "module.nothing", "", "", {}),
        ("baseline", "module.us_east_1", "", "", {"us-east-1": FAIL}),
        ("baseline", "module.us_east_1", EXCLUDE, RETIRING % "", {"us-east-1": FAIL}),
        ("baseline", "module.us_east_1", EXCLUDE, RETIRING % APPROVED, {"us-east-1": PASS}),
        ("logs", "module.ap_east_1", "  opted_in: [ap-east-1]\n", "", {"ap-east-1": FAIL}),
        ("watching", "module.access", ACCESS, "", {"access": FAIL}),
        ("watching", "module.access", ACCESS, "access: {mode: off, reason: r}\n", {"access": FAIL}),
        ("watching", "module.access", ACCESS, "access: {mode: off, reason: r, approved_by: Ann}\n", {"access": PASS}),
        ("watching", "module.access", ACCESS, "leaving: {access: destroy}\n", {"access": FAIL}),
        ("watching", "module.access", ACCESS, f"leaving: {{access: {{mode: destroy{APPROVED}}}}}\n", {"access": PASS}),
        ("logs", "module.trail", "", "", {"trail": FAIL}),
    ],
)
def test_what_leaves(
    tmp_path: Path, name: str, leaving: str, old: str, new: str, found: dict[str | None, Status]
) -> None:
    report = judge(tmp_path, name, leaving, old, new)
    assert kept(report) == found
    said = str(render(report, "terminal")).splitlines()[0]
    assert said.startswith("This change stops covering") == bool(found)


def test_a_region_that_the_spec_gives_up_is_no_full_coverage(tmp_path: Path) -> None:
    report = judge(tmp_path, "baseline", "module.us_east_1", EXCLUDE, RETIRING % "")
    assert report.exit_code == 1
    assert report.coverage != report.coverage_asked


def test_an_approved_region_decides_no_exit_code(tmp_path: Path) -> None:
    here = {"controls": frozenset({"coverage-kept", "detector-enabled", "s3-protection"})}
    report = judge(tmp_path, "baseline", "module.us_east_1", EXCLUDE, RETIRING % APPROVED, **here)
    assert (report.exit_code, report.coverage_asked) == (0, 1.0)


def test_a_detector_that_goes_is_one_problem(tmp_path: Path) -> None:
    report = judge(tmp_path, "baseline", "module.us_east_1")
    failing = [each for each in problems(report) if not each.undetermined and "us-east-1" in each.message]
    assert "coverage-kept" not in {each.control for each in failing}
    assert "detector-enabled" in {each.control for each in failing}


@pytest.mark.parametrize("new", ["", "access: {mode: off, reason: r}\n", "leaving: {access: forget}\n"])
def test_nothing_is_called_not_asked_that_fails(tmp_path: Path, new: str) -> None:
    """Roles of people that leave after apply were "not asked" and failed in one report."""
    report = judge(tmp_path, "watching", "module.access", ACCESS, new)
    assert not [row for row in report.rows if row.control.startswith("access-")]
    assert not [each for each in report.scope.not_asked if "identities" in each.reason]


def test_what_the_source_holds_is_judged_and_not_called_not_asked(tmp_path: Path) -> None:
    report = judge(tmp_path, "watching", "module.nothing", ACCESS, "")
    assert [row for row in report.rows if row.control.startswith("access-")]
    assert not [each for each in report.scope.not_asked if "identities" in each.reason]


def test_what_was_never_there_is_not_asked(tmp_path: Path) -> None:
    report = judge(tmp_path, "baseline", "module.nothing")
    assert [each.key for each in report.scope.not_asked if "identities" in each.reason] == ["access"]
