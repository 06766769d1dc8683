"""What the tests ask of event patterns beyond what the controls do: what a pattern misses, and what narrows it."""

from __future__ import annotations

from collections.abc import Iterable

from guardline.spec.findings import families
from guardline.validator.semantics.event_patterns import Pattern
from guardline.validator.semantics.event_questions import Make, _is_name, severities_matched
from guardline.validator.semantics.event_samples import GUARDDUTY_CALLS, Call, Event, call_event, finding_event
from guardline.validator.semantics.finding_samples import ACCOUNT, REGION, SEVERITIES

NEW_VPC_CALLS = ("CreateVpc", "CreateDefaultVpc")


def misses_at_or_above(
    pattern: Pattern, least: float, account: str = ACCOUNT, region: str = REGION, make: Make = finding_event
) -> str | None:
    """An example of the findings at or above severity `least` that the pattern misses; None if it matches them all.

    Example: ``findings of severity 9.0``, or ``findings of type Recon:EC2/Portscan at severity 7.0``.
    """
    matched = set(severities_matched(pattern, account, region, make))
    missed = next((severity for severity in SEVERITIES if severity >= least and severity not in matched), None)
    if missed is None:
        return None
    of_type = [kind for kind in families() if not pattern.matches(make(kind, missed, account, region))]
    if len(of_type) == len(families()):
        return f"findings of severity {missed}"
    return f"findings of type {of_type[0]} at severity {missed}"


def narrowed_to(pattern: Pattern) -> tuple[str, ...]:
    """The fields of the pattern that name one resource, peer or account, e.g. ``detail.accountId``."""
    return tuple(sorted(".".join(path) for path in pattern.paths() if _is_name(path)))


def calls_missed(
    pattern: Pattern, calls: Iterable[Call] = GUARDDUTY_CALLS, account: str = ACCOUNT, region: str = REGION
) -> tuple[Call, ...]:
    """The calls whose events the pattern does not match."""
    return tuple(call for call in calls if not pattern.matches(call_event(call, account, region)))


def new_vpcs_missed(pattern: Pattern, account: str = ACCOUNT, region: str = REGION) -> tuple[str, ...]:
    """Which of CreateVpc and CreateDefaultVpc the pattern does not match."""
    return tuple(name for name in NEW_VPC_CALLS if not pattern.matches(new_vpc_event(name, account, region)))


def new_vpc_event(name: str, account: str = ACCOUNT, region: str = REGION) -> Event:
    """The event of one of `NEW_VPC_CALLS`."""
    event = call_event(Call("ec2", name, "stops detection", {"cidrBlock": "10.0.0.0/16"}), account, region)
    event["detail"]["responseElements"] = {"vpc": {"vpcId": "vpc-0guardlinesample", "ownerId": account}}
    return event
