"""What patterns seen in the wild let through."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardline.spec.findings import families
from guardline.spec.guarded_calls import GUARDED
from guardline.validator.semantics.event_patterns import Pattern, compile_pattern, parse
from guardline.validator.semantics.event_questions import (
    _everywhere,
    matches_some_finding,
    severities_matched,
)
from guardline.validator.semantics.event_samples import (
    GUARDDUTY_CALLS,
    calls_on,
    finding_event,
    security_hub_event,
)
from guardline.validator.semantics.finding_samples import SEVERITIES, finding
from tests.support.event_questions import calls_missed, misses_at_or_above, narrowed_to, new_vpcs_missed

GUARDED_CALLS = tuple(call for each in GUARDED for call in calls_on(each))
ALL = {"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}


def rule(**detail: Any) -> Pattern:
    return parse(json.dumps({**ALL, "detail": detail} if detail else ALL))


# A hand-written list of severities, as AWS's guide once showed it: 7 to 8.9, which misses critical findings.
LISTED = [7, *(round(7 + tenth / 10, 1) for tenth in range(20))]


@pytest.mark.parametrize(
    ("pattern", "least", "missed"),
    [
        (rule(), 1, None),
        (rule(severity=[{"numeric": [">=", 7]}]), 7, None),
        (rule(severity=[{"numeric": [">=", 7]}]), 4, "findings of severity 4.0"),
        (rule(severity=[{"numeric": [">", 7]}]), 7, "findings of severity 7.0"),
        (rule(severity=[{"numeric": [">=", 7, "<", 9]}]), 7, "findings of severity 9.0"),
        (rule(severity=[8]), 7, "findings of severity 7.0"),
        (rule(severity=LISTED), 7, "findings of severity 9.0"),
        (rule(severity=["8"]), 8, "findings of severity 8.0"),
        (rule(severity=[{"anything-but": [1, 2, 3]}]), 4, None),
        (rule(type=[{"prefix": ""}]), 1, None),
        (rule(type=[{"prefix": "Recon:"}]), 4, "findings of type Impact:IAMUser/AnomalousModelInvocation at"),
        (rule(type=[{"anything-but": {"prefix": "Policy:S3"}}]), 4, "findings of type Policy:S3/"),
        (rule(resource={"resourceType": ["Instance"]}), 7, "findings of type"),
        (rule(service={"archived": [False]}), 1, None),
        (rule(service={"archived": [True]}), 1, "findings of severity 1.0"),
        (parse('{"source": ["aws.guardduty"]}'), 1, None),
        (parse('{"source": [{"prefix": "aws."}]}'), 1, None),
        (parse('{"source": ["aws.securityhub"]}'), 1, "findings of severity 1.0"),
        (parse('{"detail-type": ["AWS API Call via CloudTrail"]}'), 1, "findings of severity 1.0"),
        (parse('{"source": ["aws.guardduty"], "account": ["999999999999"]}'), 1, "findings of severity 1.0"),
    ],
)
def test_misses_at_or_above(pattern: Pattern, least: float, missed: str | None) -> None:
    found = misses_at_or_above(pattern, least)
    assert found is None if missed is None else (found or "").startswith(missed)


def test_severities_are_those_of_every_type() -> None:
    assert severities_matched(rule(severity=[{"numeric": [">=", 9.8]}])) == (9.8, 9.9, 10.0)
    one_type = {"$or": [{"type": ["Recon:EC2/Portscan"]}, {"severity": [{"numeric": [">=", 9.9]}]}]}
    assert severities_matched(rule(**one_type)) == (9.9, 10.0)


def test_a_rule_for_one_thing_matches_some_or_no_finding() -> None:
    assert matches_some_finding(rule(type=["Recon:EC2/Portscan"], severity=[2]))
    assert not matches_some_finding(rule(type=["Recon:EC2/NoSuchType"]))


@pytest.mark.parametrize(
    ("detail", "named"),
    [
        ({"resource": {"instanceDetails": {"tags": {"key": ["env"], "value": ["prod"]}}}}, True),
        ({"resource": {"instanceDetails": {"instanceId": [{"exists": True}]}, "resourceType": ["Instance"]}}, True),
        ({"accountId": ["999999999999"], "type": [{"prefix": "Recon:"}]}, True),
        ({"$or": [{"resource": {"x": ["y"]}}, {"type": ["Recon:EC2/NoSuchType"]}]}, True),
        ({"service": {"action": {"actionType": ["NETWORK_CONNECTION"]}}}, False),
        ({"severity": [{"numeric": [">=", 8]}]}, False),
    ],
)
def test_a_rule_for_the_users_own_things_matches_some_finding(detail: dict[str, Any], named: bool) -> None:
    assert matches_some_finding(rule(**detail))
    assert bool(narrowed_to(rule(**detail))) is named
    assert named <= (misses_at_or_above(rule(**detail), 7) is not None)


def test_names_do_not_loosen_the_rest() -> None:
    assert not matches_some_finding(parse('{"detail": ["x"]}'))
    assert matches_some_finding(parse('{"source": ["aws.guardduty"], "resources": ["arn:x"]}'))
    tags = {"instanceDetails": {"tags": {"key": ["env"]}}}
    assert not matches_some_finding(rule(resource=tags, type=["Recon:EC2/NoSuchType"]))
    assert not matches_some_finding(rule(resource={**tags, "resourceType": ["NoSuchResource"]}))
    assert narrowed_to(rule(resource=tags)) == ("detail.resource.instanceDetails.tags.key",)


def test_account_and_region_are_the_rules_own() -> None:
    pattern = parse('{"source": ["aws.guardduty"], "account": ["999999999999"], "region": ["cn-north-1"]}')
    assert misses_at_or_above(pattern, 1, "999999999999", "cn-north-1") is None
    assert ":aws-cn:" not in finding("Recon:EC2/Portscan", 5)["arn"]
    assert finding("Recon:EC2/Portscan", 5, region="cn-north-1")["arn"].startswith("arn:aws-cn:guardduty:cn-north-1:")


@pytest.mark.parametrize(
    ("findings", "least", "missed"),
    [
        ({}, 1, None),
        ({"ProductName": ["GuardDuty"], "Severity": {"Label": ["HIGH", "CRITICAL"]}}, 7, None),
        ({"ProductName": ["GuardDuty"], "Severity": {"Label": ["HIGH"]}}, 7, "findings of severity 9.0"),
        ({"ProductName": ["Inspector"]}, 7, "findings of severity 7.0"),
        ({"Severity": {"Normalized": [{"numeric": [">=", 70]}]}}, 7, None),
        ({"ProductArn": [{"suffix": "aws/guardduty"}], "Workflow": {"Status": ["NEW"]}}, 1, None),
    ],
)
def test_findings_through_security_hub(findings: dict[str, Any], least: float, missed: str | None) -> None:
    body = {"source": ["aws.securityhub"], "detail-type": ["Security Hub Findings - Imported"]}
    pattern = compile_pattern({**body, "detail": {"findings": findings}} if findings else body)
    assert misses_at_or_above(pattern, least, make=security_hub_event) == missed


CALLS = {"source": ["aws.guardduty"], "detail-type": ["AWS API Call via CloudTrail"]}


@pytest.mark.parametrize(
    ("detail", "missed"),
    [
        ({"eventSource": ["guardduty.amazonaws.com"]}, set()),
        (
            {
                "eventName": [{"anything-but": {"prefix": ["Get", "List", "Describe"]}}],
                "errorCode": [{"exists": False}],
            },
            set(),
        ),
        ({"readOnly": [False]}, set()),
        ({"readOnly": [True]}, {call.name for call in GUARDDUTY_CALLS}),
        ({"eventName": [{"prefix": "Delete"}]}, {call.name for call in GUARDDUTY_CALLS if call.name[:6] != "Delete"}),
        ({"eventName": [call.name for call in GUARDDUTY_CALLS if call.name != "CreateIPSet"]}, {"CreateIPSet"}),
        (
            {"$or": [{"eventName": [{"anything-but": "UpdateDetector"}]}, {"requestParameters": {"enable": [False]}}]},
            set(),
        ),
        ({"userIdentity": {"sessionContext": {"sessionIssuer": {"userName": [{"anything-but": "deploy"}]}}}}, set()),
    ],
)
def test_calls_missed(detail: dict[str, Any], missed: set[str]) -> None:
    assert {call.name for call in calls_missed(compile_pattern({**CALLS, "detail": detail}))} == missed


def test_a_rule_on_findings_hears_no_call() -> None:
    assert set(calls_missed(rule())) == set(GUARDDUTY_CALLS)


def test_neighbours_are_asked_by_their_own_source() -> None:
    pattern = compile_pattern({"source": ["aws.cloudtrail"], "detail": {"eventName": ["StopLogging", "DeleteTrail"]}})
    missed = {str(call) for call in calls_missed(pattern, GUARDED_CALLS)}
    assert {"cloudtrail:UpdateTrail", "ec2:DeleteFlowLogs"} <= missed
    assert not {"cloudtrail:StopLogging", "cloudtrail:DeleteTrail"} & missed


def test_new_vpcs() -> None:
    both = {"source": ["aws.ec2"], "detail": {"eventName": ["CreateVpc", "CreateDefaultVpc"]}}
    assert new_vpcs_missed(compile_pattern(both)) == ()
    assert new_vpcs_missed(compile_pattern({"detail": {"eventName": ["CreateVpc"]}})) == ("CreateDefaultVpc",)


def test_every_call_is_a_real_one() -> None:
    """The names are operations of botocore's service models."""
    import botocore.session  # heavy, and only this test needs it

    session = botocore.session.get_session()
    for call in GUARDDUTY_CALLS:
        operations: Any = session.get_service_model(call.service).operation_names
        assert call.name in operations


