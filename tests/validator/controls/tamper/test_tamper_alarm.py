"""Controls tamper-trail and tamper-alarm."""

from __future__ import annotations

import json

import pytest

from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.events import EventTarget
from guardline.validator.model.resource import Ref, Resource
from tests.support.estates import EU, PENDING, US, basic, detector, estate, judged, scope, trail, verdicts, where
from tests.support.estates_events import OWN_ACCOUNT, bus_policy
from tests.support.estates_tamper import (
    CALLS,
    alarm,
    bus,
    function,
    pattern,
    permission,
    rule,
    subscription,
    target,
    topic,
)

TRAIL, ALARM = "tamper-trail", "tamper-alarm"
MANAGEMENT = where("eventCategory", "Management")


def recorded(*trails: Resource, asked: Requirements | None = None) -> str | None:
    rows = judged(TRAIL, estate(rule(), *trails), scope(asked=asked))
    assert len(rows) == 1
    return rows[0].verdict.value


@pytest.mark.parametrize(
    ("trails", "expected"),
    [
        ((trail(),), "pass"),
        ((trail(selectors=(basic("WriteOnly"),)),), "pass"),
        ((trail(selectors=(basic("ReadOnly"),)),), "fail"),
        ((trail(selectors=(basic(management=False),)),), "fail"),
        ((trail(advanced=((MANAGEMENT,),)),), "pass"),
        ((trail(advanced=((MANAGEMENT, where("readOnly", "false")),)),), "pass"),
        ((trail(advanced=((MANAGEMENT, where("readOnly", "true")),)),), "fail"),
        ((trail(advanced=((MANAGEMENT, where("eventSource", not_equals=("guardduty.amazonaws.com",))),)),), "fail"),
        ((trail(advanced=((MANAGEMENT, where("eventName", "DeleteDetector")),)),), "fail"),
        ((trail(advanced=PENDING),), "undetermined"),
        ((trail(logging=False),), "fail"),
        ((trail(logging=PENDING),), "undetermined"),
        ((trail(multi_region=False),), "fail"),
        ((trail("a", logging=False), trail("b")), "pass"),
        ((), "fail"),
    ],
)
def test_tamper_trail(trails: tuple[Resource, ...], expected: str) -> None:
    assert recorded(*trails) == expected


def test_the_trail_is_asked_about_only_beside_a_rule_on_calls() -> None:
    assert judged(TRAIL, estate(trail(), detector()), scope()) == ()
    assert judged(TRAIL, estate(), scope(asked=Requirements(wanted=frozenset({TRAIL}))))[0].verdict == "fail"


FINDINGS = json.dumps({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]})
FORWARD = Ref(address="aws_cloudwatch_event_bus.security")


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (alarm(), "pass"),
        ((*alarm()[1:], rule(takes=pattern({"anything-but": {"prefix": "Get"}}))), "pass"),
        ((*alarm()[1:], rule(takes=pattern("DeleteDetector"))), "fail"),
        ((*alarm()[1:], rule(takes=pattern(*CALLS[1:]))), "fail"),
        ((*alarm()[1:], rule(takes=pattern(*CALLS, userIdentity={"type": ["Root"]}))), "fail"),
        ((*alarm()[1:], rule(takes=pattern(*CALLS, awsRegion=[EU]))), "fail"),
        ((*alarm()[1:], rule(enabled=False)), "fail"),
        ((*alarm()[1:], rule(enabled=PENDING)), "undetermined"),
        ((*alarm()[1:], rule(takes="{"), rule(EU)), "fail"),
        ((*alarm()[1:], rule(takes=PENDING), rule(EU)), "undetermined"),
        ((*alarm()[1:], rule(PENDING)), "undetermined"),
        ((rule(), topic(), subscription()), "fail"),
        ((rule(), target(to=PENDING)), "undetermined"),
        ((rule(), target(of=PENDING), topic(), subscription()), "undetermined"),
        ((rule(), target(), topic(policy=""), subscription()), "fail"),
        ((rule(), target(), topic(policy=PENDING), subscription()), "undetermined"),
        ((rule(), target(), topic()), "undetermined"),
        ((rule(), target(to=Ref(id="arn:aws:logs:us-east-1:111122223333:log-group:/x"))), "undetermined"),
        ((rule(), target(to=Ref(id="arn:aws:sns:us-east-1:111122223333:else"))), "undetermined"),
        ((rule(), target(to=Ref(address="aws_lambda_function.f[us-east-1]")), function(), permission()), "pass"),
        ((rule(), target(to=Ref(address="aws_lambda_function.f[us-east-1]")), function()), "fail"),
        ((rule(takes=FINDINGS), target(), topic(), subscription(), rule(EU)), "fail"),
    ],
)  # fmt: skip
def test_tamper_alarm(resources: tuple[Resource, ...], expected: str) -> None:
    assert verdicts(ALARM, estate(trail(), *resources), scope(US)) == {US: expected}


