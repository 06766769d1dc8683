"""finding-alert: which estates take every finding to people, which do not, and which do not tell."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from guardline.validator.model.events import EventRule, EventTarget
from guardline.validator.model.functions import FunctionPermission
from guardline.validator.model.resource import Account, Ref, Resource
from guardline.validator.model.sns import TopicPolicy
from tests.support.estates import EU, OURS, PENDING, US, detector, estate, judged, scope, value, verdicts
from tests.support.estates_events import (
    FINDINGS,
    OWN_ACCOUNT,
    aggregator,
    allows,
    bus,
    bus_policy,
    function,
    hub,
    key,
    key_alias,
    key_policy,
    permission,
    rule,
    severe,
    subscription,
    target,
    text,
    topic,
    topic_policy,
)

ID = "finding-alert"
WITHIN = scope(US)
TOPIC = "aws_sns_topic.alerts_us_east_1"
ARN = "arn:aws:sns:us-east-1:111122223333:alerts"
CALLS = {"source": ["aws.guardduty"], "detail-type": ["AWS API Call via CloudTrail"]}


def alerting(*, rules: tuple[Resource, ...] | None = None, more: tuple[Resource, ...] = ()) -> tuple[Resource, ...]:
    """A rule to a topic that somebody hears."""
    start = (rule(), target(TOPIC)) if rules is None else rules
    return (*start, topic(), topic_policy(), subscription(), *more)


def via(*resources: Resource) -> tuple[Resource, ...]:
    """A topic that is not the usual one."""
    return (rule(), target(TOPIC), subscription(), *resources)


def only(*statements: object) -> str:
    return str(text({"Statement": [{**allows("sns:Publish")["Statement"][0], **dict(one)} for one in statements]}))  # type: ignore[call-overload]  # each is a dict


def heard_by(*resources: Resource) -> tuple[Resource, ...]:
    """A topic to which a function subscribes."""
    return (rule(), target(TOPIC), topic(), topic_policy(), subscription(calls="respond"), *resources)


def sns_may_call(name: str = "alerts") -> Resource:
    return permission(principal="sns.amazonaws.com", topic=name)


OTHER_RULE = {"ArnEquals": {"aws:SourceArn": "arn:aws:events:us-east-1:111122223333:rule/other"}}
THIS_RULE = {"ArnEquals": {"aws:SourceArn": "arn:aws:events:us-east-1:111122223333:rule/r"}}


def uses_key(**condition: object) -> dict[str, Any]:
    """A key's policy that lets EventBridge use it, under a condition."""
    return allows("kms:GenerateDataKey*", "kms:Decrypt", Condition=condition)


def for_topic(name: str) -> dict[str, Any]:
    """A key's policy that lets EventBridge use it for one topic."""
    topic_arn = f"arn:aws:sns:us-east-1:111122223333:{name}"
    return uses_key(StringEquals={"kms:EncryptionContext:aws:sns:topicArn": topic_arn})


