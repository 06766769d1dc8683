"""A bus of another region or account accepts a target when its policy lets the account put events on it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from guardline.localaws import LocalAws
from tests.support.clients import client

HOME, AWAY = "eu-west-1", "us-east-1"


def target(
    aws: LocalAws,
    statement: dict[str, Any] | None,
    region: str = AWAY,
    *,
    role: bool = True,
    account: str | None = None,
) -> None:
    """Make a bus with a policy in the home region, and a rule of a region, and perhaps of another account, that leads
    to it."""
    home = client(aws, "events", HOME)
    arn = home.create_event_bus(Name="central")["EventBusArn"]
    if statement is not None:
        whole = {"Sid": "In", "Effect": "Allow", "Action": "events:PutEvents", "Resource": arn} | statement
        policy = {"Version": "2012-10-17", "Statement": [whole]}
        home.put_permission(EventBusName="central", Policy=json.dumps(policy))
    rules = client(aws, "events", region, account=account)
    rules.put_rule(Name="forward", EventPattern='{"source": ["aws.guardduty"]}')
    given = {"RoleArn": f"arn:aws:iam::{aws.account}:role/forward"} if role else {}
    rules.put_targets(Rule="forward", Targets=[{"Id": "bus", "Arn": arn} | given])


def account(aws: LocalAws) -> dict[str, Any]:
    return {"Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"}}


def test_a_grant_to_the_account_is_enough(aws: LocalAws) -> None:
    target(aws, account(aws))
    assert client(aws, "events", AWAY).list_targets_by_rule(Rule="forward")["Targets"]


def test_a_grant_to_the_account_for_this_rule_is_enough(aws: LocalAws) -> None:
    rule = f"arn:aws:events:{AWAY}:{aws.account}:rule/forward"
    target(aws, account(aws) | {"Condition": {"ArnEquals": {"aws:SourceArn": rule}}})


@pytest.mark.parametrize(
    "condition",
    [
        {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/forward"}},
        {"ArnEquals": {"aws:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/other"}},
        {"StringEquals": {"aws:SourceAccount": "111122223333"}},
    ],
)
def test_a_grant_that_hangs_on_something_else_is_refused(aws: LocalAws, condition: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="AccessDeniedException"):
        target(aws, account(aws) | {"Condition": condition})


@pytest.mark.parametrize("other", [None, {"Principal": {"AWS": "arn:aws:iam::444455556666:root"}}])
def test_without_a_grant_to_the_account_it_is_refused(aws: LocalAws, other: dict[str, Any] | None) -> None:
    with pytest.raises(ClientError, match="no resource-based policy allows"):
        target(aws, other)


def test_a_role_is_needed(aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="RoleArn is required"):
        target(aws, account(aws), role=False)


def test_a_bus_of_the_same_region_needs_neither(aws: LocalAws) -> None:
    target(aws, None, region=HOME, role=False)
    assert client(aws, "events", HOME).list_targets_by_rule(Rule="forward")["Targets"]


def organization(aws: LocalAws) -> tuple[str, str]:
    """Make one: its id, and a member."""
    organizations = client(aws, "organizations", HOME)
    made = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    status = organizations.create_account(AccountName="member", Email="member@example.com")["CreateAccountStatus"]
    return made, status["AccountId"]


def of_organization(named: str) -> dict[str, Any]:
    return {"Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"aws:PrincipalOrgID": named}}}


def test_a_grant_to_the_organization_is_enough_for_a_member(aws: LocalAws) -> None:
    named, member = organization(aws)
    target(aws, of_organization(named), account=member)
    assert client(aws, "events", AWAY, account=member).list_targets_by_rule(Rule="forward")["Targets"]


def test_a_grant_to_the_organization_is_none_for_anybody_else(aws: LocalAws) -> None:
    named, _ = organization(aws)
    with pytest.raises(ClientError, match="no resource-based policy allows"):
        target(aws, of_organization(named), account="999988887777")


def test_a_grant_to_another_organization_is_none(aws: LocalAws) -> None:
    _, member = organization(aws)
    with pytest.raises(ClientError, match="no resource-based policy allows"):
        target(aws, of_organization("o-anotherorgid"), account=member)
