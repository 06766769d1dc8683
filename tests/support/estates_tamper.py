"""Builders of rules on calls to GuardDuty, and of what they lead to: all in one region unless said otherwise."""

from __future__ import annotations

import json

from guardline.spec.guarded_calls import GUARDED
from guardline.validator.model.events import EventBus, EventRule, EventTarget
from guardline.validator.model.functions import Function, FunctionPermission
from guardline.validator.model.resource import Origin, Ref
from guardline.validator.model.sns import Subscription, Topic
from guardline.validator.model.value import Value, known, unknown
from guardline.validator.semantics.event_samples import GUARDDUTY_CALLS
from tests.support.estates import US, location, value

CALLS = tuple(sorted({call.name for call in GUARDDUTY_CALLS}))
NO_KEY: Value[Ref] = unknown("it has no key")
PUBLISH = json.dumps(
    {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": "*",
            }
        ]
    }
)


def pattern(*names: object, **detail: object) -> str:
    """A pattern on calls to GuardDuty: of these names, or of all that matter."""
    return json.dumps(
        {
            "source": ["aws.guardduty"],
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {"eventName": list(names or CALLS), **detail},
        }
    )


def records_pattern(*but: str) -> str:
    """A pattern on calls that silence records, alerts and guards, but for some."""
    names: list[object] = [
        {"prefix": name} if each.versioned else name for each in GUARDED for name in each.names if name not in but
    ]
    sources = sorted({f"{each.service}.amazonaws.com" for each in GUARDED})
    return json.dumps(
        {
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {"eventSource": sources, "eventName": names},
        }
    )


def rule(
    region: object = US, name: str = "tamper", *, takes: object = None, enabled: object = True, bus: str = "default"
) -> EventRule:
    """A rule `aws_cloudwatch_event_rule.NAME[REGION]`."""
    address = f"aws_cloudwatch_event_rule.{name}[{region}]"
    text = pattern() if takes is None else takes
    return EventRule(
        location(region), Origin(address), frozenset({address}), True, known(name), known(Ref(id=bus)), value(text),
        value(enabled),
    )  # fmt: skip


def target(
    region: object = US, name: str = "tamper", *, to: object = None, bus: str = "default", role: object = True,
    of: object = None,
) -> EventTarget:  # fmt: skip
    """A target of the rule NAME, by default to the region's topic."""
    address = f"aws_cloudwatch_event_target.{name}[{region}]"
    leads = Ref(address=f"aws_sns_topic.alerts[{region}]") if to is None else to
    rule_of = Ref(address=f"aws_cloudwatch_event_rule.{name}[{region}]") if of is None else of
    return EventTarget(
        location(region), Origin(address), frozenset({address}), True, value(rule_of), known(Ref(id=bus)), value(leads),
        value(role), known(False), known(185),
    )  # fmt: skip


def topic(region: str = US, *, policy: object = PUBLISH, encrypted: object = False) -> Topic:
    """A topic `aws_sns_topic.alerts[REGION]`."""
    address = f"aws_sns_topic.alerts[{region}]"
    return Topic(location(region), Origin(address), frozenset({address}), True, value(encrypted), NO_KEY, value(policy))


def subscription(region: str = US) -> Subscription:
    """Somebody who listens to the region's topic."""
    address = f"aws_sns_topic_subscription.alerts[{region}]"
    of = known(Ref(address=f"aws_sns_topic.alerts[{region}]"))
    return Subscription(location(region), Origin(address), frozenset({address}), True, of, known("email"), known(False))


def alarm(region: str = US) -> tuple[EventRule, EventTarget, Topic, Subscription]:
    """A whole alarm in a region."""
    return rule(region), target(region), topic(region), subscription(region)


def function(region: str = US) -> Function:
    """A function `aws_lambda_function.f[REGION]`."""
    address = f"aws_lambda_function.f[{region}]"
    return Function(location(region), Origin(address), frozenset({address}), True, known("f"), known(None))


def permission(region: str = US, *, principal: str = "events.amazonaws.com") -> FunctionPermission:
    """Anybody's rules may call the function."""
    address = f"aws_lambda_permission.f[{region}]"
    of = known(Ref(address=f"aws_lambda_function.f[{region}]"))
    return FunctionPermission(
        location(region), Origin(address), frozenset({address}), True, of, known(principal),
        known("lambda:InvokeFunction"), known(""), known(False), unknown("it names no source"), known(""),
    )  # fmt: skip


def bus(region: str = US, name: str = "security") -> EventBus:
    """A bus `aws_cloudwatch_event_bus.NAME`."""
    address = f"aws_cloudwatch_event_bus.{name}"
    return EventBus(location(region), Origin(address), frozenset({address, name}), True)
