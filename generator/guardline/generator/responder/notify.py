"""Alerts people of a finding, of what was done about it, and where to begin."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from . import clients
from .actions.action import Outcome
from .finding import Finding
from .message import subject, text
from .records import Records
from .settings import Settings


def notify(finding: Finding, settings: Settings, records: Records, before: Sequence[Outcome]) -> Outcome:
    """Publish to the topic, once for the same words: EventBridge may deliver an event twice."""
    said = text(finding, [(outcome.done, outcome.record) for outcome in before], settings.mode)
    line = subject(finding)
    key = f"alert/{finding.id}/{hashlib.sha256(f'{line}{said}'.encode()).hexdigest()[:32]}"
    if not records.once(key):
        return Outcome("notify", "people have this alert already")
    try:
        region = settings.topic_arn.split(":")[3]
        answer = clients.own("sns", region).publish(TopicArn=settings.topic_arn, Subject=line, Message=said)
    except BaseException:
        records.again(key)
        raise
    return Outcome("notify", f"people were alerted, message {answer['MessageId']}")
