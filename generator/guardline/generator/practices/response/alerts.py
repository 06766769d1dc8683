"""Alerts: rules in every region, and one bus and one topic in the home region.

Where events cannot be brought across regions, each region has a topic of its own. The accounts of an organization send
theirs to the administrator's bus, in one hop: what came from another account goes on to no third bus
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from guardline.generator import account_roles
from guardline.generator.alert_rules import AlertRule, course, gathers, hops, resource_name, sends_on
from guardline.generator.practices.flow_logs import new_vpcs
from guardline.generator.practices.response import function, messages, ways
from guardline.generator.practices.tamper import alarm
from guardline.generator.root import Billed, Part, Root
from guardline.spec.accounts import accounts
from guardline.spec.alert_ways import Alerts
from guardline.spec.guarded_calls import GLOBAL_REGIONS
from guardline.spec.playbooks import least

ALERT_RULES: Mapping[str, Callable[[Root], Mapping[str, AlertRule]]] = {
    "flow_logs": new_vpcs.alert_rules,
    "response": messages.alert_rules,
    "tamper": alarm.alert_rules,
}
"""Part of a root -> the alert rules that it asks for, by the end of a rule's name."""


def part(root: Root) -> Part:
    """What alerting adds to the root.

    Raises:
        ListError: the file of members cannot be read.
    """
    asked = root.spec.response
    rules = {
        name: rule
        for part_name, rules_of in ALERT_RULES.items()
        if root.duty in account_roles.PARTS[part_name]
        for name, rule in rules_of(root).items()
    }
    if not rules or asked is None or asked.alerts is None:
        return Part()
    across, hop = gathers(root), hops(root)
    name = resource_name(root)
    global_region = GLOBAL_REGIONS[root.spec.partition]
    if global_region not in {region.name for region in root.regions}:
        rules = {each: rule for each, rule in rules.items() if not rule.in_global_region}
    here = {each: rule for each, rule in sorted(rules.items()) if not rule.in_global_region}
    of_global = {each: rule for each, rule in sorted(rules.items()) if rule.in_global_region}
    on_bus, global_on_bus = _on_the_bus(root, here), _on_the_bus(root, of_global)
    forwarded = _parted(root, here) | _told_otherwise(here, on_bus)
    administrator = _administrator(root)
    return Part(
        values={
            "name": name,
            "rules": on_bus,
            "whole": {
                each: f"local.alert_rules.{each}"
                for each, rule in here.items()
                if rule.part_of is None and each not in forwarded
            },
            "parted": forwarded,
            "global_rules": global_on_bus,
            "global_parted": _told_otherwise(of_global, global_on_bus),
            "administrator": administrator,
            "organization_id": _organization_id(root),
            "alarm_account_ids": _sending_accounts(root),
            "global_region": global_region,
            "all_rules": "merge(local.alert_rules, local.global_alert_rules)" if of_global else "local.alert_rules",
            "across": across,
            "hops": hop,
            "opt_in_regions": [region.name for region in root.regions if region.opt_in],
            "emails": emails(root),
            **ways.values(root),
        },
        region=_of_each_region(root, global_region if of_global else None),
        outputs={"alert_topic_arn": ("The topic that sends the alerts.", "module.alert_topic.arn")}
        if across and administrator is None
        else {},
        assumed=_assumed(root, asked.alerts),
        absent=(f"the topic {name}-alerts", *((f"the event bus {name}",) if hop else ()), *ways.absent(root))
        if administrator is None
        else (),
        billed=_billed(root, across=across),
        renames=_renames(root),
    )


def _administrator(root: Root) -> dict[str, str] | None:
    """Where this account sends its alerts: the administrator's bus and topic in the home region; None where they stay.

    Both are built from names, so that they are known when Terraform plans.
    """
    spec, organization, name = root.spec, root.spec.organization, resource_name(root)
    if organization is None or not sends_on(root):
        return None
    place = f"{spec.home_region}:{organization.admin_account}"
    return {
        "bus_arn": f"arn:{spec.partition}:events:{place}:event-bus/{name}",
        "topic_arn": f"arn:{spec.partition}:sns:{place}:{name}-alerts",
    }


def _organization_id(root: Root) -> str | None:
    """The organization whose accounts send their events to this account's bus."""
    organization = root.spec.organization
    return organization.id if organization is not None and course(root) == "come" else None


def _sending_accounts(root: Root) -> list[str]:
    """The accounts whose alarms about undelivered events act on this account's topic."""
    if _organization_id(root) is None:
        return []
    return sorted(each.id for each in accounts(root.spec, root.spec_path) if each.id != root.account_id)


def _on_the_bus(root: Root, rules: Mapping[str, AlertRule]) -> Mapping[str, AlertRule]:
    """The rules that read the bus. Where those of other accounts come, too, they ask for no caller: the rules that
    bring events to the bus have left out the roles that deploy, each account's its own."""
    if _organization_id(root) is None:
        return rules
    return {name: replace(rule, pattern=_by_anybody(rule.pattern)) for name, rule in rules.items()}


