"""What a spec leaves out stays in the denominator, as waived cells, and the report says who left it out."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from guardline.spec.features import FEATURES
from guardline.validator import stored
from guardline.validator.control import Status
from guardline.validator.expectations.scope import RegionState, Waiver
from guardline.validator.report import Report
from guardline.validator.reporters import render
from guardline.validator.reporters.summary import coverage
from guardline.validator.run import Request, run
from tests.support.judging import NOW
from tests.support.source_trees import write

SPEC = """
version: 1
name: one-region
home_region: us-east-1
account: {id: "111122223333"}
regions:
  not_opted_in: rest
"""
REST = "  exclude: [{region: rest, reason: one region, approved_by: Ann, until: 2027-03-31}]\n"
BY_ANN = Waiver("spec", "one region", "Ann", "2027-03-31")
PLANS = "\n".join(
    f'resource "aws_guardduty_detector_feature" "f{n}" {{\n  detector_id = aws_guardduty_detector.d.id\n'
    f'  name = "{plan.name}"\n  status = "ENABLED"\n}}'
    for n, plan in enumerate(FEATURES)
    if plan.name != "RUNTIME_MONITORING"
)
ROOT = f"""
provider "aws" {{
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}}
resource "aws_guardduty_detector" "d" {{
  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}}
{PLANS}
"""
DETECTOR = frozenset({"detector-enabled", "rds-login-events", "s3-protection"})


def judge(
    tmp_path: Path, more: str = "", controls: frozenset[str] = DETECTOR, as_of: date = date(2026, 11, 25)
) -> Report:
    write(tmp_path / "root", {"main.tf": ROOT})
    spec = tmp_path / "guardline.yaml"
    spec.write_text(SPEC + more)
    return run(Request((str(tmp_path / "root"),), as_of, spec=spec, controls=controls, cache=False), NOW)


def test_a_team_of_one_region_reads_both_figures(tmp_path: Path) -> None:
    report = judge(tmp_path, REST)
    assert (report.coverage_asked, report.exit_code) == (1.0, 0)
    assert report.coverage == 3 / (3 * 17)
    assert coverage(report) == "100 % of what the spec asks, 5.8 % of all regions"
    waived = [row for row in report.rows if row.verdict is Status.WAIVED]
    assert Counter(row.control for row in waived) == dict.fromkeys(DETECTOR, 16)
    assert {row.waiver for row in waived} == {BY_ANN}
    assert {row.underlying for row in waived} == {Status.FAIL}


def test_nothing_left_out_is_waived_nowhere(tmp_path: Path) -> None:
    report = judge(tmp_path)
    assert report.count(Status.WAIVED) == 0
    assert report.coverage == report.coverage_asked == 3 / (3 * 17)


def test_leaving_out_what_fails_never_raises_coverage(tmp_path: Path) -> None:
    everything, one = judge(tmp_path), judge(tmp_path, REST)
    assert (one.coverage or 0) <= (everything.coverage or 0)


def test_an_exclusion_that_ended_waives_nothing(tmp_path: Path) -> None:
    report = judge(tmp_path, REST, as_of=date(2027, 4, 1))
    assert (report.count(Status.WAIVED), report.exit_code) == (0, 1)


def test_a_retiring_region_that_nobody_approved(tmp_path: Path) -> None:
    report = judge(tmp_path, "  retiring: [{region: sa-east-1, mode: forget}]\n")
    (row,) = (row for row in report.rows if row.region == "sa-east-1" and row.control == "detector-enabled")
    assert (row.verdict, row.waiver) == (Status.WAIVED, Waiver("spec"))
    assert "approved by nobody" in str(render(report, "terminal"))


def test_a_practice_that_is_off_stays_in_the_denominator(tmp_path: Path) -> None:
    trail = frozenset({"trail-multi-region", "trail-encrypted"})
    report = judge(tmp_path, REST + "trail: {mode: off, reason: no budget, approved_by: Bob}\n", DETECTOR | trail)
    off = [row for row in report.rows if row.control in trail]
    assert {(row.region, row.verdict, row.waiver) for row in off} == {
        (None, Status.WAIVED, Waiver("spec", "no budget", "Bob"))
    }
    assert report.coverage == 3 / (3 * 17 + 2)
    assert coverage(report).endswith("of all regions and practices")
    assert [each.reason for each in report.scope.not_asked if each.practice == 1 and "no budget" in each.reason]


def test_a_plan_that_the_spec_switches_off_is_approved_by_nobody(tmp_path: Path) -> None:
    report = judge(tmp_path, REST + "guardduty: {features: {rds_login_events: false}}\n")
    here = {row.control: row for row in report.rows if row.region == "us-east-1"}
    assert here["rds-login-events"].waiver == Waiver("spec", "the spec switches RDS_LOGIN_EVENTS off")
    assert here["s3-protection"].verdict is Status.PASS


def test_a_list_of_regions_asks_and_waives_there_alone(tmp_path: Path) -> None:
    judge(tmp_path, REST)
    request = Request(
        (str(tmp_path / "root"),), date(2026, 11, 25), spec=tmp_path / "guardline.yaml", regions="us-east-1,eu-west-1",
        controls=DETECTOR, cache=False,
    )  # fmt: skip
    report = run(request, NOW)
    assert {row.region: row.verdict for row in report.rows} == {"us-east-1": Status.PASS, "eu-west-1": Status.WAIVED}
    assert [each.name for each in report.scope.regions if each.state is RegionState.EXPECTED] == ["us-east-1"]


def test_a_stored_result_keeps_the_waivers(tmp_path: Path) -> None:
    report = judge(tmp_path, REST)
    path = tmp_path / "result.json"
    path.write_text(str(render(report, "json")))
    again = stored.read(path)
    for name in ("terminal", "json", "markdown", "html", "github"):
        assert render(again, name) == render(report, name)


def test_a_stored_result_of_before_still_loads(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    whole = json.loads(str(render(judge(tmp_path, REST), "json")))
    del whole["summary"]["coverage_asked"], whole["summary"]["stops_covering"]
    for each in (*whole["scope"]["regions"], *whole["scope"]["not_asked"]):
        del each["waiver"]
    whole["cells"] = [{**cell, "waiver": None} for cell in whole["cells"] if cell["verdict"] != "waived"]
    path.write_text(json.dumps(whole))
    again = stored.read(path)
    assert again.coverage == again.coverage_asked == 1.0


@pytest.mark.parametrize("name", ["terminal", "markdown", "html", "github"])
def test_every_format_for_people_says_both_figures(tmp_path: Path, name: str) -> None:
    assert "100 % of what the spec asks, 5.8 % of all regions" in " ".join(
        str(render(judge(tmp_path, REST), name)).split()
    )
