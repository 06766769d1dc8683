"""Alerts of an organization: in the administrator's account, or in each; every call reaches people once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from guardline.generator.account_roles import PARTS
from guardline.generator.baseline import Baseline
from guardline.generator.context import parts_of, roots_of
from guardline.generator.root import Part, Root
from guardline.spec import catalogue
from guardline.spec.guarded_calls import GUARDED
from guardline.spec.load import SpecError, load
from guardline.validator.semantics.event_patterns import matches
from guardline.validator.semantics.event_samples import GUARDDUTY_CALLS, Call, call_event, calls_on

Make = Callable[..., Path]
MANAGEMENT, ADMINISTRATOR, MEMBER = "111111111111", "222222222222", "444444444444"
HOME = "eu-west-1"
SPEC = """\
version: 1
name: acme
partition: PARTITION
home_region: HOME
contacts: {owner: x}
terraform: {aws_provider: PROVIDER}
regions: {opted_in: [OPTED], not_opted_in: rest, exclude: [EXCLUDED]}
organization:
  id: o-exampleorgid
  management_account: "111111111111"
  admin_account: "222222222222"
  members: [{id: "444444444444", name: payments}]
  deploy_role: deploy
MORE
flow_logs: {}
trail: {}
tamper: {}
response: {alerts: {email: [soc@example.com]}, remediate: {}FAN_IN}
"""


def spec_text(*covered: str, more: str = "", provider: int = 6, fan_in: bool = False) -> str:
    """An organization's spec that covers these regions; the first is its home."""
    found = catalogue.region(covered[0])
    assert found is not None
    known = catalogue.regions(found.partition)
    out = [each.name for each in known if each.default_enabled and each.name not in covered]
    excuse = "reason: x, approved_by: y, until: 2999-01-01"
    text = SPEC
    for word, value in {
        "PARTITION": found.partition,
        "HOME": covered[0],
        "PROVIDER": str(provider),
        "OPTED": ", ".join(each.name for each in known if not each.default_enabled and each.name in covered),
        "EXCLUDED": ", ".join(f"{{region: {name}, {excuse}}}" for name in out),
        "MORE": f"  {more}" if more else "",
        "FAN_IN": ", fan_in: true" if fan_in else "",
    }.items():
        text = text.replace(word, value)
    return text


def roots(spec: Path) -> dict[str, Root]:
    return {root.account_id: root for root in roots_of(load(spec), spec, lambda _: "./modules") if has_alerts(root)}


def has_alerts(root: Root) -> bool:
    return root.duty in PARTS["alerts"]


def alerts_of(root: Root) -> Part:
    return parts_of(root)["alerts"]


def written(spec: Path) -> dict[str, str]:
    Baseline.of(spec).write()
    return {path.relative_to(spec.parent).as_posix(): path.read_text() for path in sorted(spec.parent.rglob("*.tf"))}


def test_members_have_the_rules_that_send_and_nothing_that_receives(environment: Make) -> None:
    files = written(environment(spec_text(HOME, "us-east-1", "eu-south-1")))
    for root in ("management", "members/payments"):
        text = files[f"{root}/alerts.tf"]
        assert 'bus_arn          = "arn:aws:events:eu-west-1:222222222222:event-bus/acme-guardduty"' in text
        assert 'alarm_topic_arns = ["arn:aws:sns:eu-west-1:222222222222:acme-guardduty-alerts"]' in text
        assert [line for line in text.splitlines() if line.startswith("module ")] == ['module "event_bus" {']
        assert "soc@example.com" not in text
        assert "message" not in text
        assert "alert_topic" not in files[f"{root}/outputs.tf"]
        # In every region, the home region too, by way of the role.
        assert "alerts_bus" in files[f"{root}/regions.tf"]
    security = files["security/alerts.tf"]
    assert 'organization_id  = "o-exampleorgid"' in security
    assert 'alarm_account_ids = ["111111111111", "444444444444"]' in security
    assert sum(text.count("soc@example.com") for text in files.values()) == 1  # one confirmation for all of them


def test_each_account_may_have_its_own(environment: Make) -> None:
    files = written(environment(spec_text(HOME, "us-east-1", more="alerts_in: each")))
    for root in ("security", "management", "members/payments"):
        text = files[f"{root}/alerts.tf"]
        assert 'module "alert_rules"' in text
        assert "bus_arn" not in text
        assert "organization_id" not in text
        assert "alarm_account_ids" not in text
        assert 'emails     = ["soc@example.com"]' in text


def test_one_region_sends_to_the_administrator_too(environment: Make) -> None:
    files = written(environment(spec_text("us-east-1")))
    assert 'module "event_bus"' in files["security/alerts.tf"]
    assert "bus_arn" in files["members/payments/alerts.tf"]
    assert "alerts_bus" in files["members/payments/regions.tf"]
    alone = written(environment(spec_text("us-east-1", more="alerts_in: each"), name="each"))
    assert not [name for name, text in alone.items() if name.endswith("/alerts.tf") and "event_bus" in text]


