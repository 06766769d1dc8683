"""Alerts people of a finding, of what was done about it, and where to begin; and says on the bus what was done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from . import clients
from .actions.action import Outcome
from .finding import Finding
from .message import plain, subject, text
from .records import Records
from .settings import Settings

T = TypeVar("T")

SOURCE, DETAIL_TYPE = "guardline", "GuardDuty Finding Answered"
"""Of the events that say what was done."""


class NotPutError(Exception):
    """EventBridge took the call and not the event."""


def notify(finding: Finding, settings: Settings, records: Records, before: Sequence[Outcome]) -> Outcome:
    """Publish to the topic, and put an event on the bus, once for the same words: an event may be delivered twice.

    Raises:
        NotPutError: EventBridge refused the event.
    """
    said = text(finding, [(outcome.done, outcome.record) for outcome in before], settings.mode)
    line = subject(finding)
    about = f"{finding.id}/{hashlib.sha256(f'{line}{said}'.encode()).hexdigest()[:32]}"
    region = settings.topic_arn.split(":")[3]

    def publish() -> str:
        answer = clients.own("sns", region).publish(TopicArn=settings.topic_arn, Subject=line, Message=said)
        return str(answer["MessageId"])

    message = _once(records, f"alert/{about}", publish)
    if before:
        _once(records, f"event/{about}", lambda: _put(finding, settings, before, region))
    if message is None:
        return Outcome("notify", "people have this alert already")
    return Outcome("notify", f"people were alerted, message {message}")


def _once(records: Records, key: str, do: Callable[[], T]) -> T | None:
    """Do something the first time that a key is seen; None where it was done. What fails may be tried again."""
    if not records.once(key):
        return None
    try:
        return do()
    except BaseException:
        records.again(key)
        raise


def _put(finding: Finding, settings: Settings, before: Sequence[Outcome], region: str) -> None:
    """Chats and webhooks read this event by their own rules, and whoever audits what the function does."""
    detail = {
        "finding": finding.id,
        "type": finding.type,
        "severity": finding.severity,
        "account": finding.account,
        "region": finding.region,
        "mode": settings.mode,
        "done": plain("; ".join(outcome.done for outcome in before)),
        "outcomes": [
            {"action": each.action, "done": each.done, "failed": each.failed, "record": each.record or ""}
            for each in before
        ],
    }
    entry = {"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": json.dumps(detail), "EventBusName": settings.bus}
    answer = clients.own("events", region).put_events(Entries=[entry])
    if answer.get("FailedEntryCount"):
        raise NotPutError(f"the event was not put on the bus {settings.bus}: {answer['Entries']}")
