"""What is watched: the event patterns, tried on the events that CloudTrail hands to EventBridge."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from guardline.generator.baseline import Baseline
from guardline.generator.context import parts_of, roots_of
from guardline.generator.practices.tamper.alarm import alert_rules
from guardline.generator.render import render_modules
from guardline.generator.root import Root
from guardline.spec.guarded_calls import GUARDED, GuardedCalls, guarded
from guardline.spec.load import load
from guardline.validator.semantics.event_patterns import matches
from guardline.validator.semantics.event_samples import GUARDDUTY_CALLS, Call, call_event, calls_on

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

Make = Callable[..., Path]
EXCUSE = "reason: denied by SCP, approved_by: CISO, until: 2999-12-31"


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


@pytest.mark.parametrize("call", [call for each in guarded("record") for call in calls_on(each)], ids=str)
def test_each_call_that_weakens_the_record_is_heard(root: Callable[[str], Root], call: Call) -> None:
    here = root(BLOCKS)
    event = call_event(call, ACCOUNT, "us-east-1")
    assert heard(here, event) == ["tamper-record"]
    assert heard(here, by(event, "deploy")) == []


# What a request says of each kind of thing; {} is the baseline's name, or another.
NAMED = {
    "rule": "{}-guardduty-forward-findings",
    "bus": "{}-guardduty",
    "topic": "arn:aws:sns:eu-west-1:111122223333:{}-guardduty-alerts",
    "subscription": "arn:aws:sns:eu-west-1:111122223333:{}-guardduty-alerts:0a1b2c3d",
    "function": "arn:aws:lambda:eu-west-1:111122223333:function:{}-guardduty-response",
    "alarm": "{}-guardduty-forward-undelivered",
    "bucket": "{}-trail-111122223333",
    "role": "{}",
}
GROUPS = {
    "record": "tamper-record",
    "delivery": "tamper-delivery",
    "storage": "tamper-storage",
    "access": "tamper-access",
}


def request(calls: GuardedCalls, whose: str) -> dict[str, Any]:
    """The parameters of a guarded call, as CloudTrail records them."""
    if calls.kind is None:
        return {}
    name = NAMED[calls.kind].format(whose)
    return {calls.parameter: [name] if calls.parameter == "alarmNames" else name}


@pytest.mark.parametrize(
    ("calls", "name"),
    [(calls, name) for calls in GUARDED for name in calls.names],
    ids=lambda each: each if isinstance(each, str) else each.service,
)
def test_each_guarded_call_raises_an_alarm_and_of_named_things_only_the_own_ones(
    root: Callable[[str], Root], calls: GuardedCalls, name: str
) -> None:
    here = root(BLOCKS)
    own, other = ("deploy", "payments") if calls.kind == "role" else ("golden", "somebody-elses")
    event_name = f"{name}20150331v2" if calls.versioned else name

    def alarms(whose: str, by_role: str) -> list[str]:
        call = Call(calls.service, event_name, "hides findings", request(calls, whose))
        return heard(here, by(call_event(call, ACCOUNT, "us-east-1"), by_role))

    assert alarms(own, "intruder") == [GROUPS[calls.group]]
    assert alarms(own, "deploy") == []
    assert alarms(other, "intruder") == ([] if calls.kind is not None else [GROUPS[calls.group]])


def test_rules_on_global_services_stand_in_the_region_that_records_them(environment: Make) -> None:
    from ..conftest import spec_text

    files = {file.path.name: file for file in Baseline.of(environment(text=spec_text() + BLOCKS)).compare()}
    text, regions = files["alerts.tf"].new or "", files["regions.tf"].new or ""
    assert "global_alert_rules = {\n    tamper-access = {" in text
    assert 'if "eu-west-1" == "us-east-1"' in regions
    assert regions.count('if "us-east-1" == "us-east-1"') == 1
    without = spec_text().replace("  exclude:\n", f"  exclude:\n    - {{region: us-east-1, {EXCUSE}}}\n") + BLOCKS
    text = (
        next(f for f in Baseline.of(environment(text=without, name="two")).compare() if f.path.name == "alerts.tf").new
        or ""
    )
    assert "global_alert_rules" not in text


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
    assert len(lengths) == 5
    assert lengths["tamper-guardduty"] > 1800
    assert {name: length for name, length in lengths.items() if length > 2048} == {}


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
