"""Tells people of a finding, of what was done about it, and where to begin."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from ..finding import Finding
from ..message import subject, text
from ..settings import Settings
from .action import Outcome


def act(finding: Finding, settings: Settings, before: Sequence[Outcome]) -> Outcome:
    """Publish to the topic."""
    region = settings.topic_arn.split(":")[3]
    answer = _sns(region).publish(
        TopicArn=settings.topic_arn,
        Subject=subject(finding),
        Message=text(finding, [outcome.done for outcome in before]),
    )
    return Outcome("notify", f"alert sent, message {answer['MessageId']}")


@cache
def _sns(region: str) -> Any:
    import boto3

    return boto3.client("sns", region_name=region)
