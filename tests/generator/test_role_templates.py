"""The CloudFormation templates of roles: cfn-lint reads them, each policy fits, and a plan changes nothing.

Whether the roles may do what Terraform calls is for `tests/environments/test_organization.py`, which makes them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cfnlint.api
import pytest
import yaml

from guardline.generator.baseline import Baseline
from guardline.generator.context import roots_of
from guardline.generator.deploy import MANAGED, length
from guardline.generator.role_templates import accounts
from guardline.spec.load import load
from tests.support.policy_requests import Decision, Request, decide

Make = Callable[..., Path]
ENVIRONMENT = Path(__file__).parents[2] / "environments" / "organization"
NAMES = ("accounts", "management", "sign-in")
SECURITY, MEMBER = "222222222222", "444444444444"
JOBS = f"arn:aws:iam::{SECURITY}:role/guardline/github"
PLATFORM = f"arn:aws:iam::{SECURITY}:role/platform"
BODY = 51_200
"""Bytes of a template that is handed over as text:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html."""
ATTACHED = 10
"""Managed policies of a role: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""


def text(name: str) -> str:
    return (ENVIRONMENT / "roles" / f"{name}.yaml").read_text(encoding="utf-8")


def resources(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text(name))["Resources"]
    return found


def policies(name: str, role: str) -> dict[str, Any]:
    """Name -> the managed policies that a template attaches to a role."""
    attached = {key: each["Properties"] for key, each in resources(name).items() if "Roles" in each["Properties"]}
    return {key: each for key, each in attached.items() if each["Roles"] == [{"Ref": role}]}


