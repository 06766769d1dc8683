"""The plans that break other tools: each verdict worked out by hand, with and without the plan's own source."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from guardline.validator.control import Status
from guardline.validator.report import Report
from guardline.validator.run import Request, run
from tests.support.plans import PLANS

SOURCE = PLANS.parent / "references"


def judged(name: str, regions: str = "default", source_dir: Path | None = None) -> Report:
    request = Request((str(PLANS / name),), date(2026, 11, 25), regions=regions, source_dir=source_dir)
    return run(request, datetime(2026, 11, 25, tzinfo=UTC))


def of_source(regions: str = "default") -> Report:
    return run(Request((str(SOURCE),), date(2026, 11, 25), regions=regions), datetime(2026, 11, 25, tzinfo=UTC))


def verdicts(report: Report, control: str) -> dict[str, str]:
    return {row.subject or row.region or "-": row.verdict.value for row in report.rows if row.control == control}


COVERED = ["aws_vpc.root", 'aws_vpc.many["a"]', 'aws_vpc.many["b.c"]', "aws_vpc.cnt[0]", "aws_vpc.cnt[1]"]
REJECT_ONLY = [f"module.{call}.aws_vpc.x" for call in ("plain", 'm["us-east-1"]', 'm["eu.west"]')]


@pytest.mark.parametrize("source_dir", [None, SOURCE])
def test_references_vpcs(source_dir: Path | None) -> None:
    report = judged("references-plan.json", source_dir=source_dir)
    assert verdicts(report, "vpc-flow-logs") == {**dict.fromkeys(COVERED, "pass"), **dict.fromkeys(REJECT_ONLY, "fail")}
    reasons = [row.reason for row in report.rows if row.control == "vpc-flow-logs" and row.verdict is Status.FAIL]
    assert all("REJECT" in reason for reason in reasons)


def test_references_detectors_from_the_plan_alone() -> None:
    found = verdicts(judged("references-plan.json"), "detector-enabled")
    assert found["us-east-1"] == found["eu-west-1"] == "fail"
    # One enabled detector has an unknown region, so no single region can be said to lack it, but the account can.
    assert found["ap-south-1"] == found["sa-east-1"] == "undetermined"
    assert found["-"] == "fail"


def test_references_from_the_source_alone() -> None:
    report = of_source()
    assert not report.errors
    assert verdicts(report, "vpc-flow-logs") == {**dict.fromkeys(COVERED, "pass"), **dict.fromkeys(REJECT_ONLY, "fail")}
    detectors = [row for row in report.rows if row.control == "detector-enabled"]
    found = {row.region: (row.verdict.value, len(row.evidence)) for row in detectors if not row.evidence[0].absent}
    assert found == {"us-east-1": ("fail", 2), "eu-west-1": ("fail", 4), "ap-south-1": ("fail", 3)}
    assert {row.verdict.value for row in detectors} == {"fail"}


def test_the_plan_refines_the_source() -> None:
    """A better-informed source may settle what was undetermined, and never turn a pass into a fail or back."""
    source = {(row.control, row.region, row.subject): row.verdict.value for row in of_source().rows}
    plan = {(row.control, row.region, row.subject): row.verdict.value for row in judged("references-plan.json").rows}
    for cell in source.keys() & plan.keys():
        assert {source[cell], plan[cell]} != {"pass", "fail"}, cell


def test_evidence_has_file_line_and_chain() -> None:
    rows = judged("references-plan.json", source_dir=SOURCE).rows
    row = next(row for row in rows if row.subject == 'module.m["eu.west"].aws_vpc.x' and row.control == "vpc-flow-logs")
    (origin,) = row.evidence
    assert origin.file is not None
    assert origin.file.endswith("references/mod/inner/main.tf")
    assert origin.line == 4  # traffic_type, and not where the resource begins
    assert [line for _, line in origin.calls] == [20, 95]
    assert origin.chain == ("aws_flow_log.f.vpc_id", "var.v", "aws_vpc.x.id")


def test_a_targeted_plan_claims_no_absence() -> None:
    report = judged("references-plan-targeted.json")
    assert not report.sources[0].complete
    assert {row.verdict for row in report.rows if row.in_coverage} == {Status.UNDETERMINED}
    assert report.exit_code == 3


@pytest.mark.parametrize("name", ["regressions-plan.json", "regressions-plan-destroy.json"])
def test_regressions(name: str) -> None:
    report = judged(name)
    row = next(row for row in report.rows if row.control == "detector-enabled" and row.region == "us-east-1")
    assert (row.verdict, row.before, row.regression) == (Status.FAIL, Status.PASS, True)
    assert "covered before" in row.reason
    assert report.regressions == 1
    assert report.exit_code == 1


def test_nothing_may_be_claimed_from_an_errored_plan() -> None:
    report = judged("regressions-plan-errored.json")
    assert {row.verdict for row in report.rows if row.in_coverage} == {Status.UNDETERMINED}
    assert report.exit_code == 3


def test_not_even_from_what_an_errored_plan_got_as_far_as(tmp_path: Path) -> None:
    """Of two detectors, or one with a log, a plan that stopped half-way tells nothing either."""
    for name in ("references-plan.json", "regressions-plan.json"):
        (tmp_path / name).write_text((PLANS / name).read_text().replace('"errored":false', '"errored":true'))
        report = run(Request((str(tmp_path / name),), date(2026, 11, 25)), datetime(2026, 11, 25, tzinfo=UTC))
        assert {row.verdict for row in report.rows if row.in_coverage} == {Status.UNDETERMINED}


def test_regressions_policies() -> None:
    found = verdicts(judged("regressions-plan.json"), "access-least-privilege")
    assert found["aws_iam_policy.k"] == "fail"
    assert found["aws_iam_policy.u"] == "undetermined"