def test_where_events_stay_in_their_region_each_account_has_its_own(environment: Make) -> None:
    regions = ("us-gov-west-1", "us-gov-east-1")
    apart = written(environment(spec_text(*regions), name="apart"))
    assert "bus_arn" not in apart["members/payments/alerts.tf"]
    assert "emails = " in apart["members/payments/alerts.tf"]
    together = written(environment(spec_text(*regions, fan_in=True), name="together"))
    assert 'bus_arn          = "arn:aws-us-gov:events:us-gov-west-1:2222' in together["members/payments/alerts.tf"]
    assert "moves.tf" not in {name for name in together if name.startswith("members/")}  # its topic is destroyed


@pytest.mark.parametrize(("fan_in", "refused"), [(False, True), (True, False)])
def test_it_is_asked_for_where_events_can_come_together(environment: Make, fan_in: bool, refused: bool) -> None:
    text = spec_text("us-gov-west-1", more="alerts_in: administrator", fan_in=fan_in)
    if not refused:
        load(environment(text))
        return
    with pytest.raises(SpecError, match="needs events that come to one region"):
        load(environment(text))


def test_who_confirms_is_said_where_it_is_done(environment: Make) -> None:
    of = {account: alerts_of(root) for account, root in roots(environment(spec_text(HOME, "us-east-1"))).items()}
    assert "confirms the subscription" in of[ADMINISTRATOR].assumed[0]
    assert of[MEMBER].assumed == (
        "People receive this account's alerts by the account 222222222222, whose root is applied first.",
    )
    assert (of[MEMBER].absent, of[ADMINISTRATOR].absent) == (
        (),
        ("the topic acme-guardduty-alerts", "the event bus acme-guardduty"),
    )
    assert {each.service for each in of[ADMINISTRATOR].billed} - {each.service for each in of[MEMBER].billed} == {
        "Amazon SNS",
        "AWS KMS",
    }


def sending(root: Root) -> dict[str, Mapping[str, Any]]:
    """The patterns of the rules on a default bus that send on, by the ends of their names."""
    values = alerts_of(root).values
    assert values is not None
    rules = values["rules"] | values["global_rules"]
    parts = values["parted"] | values["global_parted"]
    several = {*values["whole"], *parts, *values["global_rules"]} if root.duty == "security" else {*rules}
    return {name: parts[name]["pattern"] if name in parts else rules[name].pattern for name in several}


def on_the_bus(root: Root) -> dict[str, Mapping[str, Any]]:
    values = alerts_of(root).values
    assert values is not None
    return {name: each.pattern for name, each in (values["rules"] | values["global_rules"]).items()}


def calls() -> Iterator[Call]:
    yield from GUARDDUTY_CALLS
    yield from (call for guarded in GUARDED for call in calls_on(guarded, name_of(guarded.kind)))
    yield from (Call("ec2", name, "cuts evidence") for name in ("CreateVpc", "CreateDefaultVpc"))


def name_of(kind: str | None) -> str:
    if kind in ("topic", "subscription"):
        return f"arn:aws:sns:eu-west-1:{MEMBER}:acme-guardduty-alerts"
    return "deploy" if kind == "role" else "acme-guardduty"


def by(event: Mapping[str, Any], account: str, role: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(event))
    made["detail"]["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] = f"arn:aws:iam::{account}:role/{role}"
    return made


@pytest.mark.parametrize("account", [MANAGEMENT, ADMINISTRATOR, MEMBER])
def test_every_call_of_every_account_reaches_people_once(environment: Make, account: str) -> None:
    of = roots(environment(spec_text(HOME, "us-east-1")))
    sent, received = sending(of[account]), on_the_bus(of[ADMINISTRATOR])
    tried = 0
    for call in calls():
        event = by(call_event(call, account), account, "somebody")
        first = [name for name, pattern in sent.items() if matches(pattern, event)]
        assert len(first) == 1, str(call)
        assert [name for name, pattern in received.items() if matches(pattern, event)] == first, str(call)
        tried += 1
    assert tried > 60


@pytest.mark.parametrize("account", [MANAGEMENT, ADMINISTRATOR, MEMBER])
def test_the_role_that_deploys_in_an_account_is_left_out_there_alone(environment: Make, account: str) -> None:
    of = roots(environment(spec_text(HOME, "us-east-1")))
    sent = {name: pattern for name, pattern in sending(of[account]).items() if name.startswith("tamper-")}
    assert len(sent) == 5
    for call in (*GUARDDUTY_CALLS, *(call for each in GUARDED for call in calls_on(each, name_of(each.kind)))):
        own, foreign = (by(call_event(call, account), whose, "deploy") for whose in (account, "999999999999"))
        assert not any(matches(pattern, own) for pattern in sent.values()), str(call)
        assert any(matches(pattern, foreign) for pattern in sent.values()), str(call)


def test_what_the_bus_asks_is_shorter_than_what_sends(environment: Make) -> None:
    root = roots(environment(spec_text(HOME, "us-east-1")))[ADMINISTRATOR]
    asked, sent = on_the_bus(root), sending(root)
    assert all(len(json.dumps(asked[name])) <= len(json.dumps(sent[name])) for name in asked if name in sent)
    assert "userIdentity" not in json.dumps(asked)
    assert "userIdentity" in json.dumps(sent)
