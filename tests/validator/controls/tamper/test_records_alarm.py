"""Control records-alarm: each call is asked about where the source holds what it silences."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.resource import Resource
from tests.support.estates import AP, EU, OURS, US, detector, estate, judged, scope, trail, verdicts
from tests.support.estates_access import organization
from tests.support.estates_events import function, hub, key, permission, topic_policy
from tests.support.estates_events import rule as finding_rule
from tests.support.estates_events import subscription as listener
from tests.support.estates_events import target as finding_target
from tests.support.estates_events import topic as named_topic
from tests.support.estates_tamper import alarm, pattern, records_pattern, rule, subscription, target, topic

ID = "records-alarm"
DEPLOY = "arn:aws:iam::111122223333:role/deploy"
BUT_DEPLOY = {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": [
    {"exists": False}, {"anything-but": [DEPLOY]}]}}}}  # fmt: skip
CALL = {"detail-type": ["AWS API Call via CloudTrail"]}


def watched(takes: str, *more: Resource, region: str = US) -> tuple[Resource, ...]:
    """A rule on such calls, to people, and the trail that EventBridge needs."""
    return (trail(), rule(region, takes=takes), target(region), topic(region), subscription(region), *more)


def narrowed(**detail: Any) -> str:
    return json.dumps({**CALL, "detail": {**json.loads(records_pattern())["detail"], **detail}})


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (watched(records_pattern(), hub(), key()), "pass"),
        (watched(records_pattern("DisableSecurityHub"), hub()), "fail"),
        (watched(records_pattern("DisableSecurityHub"), key()), "pass"),  # there is no hub to be disabled
        (watched(records_pattern("DeleteFindingAggregator"), hub()), "pass"),
        (watched(records_pattern("DisableKey"), key()), "fail"),
        (watched(narrowed(userIdentity={"type": ["AssumedRole"]}), key()), "fail"),
        (watched(narrowed(userIdentity={"type": [{"anything-but": "AWSService"}]}), key()), "pass"),
        ((*watched(records_pattern(), key())[1:],), "fail"),  # no trail
        (watched(records_pattern(), key())[:2], "fail"),  # no target
    ],
)
def test_what_the_source_holds(resources: tuple[Resource, ...], expected: str) -> None:
    assert verdicts(ID, estate(*resources), scope(US)) == {US: expected}


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"name": [{"prefix": "r"}]}, "pass"),
        ({"name": ["r"]}, "pass"),
        ({"name": [{"prefix": "else"}]}, "fail"),
    ],
)
def test_a_call_is_tried_with_the_name_of_the_rule(request_: dict[str, Any], expected: str) -> None:
    on_rules = json.dumps({**CALL, "detail": {"$or": [
        {"eventName": ["PutRule", "DisableRule", "DeleteRule"], "requestParameters": request_},
        {"eventName": ["PutTargets", "RemoveTargets"], "requestParameters": {"rule": request_["name"]}},
        {"eventName": ["StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors"]},
    ]}})  # fmt: skip
    findings = (finding_rule(), finding_target("arn:aws:sqs:us-east-1:111122223333:q"))
    found = estate(*watched(on_rules), *findings)
    assert verdicts(ID, found, scope(US)) == {US: expected}


@pytest.mark.parametrize(
    ("but", "expected"), [("", "pass"), ("PutFunctionConcurrency", "fail"), ("SetTopicAttributes", "fail")]
)
def test_the_topic_and_the_function_that_carry_findings(but: str, expected: str) -> None:
    way = (
        finding_rule(), finding_target("aws_lambda_function.respond_us_east_1"), function(), permission(),
        finding_target("aws_sns_topic.alerts_us_east_1", name="u"), named_topic(), topic_policy(), listener(),
    )  # fmt: skip
    assert verdicts(ID, estate(*watched(records_pattern(but)), *way), scope(US)) == {US: expected}


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (watched(records_pattern("DetachPolicy")), "pass"),  # nothing says that it is the management account
        (watched(records_pattern("DetachPolicy"), organization(OURS.id, account=OURS)), "fail"),
        (watched(records_pattern(), organization(OURS.id, account=OURS)), "pass"),
        (watched(records_pattern("UpdateAssumeRolePolicy")), "pass"),  # no role is left out
        (
         (*watched(records_pattern("UpdateAssumeRolePolicy")), rule(name="g", takes=pattern(**BUT_DEPLOY))), "fail"),
        ((*watched(records_pattern()), rule(name="g", takes=pattern(**BUT_DEPLOY))), "pass"),
    ],
)  # fmt: skip
def test_the_global_region(resources: tuple[Resource, ...], expected: str) -> None:
    assert verdicts(ID, estate(*resources), scope(US)) == {US: expected}


def test_calls_of_iam_are_asked_about_in_the_global_region_alone() -> None:
    narrow = records_pattern("UpdateAssumeRolePolicy")
    resources = (*watched(narrow, region=EU), rule(EU, name="g", takes=pattern(**BUT_DEPLOY)), target(EU, name="g"))
    assert verdicts(ID, estate(*resources), scope(EU)) == {EU: "pass"}


def test_it_is_asked_where_a_rule_guards_the_record_or_the_spec_asks() -> None:
    asked = Requirements(wanted=frozenset({ID}))
    assert judged(ID, estate(trail(), *alarm()), scope(US)) == ()
    (row,) = judged(ID, estate(trail(), *alarm()), scope(US, asked=asked))
    assert row.verdict == "fail"
    assert verdicts(ID, estate(detector(), trail()), scope(AP, asked=asked)) == {AP: "not-applicable"}