CASES: dict[str, tuple[tuple[Resource, ...], str]] = {
    "all findings": (alerting(), "pass"),
    "from severity 4": (alerting(rules=(rule(pattern=severe(">=", 4)), target(TOPIC))), "pass"),
    "from severity 7": (alerting(rules=(rule(pattern=severe(">=", 7)), target(TOPIC))), "pass"),
    "from severity 8 only": (alerting(rules=(rule(pattern=severe(">=", 8)), target(TOPIC))), "fail"),
    "high and critical by two rules": (
        alerting(rules=(
            rule(pattern=severe(">=", 7, "<", 9)), target(TOPIC),
            rule(name="q", pattern=severe(">=", 9)), target(TOPIC, name="u", of="q"),
        )), "pass"),
    "types by two rules": (
        alerting(rules=(
            rule(pattern={**FINDINGS, "detail": {"type": [{"prefix": "Recon:"}]}}), target(TOPIC),
            rule(name="q", pattern={**FINDINGS, "detail": {"type": [{"anything-but": {"prefix": "Recon:"}}]}}),
            target(TOPIC, name="u", of="q"),
        )), "pass"),
    "one type only": (
        alerting(rules=(rule(pattern={**FINDINGS, "detail": {"type": [{"prefix": "Recon:"}]}}), target(TOPIC))),
        "fail"),
    "another account's findings": (
        alerting(rules=(rule(pattern={**FINDINGS, "account": ["999999999999"]}), target(TOPIC))), "fail"),
    "a misspelt detail-type": (
        alerting(rules=(rule(pattern={**FINDINGS, "detail-type": ["Guardduty finding"]}), target(TOPIC))), "fail"),
    "a pattern that AWS refuses": (
        alerting(rules=(rule(pattern='{"source": "aws.guardduty"}'), target(TOPIC))), "fail"),
    "a pattern not told": (alerting(rules=(rule(), rule(name="q", pattern=PENDING), target(TOPIC, of="q"))),
                           "undetermined"),
    "disabled": (alerting(rules=(rule(enabled=False), target(TOPIC))), "fail"),
    "perhaps disabled": (alerting(rules=(rule(enabled=PENDING), target(TOPIC))), "undetermined"),
    "on another bus": (alerting(rules=(rule(bus="own"), target(TOPIC, bus="own"))), "fail"),
    "target of another bus's rule": (alerting(rules=(rule(), target(TOPIC, bus="own"))), "fail"),
    "bus not told": (alerting(rules=(rule(bus=PENDING), target(TOPIC, bus=PENDING))), "undetermined"),
    "no target": (alerting(rules=(rule(),)), "fail"),
    "target of another rule": (alerting(rules=(rule(), target(TOPIC, of="other"))), "fail"),
    "target's rule not told": (alerting(rules=(rule(), target(TOPIC, of=PENDING))), "undetermined"),
    "target not told": (alerting(rules=(rule(), target(PENDING))), "undetermined"),
    "topic not in the source": ((rule(), target(ARN)), "undetermined"),
    "no policy": (via(topic()), "fail"),
    "policy in the topic": (via(topic(policy=allows("sns:Publish"))), "pass"),
    "policy of another service": (via(topic(), topic_policy(policy=allows("sns:Publish", service="s3.amazonaws.com"))),
                                  "fail"),
    "policy for another action": (via(topic(), topic_policy(policy=allows("sns:Subscribe"))), "fail"),
    "policy that denies": (
        via(topic(), topic_policy(policy=only({}, {"Effect": "Deny", "Principal": "*", "Action": "sns:*"}))), "fail"),
    "policy beside replaces the one inside": (
        via(topic(policy=allows("sns:Publish")), topic_policy(policy=allows("sns:Subscribe"))), "fail"),
    "policy for this rule": (via(topic(), topic_policy(policy=allows("sns:Publish", Condition=THIS_RULE))), "pass"),
    "policy for another rule": (via(topic(), topic_policy(policy=allows("sns:Publish", Condition=OTHER_RULE))), "fail"),
    "policy on another topic": (
        via(topic(), topic_policy(policy=allows("sns:Publish", Resource=ARN.replace("us-east-1", "eu-west-1")))),
        "fail"),
    "policy not told": (via(topic(), topic_policy(policy=PENDING)), "undetermined"),
    "policy's topic not told": (via(topic(), topic_policy(of=PENDING)), "undetermined"),
    "two policies": (via(topic(), topic_policy(), topic_policy(policy=allows("sns:Subscribe"))), "undetermined"),
    "two policies, the other order": (
        via(topic(), topic_policy(policy=allows("sns:Subscribe")), topic_policy()), "undetermined"),
    "one policy twice": (via(topic(), topic_policy(), topic_policy()), "pass"),
    "two policies of two topics": (
        via(topic(), topic_policy(), topic_policy(of="other", policy=allows("sns:Subscribe"))), "pass"),
    "encrypted, two policies of the key": (
        via(topic(key="k"), key(policy=""), key_policy(policy=allows("kms:*")), key_policy(policy=allows("kms:List*")),
            topic_policy()), "undetermined"),
    "encrypted, a policy of an unknown key": (
        via(topic(key="k"), key(policy=""), key_policy(of=PENDING, policy=allows("kms:*")), topic_policy()),
        "undetermined"),
    "encrypted, a policy of an unknown key beside one that lets": (
        via(topic(key="k"), key(), key_policy(of=PENDING, policy=allows("kms:List*")), topic_policy()), "undetermined"),
    "encrypted, a policy of another key": (
        via(topic(key="k"), key(), key_policy(of="other", policy=allows("kms:List*")), topic_policy()), "pass"),
    "policy not JSON": (via(topic(), topic_policy(policy="{")), "undetermined"),
    "encrypted, key lets": (via(topic(key="k"), key(), topic_policy()), "pass"),
    "encrypted, key bars": (via(topic(key="k"), key(policy=""), topic_policy()), "fail"),
    "encrypted, key lets decrypt only": (via(topic(key="k"), key(policy=allows("kms:Decrypt")), topic_policy()),
        "fail"),
    "encrypted, key lets for this topic": (
        via(topic(key="k"), key(policy=for_topic("alerts")), topic_policy()), "pass"),
    "encrypted, key lets for another topic": (
        via(topic(key="k"), key(policy=for_topic("other")), topic_policy()), "fail"),
    "encrypted, key asks for the account, which SNS does not pass on": (
        via(topic(key="k"), key(policy=uses_key(StringEquals={"aws:SourceAccount": "111122223333"})), topic_policy()),
        "fail"),
    "encrypted, key's policy beside": (
        via(topic(key="k"), key(policy=""), key_policy(policy=allows("kms:*")), topic_policy()), "pass"),
    "encrypted, by alias": (via(topic(key="alias/alerts"), key_alias(), key(), topic_policy()), "pass"),
    "encrypted, by alias of a barring key": (
        via(topic(key="alias/alerts"), key_alias(), key(policy=""), topic_policy()), "fail"),
    "encrypted with AWS's key": (via(topic(key="alias/aws/sns"), topic_policy()), "fail"),
    "encrypted, key elsewhere": (via(topic(key="arn:aws:kms:us-east-1:1:key/1"), topic_policy()), "undetermined"),
    "encrypted, key not told": (via(topic(key=PENDING), topic_policy()), "undetermined"),
    "encrypted with a disabled key": (via(topic(key="k"), key(state="Disabled"), topic_policy()), "fail"),
    "encrypted with a key that is being deleted": (
        via(topic(key="k"), key(state="PendingDeletion"), topic_policy()), "fail"),
    "encrypted with a key of unknown state": (via(topic(key="k"), key(state=PENDING), topic_policy()), "undetermined"),
    "encrypted with a disabled key, by alias": (
        via(topic(key="alias/alerts"), key_alias(), key(state="Disabled"), topic_policy()), "fail"),
    "a FIFO topic": (via(topic(fifo=True), topic_policy()), "fail"),
    "perhaps a FIFO topic": (via(topic(fifo=PENDING), topic_policy()), "undetermined"),
    "a function listens": (heard_by(function(), sns_may_call()), "pass"),
    "a function that SNS may not call listens": (heard_by(function()), "fail"),
    "a function that EventBridge may call listens": (heard_by(function(), permission(source=None)), "fail"),
    "a function that another topic may call listens": (heard_by(function(), sns_may_call("other")), "fail"),
    "a function that never runs listens": (heard_by(function(concurrency=0), sns_may_call()), "fail"),
    "a function that is not in the source listens": (heard_by(), "undetermined"),
    "a function that SNS may not call, and a person": (heard_by(function(), subscription(name="p")), "pass"),
    "a queue listens": (
        (rule(), target(TOPIC), topic(), topic_policy(), subscription(protocol="sqs")), "undetermined"),
    "a filter listens": (
        (rule(), target(TOPIC), topic(), topic_policy(), subscription(filtered=True)), "undetermined"),
    "somebody has not confirmed yet": (
        (rule(), target(TOPIC), topic(), topic_policy(), subscription(pending=True)), "undetermined"),
    "somebody may not have confirmed yet": (
        (rule(), target(TOPIC), topic(), topic_policy(), subscription(pending=PENDING)), "pass"),
    "somebody has confirmed, and somebody else not": (
        (rule(), target(TOPIC), topic(), topic_policy(), subscription(pending=True), subscription(name="p")), "pass"),
    "nobody listens": ((rule(), target(TOPIC), topic(), topic_policy()), "undetermined"),
    "rule of unknown region": (
        (rule(), rule(PENDING, "q"), target(TOPIC, PENDING, of="q"), topic(), topic_policy(), subscription()),
        "undetermined"),
    "a rule about calls beside": (alerting(more=(rule(name="q", pattern=CALLS),)), "pass"),
}  # fmt: skip


