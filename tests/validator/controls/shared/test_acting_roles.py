"""A target that names a role is reached as that role, whatever the policy of what it leads to."""

from __future__ import annotations

import pytest

from guardline.validator.model.resource import Resource
from tests.support.estates import PENDING, US, estate, judged, scope
from tests.support.estates_access import attached, document, policy, role, statement
from tests.support.estates_events import function, key, rule, subscription, target, topic

TOPIC, FUNCTION = "aws_sns_topic.alerts_us_east_1", "aws_lambda_function.respond_us_east_1"
TRUSTING: dict[str, object] = {
    "Effect": "Allow",
    "Action": "sts:AssumeRole",
    "Principal": {"Service": "events.amazonaws.com"},
}
ROLE = role("events", trust=document(TRUSTING))
HELD = "aws_iam_role.events"


def may(*actions: str, **more: object) -> Resource:
    return policy(document(statement(*actions, **more)), "events", holder=HELD)  # type: ignore[arg-type]  # its own fields


CASES: dict[str, tuple[tuple[Resource, ...], str]] = {
    "publishes": ((ROLE, may("sns:Publish")), "pass"),
    "publishes to this topic": ((ROLE, may("sns:Publish", on="arn:aws:sns:us-east-1:111122223333:alerts")), "pass"),
    "publishes to another": ((ROLE, may("sns:Publish", on="arn:aws:sns:us-east-1:111122223333:other")), "fail"),
    "does something else": ((ROLE, may("sqs:SendMessage")), "fail"),
    "holds nothing": ((ROLE,), "fail"),
    "is denied": ((ROLE, may("sns:Publish", effect="Deny")), "fail"),
    "under a condition": ((ROLE, may("sns:Publish", Condition={"Bool": {"aws:x": "true"}})), "undetermined"),
    "its policy not told": ((ROLE, policy(PENDING, "events", holder=HELD)), "undetermined"),
    "a policy elsewhere": ((ROLE, attached("arn:aws:iam::111122223333:policy/x", HELD)), "undetermined"),
    "it is elsewhere": ((), "undetermined"),
}


@pytest.mark.parametrize(("resources", "expected"), CASES.values(), ids=CASES)
def test_alerts(resources: tuple[Resource, ...], expected: str) -> None:
    found = estate(rule(), target(TOPIC, acting=HELD), topic(), subscription(), *resources)
    (row,) = judged("finding-alert", found, scope(US))
    assert row.verdict == expected, row.reason


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [
        ("aws_iam_policy.wide", "pass"),
        ("aws_iam_policy.publish", "pass"),
        ("arn:aws:iam::aws:policy/AdministratorAccess", "pass"),
        ("aws_iam_policy.narrow", "fail"),
        ("aws_iam_policy.denying", "fail"),
        ("aws_iam_policy.conditional", "undetermined"),
        ("aws_iam_policy.pending", "undetermined"),
        ("arn:aws:iam::111122223333:policy/AdministratorAccess", "undetermined"),
        (PENDING, "undetermined"),
    ],
)
def test_a_permissions_boundary_lets_it_act_too(boundary: object, expected: str) -> None:
    bounds = (
        policy(document(statement("*")), "wide"),
        policy(document(statement("sns:Publish")), "publish"),
        policy(document(statement("s3:*")), "narrow"),
        policy(document(statement("*"), statement("sns:*", effect="Deny")), "denying"),
        policy(document(statement("*", Condition={"Bool": {"aws:x": "true"}})), "conditional"),
        policy(PENDING, "pending"),
    )
    bounded = role("events", trust=document(TRUSTING), boundary=boundary)
    found = estate(rule(), target(TOPIC, acting=HELD), topic(), subscription(), bounded, may("sns:Publish"), *bounds)
    (row,) = judged("finding-alert", found, scope(US))
    assert row.verdict == expected, row.reason


def test_a_role_that_is_not_told() -> None:
    (row,) = judged("finding-alert", estate(rule(), target(TOPIC, acting=PENDING), topic(), subscription()), scope(US))
    assert row.verdict == "undetermined"


@pytest.mark.parametrize(("action", "expected"), [("kms:*", "pass"), ("kms:List*", "fail")])
def test_the_key_is_used_as_that_role(action: str, expected: str) -> None:
    resources = (topic(key="k"), key(policy={"Statement": []}), subscription(), ROLE, may("sns:Publish", action))
    (row,) = judged("finding-alert", estate(rule(), target(TOPIC, acting=HELD), *resources), scope(US))
    assert row.verdict == expected, row.reason


@pytest.mark.parametrize(("action", "expected"), [("lambda:InvokeFunction", "pass"), ("lambda:Get*", "fail")])
def test_responses(action: str, expected: str) -> None:
    found = estate(rule(), target(FUNCTION, acting=HELD), function(), ROLE, may(action))
    (row,) = judged("finding-response", found, scope(US))
    assert row.verdict == expected, row.reason
