"""Policies attached over `setproduct`: every policy to every target, in the source, a first plan, and both."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from guardline.validator.run import Request, run
from tests.support.plans import change, plan, provider, refers, resource
from tests.support.source_trees import write

MEMBER = """
provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}
resource "aws_guardduty_detector" "d" {}
"""
POLICIES = """
provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["999988887777"]
}
data "aws_organizations_organization" "o" {}
locals {
  policies = { tamper = TAMPER, regions = "s3:*" }
  targets  = TARGETS
  pairs    = { for p in setproduct(keys(local.policies), local.targets) : "${p[0]}-${p[1]}" => p }
}
resource "aws_organizations_policy" "p" {
  for_each = local.policies
  name     = each.key
  content  = jsonencode({
    Statement = [{ Effect = "Deny", Action = split(",", each.value), Resource = "*" }]
  })
}
resource "aws_organizations_policy_attachment" "a" {
  for_each  = local.pairs
  policy_id = aws_organizations_policy.p[each.value[0]].id
  target_id = each.value.1
}
"""
CORE = (
    "guardduty:DeleteDetector,guardduty:UpdateDetector,guardduty:DisassociateFromAdministratorAccount,"
    "guardduty:DisassociateFromMasterAccount,guardduty:StopMonitoringMembers,guardduty:DisassociateMembers,"
    "guardduty:DeleteMembers,guardduty:DeletePublishingDestination,guardduty:*,organizations:LeaveOrganization"
)
ROOT = "[data.aws_organizations_organization.o.roots[0].id]"


def judged(tmp_path: Path, *sources: str, source: str | None = None) -> dict[str | None, tuple[str, str]]:
    names = tuple(str(tmp_path / name) for name in ("member", *sources))
    request = Request(
        names,
        date(2026, 11, 30),
        regions="us-east-1",
        controls=frozenset({"tamper-prevention"}),
        source_dir=tmp_path / source if source is not None else None,
        cache=False,
    )
    report = run(request, datetime(2026, 11, 30, tzinfo=UTC))
    assert not report.errors
    return {row.account: (str(row.verdict), row.reason) for row in report.rows}


def source(tmp_path: Path, targets: str, tamper: str = CORE) -> None:
    write(tmp_path / "member", {"main.tf": MEMBER})
    text = POLICIES.replace("TAMPER", json.dumps(tamper)).replace("TARGETS", targets)
    write(tmp_path / "scp", {"main.tf": text})


@pytest.mark.parametrize(
    ("targets", "found"),
    [
        ('["r-ab12", "ou-ab12-11111111"]', "pass"),
        (ROOT, "pass"),  # its id is read from AWS, and it is the root whichever that is
        (f"concat({ROOT}, ['444455556666'])".replace("'", '"'), "pass"),
        ('["444455556666"]', "fail"),
        ("data.aws_organizations_organization.o.roots[*].id", "undetermined"),  # how many there are is unknown
    ],
)
def test_from_source(tmp_path: Path, targets: str, found: str) -> None:
    source(tmp_path, targets)
    assert judged(tmp_path, "scp")["111122223333"][0] == found


def test_what_the_policies_leave_open_is_seen(tmp_path: Path) -> None:
    source(tmp_path, ROOT, tamper="guardduty:DeleteDetector")
    assert judged(tmp_path, "scp")["111122223333"][0] == "fail"


def first_plan(policies: tuple[str, ...], *pairs: tuple[str, str]) -> bytes:
    denied = {"Effect": "Deny", "Action": CORE.split(","), "Resource": "*"}
    content = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    values = {"type": "SERVICE_CONTROL_POLICY", "content": content}
    return plan(
        [
            *(
                change(f'aws_organizations_policy.p["{name}"]', {"name": name, **values}, {"id": True})
                for name in policies
            ),
            *(
                change(f'aws_organizations_policy_attachment.a["{name}-{on}"]', {"target_id": on}, {"policy_id": True})
                for name, on in pairs
            ),
        ],
        [
            resource(
                "aws_organizations_policy",
                "p",
                repetition={"for_each_expression": refers("local.policies")},
                content=refers("each.value"),
            ),
            resource(
                "aws_organizations_policy_attachment",
                "a",
                repetition={"for_each_expression": refers("local.policies", "local.targets")},
                policy_id=refers("aws_organizations_policy.p", "each.value[0]", "each.value"),
                target_id=refers("each.value[1]", "each.value"),
            ),
        ],
        {"aws": provider("us-east-1", allowed_account_ids={"constant_value": ["999988887777"]})},
    )


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ((("tamper", "r-ab12"), ("regions", "r-ab12")), "pass"),  # two policies, and two attachments: each is of one
        ((("tamper", "r-ab12"),), "undetermined"),  # it may be either policy
        ((("tamper", "r-ab12"), ("regions", "ou-ab12-11111111")), "undetermined"),
        ((("tamper", "444455556666"), ("regions", "444455556666")), "fail"),
    ],
)
def test_from_a_first_plan_alone(tmp_path: Path, pairs: tuple[tuple[str, str], ...], found: str) -> None:
    write(tmp_path / "member", {"main.tf": MEMBER})
    (tmp_path / "plan.json").write_bytes(first_plan(("tamper", "regions"), *pairs))
    assert judged(tmp_path, "plan.json")["111122223333"][0] == found


def test_from_a_first_plan_with_its_source(tmp_path: Path) -> None:
    source(tmp_path, '["r-ab12"]')
    (tmp_path / "scp" / "plan.json").write_bytes(first_plan(("tamper", "regions"), ("tamper", "r-ab12")))
    assert judged(tmp_path, "scp/plan.json", source="scp")["111122223333"][0] == "pass"
