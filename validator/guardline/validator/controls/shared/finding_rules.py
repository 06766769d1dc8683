"""Which rules are meant for GuardDuty's findings, whether or not they match any: what makes the question arise."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from guardline.spec.findings import families
from guardline.validator.controls.shared.event_rules import targets_of
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventBus, EventRule, EventTarget
from guardline.validator.model.functions import Function
from guardline.validator.model.resource import Account
from guardline.validator.model.sns import Topic
from guardline.validator.semantics.event_patterns import Pattern, parse
from guardline.validator.semantics.event_questions import matches_some_finding
from guardline.validator.semantics.event_samples import finding_event
from guardline.validator.semantics.finding_samples import ACCOUNT, HIGH, REGION

_OTHER = "aws.ec2"
"""The source and type of an event that no rule is meant for."""


def on_findings(estate: Estate, account: Account, wanted: Callable[[frozenset[str]], bool]) -> bool:
    """Whether the account has a rule that is meant for findings and whose targets are of wanted services.

    Args:
        wanted: judges the services that a rule's targets are of, as `leads_to` names them.
    """
    return any(
        wanted(frozenset(leads_to(estate, target) for target, _ in targets_of(estate, rule)))
        for rule in estate.select(EventRule, account).here
        if is_meant_for_findings(rule)
    )


def is_meant_for_findings(rule: EventRule) -> bool:
    """Whether a pattern speaks of GuardDuty and not of the calls to it that CloudTrail records, or else takes findings
    by other words, and not just any event."""
    text = rule.pattern.known_or("") or ""
    spoken = text.lower()
    return ("guardduty" in spoken and "cloudtrail" not in spoken) or _takes_findings(
        text, rule.location.region.known_or("")
    )


@lru_cache(maxsize=512)  # the same few patterns stand in every region
def _takes_findings(text: str, region: str | None) -> bool:
    try:
        pattern = parse(text) if text else None
    except ValueError:
        return False
    if pattern is None:
        return False
    outer = Pattern(tuple(field for field in pattern.fields if field[0] != "detail"))
    sample = finding_event(next(iter(families())), HIGH, ACCOUNT, region or REGION)
    if not outer.matches(sample) or outer.matches({**sample, "source": _OTHER, "detail-type": _OTHER}):
        return False
    return matches_some_finding(pattern, ACCOUNT, region or REGION)


def leads_to(estate: Estate, target: EventTarget) -> str:
    """The service that a target is of, as its ARN calls it (``sns``, ``lambda``, ``events``, ...); ``?`` if unknown."""
    if not target.target.is_known:
        return "?"
    ref = target.target.get()
    for kind, service in ((Topic, "sns"), (Function, "lambda"), (EventBus, "events")):
        if estate.find(kind, ref) is not None:
            return service
    if ref.id is not None and ref.id.startswith("arn:"):
        return ref.id.split(":", 3)[2] if ref.id.count(":") > 2 else "other"
    kinds = {"aws_sns_topic": "sns", "aws_lambda": "lambda", "aws_cloudwatch_event_bus": "events"}
    return next((service for kind, service in kinds.items() if kind in (ref.address or "")), "other")
