"""Events that raise an alert, as the practices ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guardline.generator.root import Root


@dataclass(frozen=True)
class AlertRule:
    """Events of one kind.

    Attributes:
        description: of the rule, a sentence.
        pattern: EventBridge's event pattern.
        paths: name -> JSON path of the event, e.g. ``{"type": "$.detail.type"}``. Texts that may hold a quotation mark
            do not belong here: EventBridge puts them into the message as they are, and cannot deliver what is then no
            valid JSON.
        message: the line that people read, in which ``<name>`` stands for what the path of that name finds.
        in_global_region: whether such events arise in the partition's global region alone.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
    """

    description: str
    pattern: Mapping[str, Any]
    paths: Mapping[str, str]
    message: str
    in_global_region: bool = False


def gathers(root: Root) -> bool:
    """Whether the events of all covered regions come together: always in partition aws, in GovCloud where it is asked.

    Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html,
    https://aws.amazon.com/about-aws/whats-new/2022/06/amazon-eventbridge-cross-region-routing-aws-govcloud-regions/
    """
    asked = root.spec.response
    return root.spec.partition == "aws" or (asked is not None and asked.fan_in)


def hops(root: Root) -> bool:
    """Whether events go from one region to another: one region alone has its rules where its topic is."""
    return gathers(root) and len(root.regions) > 1


def resource_name(root: Root) -> str:
    """What the names of rules, topic, bus and function begin with."""
    return f"{root.spec.name}-guardduty"
