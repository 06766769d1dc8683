"""What is watched: the event patterns, tried on the events that CloudTrail hands to EventBridge."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from guardline.generator.context import parts_of, roots_of
from guardline.generator.practices.tamper.alarm import alert_rules
from guardline.generator.render import render_modules
from guardline.generator.root import Root
from guardline.spec.load import load
from guardline.validator.judge.event_patterns import matches
from guardline.validator.judge.samples import GUARDDUTY_CALLS, NEIGHBOUR_CALLS, Call, call_event

ACCOUNT = "111122223333"
BLOCKS = """\
response: {alerts: {email: [soc@example.com]}}
tamper: {exempt_roles: ["arn:aws:iam::*:role/deploy"]}
"""
ACCESS = """\
access:
  kind: KIND
  readers: [WHO]
  responders: [WHO]
  administrators: [WHO]
"""
ROLES = ACCESS.replace("KIND", "roles").replace("WHO", '"arn:aws:iam::111122223333:root"')
CENTER = ACCESS.replace("KIND", "identity-center").replace("WHO", "1b2c3d4e-0000-4000-8000-a1b2c3d4e5f6")
CENTER += '  identity_center: {instance_arn: "arn:aws:sso:::instance/ssoins-1234567890abcdef"}\n'
# Of the neighbours these concern only this baseline's own things, and are tried below.
OWN = {"events", "sns", "kms", "s3"}

Make = Callable[..., Path]


def root_of(spec: Path) -> Root:
    return next(iter(roots_of(load(spec), spec, lambda _: "./modules")))


@pytest.fixture
def root(environment: Make) -> Callable[[str], Root]:
    """The root of the usual spec with more blocks."""
    from ..conftest import spec_text

    return lambda blocks: root_of(environment(text=spec_text() + blocks))


def heard(root: Root, event: Mapping[str, Any]) -> list[str]:
    return [name for name, each in alert_rules(root).items() if matches(each.pattern, event)]


def by(event: Mapping[str, Any], role: str | None) -> dict[str, Any]:
    """The event as made in a session of a role; None: by the root user, who has no session issuer."""
    made = copy.deepcopy(dict(event))
    identity = made["detail"]["userIdentity"]
    if role is None:
        made["detail"]["userIdentity"] = {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}
    else:
        identity["sessionContext"]["sessionIssuer"]["arn"] = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    return made


@pytest.mark.parametrize("call", GUARDDUTY_CALLS, ids=str)
def test_each_call_that_weakens_guardduty_is_heard(root: Callable[[str], Root], call: Call) -> None:
    here = root(BLOCKS)
    event = call_event(call, ACCOUNT, "us-east-1")
    assert heard(here, event) == ["tamper-guardduty"]
    assert heard(here, by(event, None)) == ["tamper-guardduty"]
    assert heard(here, by(event, "deploy")) == []


@pytest.mark.parametrize("call", [call for call in NEIGHBOUR_CALLS if call.service not in OWN], ids=str)
def test_each_call_that_weakens_the_record_is_heard(root: Callable[[str], Root], call: Call) -> None:
    here = root(BLOCKS)
    event = call_event(call, ACCOUNT, "us-east-1")
    assert heard(here, event) == ["tamper-record"]
    assert heard(here, by(event, "deploy")) == []


@pytest.mark.parametrize(
    ("service", "name", "request_of"),
    [
        ("events", "DeleteRule", {"name": "{}-guardduty-findings"}),
        ("events", "DisableRule", {"name": "{}-guardduty-findings"}),
        ("events", "RemoveTargets", {"rule": "{}-guardduty-findings"}),
        ("sns", "DeleteTopic", {"topicArn": "arn:aws:sns:eu-west-1:111122223333:{}-guardduty"}),
    ],
)
def test_of_rules_and_topics_only_its_own_count(
    root: Callable[[str], Root], service: str, name: str, request_of: dict[str, str]
) -> None:
    here = root(BLOCKS)
    for whose, expected in (("golden", ["tamper-record"]), ("somebody-elses", [])):
        request = {key: value.format(whose) for key, value in request_of.items()}
        assert heard(here, call_event(Call(service, name, "hides findings", request), ACCOUNT)) == expected


ARCHIVE = call_event(Call("guardduty", "ArchiveFindings", "hides findings", {}), ACCOUNT)


@pytest.mark.parametrize(
    ("access", "responder", "reader"),
    [
        (ROLES, "golden-guardduty-responder", "golden-guardduty-reader"),
        (
            CENTER,
            "aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_golden-gd-triage_0123456789abcdef",
            "aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_golden-gd-read_0123456789abcdef",
        ),
    ],
)
def test_triage_is_no_alarm(root: Callable[[str], Root], access: str, responder: str, reader: str) -> None:
    here = root(BLOCKS + access)
    assert heard(here, by(ARCHIVE, responder)) == []
    assert heard(here, by(ARCHIVE, "deploy")) == []
    assert heard(here, by(ARCHIVE, reader)) == ["tamper-guardduty"]
    filtering = call_event(Call("guardduty", "CreateFilter", "hides findings", {}), ACCOUNT)
    assert heard(here, by(filtering, responder)) == ["tamper-guardduty"]


def test_an_attempt_that_was_refused_is_heard(root: Callable[[str], Root]) -> None:
    event = call_event(GUARDDUTY_CALLS[0], ACCOUNT)
    event["detail"]["errorCode"] = "AccessDenied"
    assert heard(root(BLOCKS), event) == ["tamper-guardduty"]


def test_reading_is_no_alarm(root: Callable[[str], Root]) -> None:
    assert heard(root(BLOCKS), call_event(Call("guardduty", "GetDetector", "stops detection", {}), ACCOUNT)) == []


LONGEST = """\
version: 1
name: aaaaaaaaaaaaaaaaaaaaaaaa
partition: aws-us-gov
home_region: us-gov-west-1
account: {id: "111122223333"}
contacts: {owner: x}
response: {alerts: {email: [a@example.com]}}
"""


def test_the_longest_patterns_that_a_spec_can_ask_for_fit(environment: Make) -> None:
    """2,048 characters: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html."""
    role = "arn:aws-us-gov:iam::*:role/" + "r" * 98  # three of these are all that the spec lets through
    asked = f"tamper: {{exempt_roles: [{', '.join(f'{role}{n}' for n in range(3))}]}}\n"
    center = CENTER.replace("arn:aws:sso", "arn:aws-us-gov:sso")
    patterns = alert_rules(root_of(environment(text=LONGEST + asked + center)))
    lengths = {name: len(json.dumps(each.pattern, separators=(",", ":"))) for name, each in patterns.items()}
    assert len(lengths) == 2
    assert 1800 < lengths["tamper-guardduty"] <= 2048
    assert lengths["tamper-record"] <= 2048


def test_the_longest_permission_sets_are_known_by_the_names_that_they_get(environment: Make) -> None:
    blocks = CENTER.replace("arn:aws:sso", "arn:aws-us-gov:sso") + "tamper: {}\n"
    here = root_of(environment(text=LONGEST + blocks))
    sets = [each.removeprefix("the permission set ") for each in parts_of(here)["access"].absent]
    assert [len(name) for name in sets] == [32, 32, 32]
    pattern = json.dumps(alert_rules(here)["tamper-guardduty"].pattern)
    assert all(f"AWSReservedSSO_{name}_*" in pattern for name in sets[1:])  # who reads archives nothing


# https://docs.aws.amazon.com/athena/latest/ug/reserved-words.html, of those that a name might be
RESERVED = {"current", "date", "end", "first", "group", "join", "last", "order", "table", "time", "timestamp", "user"}


def test_no_query_names_a_column_as_athena_reserves() -> None:
    queries = render_modules(6, "argument")[PurePosixPath("tamper-queries/queries.tf")]
    named = re.findall(r" AS (\w+)", queries)
    assert {"caller", "calls"} <= set(named)
    assert RESERVED.isdisjoint(name.lower() for name in named)


def test_without_a_deploying_role_everybody_counts_and_the_readme_says_so(root: Callable[[str], Root]) -> None:
    here = root("response: {alerts: {email: [x@example.com]}}\ntamper: {}\n")
    assert heard(here, by(call_event(GUARDDUTY_CALLS[0], ACCOUNT), "terraform")) == []  # the one the spec assumes
    assert any("role/terraform" in line for line in parts_of(here)["tamper"].assumed)


@pytest.mark.parametrize("block", ["", "tamper: {mode: 'off', reason: x}\n", "tamper: {mode: reference, owner: SOC}\n"])
def test_nothing_is_watched_where_nobody_asks(root: Callable[[str], Root], block: str) -> None:
    assert alert_rules(root(block)) == {}


def test_what_is_absent_and_billed_is_said(root: Callable[[str], Root]) -> None:
    part = parts_of(root(BLOCKS))["tamper"]
    assert "the Athena workgroup golden-tamper" in part.absent
    assert {billed.service for billed in part.billed} == {"Amazon Athena", "Amazon S3"}
    assert parts_of(root("tamper: {alarm: false, queries: false}\n"))["tamper"].billed == ()


def test_policies_are_handed_on_by_one_account(root: Callable[[str], Root]) -> None:
    part = parts_of(root("tamper: {alarm: false, queries: false, scp: true, deny_regions: true}\n"))["scp"]
    assert part.values is not None
    assert (part.values["attach"], part.values["policies"]) == (False, ["regions", "tamper"])
    assert part.values["regions"] == ["eu-south-1", "eu-west-1", "sa-east-1", "us-east-1"]  # one of them retires
    assert part.values["exempt"] == ["arn:aws:iam::111122223333:role/terraform"]
