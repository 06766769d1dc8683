"""The evaluator that the tests of rendered policies rely on, against AWS's documented examples of evaluation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.policy_requests import Request, decide, policies

BUCKET = "arn:aws:s3:::logs"
OBJECT = f"{BUCKET}/a/b"
SERVICE = "guardduty.amazonaws.com"
ROLE = "arn:aws:iam::111122223333:role/reader"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    base = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "s3:PutObject", "Resource": f"{BUCKET}/*"}
    return {"Version": "2012-10-17", "Statement": [{**base, **statement} for statement in statements]}


def put(principal: str = SERVICE, action: str = "s3:PutObject", resource: str = OBJECT, **context: str) -> Request:
    return Request(principal, action, resource, {key.replace("__", ":"): value for key, value in context.items()})


def test_an_allow_allows_a_deny_wins_and_nothing_is_silence() -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    assert decide(policy({}), put()) == "allow"
    assert decide(policy({}, deny), put()) == "deny"
    assert decide(policy(deny, {}), put()) == "deny"
    assert decide(policy(), put()) == "silent"


@pytest.mark.parametrize(
    ("principal", "who", "meant"),
    [
        ("*", SERVICE, True),
        ({"AWS": "*"}, ROLE, True),
        ({"AWS": "*"}, SERVICE, False),
        ({"AWS": "111122223333"}, ROLE, True),
        ({"AWS": "arn:aws:iam::111122223333:root"}, ROLE, True),
        ({"AWS": ["arn:aws:iam::444455556666:root"]}, ROLE, False),
        ({"AWS": ROLE}, ROLE, True),
        ({"AWS": ROLE}, "arn:aws:iam::111122223333:role/other", False),
        ({"Service": ["events.amazonaws.com", SERVICE]}, SERVICE, True),
        ({"Service": "events.amazonaws.com"}, SERVICE, False),
    ],
)
def test_who_is_meant(principal: object, who: str, meant: bool) -> None:
    assert decide(policy({"Principal": principal}), put(who)) == ("allow" if meant else "silent")


@pytest.mark.parametrize(
    ("statement", "request_", "decision"),
    [
        ({"Action": "s3:put*"}, put(), "allow"),
        ({"Action": ["s3:GetObject"]}, put(), "silent"),
        ({"Resource": BUCKET}, put(), "silent"),
        ({"Resource": f"{BUCKET}/a/?"}, put(), "allow"),
        ({"Resource": f"{BUCKET}/A/b"}, put(), "silent"),
    ],
)
def test_actions_and_resources(statement: dict[str, Any], request_: Request, decision: str) -> None:
    assert decide(policy(statement), request_) == decision


def test_not_action_and_not_resource_are_all_others() -> None:
    base = {"Effect": "Deny", "Principal": "*"}
    document = {"Statement": {**base, "NotAction": "s3:PutObject", "NotResource": f"{BUCKET}/open/*"}}
    assert decide(document, put()) == "silent"
    assert decide(document, put(action="s3:GetObject")) == "deny"
    assert decide(document, put(action="s3:GetObject", resource=f"{BUCKET}/open/x")) == "silent"


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "holds"),
    [
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a", None, False),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringNotEquals", "a", None, True),
        ("StringLike", "a*z", "abcz", True),
        ("StringNotLike", "a*z", "abcz", False),
        ("ArnLike", "arn:aws:sns:eu-*:111122223333:t*", "arn:aws:sns:eu-west-1:111122223333:topic", True),
        ("ArnLike", "arn:aws:*:topic", "arn:aws:sns:eu-west-1:111122223333:topic", False),
        ("ArnEquals", "arn:aws:sns:eu-west-1:111122223333:t", "arn:aws:sns:eu-west-1:111122223333:t", True),
        ("Bool", "false", "false", True),
        ("Bool", False, "false", True),
        ("Bool", "true", None, False),
        ("Null", "true", None, True),
        ("Null", "true", "x", False),
        ("Null", "false", "x", True),
        ("NumericLessThan", "1.2", "1.1", True),
        ("NumericGreaterThanEquals", "1.2", "1.1", False),
    ],
)  # fmt: skip
def test_conditions(operator: str, wanted: object, value: str | None, holds: bool) -> None:
    context = {} if value is None else {"aws:Key": value}
    found = decide(
        policy({"Condition": {operator: {"AWS:key": wanted}}}), Request(SERVICE, "s3:PutObject", OBJECT, context)
    )
    assert found == ("allow" if holds else "silent")


def test_all_conditions_must_hold() -> None:
    document = policy({"Condition": {"StringEquals": {"a:b": "1", "a:c": "2"}, "Bool": {"aws:SecureTransport": True}}})
    assert decide(document, put(a__b="1", a__c="2")) == "allow"
    assert decide(document, put(a__b="1")) == "silent"
    assert decide(document, put(a__b="1", a__c="2", aws__SecureTransport="false")) == "silent"


def test_quantifiers() -> None:
    def asked(operator: str, *values: str) -> str:
        condition = {operator: {"aws:TagKeys": ["a", "b"]}}
        return decide(
            policy({"Condition": condition}), Request(SERVICE, "s3:PutObject", OBJECT, {"aws:TagKeys": values})
        )

    assert asked("ForAllValues:StringEquals", "a", "b") == "allow"
    assert asked("ForAllValues:StringEquals", "a", "c") == "silent"
    assert asked("ForAllValues:StringEquals") == "allow"
    assert asked("ForAnyValue:StringEquals", "a", "c") == "allow"
    assert asked("ForAnyValue:StringEquals") == "silent"


@pytest.mark.parametrize(
    "statement",
    [
        {"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}},
        {"Condition": {"StringLike": {"a:b": "${aws:username}"}}},
        {"Principal": {"Federated": "x"}},
        {"Surprise": "x"},
    ],
)
def test_what_it_does_not_know_it_does_not_guess(statement: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not evaluated"):
        decide(policy(statement), put(a__b="x", aws__SourceIp="192.0.2.1"))


def test_the_policies_of_a_plan_are_those_that_are_known() -> None:
    def change(address: str, after: object, mode: str = "managed") -> dict[str, Any]:
        return {"address": address, "mode": mode, "change": {"after": after}}

    plan = {
        "resource_changes": [
            change("aws_s3_bucket_policy.a", {"policy": "{}"}),
            change("aws_s3_bucket_policy.unknown", {}),
            change("aws_s3_bucket_policy.gone", None),
            change("data.aws_iam_policy_document.b", {"policy": "{}"}, "data"),
        ]
    }
    assert policies(plan) == {"aws_s3_bucket_policy.a": "{}"}
