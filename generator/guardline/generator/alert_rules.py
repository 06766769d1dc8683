"""Events that raise an alert, as the practices ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from guardline.generator.root import Root

SeverityWord = Literal["low", "medium", "high", "critical"]


@dataclass(frozen=True)
class AlertRule:
    """Events of one kind.

    Attributes:
        description: of the rule, a sentence.
        pattern: EventBridge's event pattern.
        paths: name -> JSON path of the event, e.g. ``{"type": "$.detail.type"}``; ``account`` is always among them.
            Texts that may hold a quotation mark do not belong here: EventBridge puts them into the message as they
            are, and cannot deliver what is then no valid JSON.
        title: what people read first, in which ``<name>`` stands for what the path of that name finds, as in the
            following three.
        lines: what more they read.
        steps: what to do first.
        key: what is the same in all events about one thing: chats make a thread of them, pagers one incident.
        severity: how urgent it is.
        in_global_region: whether such events arise in the partition's global region alone.
        part_of: the name of the rule that brings these events from other regions, with those of its other parts; None
            where it is a rule of its own.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
    """

    description: str
    pattern: Mapping[str, Any]
    paths: Mapping[str, str]
    title: str
    lines: tuple[str, ...]
    steps: tuple[str, ...]
    key: str = "<event>"
    severity: SeverityWord = "high"
    in_global_region: bool = False
    part_of: str | None = None

    @property
    def message(self) -> dict[str, Any]:
        """What people read, as the module `event-rules` takes it."""
        return {
            "title": self.title,
            "lines": list(self.lines),
            "steps": list(self.steps),
            "key": self.key,
            "severity": self.severity,
            "paths": dict(self.paths),
        }


def gathers(root: Root) -> bool:
    """Whether the events of all covered regions come together: always in partition aws, in GovCloud where it is asked.

    Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html,
    https://aws.amazon.com/about-aws/whats-new/2022/06/amazon-eventbridge-cross-region-routing-aws-govcloud-regions/
    """
    asked = root.spec.response
    return root.spec.partition == "aws" or (asked is not None and asked.fan_in)


def at_administrator(root: Root) -> bool:
    """Whether the alerts of an organization's accounts come together in the account that administers GuardDuty."""
    organization = root.spec.organization
    return organization is not None and organization.alerts_in != "each" and gathers(root)


Course = Literal["stay", "come", "go"]
"""Where the alerts of an account reach people. stay: there, and nobody else's do. come: there, and those of the
organization's other accounts too. go: in the administrator's account, so that this one has no bus and no topic."""


def course(root: Root) -> Course:
    """Where the alerts of a root's account reach people."""
    if not at_administrator(root):
        return "stay"
    return "come" if root.duty == "security" else "go"


def sends_on(root: Root) -> bool:
    """Whether this account sends its alerts to the administrator's, and has no bus and no topic itself."""
    return course(root) == "go"


def hops(root: Root) -> bool:
    """Whether events go over a bus: one region of one account has its rules where its topic is."""
    return gathers(root) and (len(root.regions) > 1 or at_administrator(root))


def resource_name(root: Root) -> str:
    """What the names of rules, topic, bus and function begin with."""
    return f"{root.spec.name}-guardduty"
