"""From source nothing is new: an earlier apply may have made it, and AWS keeps what Terraform does not declare."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.validator.control import Status
from guardline.validator.reporters.causes import causes
from tests.support.judging import report, row

PROVIDER = 'provider "aws" {\n  region = "us-east-1"\n}\n'
DETECTOR = 'resource "aws_guardduty_detector" "d" {\n  enable = true\n}\n'
IMPORT = 'import {\n  to = aws_guardduty_detector.d\n  id = "12abc34d567e8fa901bc2d34e56789f0"\n}\n'
FEATURE = (
    'resource "aws_guardduty_detector_feature" "s3" {\n  detector_id = aws_guardduty_detector.d.id\n'
    '  name = "S3_DATA_EVENTS"\n  status = "%s"\n}\n'
)
OLD_BLOCK = "  datasources {\n    s3_logs {\n      enable = %s\n    }\n  }\n}\n"


@pytest.mark.parametrize("imported", ["", IMPORT])
@pytest.mark.parametrize(
    ("detector", "verdict"),
    [
        (DETECTOR, Status.UNDETERMINED),
        (DETECTOR + FEATURE % "ENABLED", Status.PASS),
        (DETECTOR + FEATURE % "DISABLED", Status.FAIL),
        (DETECTOR.removesuffix("}\n") + OLD_BLOCK % "true", Status.PASS),
        (DETECTOR.removesuffix("}\n") + OLD_BLOCK % "false", Status.FAIL),
    ],
)
def test_a_plan_is_known_where_it_is_declared(imported: str, detector: str, verdict: Status, tmp_path: Path) -> None:
    assert row(tmp_path, PROVIDER + imported + detector, "s3-protection", "us-east-1").verdict is verdict


def test_what_one_detector_does_not_declare_is_one_entry(tmp_path: Path) -> None:
    found = report(tmp_path, PROVIDER + DETECTOR, regions="us-east-1").rows
    entries = [each for each in causes(found, Status.UNDETERMINED) if "declare them" in each.reason]
    assert len(entries) == 1
    assert "s3-protection" in entries[0].controls


def test_a_vpc_may_have_been_given_other_resolvers_before(tmp_path: Path) -> None:
    vpc = 'resource "aws_vpc" "v" {\n  cidr_block = "10.0.0.0/16"\n}\n'
    options = (
        'resource "aws_vpc_dhcp_options" "o" {\n  domain_name_servers = ["AmazonProvidedDNS"]\n}\n'
        'resource "aws_vpc_dhcp_options_association" "a" {\n  vpc_id = aws_vpc.%s.id\n'
        "  dhcp_options_id = aws_vpc_dhcp_options.o.id\n}\n"
    )
    other = vpc.replace('"v"', '"w"')
    found = report(tmp_path, PROVIDER + vpc + other + options % "v", controls=frozenset({"dns-resolver"})).rows
    assert {each.subject: each.verdict for each in found} == {
        "aws_vpc.v": Status.PASS, "aws_vpc.w": Status.UNDETERMINED,
    }  # fmt: skip


def test_a_missing_detector_is_absent_all_the_same(tmp_path: Path) -> None:
    assert row(tmp_path, PROVIDER, "detector-enabled", "us-east-1", whole=True).verdict is Status.FAIL


@pytest.mark.parametrize(
    ("arguments", "verdict"),
    [
        ('  traffic_type = "ALL"\n', Status.PASS),
        ('  traffic_type = "REJECT"\n', Status.FAIL),
        ("", Status.UNDETERMINED),
        ("  traffic_type = null\n", Status.UNDETERMINED),
    ],
)
def test_a_flow_log_without_a_traffic_type_is_refused(arguments: str, verdict: Status, tmp_path: Path) -> None:
    main = (
        f'{PROVIDER}resource "aws_vpc" "v" {{\n  cidr_block = "10.0.0.0/16"\n}}\n'
        f'resource "aws_flow_log" "f" {{\n  vpc_id = aws_vpc.v.id\n{arguments}}}\n'
    )
    assert row(tmp_path, main, "vpc-flow-logs", "us-east-1").verdict is verdict


@pytest.mark.parametrize(("status", "verdict"), [('  status = "ENABLED"\n', Status.PASS), ("", Status.UNDETERMINED)])
def test_a_feature_without_its_status_is_refused(status: str, verdict: Status, tmp_path: Path) -> None:
    feature = (FEATURE % "ENABLED").replace('  status = "ENABLED"\n', status)
    assert row(tmp_path, PROVIDER + DETECTOR + feature, "s3-protection", "us-east-1").verdict is verdict
