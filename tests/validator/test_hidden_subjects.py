"""A source that may hide what a control asks about is never green, and no more than that is undetermined."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.validator.control import Status
from guardline.validator.reporters.causes import causes
from tests.support.judging import report, rows

PROVIDER = 'provider "aws" {\n  region = "us-east-1"\n}\n'
DETECTOR = 'resource "aws_guardduty_detector" "d" {\n}\n'
VPC = 'resource "aws_vpc" "v" {\n  cidr_block = "10.0.0.0/16"\n}\n'
REMOTE = 'module "vpc" {\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "5.0.0"\n}\n'
SUBJECTS = ("vpc-flow-logs", "dns-query-logs", "suppression-scoped", "suppression-documented", "access-least-privilege")


@pytest.mark.parametrize("control", SUBJECTS)
def test_a_module_that_is_not_at_hand_may_hold_the_subject(control: str, tmp_path: Path) -> None:
    regions = {None} if control == "access-least-privilege" else {"us-east-1", "eu-west-1"}
    found = rows(tmp_path, PROVIDER + REMOTE, control, regions="us-east-1,eu-west-1")
    assert {row.region for row in found} == regions
    assert {(row.verdict, row.subject) for row in found} == {(Status.UNDETERMINED, None)}
    assert {row.evidence[0].address for row in found} == {"module.vpc"}


@pytest.mark.parametrize("control", SUBJECTS)
def test_a_source_that_hides_nothing_asks_nothing(control: str, tmp_path: Path) -> None:
    assert not rows(tmp_path, PROVIDER + DETECTOR, control, regions="us-east-1")


def test_what_is_seen_is_judged_beside_it(tmp_path: Path) -> None:
    found = rows(tmp_path, PROVIDER + REMOTE + VPC, "vpc-flow-logs", regions="us-east-1")
    assert {(row.subject, row.verdict) for row in found} == {
        ("aws_vpc.v", Status.UNDETERMINED), (None, Status.UNDETERMINED),
    }  # fmt: skip


def test_vpcs_of_unknown_number_are_hidden_and_detectors_are_not(tmp_path: Path) -> None:
    many = VPC.replace("{\n", "{\n  count = length(data.aws_vpcs.all.ids)\n") + 'data "aws_vpcs" "all" {}\n'
    found = report(tmp_path, PROVIDER + DETECTOR + many, regions="us-east-1").rows
    verdicts = {row.control: row.verdict for row in found if row.region == "us-east-1"}
    assert verdicts["vpc-flow-logs"] is Status.UNDETERMINED
    assert verdicts["detector-enabled"] is Status.PASS
    assert "suppression-scoped" not in verdicts


def test_one_entry_says_terraform_get(tmp_path: Path) -> None:
    found = report(tmp_path, PROVIDER + REMOTE, regions="us-east-1").rows
    entries = [cause for cause in causes(found, Status.UNDETERMINED) if "terraform get" in cause.reason]
    assert len(entries) == 1
    assert entries[0].reason.startswith("module.vpc (terraform-aws-modules/vpc/aws) is not at hand")


def test_what_is_sure_stays_sure_beside_a_module_that_is_not_at_hand(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, PROVIDER + DETECTOR + REMOTE, "detector-enabled", regions="us-east-1")
    assert row.verdict is Status.PASS
