"""A list of all the policies that a role may hold takes the others away: what stands on those is no sure pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from guardline.validator.model.iam import OnlyPolicies
from guardline.validator.sources.plan.load import load
from tests.support.judging import row
from tests.support.plans import change, plan, refers
from tests.support.plans import resource as configured

TRUST = {
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "events.amazonaws.com"}}]
}
ROUTE = f"""
provider "aws" {{
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}}
resource "aws_guardduty_detector" "d" {{}}
resource "aws_cloudwatch_event_rule" "r" {{
  event_pattern = jsonencode({{ source = ["aws.guardduty"] }})
}}
resource "aws_sns_topic" "t" {{ name = "alerts" }}
resource "aws_sns_topic_subscription" "s" {{
  topic_arn = aws_sns_topic.t.arn
  protocol  = "email"
  endpoint  = "soc@example.com"
}}
resource "aws_iam_role" "r" {{
  name               = "forward"
  assume_role_policy = {json.dumps(json.dumps(TRUST))}
}}
resource "aws_cloudwatch_event_target" "t" {{
  rule     = aws_cloudwatch_event_rule.r.name
  arn      = aws_sns_topic.t.arn
  role_arn = aws_iam_role.r.arn
}}
"""
PUBLISH = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = aws_sns_topic.t.arn }] })'
WRITTEN = f"""
resource "aws_iam_role_policy" "p" {{
  NAME
  role   = aws_iam_role.r.name
  policy = {PUBLISH}
}}
"""
MANAGED = f"""
resource "aws_iam_policy" "p" {{
  name   = "publish"
  policy = {PUBLISH}
}}
resource "aws_iam_policy" "other" {{
  name   = "other"
  policy = "{{}}"
}}
"""
ATTACHED = """
resource "aws_iam_role_policy_attachment" "p" {
  role       = aws_iam_role.r.name
  policy_arn = aws_iam_policy.p.arn
}
"""


def only(listed: str, *, attached: bool = False, role: str = "aws_iam_role.r.name") -> str:
    kind, what = ("policy_attachments", "policy_arns") if attached else ("policies", "policy_names")
    head = 'variable "listed" { type = list(string) }\n'
    return f'{head}resource "aws_iam_role_{kind}_exclusive" "x" {{\n  role_name = {role}\n  {what} = {listed}\n}}\n'


NAMED, UNNAMED = WRITTEN.replace("NAME", 'name = "publish"'), WRITTEN.replace("NAME", "")
HELD, OTHER = MANAGED + ATTACHED, "aws_iam_policy.other.arn"
CASES = {
    "a written one that is listed": (NAMED + only("[aws_iam_role_policy.p.name]"), "pass"),
    "listed by its name": (NAMED + only('["publish"]'), "pass"),
    "listed, its name known only after apply": (UNNAMED + only("[aws_iam_role_policy.p.name]"), "pass"),
    "a written one that is left out": (NAMED + only("[]"), "undetermined"),
    "another is listed": (NAMED + only('["other"]'), "undetermined"),
    "nobody knows what is listed": (NAMED + only("var.listed"), "undetermined"),
    "the list is of another role": (NAMED + only("[]", role='"somebody"'), "pass"),
    "the list is of attached ones": (NAMED + only("[]", attached=True), "pass"),
    "an attached one that is listed": (HELD + only(f"[{OTHER}, aws_iam_policy.p.arn]", attached=True), "pass"),
    "an attached one that is left out": (HELD + only(f"[{OTHER}]", attached=True), "undetermined"),
    "the list is of written ones": (HELD + only("[]"), "pass"),
    "the list attaches it": (MANAGED + only("[aws_iam_policy.p.arn]", attached=True), "pass"),
    "the list attaches another": (MANAGED + only(f"[{OTHER}]", attached=True), "fail"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_the_role_that_forwards(tmp_path: Path, text: str, expected: str) -> None:
    found = row(tmp_path, ROUTE + text, "finding-alert", "us-east-1")
    assert found.verdict == expected, found.reason


def test_the_reason_names_the_list(tmp_path: Path) -> None:
    found = row(tmp_path, ROUTE + NAMED + only("[]"), "finding-alert", "us-east-1")
    said = "aws_iam_role_policies_exclusive.x may take away aws_iam_role_policy.p: it does not list it"
    assert said in found.reason


READER = """
provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}
resource "aws_guardduty_detector" "d" {}
"""


def role(name: str, action: str) -> str:
    people = {"AWS": "arn:aws:iam::111122223333:root"}
    trust = json.dumps(
        json.dumps({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": people}]})
    )
    policy = f'jsonencode({{ Statement = [{{ Effect = "Allow", Action = "{action}", Resource = "*" }}] }})'
    return (
        f'resource "aws_iam_role" "{name}" {{\n  name = "{name}"\n  assume_role_policy = {trust}\n}}\n'
        f'resource "aws_iam_policy" "{name}" {{\n  name = "{name}"\n  policy = {policy}\n}}\n'
        f'resource "aws_iam_role_policy_attachments_exclusive" "{name}" {{\n  role_name = aws_iam_role.{name}.name\n'
        f"  policy_arns = [aws_iam_policy.{name}.arn]\n}}\n"
    )


@pytest.mark.parametrize(("responder", "expected"), [("ArchiveFindings", "pass"), ("GetFindings", "fail")])
def test_what_a_list_attaches_is_held(tmp_path: Path, responder: str, expected: str) -> None:
    roles = (("read", "Get*"), ("respond", responder), ("admin", "UpdateDetector"))
    text = READER + "".join(role(name, f"guardduty:{action}") for name, action in roles)
    found = row(tmp_path, text, "access-separated", None)
    assert found.verdict == expected, found.reason


def test_a_plan_knows_the_list_by_its_references() -> None:
    """A plan has no entries of a list whose ARNs are known only after apply, but its references."""
    kind = "aws_iam_role_policy_attachments_exclusive"
    given = refers("aws_iam_policy.p.arn", "aws_iam_policy.p", "aws_iam_policy.q.arn", "aws_iam_policy.q")
    changes = [change(f"{kind}.x", {"role_name": "r"}, {"policy_arns": True})]
    changes += [change(f"aws_iam_policy.{name}", {"name": name, "policy": "{}"}, {"arn": True}) for name in "pq"]
    written = [configured(kind, "x", policy_arns=given), *(configured("aws_iam_policy", name) for name in "pq")]
    (one,) = load(plan(changes, written)).after.all(OnlyPolicies)
    assert {ref.address for ref in one.policies.get()} == {"aws_iam_policy.p", "aws_iam_policy.q"}
