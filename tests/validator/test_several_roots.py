"""Several roots judged together: nothing of one is taken for another's, and every cell has an id of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from guardline.validator.report import Report, Row
from guardline.validator.run import Request, run
from tests.support.source_trees import write

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111122223333"]\n}\n'
VPC = 'resource "aws_vpc" "x" {}\n'
LOG = 'resource "aws_flow_log" "f" {\n  vpc_id = aws_vpc.x.id\n  traffic_type = "ALL"\n}\n'
POLICY = """
resource "aws_iam_policy" "p" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "guardduty:*", Resource = "*" }] })
}
resource "aws_iam_role" "r" {
  name               = "NAME"
  assume_role_policy = ""
}
resource "aws_iam_role_policy_attachment" "a" {
  role       = aws_iam_role.r.name
  policy_arn = aws_iam_policy.p.arn
}
"""


def judged(tmp_path: Path, **roots: str) -> Report:
    for name, text in roots.items():
        write(tmp_path / name, {"main.tf": PROVIDER + text})
    sources = tuple(str(tmp_path / name) for name in roots)
    return run(Request(sources, date(2026, 1, 31), regions="touched"), datetime(2026, 1, 31, tzinfo=UTC))


def of(report: Report, control: str) -> dict[str, Row]:
    return {(row.subject or row.region or "-"): row for row in report.rows if row.control == control}


def test_one_address_in_two_roots_is_two_things(tmp_path: Path) -> None:
    report = judged(tmp_path, network=VPC + LOG, app=VPC)
    found = of(report, "vpc-flow-logs")
    verdicts = {subject.rpartition("/")[2]: row.verdict.value for subject, row in found.items()}
    assert verdicts == {"network: aws_vpc.x": "pass", "app: aws_vpc.x": "fail"}
    assert len({row.id for row in report.rows}) == len(report.rows)


def test_an_address_that_one_root_has_stays_as_it_is(tmp_path: Path) -> None:
    report = judged(tmp_path, network=VPC + LOG, app='resource "aws_sns_topic" "t" {}\n')
    assert {name: row.verdict.value for name, row in of(report, "vpc-flow-logs").items()} == {"aws_vpc.x": "pass"}
    alone = judged(tmp_path, network=VPC + LOG)
    assert of(alone, "vpc-flow-logs")["aws_vpc.x"].id == of(report, "vpc-flow-logs")["aws_vpc.x"].id


def test_a_thing_that_both_roots_see_is_one(tmp_path: Path) -> None:
    listed = 'data "aws_vpc" "x" {\n  id = "vpc-1"\n}\n'
    log = 'resource "aws_flow_log" "f" {\n  vpc_id = "vpc-1"\n  traffic_type = "ALL"\n}\n'
    (row,) = of(judged(tmp_path, one=listed, two=listed + log), "vpc-flow-logs").values()
    assert row.verdict.value == "pass"


TRAIL = """
resource "random_id" "x" {
  byte_length = 4
}
resource "aws_s3_bucket" "logs" {
  bucket = "logs-${random_id.x.hex}"
}
resource "aws_cloudtrail" "t" {
  name                  = "t"
  s3_bucket_name        = "logs-${random_id.x.hex}"
  is_multi_region_trail = true
}
"""
NAMESAKE = """
resource "random_id" "x" {
  byte_length = 4
}
"""
PROTECTED = """
resource "aws_s3_bucket_versioning" "v" {
  bucket = "logs-${random_id.x.hex}"
  versioning_configuration {
    status = "Enabled"
  }
}
resource "aws_s3_bucket_public_access_block" "v" {
  bucket                  = "logs-${random_id.x.hex}"
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
resource "aws_s3_bucket_policy" "p" {
  bucket = "logs-${random_id.x.hex}"
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = { Service = "cloudtrail.amazonaws.com" }
    Action    = ["s3:GetBucketAcl", "s3:PutObject"]
    Resource  = ["arn:aws:s3:::logs-${random_id.x.hex}", "arn:aws:s3:::logs-${random_id.x.hex}/AWSLogs/111122223333/*"]
    Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t" } }
  }] })
}
"""


def test_a_random_name_of_one_root_is_not_that_of_another(tmp_path: Path) -> None:
    apart = judged(tmp_path, one=TRAIL, two=NAMESAKE + PROTECTED)
    (row,) = of(apart, "trail-bucket-protected").values()
    assert row.verdict.value == "fail"
    together = judged(tmp_path, one=TRAIL + PROTECTED, two=NAMESAKE)
    (row,) = of(together, "trail-bucket-protected").values()
    assert row.verdict.value == "pass"


def test_who_holds_a_policy_is_told_root_by_root(tmp_path: Path) -> None:
    report = judged(tmp_path, admin=POLICY.replace("NAME", "admin"), app=POLICY.replace("NAME", "app"))
    found = {name.rpartition("/")[2]: row.verdict.value for name, row in of(report, "access-least-privilege").items()}
    assert found == {"admin: aws_iam_policy.p": "pass", "app: aws_iam_policy.p": "fail"}


def test_two_accept_and_reject_logs_of_one_address_add_up(tmp_path: Path) -> None:
    part = 'resource "aws_flow_log" "f" {\n  vpc_id = "vpc-1"\n  traffic_type = "KIND"\n}\n'
    listed = 'data "aws_vpc" "x" {\n  id = "vpc-1"\n}\n'
    report = judged(tmp_path, one=listed + part.replace("KIND", "ACCEPT"), two=part.replace("KIND", "REJECT"))
    (row,) = of(report, "vpc-flow-logs").values()
    assert row.verdict.value == "pass"
