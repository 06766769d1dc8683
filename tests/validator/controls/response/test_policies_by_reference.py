"""Policies written with `jsonencode` and references: what they allow and deny counts, the account known or not.

Each fault stands beside its nearest right sibling.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.judging import verdicts

ACCOUNT = '  allowed_account_ids = ["111122223333"]\n'
SOURCE = """
provider "aws" {
  region = "us-east-1"
ACCOUNT}
variable "who" { type = string }
variable "many" { type = list(string) }
data "aws_caller_identity" "me" {}
resource "aws_guardduty_detector" "d" {}
resource "aws_cloudwatch_event_rule" "r" {
  name          = "findings"
  event_pattern = jsonencode({ source = ["aws.guardduty"] PATTERN })
}
resource "aws_cloudwatch_event_rule" "other" {
  name                = "other"
  schedule_expression = "rate(1 day)"
}
"""
ALERTS = """
resource "aws_sns_topic" "t" { name = "alerts" }
resource "aws_sns_topic_policy" "t" {
  arn    = aws_sns_topic.t.arn
  policy = jsonencode({ Statement = STATEMENTS })
}
resource "aws_cloudwatch_event_target" "t" {
  rule = aws_cloudwatch_event_rule.r.name
  arn  = aws_sns_topic.t.arn
}
resource "aws_sns_topic_subscription" "s" {
  topic_arn = aws_sns_topic.t.arn
  protocol  = "email"
  endpoint  = "soc@example.com"
}
"""
ANSWERS = """
resource "aws_lambda_function" "f" {
  function_name = "f"
  role          = "arn:aws:iam::111122223333:role/f"
  handler       = "f.handler"
  runtime       = "python3.12"
  filename      = "f.zip"
}
resource "aws_lambda_permission" "f" {
  function_name = aws_lambda_function.f.function_name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  PERMISSION
}
resource "aws_sqs_queue" "q" { name = "dead-letters" }
resource "aws_sqs_queue_policy" "q" {
  queue_url = aws_sqs_queue.q.url
  policy    = jsonencode({ Statement = STATEMENTS })
}
resource "aws_cloudwatch_event_target" "t" {
  rule = aws_cloudwatch_event_rule.r.name
  arn  = aws_lambda_function.f.arn
  dead_letter_config {
    arn = aws_sqs_queue.q.arn
  }
}
"""
ME = "data.aws_caller_identity.me.account_id"


def allow(condition: str = "", of: str = "aws_sns_topic.t.arn", action: str = "sns:Publish") -> str:
    who = 'Principal = { Service = "events.amazonaws.com" }'
    tests = f", Condition = {{ {condition} }}" if condition else ""
    return f'{{ Effect = "Allow", {who}, Action = "{action}", Resource = {of}{tests} }}'


def deny(condition: str = "", action: str = "sns:Publish", who: str = 'Principal = "*"') -> str:
    tests = f", Condition = {{ {condition} }}" if condition else ""
    return f'{{ Effect = "Deny", {who}, Action = "{action}", Resource = aws_sns_topic.t.arn{tests} }}'


def found(tmp_path: Path, control: str, text: str, *, account: bool = True) -> str:
    whole = text.replace("ACCOUNT", ACCOUNT if account else "").replace("PATTERN", "")
    return verdicts(control, tmp_path, whole)["us-east-1"]


OTHERS = 'StringNotEquals = { "aws:PrincipalOrgID" = "o-1" }'
PLAIN = 'Bool = { "aws:SecureTransport" = "false" }'


@pytest.mark.parametrize("account", [True, False])
@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        (allow(), "pass"),
        (f"[{allow()}]", "pass"),
        (f"[{allow()}, {deny()}]", "fail"),
        (deny(), "fail"),
        (f"[{allow()}, {deny(action='sns:DeleteTopic')}]", "pass"),
        (f"[{allow()}, {deny(PLAIN)}]", "pass"),
        (f"[{allow()}, {deny(OTHERS)}]", "fail"),  # a service is of no organization
        (allow(f'StringEquals = {{ "aws:SourceAccount" = {ME} }}'), "pass"),
        (allow(f'StringNotEquals = {{ "aws:SourceAccount" = {ME} }}'), "fail"),
        (allow(f'ArnLike = {{ "aws:SourceArn" = "arn:aws:events:us-east-1:${{{ME}}}:rule/findings" }}'), "pass"),
        (allow(f'ArnLike = {{ "aws:SourceArn" = "arn:aws:events:us-east-1:${{{ME}}}:rule/other" }}'), "fail"),
        (allow('ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.r.arn }'), "pass"),
        (allow('ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.other.arn }'), "fail"),
        (allow(of=f'"arn:aws:sns:us-east-1:${{{ME}}}:alerts"'), "pass"),
    ],
)
def test_a_topics_policy(tmp_path: Path, statements: str, verdict: str, account: bool) -> None:
    text = SOURCE + ALERTS.replace("STATEMENTS", statements)
    assert found(tmp_path, "finding-alert", text, account=account) == verdict


@pytest.mark.parametrize(
    ("who", "verdict"),
    [
        ("Principal = var.who", "undetermined"),
        ("Principal = { Service = var.who }", "undetermined"),
        ("Principal = { Service = var.many }", "undetermined"),
        ("Principal = { AWS = var.who }", "undetermined"),  # it may be "*"
        ('Principal = { AWS = "arn:aws:iam::${var.who}:root" }', "pass"),  # an account, whichever
        ('Principal = { Service = "${var.who}.s3.amazonaws.com" }', "pass"),
        ('Principal = { Service = "events.amazonaws.com" }', "fail"),
        ("NotPrincipal = { Service = var.who }", "undetermined"),
        ('NotPrincipal = { Service = "events.amazonaws.com" }', "pass"),
        ('NotPrincipal = { Service = "s3.amazonaws.com" }', "fail"),
    ],
)
def test_whom_a_deny_is_about(tmp_path: Path, who: str, verdict: str) -> None:
    text = SOURCE + ALERTS.replace("STATEMENTS", f"[{allow()}, {deny(who=who)}]")
    assert found(tmp_path, "finding-alert", text) == verdict


def test_what_an_unknown_effect_does(tmp_path: Path) -> None:
    text = SOURCE + ALERTS.replace("STATEMENTS", f"[{allow()}, {deny()}]").replace('"Deny"', "var.who")
    assert found(tmp_path, "finding-alert", text) == "undetermined"


@pytest.mark.parametrize(
    ("account", "literal", "verdict"),
    [
        (True, "111122223333", "pass"),
        (True, "999999999999", "fail"),
        (False, "999999999999", "undetermined"),
        (True, "${var.who}", "undetermined"),
        (False, "${var.who}", "undetermined"),
    ],
)
def test_a_literal_account_where_none_is_known(tmp_path: Path, account: bool, literal: str, verdict: str) -> None:
    statement = allow(f'StringEquals = {{ "aws:SourceAccount" = "{literal}" }}')
    text = SOURCE + ALERTS.replace("STATEMENTS", statement)
    assert found(tmp_path, "finding-alert", text, account=account) == verdict
    queue = allow(of="aws_sqs_queue.q.arn", action="sqs:SendMessage")
    answers = ANSWERS.replace("STATEMENTS", queue).replace("PERMISSION", f'source_account = "{literal}"')
    assert found(tmp_path, "finding-response", SOURCE + answers, account=account) == verdict


@pytest.mark.parametrize("account", [True, False])
@pytest.mark.parametrize("given", [f"source_account = {ME}", "source_arn = aws_cloudwatch_event_rule.r.arn"])
def test_a_function_for_the_own_account(tmp_path: Path, given: str, account: bool) -> None:
    condition = f'StringEquals = {{ "aws:SourceAccount" = {ME} }}'
    queue = allow(condition, "aws_sqs_queue.q.arn", "sqs:SendMessage")
    text = SOURCE + ANSWERS.replace("STATEMENTS", queue).replace("PERMISSION", given)
    assert found(tmp_path, "finding-response", text, account=account) == "pass"


def test_an_alias_of_a_function_is_asked_about(tmp_path: Path) -> None:
    queue = allow(of="aws_sqs_queue.q.arn", action="sqs:SendMessage")
    text = SOURCE + ANSWERS.replace("STATEMENTS", queue).replace("PERMISSION", "")
    alias = (
        'resource "aws_lambda_alias" "live" {\n  name = "live"\n  function_name = "f"\n  function_version = "1"\n}\n'
    )
    aliased = text.replace("arn  = aws_lambda_function.f.arn", "arn  = aws_lambda_alias.live.arn") + alias
    assert found(tmp_path / "function", "finding-response", text) == "pass"
    assert found(tmp_path / "alias", "finding-response", aliased) == "undetermined"


@pytest.mark.parametrize(
    ("given", "account", "verdict"),
    [
        (f", account = [{ME}]", True, "pass"),
        (f", account = [{ME}]", False, "pass"),
        (', account = ["999999999999"]', True, "fail"),
        (', account = ["999999999999"]', False, "undetermined"),
        (", account = [var.who]", True, "undetermined"),
        (f", account = [{ME}, var.who]", True, "undetermined"),
        (', account = [{ "anything-but" = [var.who] }]', True, "undetermined"),
        (', account = [{ "anything-but" = [var.who] }]', False, "undetermined"),
        (f', account = [{{ "anything-but" = [{ME}] }}]', True, "fail"),
        (f', account = [{{ "anything-but" = [{ME}] }}]', False, "fail"),
        (', account = [{ "anything-but" = ["999999999999"] }]', True, "pass"),
    ],
)
def test_a_pattern_for_one_account(tmp_path: Path, given: str, account: bool, verdict: str) -> None:
    text = SOURCE.replace("PATTERN", given) + ALERTS.replace("STATEMENTS", allow())
    assert found(tmp_path, "finding-alert", text, account=account) == verdict
