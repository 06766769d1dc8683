"""Control plans-on-request."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.judging import report

HEAD = """version: 1
name: here
home_region: us-east-1
account: {id: "111122223333"}
regions: {not_opted_in: rest}
flow_logs: {mode: "off", reason: none}
trail: {mode: "off", reason: none}
"""
FEATURE = """
resource "aws_guardduty_detector_feature" "x" {
  detector_id = aws_guardduty_detector.d.id
  name        = "NAME"
  status      = STATUS
}
"""
ROOT = """
provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}
variable "status" { type = string }
resource "aws_guardduty_detector" "d" { enable = true }
"""


@pytest.mark.parametrize(
    ("asked", "name", "status", "verdict"),
    [
        ("features: {ai_protection: true}", "AI_PROTECTION", '"ENABLED"', "pass"),
        ("features: {ai_protection: true}", "AI_PROTECTION", '"DISABLED"', "fail"),
        ("features: {ai_protection: false}", "AI_PROTECTION", '"DISABLED"', "pass"),
        ("features: {ai_protection: true}", "AI_PROTECTION", "var.status", "undetermined"),
        ("features: {ai_analyst: true}", "AI_PROTECTION", '"ENABLED"', "fail"),
        ("disable_legacy_eks_runtime: true", "EKS_RUNTIME_MONITORING", '"DISABLED"', "pass"),
        ("disable_legacy_eks_runtime: true", "AI_PROTECTION", '"ENABLED"', "fail"),
    ],
)
def test_plans_on_request(asked: str, name: str, status: str, verdict: str, tmp_path: Path) -> None:
    text = ROOT + FEATURE.replace("NAME", name).replace("STATUS", status)
    spec = f"{HEAD}guardduty: {{{asked}}}\n"
    found = report(
        tmp_path,
        {"main.tf": text, "guardline.yaml": spec},
        spec=tmp_path / "guardline.yaml",
        controls=frozenset({"plans-on-request"}),
        regions="us-east-1",
    )
    assert [row.verdict.value for row in found.rows] == [verdict]


def test_without_such_a_plan_nothing_is_asked(tmp_path: Path) -> None:
    found = report(
        tmp_path,
        {"main.tf": ROOT, "guardline.yaml": HEAD},
        spec=tmp_path / "guardline.yaml",
        controls=frozenset({"plans-on-request", "public-buckets-blocked"}),
    )
    assert list(found.rows) == []
