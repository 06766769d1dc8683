"""A policy for one rule, whose ARN is not known yet, is judged by the rule that it names."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from guardline.validator.run import Request, run
from tests.support.source_trees import write

SOURCE = """
provider "aws" {
  region = "us-east-1"
}
resource "aws_cloudwatch_event_rule" "findings" {
  NAME
  event_pattern = jsonencode({ source = ["aws.guardduty"], detail-type = ["GuardDuty Finding"] })
}
resource "aws_cloudwatch_event_rule" "other" {
  name                = "other"
  schedule_expression = "rate(1 day)"
}
resource "aws_cloudwatch_event_target" "t" {
  rule = aws_cloudwatch_event_rule.findings.name
  arn  = aws_sns_topic.t.arn
}
resource "aws_sns_topic" "t" {}
resource "aws_sns_topic_subscription" "s" {
  topic_arn = aws_sns_topic.t.arn
  protocol  = "email"
  endpoint  = "soc@example.com"
}
resource "aws_sns_topic_policy" "p" {
  arn    = aws_sns_topic.t.arn
  policy = data.aws_iam_policy_document.d.json
}
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.t.arn]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    CONDITIONS
  }
}
"""
CONDITION = """condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [RULE]
    }
"""
OWN, OTHER = "aws_cloudwatch_event_rule.findings.arn", "aws_cloudwatch_event_rule.other.arn"
NAMED = 'name = "findings"'


@pytest.mark.parametrize(
    ("name", "rules", "expected"),
    [
        (NAMED, (OWN,), "pass"),
        (NAMED, (OTHER,), "fail"),
        (NAMED, (f"{OTHER}, {OWN}",), "pass"),
        (NAMED, (f"{OTHER}, {OTHER}",), "fail"),
        (NAMED, (OWN, OTHER), "pass"),  # the provider writes the values of both blocks down as one list
        (NAMED, (OTHER, OTHER), "fail"),
        ('name_prefix = "findings-"', (OWN,), "undetermined"),
        ('name_prefix = "findings-"', (OTHER,), "undetermined"),
        (NAMED, ("aws_sqs_queue.q.arn",), "fail"),
    ],
)
def test_a_topic_for_one_rule(name: str, rules: tuple[str, ...], expected: str, tmp_path: Path) -> None:
    conditions = "".join(CONDITION.replace("RULE", rule) for rule in rules)
    text = SOURCE.replace("NAME", name).replace("CONDITIONS", conditions)
    root = write(tmp_path / "root", {"main.tf": text})
    request = Request((str(root),), date(2026, 1, 31), regions="touched", controls=frozenset({"finding-alert"}))
    (row,) = run(request, datetime(2026, 1, 31, tzinfo=UTC)).rows
    assert row.verdict == expected, row.reason