def _by_anybody(pattern: Any) -> Any:
    """A pattern without what it says of the caller."""
    if isinstance(pattern, Mapping):
        return {key: _by_anybody(value) for key, value in pattern.items() if key != "userIdentity"}
    return [_by_anybody(each) for each in pattern] if isinstance(pattern, list) else pattern


def _told_otherwise(rules: Mapping[str, AlertRule], on_bus: Mapping[str, AlertRule]) -> dict[str, dict[str, Any]]:
    """What brings events to the bus that the rule there does not ask about in the same words."""
    return {
        name: {"description": rule.description, "pattern": rule.pattern}
        for name, rule in rules.items()
        if rule.pattern != on_bus[name].pattern
    }


def _parted(root: Root, rules: Mapping[str, AlertRule]) -> dict[str, dict[str, Any]]:
    """What brings the events from other regions that several rules tell apart at home, by the name of the whole."""
    asked = root.spec.response
    answered = [least(asked.remediate)] if asked is not None and asked.remediate is not None else []
    parts: dict[str, list[AlertRule]] = {}
    for rule in rules.values():
        if rule.part_of is not None:
            parts.setdefault(rule.part_of, []).append(rule)
    return {
        name: {
            "description": "Everything that the rules of the home region tell apart",
            "pattern": _of_all(each, answered),
        }
        for name, each in sorted(parts.items())
    }


def _of_all(rules: list[AlertRule], answered: list[int]) -> dict[str, Any]:
    """The pattern of all the findings that these rules are for, which differ by severity, and of those that the
    function answers, which reads the same bus."""
    bounds = [bound["numeric"] for rule in rules for bound in rule.pattern["detail"]["severity"]]
    return function.findings(min((*answered, *(bound for _, bound, *_ in bounds))))


def _assumed(root: Root, asked: Alerts) -> tuple[str, ...]:
    if sends_on(root):
        administrator = root.spec.organization.admin_account if root.spec.organization is not None else ""
        return (f"People receive this account's alerts by the account {administrator}, whose root is applied first.",)
    pending = (
        "Everybody who receives alerts by e-mail confirms the subscription: it is pending until then, and AWS sends "
        "nothing."
    )
    return (*((pending,) if asked.email else ()), *ways.assumed(root))


def _of_each_region(root: Root, global_region: str | None) -> dict[str, str]:
    """What each region has of its own; nothing where there is one region, whose rules are the root's."""
    if gathers(root) and not hops(root):
        return {}
    alerts = _alerts_of_a_region(root, global_region) if global_region is not None else "local.alerts"
    return {"alerts": alerts} | (
        {"alerts_bus": "local.alerts_bus"} if hops(root) else {"alert_topic": "local.alert_topic"}
    )


def _renames(root: Root) -> tuple[tuple[str, str], ...]:
    """Where regions that had a topic each are gathered, the home region's stays, with its subscribers."""
    asked = root.spec.response
    if asked is None or not asked.fan_in or sends_on(root) or root.spec.partition == "aws":  # always gathered there
        return ()
    return ((root.in_region(root.spec.home_region, "module.alert_topic[0]"), "module.alert_topic"),)


def _alerts_of_a_region(root: Root, global_region: str) -> str:
    """The alerts of a region: those on calls of global services in the region that records them alone."""
    theirs = "local.global_forwarded_rules" if _organization_id(root) is not None else "local.global_alert_rules"
    theirs = f'{{ for name, rule in {theirs} : name => rule if REGION == "{global_region}" }}'
    everywhere = "local.forwarded_rules" if hops(root) and not sends_on(root) else "local.alert_rules"
    return f"{{ name = local.alerts.name, rules = merge({everywhere}, {theirs}) }}"


def emails(root: Root) -> list[str]:
    """Who receives alerts, sorted."""
    asked = root.spec.response
    return sorted(asked.alerts.email) if asked is not None and asked.alerts is not None else []


def _billed(root: Root, *, across: bool) -> tuple[Billed, ...]:
    once = (root.spec.home_region,) if across else None
    events = "https://aws.amazon.com/eventbridge/pricing/"
    topic = (
        Billed("Amazon SNS", "alerts by e-mail", "e-mail", "https://aws.amazon.com/sns/pricing/", once),
        Billed("AWS KMS", "the topic's key", "key and month, requests", "https://aws.amazon.com/kms/pricing/", once),
    )
    return (
        *((Billed("Amazon EventBridge", "events brought to the home region", "event", events),) if hops(root) else ()),
        *(() if sends_on(root) else topic),
        Billed("Amazon CloudWatch", "alarms", "alarm and month", "https://aws.amazon.com/cloudwatch/pricing/"),
        Billed("Amazon SQS", "events that could not be delivered", "request", "https://aws.amazon.com/sqs/pricing/"),
        *ways.billed(root),
    )