@pytest.mark.parametrize(("resources", "expected"), CASES.values(), ids=CASES)
def test_a_case(resources: tuple[Resource, ...], expected: str) -> None:
    (row,) = judged(ID, estate(*resources), WITHIN)
    assert row.verdict == expected, row.reason
    assert row.reason


def test_nothing_is_asked_where_no_rule_is_about_findings() -> None:
    others = (rule(pattern={"source": ["aws.ec2"]}), rule(name="q", pattern=CALLS), rule(name="p", pattern=""))
    assert judged(ID, estate(*others, topic()), WITHIN) == ()


@pytest.mark.parametrize(
    ("pattern", "is_meant"),
    [
        ({"source": [{"prefix": "aws.guard"}]}, True),
        ({"detail": {"type": ["Recon:EC2/Portscan"], "severity": [{"numeric": [">=", 7]}]}}, False),  # of any source
        ({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding", "AWS API Call via CloudTrail"]}, True),
        ({"source": [{"wildcard": "aws.*duty"}], "detail": {"severity": ["high"]}}, False),  # takes none of them
        ({"source": [{"prefix": "aws."}]}, False),  # takes everything, findings among it
        ({"source": [{"anything-but": "aws.s3"}]}, False),
        ({"source": [{"prefix": 1}]}, False),  # AWS refuses it
    ],
)
def test_a_rule_is_about_findings_by_what_it_takes(pattern: dict[str, Any], is_meant: bool) -> None:
    assert bool(judged(ID, estate(rule(pattern=pattern), topic()), WITHIN)) == is_meant


def test_nothing_is_asked_where_findings_start_code_only() -> None:
    resources = (rule(), target("aws_lambda_function.respond_us_east_1"), function(), permission())
    assert judged(ID, estate(*resources), WITHIN) == ()


def test_a_region_without_a_rule_fails() -> None:
    assert verdicts(ID, estate(*alerting()), scope(US, EU)) == {US: "pass", EU: "fail"}


@pytest.mark.parametrize("kind", [EventRule, EventTarget, TopicPolicy])
def test_absence_is_not_claimed_where_something_is_unread(kind: type[Resource]) -> None:
    left = [resource for resource in alerting() if not isinstance(resource, kind)]
    rest = (*left, rule(EU), target("aws_sns_topic.other", EU))
    found = estate(*rest, missing={kind: "module.a could not be read"})
    assert verdicts(ID, found, scope(US, EU))[US] == "undetermined"


def test_an_unread_kind_of_no_concern_changes_nothing() -> None:
    found = estate(*alerting(), missing={FunctionPermission: "module.a could not be read"})
    assert verdicts(ID, found, WITHIN) == {US: "pass"}


BUS = "arn:aws:events:us-east-1:111122223333:event-bus/security"
HOME = (
    bus(), rule(name="in", bus="security"), target(TOPIC, name="in", of="in", bus="security"),
    topic(), topic_policy(), subscription(), bus_policy(OWN_ACCOUNT),
)  # fmt: skip

HOPS: dict[str, tuple[tuple[Resource, ...], str]] = {
    "to the home bus": ((rule(EU), target("aws_cloudwatch_event_bus.security_us_east_1", EU)), "pass"),
    "by its ARN": ((rule(EU), target(BUS, EU)), "pass"),
    "without a role": ((rule(EU), target(BUS, EU, role=False)), "undetermined"),
    "to a bus without rules": ((rule(EU), target(BUS.replace("security", "other"), EU)), "fail"),
    "to another account": ((rule(EU), target(BUS.replace("1111", "9999"), EU)), "undetermined"),
    "low findings only": ((rule(EU, pattern=severe("<", 7)), target(BUS, EU)), "fail"),
    "disabled": ((rule(EU, enabled=False), target(BUS, EU)), "fail"),
}


@pytest.mark.parametrize(("resources", "expected"), HOPS.values(), ids=HOPS)
def test_a_hop(resources: tuple[Resource, ...], expected: str) -> None:
    (row,) = judged(ID, estate(*HOME, *resources), scope(EU))
    assert row.verdict == expected, row.reason


def test_both_patterns_of_a_hop_must_match() -> None:
    home = tuple(
        replace(resource, pattern=value(text(severe("<", 9)))) if isinstance(resource, EventRule) else resource
        for resource in HOME
    )
    (row,) = judged(ID, estate(*home, rule(EU, pattern=severe(">=", 7)), target(BUS, EU)), scope(EU))
    assert (row.verdict, "severity 9.0" in row.reason) == ("fail", True), row.reason


HUB = {"source": ["aws.securityhub"], "detail-type": ["Security Hub Findings - Imported"]}
BY_HUB = alerting(rules=(rule(pattern={**HUB, "detail": {"findings": {"ProductName": ["GuardDuty"]}}}), target(TOPIC)))


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ((detector(EU), hub(EU), hub(US), aggregator()), "pass"),
        ((detector(EU), hub(EU), hub(US)), "fail"),
        ((detector(EU), hub(US), aggregator()), "fail"),
        ((hub(EU), hub(US), aggregator()), "fail"),
        ((detector(EU), hub(EU), hub(US), aggregator(mode="SPECIFIED_REGIONS", regions=("ap-south-1",))), "fail"),
        ((detector(EU), hub(EU), hub(US), aggregator(mode="SPECIFIED_REGIONS", regions=PENDING)), "undetermined"),
        ((detector(EU), hub(EU), hub(US), aggregator(mode=PENDING)), "undetermined"),
        ((detector(EU), hub(EU), hub(US), aggregator(PENDING)), "undetermined"),
        ((detector(EU), hub(US), aggregator(mode=PENDING)), "fail"),
    ],
    ids=[
        "aggregated",
        "no aggregator",
        "no hub there",
        "no detector",
        "region left out",
        "regions not known",
        "mode not known",
        "home not known",
        "mode not known and no hub",
    ],
)
def test_by_security_hub(resources: tuple[Resource, ...], expected: str) -> None:
    other = (rule("ap-south-1"), target("aws_sns_topic.other", "ap-south-1"))  # the artefact that makes it asked
    (row,) = judged(ID, estate(*BY_HUB, *other, *resources), scope(EU))
    assert row.verdict == expected, row.reason


def test_an_account_in_the_pattern_needs_a_known_account() -> None:
    nobody = Account(None, "-")
    pattern = {**FINDINGS, "account": ["111122223333"]}
    resources = alerting(rules=(rule(pattern=pattern), target(TOPIC)))
    moved = [replace(resource, location=replace(resource.location, account=nobody)) for resource in resources]
    (row,) = judged(ID, estate(*moved), scope(US, accounts=(nobody,)))
    assert row.verdict == "undetermined", row.reason
    assert verdicts(ID, estate(*resources), scope(US, accounts=(OURS,))) == {US: "pass"}


def test_evidence_follows_the_whole_way() -> None:
    (row,) = judged(ID, estate(*alerting()), WITHIN)
    assert [one.address.split(".")[0] for one in row.evidence] == [
        "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target", "aws_sns_topic", "aws_sns_topic_policy",
        "aws_sns_topic_subscription",
    ]  # fmt: skip


def test_a_name_of_another_region_is_not_followed() -> None:
    """The same rule name in two regions: the target of one is not the other's."""
    resources = (rule(), target(TOPIC, EU, of=Ref(id="r")), topic(), topic_policy(), subscription())
    assert verdicts(ID, estate(*resources), WITHIN) == {US: "fail"}
