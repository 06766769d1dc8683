"""What service control policies leave open, and what resource policies let services and accounts do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.iam_denials import not_denied
from guardline.validator.semantics.iam_documents import Document, parse
from guardline.validator.semantics.iam_evaluation import allows_account, allows_service, may

ACCOUNT = "111122223333"
DETECTOR = f"arn:aws:guardduty:eu-west-1:{ACCOUNT}:detector/abc"


def policy(*statements: dict[str, Any]) -> Document:
    return parse(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}


# --- service control policies -----------------------------------------------------------------------------------

TAMPER = ("guardduty:DeleteDetector", "guardduty:UpdateDetector")
ALL_BUT_DEPLOY = {"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}}
# AWS's example of denying regions, with its exemption of global services.
REGIONS = {
    "Effect": "Deny",
    "NotAction": ["iam:*", "organizations:*", "route53:*", "support:*"],
    "Resource": "*",
    "Condition": {
        "StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]},
        "ArnNotLike": {"aws:PrincipalARN": ["arn:aws:iam::*:role/Role1AllowedToBypassThisSCP"]},
    },
}


@pytest.mark.parametrize(
    ("statement", "left_open"),
    [
        (deny(["guardduty:DeleteDetector", "guardduty:UpdateDetector"]), ()),
        (deny("guardduty:*"), ()),
        (deny("guardduty:Delete*"), TAMPER[1:]),
        (deny("guardduty:*", **ALL_BUT_DEPLOY), ()),
        (deny("guardduty:*", Condition={"StringNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/deploy*"]}}), ()),
        (deny("guardduty:*", Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}), TAMPER),
        (deny("guardduty:*", Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}), TAMPER),
        (deny("guardduty:*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/intern"}}), TAMPER),
        (deny("guardduty:*", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}), TAMPER),
        (deny("guardduty:*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}), ()),
        (deny("guardduty:*", Condition={"StringNotEquals": {"aws:PrincipalTag/team": "security"}}), ()),
        (deny("guardduty:*", Condition={"StringNotEquals": {"aws:PrincipalAccount": [ACCOUNT]}}), TAMPER),
        (deny("guardduty:*", "arn:aws:guardduty:us-east-1:*:*"), TAMPER),
        (deny("guardduty:*", "arn:aws-us-gov:guardduty:*:*:*"), TAMPER),
        (deny("guardduty:*", ["arn:aws:s3:::*", "arn:aws:guardduty:eu-*:*:*"]), ()),
        ({"Effect": "Deny", "NotAction": "guardduty:*", "Resource": "*"}, TAMPER),
        (allow("*"), TAMPER),
    ],
)
def test_not_denied(statement: dict[str, Any], left_open: tuple[str, ...]) -> None:
    assert not_denied([policy(allow("*")), policy(statement)], TAMPER, ACCOUNT, "eu-west-1") == left_open


@pytest.mark.parametrize(
    "statement",
    [
        deny("guardduty:*", **MFA),
        deny("guardduty:*", DETECTOR),
        deny("guardduty:*", "arn:aws:guardduty:*:*:detector/*"),
        deny("guardduty:*", Condition={"StringEquals": {"acme:Key": "x"}}),
        deny("guardduty:*", Condition={"StringFoo": {"aws:PrincipalAccount": ACCOUNT}}),
        {"Effect": "Deny", "Action": "guardduty:*", "NotResource": DETECTOR},
    ],
)
def test_a_denial_that_depends_is_untold(statement: dict[str, Any]) -> None:
    with pytest.raises(UnknownValue, match="depends"):
        not_denied([policy(statement)], TAMPER, ACCOUNT, "eu-west-1")


def test_what_is_certainly_open_is_told_beside_what_depends() -> None:
    assert not_denied([policy(deny("guardduty:Delete*", **MFA))], TAMPER, ACCOUNT, "eu-west-1") == TAMPER[1:]


def test_an_unknown_account_is_not_taken_for_another() -> None:
    elsewhere = policy(deny("guardduty:*", Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}))
    with pytest.raises(UnknownValue):
        not_denied([elsewhere], TAMPER, None, "eu-west-1")
    assert not_denied([policy(deny("guardduty:*", **ALL_BUT_DEPLOY))], TAMPER, None, "eu-west-1") == ()


def test_regions_are_denied_by_the_requested_region() -> None:
    asked = ("guardduty:CreateDetector", "ec2:RunInstances")
    assert not_denied([policy(REGIONS)], asked, ACCOUNT, "ap-northeast-3") == ()
    assert not_denied([policy(REGIONS)], asked, ACCOUNT, "eu-west-1") == asked
    assert not_denied([policy(REGIONS)], ("iam:CreateRole",), ACCOUNT, "ap-northeast-3") == ("iam:CreateRole",)


def test_two_policies_deny_together() -> None:
    halves = [policy(deny("guardduty:Delete*")), policy(deny("guardduty:Update*"))]
    assert not_denied(halves, TAMPER, ACCOUNT, "eu-west-1") == ()


# --- resource policies ------------------------------------------------------------------------------------------

TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:alerts"
RULE = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/findings"
EVENTS = {"Principal": {"Service": "events.amazonaws.com"}}
# What SNS gives a topic without a policy of its own: only the owner's principals.
DEFAULT = allow(
    ["SNS:Publish", "SNS:Subscribe"],
    TOPIC,
    Principal={"AWS": "*"},
    Condition={"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
)


def publishes(
    statement: dict[str, Any], *more: dict[str, Any], rule: str | None = RULE, topic: str | None = TOPIC
) -> bool:
    return allows_service(policy(statement, *more), "events.amazonaws.com", "sns:Publish", topic, ACCOUNT, rule)


def source(operator: str, arn: Any) -> dict[str, Any]:
    return {**EVENTS, "Condition": {operator: {"aws:SourceArn": arn}}}


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        (allow("sns:Publish", TOPIC, **EVENTS), True),
        (allow("SNS:Publish", "*", Principal="*"), True),
        (allow("sns:*", TOPIC, Principal={"AWS": "*"}), True),
        (
            allow("sns:Publish", TOPIC, Principal={"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]}),
            True,
        ),
        (allow("sns:Publish", TOPIC, **source("ArnEquals", RULE)), True),
        (allow("sns:Publish", TOPIC, **source("ArnLike", [f"arn:aws:events:*:{ACCOUNT}:rule/*"])), True),
        (allow("sns:Publish", TOPIC, **source("StringLike", f"arn:aws:events:*:{ACCOUNT}:rule/f*")), True),
        (allow("sns:Publish", TOPIC, **EVENTS, Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}), True),
        (allow("sns:Publish", TOPIC, **EVENTS, Condition={"Null": {"aws:SourceArn": "false"}}), True),
        (allow("sns:Publish", TOPIC, Principal={"AWS": "arn:aws:iam::999999999999:root", **EVENTS["Principal"]}), True),
        ({"Effect": "Allow", "Action": "sns:*", "NotResource": f"{TOPIC}2", **EVENTS}, True),
        ({"Effect": "Allow", "Action": "sns:*", "NotResource": [TOPIC, "x"], **EVENTS}, False),
        ({"Effect": "Allow", "NotAction": "sns:Publish", "Resource": "*", **EVENTS}, False),
        ({"Effect": "Allow", "NotAction": "sns:Subscribe", "Resource": "*", **EVENTS}, True),
        (DEFAULT, False),
        (allow("sns:Publish", TOPIC, Principal={"Service": "cloudwatch.amazonaws.com"}), False),
        (allow("sns:Publish", TOPIC, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), False),
        (allow("sns:Publish", TOPIC), False),
        (allow("sns:Subscribe", TOPIC, **EVENTS), False),
        (allow("sns:Publish", f"{TOPIC}2", **EVENTS), False),
        (allow("sns:Publish", TOPIC, **source("ArnEquals", f"{RULE}2")), False),
        (
            allow("sns:Publish", TOPIC, **EVENTS, Condition={"StringEquals": {"aws:SourceAccount": "999999999999"}}),
            False,
        ),
        (allow("sns:Publish", TOPIC, **EVENTS, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), False),
        (deny("sns:Publish", TOPIC, **EVENTS), False),
    ],
)
def test_a_topic_for_a_rule(statement: dict[str, Any], allowed: bool) -> None:
    assert publishes(statement) is allowed


def test_a_deny_for_insecure_transport_does_not_stop_a_service() -> None:
    insecure = deny("sns:*", TOPIC, Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    assert publishes(allow("sns:Publish", TOPIC, **EVENTS), insecure)


def test_a_deny_wins() -> None:
    granted_to_all = allow("sns:*", "*", Principal="*")
    assert not publishes(granted_to_all, deny("sns:Publish", TOPIC, Principal="*"))
    assert not publishes(
        granted_to_all, {**deny("sns:Publish"), "NotPrincipal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    )
    assert publishes(granted_to_all, {**deny("sns:Publish"), "NotPrincipal": {"Service": "events.amazonaws.com"}})


@pytest.mark.parametrize(
    ("statement", "rule", "topic"),
    [
        (allow("sns:Publish", TOPIC, **source("ArnEquals", RULE)), None, TOPIC),
        (allow("sns:Publish", TOPIC, **source("ArnEquals", RULE)), f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/*", TOPIC),
        (allow("sns:Publish", TOPIC, **source("ArnEquals", "${aws:PrincipalArn}")), RULE, TOPIC),
        (allow("sns:Publish", TOPIC, **EVENTS), RULE, None),
        (allow("sns:Publish", TOPIC, **EVENTS, Condition={"StringEquals": {"sns:Protocol": "https"}}), RULE, TOPIC),
        ({"Effect": "Allow", "Action": "sns:*", "NotResource": TOPIC, **EVENTS}, RULE, None),
        ({**allow("sns:Publish", TOPIC), "NotPrincipal": {"AWS": "*"}}, RULE, TOPIC),
    ],
)
def test_what_is_not_known_of_the_caller_is_untold(
    statement: dict[str, Any], rule: str | None, topic: str | None
) -> None:
    with pytest.raises(UnknownValue, match="depends on an Allow"):
        publishes(statement, rule=rule, topic=topic)


def test_parts_that_are_known_may_be_enough() -> None:
    some_rule = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/*"
    assert publishes(
        allow("sns:Publish", TOPIC, **source("ArnLike", f"arn:aws:events:*:{ACCOUNT}:rule/*")), rule=some_rule
    )
    assert not publishes(
        allow("sns:Publish", TOPIC, **source("ArnLike", "arn:aws:events:us-*:*:rule/*")), rule=some_rule
    )
    assert publishes(allow("sns:Publish", "*", **EVENTS), topic=None)


def test_a_key_that_grants_a_service() -> None:
    key = policy(
        allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        allow(["kms:GenerateDataKey*", "kms:Decrypt"], **EVENTS),
    )
    assert allows_service(key, "events.amazonaws.com", "kms:GenerateDataKey")
    assert not allows_service(key, "guardduty.amazonaws.com", "kms:GenerateDataKey")
    assert not allows_service(key, "events.amazonaws.com", "kms:Encrypt")


# --- another account, and an identity's own policies ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        ({"AWS": ACCOUNT}, True),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, True),
        ({"AWS": ["arn:aws:iam::999999999999:root", ACCOUNT]}, True),
        ("*", True),
        ({"AWS": "999999999999"}, False),
        ({"Service": "events.amazonaws.com"}, False),
    ],
)
def test_another_account(principal: Any, allowed: bool) -> None:
    put = policy(allow("events:PutEvents", Principal=principal))
    assert allows_account(put, ACCOUNT, "events:PutEvents") == (allowed, False)
    assert allows_account(put, ACCOUNT, "events:PutRule") == (False, False)


def test_another_account_that_a_condition_or_a_deny_may_bar() -> None:
    inside = allow("events:PutEvents", Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
    assert allows_account(policy(inside), ACCOUNT, "events:PutEvents") == (None, False)
    both = policy(allow("events:*", Principal="*"), deny("events:*", Principal={"AWS": ACCOUNT}))
    assert allows_account(both, ACCOUNT, "events:PutEvents") == (True, True)


def test_an_account_of_which_one_role_is_named() -> None:
    forward = f"arn:aws:iam::{ACCOUNT}:role/forward"
    one = policy(allow("events:PutEvents", Principal={"AWS": forward}))
    assert allows_account(one, ACCOUNT, "events:PutEvents") == (None, False)  # not the account as a whole
    barred = policy(allow("events:*", Principal="*"), deny("events:*", Principal={"AWS": forward}))
    assert allows_account(barred, ACCOUNT, "events:PutEvents", role=forward) == (True, True)
    assert allows_account(barred, ACCOUNT, "events:PutEvents", role=f"{forward}-other") == (True, False)
    rule = "arn:aws:events:eu-west-1:111122223333:rule/r"
    only = policy(allow("events:*", Principal="*", Condition={"ArnEquals": {"aws:SourceArn": rule}}))
    assert allows_account(only, ACCOUNT, "events:PutEvents", more={"aws:sourcearn": (rule,)}) == (True, False)
    assert allows_account(only, ACCOUNT, "events:PutEvents", more={"aws:sourcearn": (f"{rule}x",)}) == (False, False)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ((allow("sns:Publish", TOPIC),), True),
        ((allow("sns:*"),), True),
        ((allow("sns:Publish", f"{TOPIC}-other"),), False),
        ((allow("sns:Get*"),), False),
        ((), False),
        ((allow("sns:Publish", **MFA),), None),
        ((allow("sns:Publish"), deny("sns:Publish", **MFA)), None),
        ((allow("sns:Publish"), deny("sns:*")), False),
        ((allow("sns:Publish"), deny("sqs:*")), True),
    ],
)
def test_what_an_identity_may(statements: tuple[dict[str, Any], ...], expected: bool | None) -> None:
    assert may([policy(*statements)], "sns:Publish", TOPIC) is expected
