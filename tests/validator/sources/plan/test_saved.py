"""A saved plan: shown by Terraform only where that is allowed, its configuration always read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.plans import change, plan, resource
from tests.support.saved_plans import saved

MAIN = """\
provider "aws" {
  region = "eu-west-1"
}
locals {
  vpc = aws_vpc.v.id
}
resource "aws_vpc" "v" {}
resource "aws_flow_log" "f" {
  vpc_id       = local.vpc
  traffic_type = "ALL"
}
resource "aws_guardduty_detector" "d" {
  lifecycle {
    ignore_changes = [enable]
  }
}
"""
PLAN = plan(
    [
        change("aws_vpc.v", {}, {"id": True}),
        change("aws_flow_log.f", {"traffic_type": "ALL"}, {"vpc_id": True}),
        change("aws_guardduty_detector.d", {}, {"id": True}),
    ],
    [
        resource("aws_vpc", "v"),
        resource("aws_flow_log", "f", vpc_id={"references": ["local.vpc"]}),
        resource("aws_guardduty_detector", "d"),
    ],
    {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}}},
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root folder with a saved plan, and a `terraform` that shows it and notes that it ran."""
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "prod"
    folder.mkdir()
    (folder / "tfplan").write_bytes(saved({"": (".", {"main.tf": MAIN})}))
    (tmp_path / "plan.json").write_bytes(PLAN)
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/ran\ncat {tmp_path}/plan.json\n')
    program.chmod(0o755)
    return folder


def validate(root: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    done = subprocess.run(
        [sys.executable, "-m", "guardline.cli", "validate", *arguments, "--regions", "touched", "--format", "json"],
        env={**os.environ, "PATH": f"{root.parent / 'bin'}:{os.environ['PATH']}"},
        cwd=root.parent, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


def cell(result: dict[str, Any], control: str) -> dict[str, Any]:
    found, *_ = sorted(
        (cell for cell in result["cells"] if cell["control"] == control), key=lambda cell: not cell["subject"]
    )
    return dict(found)


def test_shown_in_its_folder_it_brings_its_own_source(root: Path) -> None:
    code, result, told = validate(root, "prod/tfplan", "--terraform-dir", "prod")
    assert code == 1
    assert told == ""
    flow = cell(result, "vpc-flow-logs")
    assert flow["verdict"] == "pass"
    assert (flow["evidence"][0]["file"], flow["evidence"][0]["line"]) == ("prod/main.tf", 10)
    assert cell(result, "ignored-changes")["verdict"] == "fail"  # only a source tells
    assert result["sources"][0]["kind"] == "plan"
    assert "show -json" in (root.parent / "ran").read_text()


def test_without_leave_nothing_runs_and_the_configuration_is_judged_alone(root: Path) -> None:
    code, result, told = validate(root, "prod/tfplan")
    assert code == 2
    assert "--terraform-dir" in told
    assert "judged alone" in told
    assert not (root.parent / "ran").exists()
    assert cell(result, "vpc-flow-logs")["verdict"] == "pass"
    assert cell(result, "trail-multi-region")["verdict"] == "undetermined"  # absence is not claimed
    assert (result["sources"][0]["kind"], result["sources"][0]["complete"]) == ("hcl", False)
    assert result["errors"][0]["file"] == "prod/tfplan"


def test_it_may_be_the_source_of_its_own_json(root: Path) -> None:
    code, result, told = validate(root, "plan.json", "--source-dir", "prod/tfplan")
    assert (code, told) == (1, "")
    assert cell(result, "vpc-flow-logs")["verdict"] == "pass"
    assert not (root.parent / "ran").exists()
    assert cell(validate(root, "plan.json")[1], "vpc-flow-logs")["verdict"] == "undetermined"


def test_a_broken_configuration_is_told_and_the_plan_still_judged(root: Path) -> None:
    (root / "tfplan").write_bytes(saved({"": (".", {})}))
    code, result, told = validate(root, "prod/tfplan", "--terraform-dir", "prod")
    assert code == 2
    assert "its configuration" in told
    assert cell(result, "vpc-flow-logs")["verdict"] == "undetermined"


def test_other_zips_are_no_plans(root: Path) -> None:
    (root / "tfplan").write_bytes(b"PK\x03\x04 something else")
    code, _, told = validate(root, "prod/tfplan")
    assert code == 2
    assert "not a saved plan" in told
    assert "--terraform-dir" in told
    assert "Traceback" not in told
    code, _, told = validate(root, "plan.json", "--source-dir", "prod/tfplan")
    assert code == 2
    assert "--source-dir" in told
    assert "Traceback" not in told
