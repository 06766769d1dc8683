"""ignored-changes, from real source: only the source tells."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from guardline.validator.report import Row
from guardline.validator.run import Request, run

HEAD = 'provider "aws" {\n  region = "eu-west-1"\n}\n'


def judged(folder: Path, kind: str, name: str, lifecycle: str, arguments: str = "") -> list[Row]:
    text = f'{HEAD}resource "{kind}" "{name}" {{\n  {arguments}\n  lifecycle {{\n    {lifecycle}\n  }}\n}}\n'
    (folder / "main.tf").write_text(text)
    report = run(
        Request((str(folder),), date(2026, 11, 25), controls=frozenset({"ignored-changes"})), datetime.now(UTC)
    )
    assert not report.errors
    return [row for row in report.rows if row.control == "ignored-changes"]


@pytest.mark.parametrize(
    ("kind", "lifecycle", "verdict"),
    [
        ("aws_guardduty_detector", "ignore_changes = [enable]", "fail"),
        ("aws_guardduty_detector", "ignore_changes = all", "fail"),
        ("aws_guardduty_detector", "ignore_changes = [datasources[0].s3_logs]", "fail"),
        ("aws_guardduty_detector", "ignore_changes = [tags, finding_publishing_frequency]", "pass"),
        ("aws_guardduty_detector", 'ignore_changes = [tags["enable"]]', "pass"),
        ("aws_guardduty_detector", "prevent_destroy = true", "pass"),
        ("aws_guardduty_detector_feature", "ignore_changes = [status]", "fail"),
        ("aws_guardduty_detector_feature", "ignore_changes = [additional_configuration]", "pass"),
        ("aws_guardduty_organization_configuration", "ignore_changes = [auto_enable]", "fail"),
        ("aws_cloudtrail", "ignore_changes = [enable_logging]", "fail"),
    ],
)
def test_what_is_ignored(kind: str, lifecycle: str, verdict: str, tmp_path: Path) -> None:
    (row,) = judged(tmp_path, kind, "x", lifecycle)
    assert row.verdict == verdict
    assert (row.region, row.subject) == ("eu-west-1", f"{kind}.x")
    assert row.evidence[0].line == (7 if "ignore_changes" in lifecycle else 4)


def test_every_instance_is_asked_about(tmp_path: Path) -> None:
    rows = judged(
        tmp_path, "aws_guardduty_detector", "x", "ignore_changes = [enable]", 'for_each = toset(["a", "b.c"])'
    )
    assert [row.subject for row in rows] == ['aws_guardduty_detector.x["a"]', 'aws_guardduty_detector.x["b.c"]']


def test_what_has_no_switch_is_not_asked_about(tmp_path: Path) -> None:
    assert judged(tmp_path, "aws_vpc", "x", "ignore_changes = all") == []