def test_every_family_has_a_sample_and_every_sample_its_type() -> None:
    assert len(families()) > 200
    for kind in families():
        event = finding_event(kind, 5.0)
        assert event["detail"]["type"] == kind
        assert event["detail"]["resource"]["resourceType"]


DETAILS = st.fixed_dictionaries(
    {},
    optional={
        "severity": st.lists(
            st.sampled_from([4, 7.5, {"numeric": [">=", 7]}, {"numeric": ["<", 4]}, {"anything-but": 8}]), min_size=1
        ),
        "type": st.lists(st.sampled_from(["Recon:EC2/Portscan", {"prefix": "Recon"}, {"prefix": ""}]), min_size=1),
        "resource": st.just({"resourceType": ["Instance"]}),
    },
)


@settings(max_examples=20, deadline=None)
@given(DETAILS, st.sampled_from(SEVERITIES))
def test_the_short_cuts_agree_with_trying_every_type(detail: dict[str, Any], severity: float) -> None:
    pattern = rule(**detail)
    every = all(pattern.matches(finding_event(kind, severity)) for kind in families())
    assert (severity in severities_matched(pattern)) == every


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"detail": {"severity": [{"numeric": [">=", 7]}]}},
        {"detail": {"type": ["Recon:EC2/Portscan"]}},
        {"region": ["eu-west-1"]},
        {"account": ["111122223333"]},
        {"detail": {"region": ["us-east-1"]}},
    ],
)
@pytest.mark.parametrize("place", [("111122223333", "eu-west-1"), ("444455556666", "us-east-1")])
def test_an_answer_that_is_worked_out_once_is_that_of_every_place(more: dict[str, Any], place: tuple[str, str]) -> None:
    pattern = parse(json.dumps({**ALL, **more}))
    assert severities_matched(pattern, *place) == _everywhere(pattern, *place, finding_event)
