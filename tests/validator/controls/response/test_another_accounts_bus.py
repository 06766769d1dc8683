"""Findings that go to another account's bus arrive only where its policy lets them in."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventBusPolicy
from guardline.validator.model.resource import Account, Resource
from tests.support.estates import EU, OURS, PENDING, THEIRS, US, estate, judged, scope
from tests.support.estates_events import (
    OWN_ACCOUNT,
    allows,
    bus,
    bus_policy,
    key,
    rule,
    subscription,
    target,
    topic,
    topic_policy,
)

TOPIC = "aws_sns_topic.alerts_us_east_1"
THEIR_BUS = "arn:aws:events:us-east-1:444455556666:event-bus/security"


def lets(principal: object, **more: object) -> dict[str, object]:
    """A policy of a bus."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "events:PutEvents", "Resource": THEIR_BUS}
    return {"Version": "2012-10-17", "Statement": [{**statement, **more}]}


def theirs(*resources: Resource) -> tuple[Resource, ...]:
    return tuple(replace(resource, location=replace(resource.location, account=THEIRS)) for resource in resources)


def both(*resources: Resource) -> Estate:
    return replace(estate(*resources), accounts=(OURS, THEIRS))


HOME = theirs(
    bus(), rule(name="in", bus="security"), target(TOPIC, name="in", of="in", bus="security"),
    topic(), topic_policy(), subscription(),
)  # fmt: skip
OURS_OUT = (rule(EU), target(THEIR_BUS, EU))
ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (lets({"AWS": "arn:aws:iam::111122223333:root"}), "pass"),
        (lets({"AWS": "111122223333"}), "pass"),
        (lets("*"), "pass"),
        (lets("*", Condition=ORGANIZATION), "undetermined"),
        (lets({"AWS": "arn:aws:iam::999999999999:root"}), "fail"),
        (lets({"AWS": "111122223333"}, Action="events:PutRule"), "fail"),
        (lets({"AWS": "111122223333"}, Effect="Deny"), "fail"),
        (PENDING, "undetermined"),
        (None, "fail"),
    ],
)
def test_what_the_bus_lets_in(policy: object, expected: str) -> None:
    policies = () if policy is None else theirs(bus_policy(policy))
    found = both(*HOME, *OURS_OUT, *policies)
    (row,) = judged("finding-alert", found, scope(EU, accounts=(OURS,)))
    assert row.verdict == expected, row.reason


def test_a_policy_that_is_not_read_may_let_them_in() -> None:
    found = replace(both(*HOME, *OURS_OUT), missing={EventBusPolicy: "module.a could not be read"})
    (row,) = judged("finding-alert", found, scope(EU, accounts=(OURS,)))
    assert row.verdict == "undetermined"


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("arn:aws:events:us-east-1:111122223333:event-bus/default", "pass"),
        ("arn:aws:events:us-east-1:999999999999:event-bus/default", "fail"),
        ("arn:aws:events:eu-west-1:111122223333:event-bus/default", "fail"),
        ("default", "pass"),
    ],
)
def test_a_rule_is_on_the_bus_that_its_arn_names(named: str, expected: str) -> None:
    on = (rule(bus=named), target(TOPIC, bus=named), topic(), topic_policy(), subscription())
    (row,) = judged("finding-alert", estate(*on), scope(US, accounts=(OURS,)))
    assert row.verdict == expected, row.reason


BUS_ARN = "arn:aws:events:us-east-1:111122223333:event-bus/security"
USES_KEY = ("kms:GenerateDataKey", "kms:Decrypt")


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (allows(*USES_KEY), "pass"),
        (allows(*USES_KEY, Condition={"StringEquals": {"aws:SourceArn": BUS_ARN}}), "pass"),
        (
            allows(*USES_KEY, Condition={"StringEquals": {"kms:EncryptionContext:aws:events:event-bus:arn": BUS_ARN}}),
            "pass",
        ),
        (allows(*USES_KEY, Condition={"StringEquals": {"aws:SourceAccount": "999999999999"}}), "fail"),
        (allows("kms:Decrypt"), "fail"),
        (allows(*USES_KEY, Effect="Deny"), "fail"),
        (PENDING, "undetermined"),
        (None, "undetermined"),
    ],
)
def test_the_key_of_a_bus_lets_eventbridge_in(policy: object, expected: str) -> None:
    own = (
        bus(key="k"), bus_policy(OWN_ACCOUNT), rule(name="in", bus="security"), topic(), topic_policy(),
        target(TOPIC, name="in", of="in", bus="security"), subscription(),
        rule(), target("aws_cloudwatch_event_bus.security_us_east_1"),
        *(() if policy is None else (key(policy=policy),)),
    )  # fmt: skip
    (row,) = judged("finding-alert", estate(*own), scope(US))
    assert row.verdict == expected, row.reason


NAMELESS = Account(None, "credentials")


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("arn:aws:events:us-east-1:999999999999:event-bus/security", "undetermined"),
        ("aws_cloudwatch_event_bus.security_us_east_1", "pass"),
    ],
)
def test_an_account_of_unknown_id_may_be_another_than_that_of_an_arn(to: str, expected: str) -> None:
    own = (
        bus(), bus_policy(OWN_ACCOUNT), rule(name="in", bus="security"), topic(), topic_policy(), subscription(),
        target(TOPIC, name="in", of="in", bus="security"), rule(), target(to),
    )  # fmt: skip
    nameless = [replace(one, location=replace(one.location, account=NAMELESS)) for one in own]
    found = replace(estate(*nameless), accounts=(NAMELESS,))
    (row,) = judged("finding-alert", found, scope(US, accounts=(NAMELESS,)))
    assert row.verdict == expected, row.reason


def test_a_rule_on_a_bus_by_its_arn_may_be_another_account_s() -> None:
    on = (rule(bus=THEIR_BUS.replace("security", "default")), target(TOPIC), topic(), topic_policy(), subscription())
    nameless = [replace(one, location=replace(one.location, account=NAMELESS)) for one in on]
    found = replace(estate(*nameless), accounts=(NAMELESS,))
    (row,) = judged("finding-alert", found, scope(US, accounts=(NAMELESS,)))
    assert row.verdict == "undetermined", row.reason


def test_another_region_of_the_own_account() -> None:
    own = (
        bus(), rule(name="in", bus="security"), target(TOPIC, name="in", of="in", bus="security"),
        topic(), topic_policy(), subscription(), rule(EU), target("aws_cloudwatch_event_bus.security_us_east_1", EU),
    )  # fmt: skip
    (row,) = judged("finding-alert", estate(*own, bus_policy(OWN_ACCOUNT)), scope(EU, accounts=(OURS,)))
    assert row.verdict == "pass"
    assert US not in row.reason
    # Without a policy one reading of AWS's documents lets the account in, and another does not.
    (row,) = judged("finding-alert", estate(*own), scope(EU, accounts=(OURS,)))
    assert row.verdict == "undetermined"
