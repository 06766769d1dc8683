"""Who may do what with bus, topic, keys, queues and buckets, as the recorded plan after apply has them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.policy_requests import Decision, Request, decide, policies
from tests.support.record import RESPONSE

ACCOUNT, OTHER = "123456789012", "444455556666"
HOME = "eu-west-1"
TOPIC = f"arn:aws:sns:{HOME}:{ACCOUNT}:baseline-guardduty-alerts"
BUS = f"arn:aws:events:{HOME}:{ACCOUNT}:event-bus/baseline-guardduty"
BUCKET = f"arn:aws:s3:::baseline-config-{ACCOUNT}"
KEY = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"
EVENTS, ALARMS, CONFIG = "events.amazonaws.com", "cloudwatch.amazonaws.com", "config.amazonaws.com"
FORWARD = f"arn:aws:iam::{ACCOUNT}:role/baseline-guardduty-forward"
PLAIN = {"aws:SecureTransport": "false"}


@pytest.fixture(scope="module")
def applied() -> dict[str, str]:
    plan: dict[str, Any] = json.loads((RESPONSE / "applied.json").read_text(encoding="utf-8"))
    return policies(plan)


def ours(account: str = ACCOUNT) -> dict[str, str]:
    return {"aws:SourceAccount": account}


def about(topic: str = TOPIC) -> dict[str, str]:
    return {"kms:EncryptionContext:aws:sns:topicArn": topic}


@pytest.mark.parametrize(
    ("who", "context", "expected"),
    [
        (EVENTS, ours(), "allow"),
        (ALARMS, ours(), "allow"),
        (EVENTS, ours(OTHER), "silent"),
        (ALARMS, ours(OTHER), "silent"),
        (EVENTS, {}, "silent"),
        ("s3.amazonaws.com", ours(), "silent"),
        (f"arn:aws:iam::{OTHER}:role/x", {}, "silent"),
        (EVENTS, ours() | PLAIN, "deny"),
        (f"arn:aws:iam::{ACCOUNT}:role/x", PLAIN, "deny"),
    ],
)
def test_who_publishes(applied: dict[str, str], who: str, context: dict[str, str], expected: Decision) -> None:
    policy = applied["module.alert_topic.aws_sns_topic_policy.this"]
    assert decide(policy, Request(who, "sns:Publish", TOPIC, context)) == expected


@pytest.mark.parametrize("action", ["kms:GenerateDataKey", "kms:Decrypt"])
@pytest.mark.parametrize(
    ("who", "context", "expected"),
    [
        # As SNS asks for EventBridge: for the topic, and without saying whose rule it is.
        (EVENTS, about(), "allow"),
        (EVENTS, about(f"{TOPIC}-of-others"), "silent"),
        (EVENTS, {}, "silent"),
        (ALARMS, about() | ours(), "allow"),
        (ALARMS, about() | ours(OTHER), "silent"),
        ("s3.amazonaws.com", about() | ours(), "silent"),
        (f"arn:aws:iam::{OTHER}:role/x", about(), "silent"),
    ],
)
def test_who_encrypts_alerts(
    applied: dict[str, str], action: str, who: str, context: dict[str, str], expected: Decision
) -> None:
    assert decide(applied["module.alert_topic.aws_kms_key.this"], Request(who, action, KEY, context)) == expected


@pytest.mark.parametrize(
    ("who", "expected"),
    # The account as a whole: AWS checks who makes a target of another region too, and that is the role that deploys.
    [(FORWARD, "allow"), (f"arn:aws:iam::{ACCOUNT}:role/other", "allow"), (f"arn:aws:iam::{OTHER}:root", "silent")],
)
def test_who_puts_events_on_the_bus(applied: dict[str, str], who: str, expected: Decision) -> None:
    policy = applied["module.event_bus.aws_cloudwatch_event_bus_policy.this"]
    assert decide(policy, Request(who, "events:PutEvents", BUS, {"aws:PrincipalArn": who})) == expected


def test_no_policy_names_a_role_that_is_made_beside_it(applied: dict[str, str]) -> None:
    """IAM knows a new role everywhere only in a while, and AWS refuses a principal that it does not find."""
    assert [address for address, policy in applied.items() if f"iam::{ACCOUNT}:role/" in str(principals(policy))] == []


def principals(policy: str) -> list[object]:
    return [statement.get("Principal") for statement in json.loads(policy)["Statement"]]


@pytest.mark.parametrize("region", ["eu-south-2", HOME])
def test_each_region_s_rules_keep_what_they_cannot_forward(applied: dict[str, str], region: str) -> None:
    label = region.replace("-", "_")
    policy = applied[f"module.{label}.module.event_rules[0].aws_sqs_queue_policy.undelivered"]
    queue = f"arn:aws:sqs:{region}:{ACCOUNT}:baseline-guardduty-forward-undelivered"

    def asked(who: str, rule: str, **context: str) -> Decision:
        source = {"aws:SourceArn": f"arn:aws:events:{rule}"}
        return decide(policy, Request(who, "sqs:SendMessage", queue, source | context))

    own = f"{region}:{ACCOUNT}:rule/baseline-guardduty-forward-findings"
    assert asked(EVENTS, own) == "allow"
    assert asked(EVENTS, own.replace(ACCOUNT, OTHER)) == "silent"
    assert asked(EVENTS, f"us-east-1:{ACCOUNT}:rule/baseline-guardduty-forward-findings") == "silent"
    assert asked("sns.amazonaws.com", own) == "silent"
    assert asked(EVENTS, own, **PLAIN) == "deny"


def test_the_function_s_key_is_for_its_own_log(applied: dict[str, str]) -> None:
    policy = applied["module.response.aws_kms_key.this"]
    group = f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:/aws/lambda/baseline-guardduty-response"
    logs = f"logs.{HOME}.amazonaws.com"
    for found, expected in ((group, "allow"), (f"{group}-other", "silent")):
        context = {"kms:EncryptionContext:aws:logs:arn": found}
        assert decide(policy, Request(logs, "kms:Encrypt", KEY, context)) == expected
    assert decide(policy, Request("logs.us-east-1.amazonaws.com", "kms:Encrypt", KEY, {})) == "silent"


@pytest.mark.parametrize(
    ("who", "account", "path", "more", "expected"),
    [
        (CONFIG, ACCOUNT, f"AWSLogs/{ACCOUNT}/Config/eu-south-2/x.json.gz", {}, "allow"),
        (CONFIG, OTHER, f"AWSLogs/{ACCOUNT}/Config/eu-south-2/x.json.gz", {}, "silent"),
        (CONFIG, ACCOUNT, f"AWSLogs/{OTHER}/Config/eu-south-2/x.json.gz", {}, "silent"),
        ("cloudtrail.amazonaws.com", ACCOUNT, f"AWSLogs/{ACCOUNT}/Config/x", {}, "silent"),
        (CONFIG, ACCOUNT, f"AWSLogs/{ACCOUNT}/Config/x", PLAIN, "deny"),
    ],
)
def test_who_delivers_what_was_recorded(
    applied: dict[str, str], who: str, account: str, path: str, more: dict[str, str], expected: Decision
) -> None:
    policy = applied["module.config_bucket.module.bucket.aws_s3_bucket_policy.this"]
    context = ours(account) | {"s3:x-amz-acl": "bucket-owner-full-control"} | more
    assert decide(policy, Request(who, "s3:PutObject", f"{BUCKET}/{path}", context)) == expected
    if expected == "allow":
        assert decide(policy, Request(who, "s3:GetBucketAcl", BUCKET, ours(account))) == "allow"