def test_two_rules_add_up() -> None:
    halves = (rule(name="a", takes=pattern(*CALLS[:9])), rule(name="b", takes=pattern(*CALLS[9:])))
    ends = (target(name="a"), target(name="b"), topic(), subscription())
    assert verdicts(ALARM, estate(trail(), *halves, *ends), scope(US)) == {US: "pass"}
    assert verdicts(ALARM, estate(trail(), *halves, *ends[1:]), scope(US)) == {US: "fail"}


def test_over_a_bus_of_the_home_region() -> None:
    there = (
        bus(),
        rule(name="home", bus="security"),
        target(name="home", bus="security"),
        topic(),
        subscription(),
        bus_policy(OWN_ACCOUNT),
    )
    sent = (rule(EU), target(EU, to=FORWARD))
    assert verdicts(ALARM, estate(trail(), *sent, *there), scope(EU)) == {EU: "pass"}
    assert verdicts(ALARM, estate(trail(), rule(EU), target(EU, to=FORWARD, role=False), *there), scope(EU)) == {
        EU: "undetermined"
    }
    assert verdicts(ALARM, estate(trail(), *sent, bus()), scope(EU)) == {EU: "fail"}
    narrow = rule(name="home", bus="security", takes=pattern("DeleteDetector"))
    assert verdicts(ALARM, estate(trail(), *sent, narrow, *there[2:], bus()), scope(EU)) == {EU: "fail"}


def test_a_region_without_a_rule_fails_beside_one_with_it() -> None:
    assert verdicts(ALARM, estate(trail(), *alarm()), scope(EU, US)) == {EU: "fail", US: "pass"}
    assert verdicts(ALARM, estate(trail(), topic(), rule(takes=FINDINGS)), scope(US)) == {}


@pytest.mark.parametrize(
    ("trails", "expected"),
    [
        ((), {EU: "fail", US: "fail"}),
        ((trail(logging=False),), {EU: "fail", US: "fail"}),
        ((trail(logging=PENDING),), {EU: "undetermined", US: "undetermined"}),
        ((trail(multi_region=False, region=US),), {EU: "fail", US: "pass"}),
    ],
)
def test_without_a_trail_the_rule_hears_nothing(trails: tuple[Resource, ...], expected: dict[str, str]) -> None:
    assert verdicts(ALARM, estate(*trails, *alarm(US), *alarm(EU)), scope(EU, US)) == expected


def test_targets_that_could_not_be_read() -> None:
    found = estate(trail(), rule(), topic(), missing={EventTarget: "module.x cannot be read"})
    assert verdicts(ALARM, found, scope(US)) == {US: "undetermined"}


def test_a_trail_that_another_team_owns_lets_calls_be_heard() -> None:
    """Declared, it is in no source; one that is in the source is judged as it is."""
    asked = Requirements(
        declared={"tamper-trail": "arn:aws:cloudtrail:us-east-1:111122223333:trail/t, owned by platform"}
    )
    assert verdicts(ALARM, estate(*alarm()), scope(US, asked=asked)) == {US: "pass"}
    assert verdicts(ALARM, estate(trail(logging=False), *alarm()), scope(US, asked=asked)) == {US: "fail"}
    assert verdicts(ALARM, estate(*alarm()), scope(US, asked=Requirements())) == {US: "fail"}
