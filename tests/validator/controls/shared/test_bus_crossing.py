"""The way from a region's rule to the bus of another region: the role, its trust and policies, and the bus's policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.estates import EU, judged, scope
from tests.support.judging import rows
from tests.support.source_trees import estate

ROLE = """
resource "aws_iam_role" "forward" {
  name               = "forward"
  assume_role_policy = jsonencode({ Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "events.amazonaws.com" }
  }] })
}
"""
GRANTS = """
resource "aws_iam_role_policy" "forward" {
  role   = aws_iam_role.forward.id
  policy = jsonencode({ Statement = [{
    Effect = "Allow", Action = "events:PutEvents", Resource = "arn:aws:events:us-east-1:111122223333:event-bus/security"
  }] })
}
"""
LETS_IN = """
resource "aws_cloudwatch_event_bus_policy" "home" {
  event_bus_name = aws_cloudwatch_event_bus.home.name
  policy = jsonencode({ Statement = [{
    Effect    = "Allow", Action = "events:PutEvents", Principal = { AWS = "arn:aws:iam::111122223333:root" }
    Resource  = "arn:aws:events:us-east-1:111122223333:event-bus/security"
  }] })
}
"""
REST = """
provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}
provider "aws" {
  alias               = "eu"
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
locals { findings = jsonencode({ source = ["aws.guardduty"], detail-type = ["GuardDuty Finding"] }) }
resource "aws_cloudwatch_event_rule" "out" {
  provider      = aws.eu
  name          = "out"
  event_pattern = local.findings
}
resource "aws_cloudwatch_event_target" "out" {
  provider = aws.eu
  rule     = aws_cloudwatch_event_rule.out.name
  arn      = "arn:aws:events:us-east-1:111122223333:event-bus/security"
  role_arn = "arn:aws:iam::111122223333:role/forward"
}
resource "aws_cloudwatch_event_bus" "home" { name = "security" }
resource "aws_cloudwatch_event_rule" "in" {
  name           = "in"
  event_bus_name = aws_cloudwatch_event_bus.home.name
  event_pattern  = local.findings
}
resource "aws_cloudwatch_event_target" "in" {
  rule           = aws_cloudwatch_event_rule.in.name
  event_bus_name = aws_cloudwatch_event_bus.home.name
  arn            = "arn:aws:sns:us-east-1:111122223333:alerts"
}
resource "aws_sns_topic" "alerts" { name = "alerts" }
resource "aws_sns_topic_policy" "alerts" {
  arn    = "arn:aws:sns:us-east-1:111122223333:alerts"
  policy = jsonencode({ Statement = [{
    Effect = "Allow", Action = "sns:Publish", Principal = { Service = "events.amazonaws.com" }, Resource = "*"
  }] })
}
resource "aws_sns_topic_subscription" "soc" {
  topic_arn = "arn:aws:sns:us-east-1:111122223333:alerts"
  protocol  = "email"
  endpoint  = "soc@example.com"
}
"""
RIGHT = ROLE + GRANTS + LETS_IN + REST
SOURCE = 'Principal = { Service = "events.amazonaws.com" }\n'
FROM = 'Principal = { Service = "events.amazonaws.com" }, Condition = { ArnEquals = { "aws:SourceArn" = "%s" } }\n'
OUR_RULE = "arn:aws:events:eu-west-1:111122223333:rule/out"
ROOT = 'Principal = { AWS = "arn:aws:iam::111122223333:root" }'


def entering(condition: str) -> str:
    return RIGHT.replace(ROOT, f"{ROOT}, Condition = {condition}")


CASES: dict[str, tuple[str, str]] = {
    "every part holds, by literal ARNs": (RIGHT, "pass"),
    "a trust for this rule": (RIGHT.replace(SOURCE, FROM % OUR_RULE), "pass"),
    "a trust for another rule": (RIGHT.replace(SOURCE, FROM % f"{OUR_RULE}-other"), "fail"),
    "a trust for another service": (RIGHT.replace(SOURCE, SOURCE.replace("events.", "scheduler.")), "fail"),
    "the role is not in the source": (GRANTS + LETS_IN + REST, "undetermined"),
    "the target names no role": (RIGHT.replace('  role_arn = "arn:aws:iam::111122223333:role/forward"\n', ""),
                                 "undetermined"),
    "the role may nothing": (ROLE + LETS_IN + REST, "fail"),
    "the role's policy is for another bus": (
        ROLE + GRANTS.replace("event-bus/security", "event-bus/other") + LETS_IN + REST, "fail"),
    "the role's policy denies": (ROLE + GRANTS.replace("Allow", "Deny") + LETS_IN + REST, "fail"),
    "the bus has no policy": (ROLE + GRANTS + REST, "undetermined"),
    "the bus lets another account in": (
        RIGHT.replace(ROOT, ROOT.replace("111122223333", "444455556666")), "undetermined"),
    "the bus denies": (RIGHT.replace(f"Allow\", Action = \"events:PutEvents\", {ROOT}",
                                     f"Deny\", Action = \"events:PutEvents\", {ROOT}"), "fail"),
    "the bus denies this role": (
        RIGHT.replace(ROOT, ROOT.replace(":root", ":role/forward")).replace(
            'Effect    = "Allow", Action = "events:PutEvents"', 'Effect    = "Deny", Action = "events:*"'), "fail"),
    "the bus lets this rule in": (entering(f'{{ ArnLike = {{ "aws:SourceArn" = "{OUR_RULE}" }} }}'), "pass"),
    "the bus lets rules of this region in": (
        entering('{ ArnEquals = { "aws:SourceArn" = "arn:aws:events:eu-west-1:111122223333:*" } }'), "pass"),
    "the bus lets another rule in": (
        entering(f'{{ ArnLike = {{ "aws:SourceArn" = "{OUR_RULE}-other" }} }}'), "undetermined"),
    "the bus lets the role in only": (
        entering('{ ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:role/forward" } }'), "undetermined"),
    "the policy is another bus's": (RIGHT.replace("event_bus_name = aws_cloudwatch_event_bus.home.name\n  policy",
                                                  'event_bus_name = "other"\n  policy'), "undetermined"),
}  # fmt: skip


BUS = '"arn:aws:events:us-east-1:111122223333:event-bus/security"'
REFERRING = (
    RIGHT.replace(f"Resource = {BUS}", "Resource = aws_cloudwatch_event_bus.home.arn")
    .replace(f"Resource  = {BUS}", "Resource  = aws_cloudwatch_event_bus.home.arn")
    .replace("iam::111122223333:root", "iam::${data.aws_caller_identity.me.account_id}:root")
    .replace('"arn:aws:iam::111122223333:role/forward"', "aws_iam_role.forward.arn")
) + 'data "aws_caller_identity" "me" {}\n'
OWN_RULE = ', Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.RULE.arn } }\n'
BY_REFERENCE: dict[str, tuple[str, str]] = {
    "every part holds": (REFERRING, "pass"),
    "a trust for this rule": (REFERRING.replace(SOURCE, SOURCE[:-1] + OWN_RULE.replace("RULE", "out")), "pass"),
    "a trust for another rule": (REFERRING.replace(SOURCE, SOURCE[:-1] + OWN_RULE.replace("RULE", "in")), "fail"),
    "the bus denies": (REFERRING.replace('"Allow", Action = "events:PutEvents", Principal = { AWS',
                                         '"Deny", Action = "events:PutEvents", Principal = { AWS'), "fail"),
    "the role's policy denies": (REFERRING.replace('"Allow", Action = "events:PutEvents", Resource',
                                                   '"Deny", Action = "events:PutEvents", Resource'), "fail"),
    "the role's policy is for a topic": (
        REFERRING.replace("Resource = aws_cloudwatch_event_bus.home.arn", "Resource = aws_sns_topic.alerts.arn"),
        "fail"),
}  # fmt: skip


@pytest.mark.parametrize("account", ["111122223333", None])
@pytest.mark.parametrize(("text", "expected"), BY_REFERENCE.values(), ids=BY_REFERENCE)
def test_policies_by_reference(tmp_path: Path, text: str, expected: str, account: str | None) -> None:
    assert text == REFERRING or text.count("\n") == REFERRING.count("\n")
    if account is None:
        text = text.replace('  allowed_account_ids = ["111122223333"]\n', "").replace(
            '"arn:aws:sns:us-east-1:111122223333:alerts"', "aws_sns_topic.alerts.arn"
        )
        text = text.replace(BUS, "aws_cloudwatch_event_bus.home.arn")
    found = {row.region: row.verdict.value for row in rows(tmp_path, text, "finding-alert", regions="eu-west-1")}
    assert found == {"eu-west-1": expected}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_a_finding_of_another_region(tmp_path: Path, text: str, expected: str) -> None:
    (row,) = judged("finding-alert", estate(tmp_path, text), scope(EU))
    assert row.verdict == expected, row.reason


def test_the_policy_that_bars_the_way_comes_first(tmp_path: Path) -> None:
    text = RIGHT.replace('Action = "sns:Publish"', 'Action = "sns:Subscribe"')
    (row,) = judged("finding-alert", estate(tmp_path, text), scope(EU))
    assert row.verdict == "fail"
    assert row.evidence[0].address == "aws_sns_topic_policy.alerts"
