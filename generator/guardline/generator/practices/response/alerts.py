"""Alerts: rules in every region, and one bus and one topic in the home region.

Where events cannot be brought across regions, each region has a topic of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from guardline.generator import account_roles
from guardline.generator.alert_rules import AlertRule, gathers, hops, resource_name
from guardline.generator.practices.flow_logs import new_vpcs
from guardline.generator.practices.response import function, messages, ways
from guardline.generator.practices.tamper import alarm
from guardline.generator.root import Billed, Part, Root
from guardline.spec.alert_ways import Alerts
from guardline.spec.guarded_calls import GLOBAL_REGIONS

ALERT_RULES: Mapping[str, Callable[[Root], Mapping[str, AlertRule]]] = {
    "flow_logs": new_vpcs.alert_rules,
    "response": messages.alert_rules,
    "tamper": alarm.alert_rules,
}
"""Part of a root -> the alert rules that it asks for, by the end of a rule's name."""


def part(root: Root) -> Part:
    """What alerting adds to the root."""
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
    return Part(
        values={
            "name": name,
            "rules": here,
            "whole": {each: f"local.alert_rules.{each}" for each, rule in here.items() if rule.part_of is None},
            "parted": _parted(here),
            "global_rules": of_global,
            "global_region": global_region,
            "all_rules": "merge(local.alert_rules, local.global_alert_rules)" if of_global else "local.alert_rules",
            "across": across,
            "hops": hop,
            "opt_in_regions": [region.name for region in root.regions if region.opt_in],
            "emails": emails(root),
            **ways.values(root),
        },
        region=_of_each_region(root, global_region if of_global else None),
        outputs={"alert_topic_arn": ("The topic that sends the alerts.", "module.alert_topic.arn")} if across else {},
        assumed=_assumed(root, asked.alerts),
        absent=(f"the topic {name}-alerts", *((f"the event bus {name}",) if hop else ()), *ways.absent(root)),
        billed=_billed(root, across=across),
        renames=_renames(root),
    )


def _parted(rules: Mapping[str, AlertRule]) -> dict[str, dict[str, Any]]:
    """What brings the events from other regions that several rules tell apart at home, by the name of the whole."""
    parts: dict[str, list[AlertRule]] = {}
    for rule in rules.values():
        if rule.part_of is not None:
            parts.setdefault(rule.part_of, []).append(rule)
    return {
        name: {"description": "Everything that the rules of the home region tell apart", "pattern": _of_all(each)}
        for name, each in sorted(parts.items())
    }


def _of_all(rules: list[AlertRule]) -> dict[str, Any]:
    """The pattern of all the findings that these rules are for, which differ by severity."""
    bounds = [bound["numeric"] for rule in rules for bound in rule.pattern["detail"]["severity"]]
    return function.findings(min(least for _, least, *_ in bounds))


def _assumed(root: Root, asked: Alerts) -> tuple[str, ...]:
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
    if asked is None or not asked.fan_in or root.spec.partition == "aws":  # there, they have always been gathered
        return ()
    return ((root.in_region(root.spec.home_region, "module.alert_topic[0]"), "module.alert_topic"),)


def _alerts_of_a_region(root: Root, global_region: str) -> str:
    """The alerts of a region: those on calls of global services in the region that records them alone."""
    theirs = f'{{ for name, rule in local.global_alert_rules : name => rule if REGION == "{global_region}" }}'
    return (
        f"{{ name = local.alerts.name, rules = merge(local.{'forwarded' if hops(root) else 'alert'}_rules, {theirs}) }}"
    )


def emails(root: Root) -> list[str]:
    """Who receives alerts, sorted."""
    asked = root.spec.response
    return sorted(asked.alerts.email) if asked is not None and asked.alerts is not None else []


def _billed(root: Root, *, across: bool) -> tuple[Billed, ...]:
    once = (root.spec.home_region,) if across else None
    events = "https://aws.amazon.com/eventbridge/pricing/"
    return (
        *((Billed("Amazon EventBridge", "events brought to the home region", "event", events),) if hops(root) else ()),
        Billed("Amazon SNS", "alerts by e-mail", "e-mail", "https://aws.amazon.com/sns/pricing/", once),
        Billed("AWS KMS", "the topic's key", "key and month, requests", "https://aws.amazon.com/kms/pricing/", once),
        Billed("Amazon CloudWatch", "alarms", "alarm and month", "https://aws.amazon.com/cloudwatch/pricing/"),
        Billed("Amazon SQS", "events that could not be delivered", "request", "https://aws.amazon.com/sqs/pricing/"),
        *ways.billed(root),
    )