def actions(name: str, role: str) -> set[str]:
    return {
        action
        for each in policies(name, role).values()
        for statement in each["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    }


def trusts(name: str, role: str, principal: str) -> Decision:
    """Whether a principal may assume a role, as the role's trust policy says."""
    document = resources(name)[role]["Properties"]["AssumeRolePolicyDocument"]
    arn = "arn:aws:iam::444444444444:role/guardline/deploy"
    statements = [{**each, "Resource": arn} for each in document["Statement"]]
    account = f"arn:aws:iam::{principal.split(':')[4]}:root"
    request = Request(account, "sts:AssumeRole", arn, {"aws:PrincipalArn": principal})
    return decide({**document, "Statement": statements}, request)


@pytest.mark.parametrize("name", NAMES)
def test_cloudformation_would_take_it(name: str) -> None:
    assert [str(match) for match in cfnlint.api.lint(text(name), config={"regions": ["eu-west-1"]})] == []
    assert len(text(name).encode()) <= BODY


@pytest.mark.parametrize("name", ["accounts", "management"])
def test_each_policy_fits_and_a_role_takes_them_all(name: str) -> None:
    for role in ("DeployRole", "PlanRole"):
        found = policies(name, role)
        assert found
        # An account takes those of members, where it is one, and those of its own condition.
        kinds = Counter(re.sub(r"(Deploy|Plan)\d+$", "", key) for key in found)
        members = kinds.pop("Member", 0)
        assert members + max(kinds.values()) <= ATTACHED
        for each in found.values():
            assert length(plain(each["PolicyDocument"])) <= MANAGED


def plain(value: Any) -> Any:
    """A document as it is in an account."""
    if isinstance(value, dict):
        if set(value) == {"Fn::Sub"}:
            return value["Fn::Sub"].replace("${AWS::AccountId}", MEMBER).replace("${!", "${")
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", ["accounts", "management"])
def test_the_role_that_plans_changes_nothing(name: str) -> None:
    from policy_sentry.querying.actions import get_action_data

    planning, deploying = actions(name, "PlanRole"), actions(name, "DeployRole")
    assert planning < deploying
    levels = {}
    for action in planning:
        data: Any = get_action_data(*action.split(":"))
        rows = data.values() if data else ()
        levels[action] = {row["access_level"] for found in rows for row in found}
    assert {action: level for action, level in levels.items() if not level <= {"Read", "List"}} == {}


WEBHOOK = """\
version: 1
name: acme
home_region: eu-west-1
regions: {not_opted_in: rest}
organization:
  id: o-exampleorgid
  management_account: "111111111111"
  admin_account: "222222222222"
  deploy_role: deploy
  plan_role: plan
  roles: {account: "222222222222"}
response:
  alerts:
    email: [soc@example.com]
    webhooks:
      - name: duty
        format: json
        url: https://alerts.example.com/hook
        secret: arn:aws:secretsmanager:eu-west-1:222222222222:secret:duty-AbCdEf
        header: X-Token
"""


def test_a_plan_reads_no_secret(environment: Make) -> None:
    """The deploying role reads that of a webhook, for CloudFormation; the code of a pull request must not."""
    spec = environment(WEBHOOK)
    found = accounts(tuple(roots_of(load(spec), spec, lambda _: "./modules")))["Resources"]
    texts = {name: json.dumps(each) for name, each in found.items() if "Roles" in each["Properties"]}
    reading = {name for name, text in texts.items() if "secretsmanager:GetSecretValue" in text}
    assert reading
    assert {re.sub(r"\d+$", "", name) for name in reading} == {"SecurityDeploy"}


def test_a_member_that_comes_later_has_the_same_roles() -> None:
    """No usual member's id is in the template: what is of the account is a parameter of CloudFormation."""
    for account in (MEMBER, "555555555555"):
        assert account not in text("accounts")
    assert text("accounts").count("333333333333") == 1  # the log archive's condition
    deploying = json.dumps(plain(policies("accounts", "DeployRole")["MemberDeploy1"]))
    assert f"arn:aws:sqs:*:{MEMBER}:acme-*" in deploying


@pytest.mark.parametrize(
    ("role", "principal", "expected"),
    [
        ("DeployRole", JOBS, "allow"),
        ("DeployRole", PLATFORM, "allow"),
        ("DeployRole", f"{JOBS}-plan", "silent"),
        ("PlanRole", f"{JOBS}-plan", "allow"),
        ("PlanRole", JOBS, "silent"),
        ("DeployRole", f"arn:aws:iam::{SECURITY}:role/other", "silent"),
        ("DeployRole", JOBS.replace(SECURITY, MEMBER), "silent"),
        ("AuditRole", f"arn:aws:iam::{SECURITY}:role/auditors", "allow"),
        ("AuditRole", JOBS, "silent"),
    ],
)
def test_who_may_assume_a_role(role: str, principal: str, expected: Decision) -> None:
    assert trusts("accounts", role, principal) == expected
    assert trusts("management", role, principal) == expected


@pytest.mark.parametrize(
    ("role", "subject", "expected"),
    [
        ("ApplyJobs", "repo:acme/guardduty:ref:refs/heads/main", "allow"),
        ("ApplyJobs", "repo:acme/guardduty:pull_request", "silent"),
        ("ApplyJobs", "repo:acme/guardduty-fork:ref:refs/heads/main", "silent"),
        ("PlanJobs", "repo:acme/guardduty:pull_request", "allow"),
        ("PlanJobs", "repo:acme/guardduty:ref:refs/heads/main", "allow"),
        ("PlanJobs", "repo:acme/guardduty:ref:refs/heads/other", "silent"),
    ],
)
def test_whose_jobs_sign_in(role: str, subject: str, expected: Decision) -> None:
    (statement,) = resources("sign-in")[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Federated": {"Ref": "GitHub"}}
    issuer = "token.actions.githubusercontent.com"
    as_asked = {**statement, "Principal": {"AWS": "*"}, "Resource": "*"}
    context = {f"{issuer}:aud": "sts.amazonaws.com", f"{issuer}:sub": subject}
    request = Request("arn:aws:iam::000000000000:role/x", "sts:AssumeRoleWithWebIdentity", "x", context)
    assert decide({"Version": "2012-10-17", "Statement": [as_asked]}, request) == expected


def test_jobs_that_plan_reach_no_role_that_applies_and_write_no_state() -> None:
    properties = resources("sign-in")["PlanJobs"]["Properties"]
    (policy,) = properties["Policies"]
    statements = {each["Sid"]: each for each in policy["PolicyDocument"]["Statement"]}
    assert statements["TheRoleOfEachAccount"]["Resource"] == ["arn:aws:iam::*:role/guardline/plan"]
    assert statements["TheRoleOfEachAccount"]["Condition"] == {"StringEquals": {"aws:ResourceOrgID": "o-exampleorgid"}}
    assert statements["EachState"]["Action"] == ["s3:GetObject"]
    assert statements["EachLock"]["Resource"].endswith("/guardline/acme/*.tflock")


def test_without_being_asked_there_are_none(environment: Make) -> None:
    spec = environment(
        (ENVIRONMENT / "guardline.yaml").read_text().replace("../../modules/argument", "modules").split("  roles:\n")[0]
        + "  alerts_in: each\nfan_out: {terragrunt: true}\n"
    )
    (spec.parent / "trusted-ips.txt").write_text("10.0.0.1\n")
    Baseline.of(spec).write()
    assert not (spec.parent / "roles").exists()
    assert (spec.parent / "security" / "variables.tf").exists()  # plans still have a role of their own


def test_what_one_member_needs_beside_the_others_is_granted_there_alone() -> None:
    """The log archive keeps the trail: it has a member's policies, and one of its own."""
    found = resources("accounts")
    by_condition: dict[str, set[str]] = {}
    for each in found.values():
        if "PolicyDocument" in each["Properties"] and each["Properties"]["Roles"] == [{"Ref": "DeployRole"}]:
            statements = each["Properties"]["PolicyDocument"]["Statement"]
            granted = {action for statement in statements for action in statement["Action"]}
            by_condition.setdefault(each["Condition"], set()).update(granted)
    conditions = yaml.safe_load(text("accounts"))["Conditions"]
    assert conditions["IsLogArchive"] == {"Fn::Equals": [{"Ref": "AWS::AccountId"}, "333333333333"]}
    assert conditions["IsMember"] == {"Fn::Not": [{"Condition": "IsSecurity"}]}
    assert {action.split(":")[0] for action in by_condition["IsLogArchive"]} == {"kms"}
    assert "kms:CreateAlias" in by_condition["IsLogArchive"] - by_condition["IsMember"]
    assert "s3:PutBucketPolicy" in by_condition["IsMember"]
