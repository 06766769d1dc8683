"""The routes of a region's findings: rule, target, perhaps another bus and a rule on that, and what stands there.

Each route carries the patterns that all have to match, and one `Condition` that says whether it holds. Several routes
together may let through what each alone does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

import msgspec

from guardline.spec.findings import families
from guardline.validator.control import Cell
from guardline.validator.controls.shared.conditions import (
    Condition,
    all_hold,
    broken,
    policy_of,
    region_of,
    shares_a_place,
    told,
    unsure,
)
from guardline.validator.controls.shared.detectors import find as find_detector
from guardline.validator.controls.shared.event_rules import Bus, hop, name_of, pattern_of, rules_on, targets_of
from guardline.validator.controls.shared.rule_arns import rule_arn
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import DEFAULT_BUS, EventBusPolicy, EventRule, EventTarget
from guardline.validator.model.resource import Account, Origin
from guardline.validator.model.securityhub import FindingAggregator, Hub
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.event_patterns import Pattern
from guardline.validator.semantics.event_questions import severities_matched
from guardline.validator.semantics.event_samples import Event, finding_event, security_hub_event
from guardline.validator.semantics.finding_samples import ACCOUNT, HIGH, SEVERITIES
from guardline.validator.semantics.iam_evaluation import allows_account

End = Callable[[Estate, EventRule, EventTarget, str], Condition | None]
"""Judges a target as the end of the way (given the rule's ARN); None where it is not of the kind looked for."""


class Route(msgspec.Struct, frozen=True):
    """One way.

    Attributes:
        patterns: all must match; none where a pattern is not told.
        condition: whether the way holds.
        hub_home: the region where Security Hub shows the finding, for a way by Security Hub; else None.
    """

    patterns: tuple[Pattern, ...]
    condition: Condition
    hub_home: str | None = None


def routes(estate: Estate, account: Account, region: str, end: End) -> tuple[Route, ...]:
    """Every way of a region's findings, those through Security Hub included."""
    sample = _sample(account, region, None)
    found = list(_from_bus(estate, account, region, DEFAULT_BUS, sample, end, hops=1))
    for home, condition in _hub_homes(estate, account, region):
        sample = _sample(account, region, home)
        found.extend(
            Route(route.patterns, all_hold((condition, route.condition)), home)
            for route in _from_bus(estate, account, home, DEFAULT_BUS, sample, end, hops=0)
        )
    return tuple(found)


def missed(routes: Iterable[Route], least: float, account: Account, region: str) -> str | None:
    """An example of the findings at or above a severity that no way takes; None where they take all."""
    return _missed(tuple((route.patterns, route.hub_home) for route in routes), least, account.id or ACCOUNT, region)


def _event(kind: str, severity: float, account: str, region: str, home: str | None) -> Event:
    if home is None:
        return finding_event(kind, severity, account, region)
    return {**security_hub_event(kind, severity, account, region), "region": home}


@lru_cache(maxsize=512)
def _missed(
    routes: tuple[tuple[tuple[Pattern, ...], str | None], ...], least: float, account: str, region: str
) -> str | None:
    if any(not patterns for patterns, _ in routes):
        return None
    # One way alone mostly takes every type at a severity; only where that leaves a gap is each type tried.
    whole = {
        severity
        for patterns, home in routes
        if home is None
        for severity in set(SEVERITIES).intersection(*(severities_matched(one, account, region) for one in patterns))
    }
    for severity in SEVERITIES:
        if severity < least or severity in whole:
            continue
        for kind in families():
            if not any(
                all(pattern.matches(_event(kind, severity, account, region, home)) for pattern in patterns)
                for patterns, home in routes
            ):
                return f"a finding of type {kind} at severity {severity}"
    return None


Sample = tuple[str, str, str | None]


def _sample(account: Account, region: str, home: str | None) -> Sample:
    return (account.id or ACCOUNT, region, home)


@lru_cache(maxsize=512)
def _takes_some(patterns: tuple[Pattern, ...], sample: Sample) -> bool:
    # Most rules are about something else altogether, which their outermost fields tell.
    event = _event(next(iter(families())), HIGH, *sample)
    for pattern in patterns:
        outer = tuple(field for field in pattern.fields if field[0] != "detail")
        if not Pattern(outer).matches(event):
            return False
    return any(
        all(pattern.matches(_event(kind, severity, *sample)) for pattern in patterns)
        for kind in families()
        for severity in SEVERITIES[::-5]
    )


def _from_bus(
    estate: Estate, account: Account, region: str, bus: str, sample: Sample, end: End, hops: int
) -> Iterator[Route]:
    for rule, on_bus in rules_on(estate, account, region, bus):
        origin = rule.origin
        try:
            pattern = pattern_of(rule, account)
        except UnknownValue as unknown_value:
            if rule.enabled.known_or(True):
                yield Route((), unsure(f"{origin.address}: {unknown_value.reason}", origin))
            continue
        except ValueError as error:
            yield Route((), broken(f"{origin.address}: AWS refuses its pattern: {error}", origin))
            continue
        if pattern is None or not _takes_some((pattern,), sample):
            continue
        yield from _from_rule(estate, rule, (on_bus, is_on(rule)), pattern, sample, end, hops)


def is_on(rule: EventRule) -> Condition:
    if not rule.enabled.is_known:
        return unsure(f"whether {rule.origin.address} is on: {rule.enabled.reason}", rule.origin)
    if not rule.enabled.get():
        return broken(f"{rule.origin.address} is disabled", rule.origin)
    return Condition(True, "", (rule.origin,))


def _from_rule(
    estate: Estate,
    rule: EventRule,
    so_far: tuple[Condition, ...],
    pattern: Pattern,
    sample: Sample,
    end: End,
    hops: int,
) -> Iterator[Route]:
    found = False
    for target, of_rule in targets_of(estate, rule):
        at = Condition(True, "", (target.origin,))
        conditions = (*so_far, of_rule, at)
        for patterns, condition in _ends(estate, rule, target, sample, end, hops):
            both = (pattern, *patterns)
            if len(both) == 1 or not patterns or _takes_some(both, sample):
                found = True
                yield Route(both, all_hold((*conditions, condition)))
    if not found:
        why = estate.why_incomplete(EventTarget)
        nowhere = f"{rule.origin.address} has no target that leads there"
        last = unsure(f"{nowhere}, but {why}", rule.origin) if why else broken(nowhere, rule.origin)
        yield Route((pattern,), all_hold((*so_far, last)))


def _ends(
    estate: Estate, rule: EventRule, target: EventTarget, sample: Sample, end: End, hops: int
) -> Iterator[tuple[tuple[Pattern, ...], Condition]]:
    """What stands at a target: the end that is looked for, or what a further bus leads to."""
    if not target.target.is_known:
        yield (), unsure(f"where {target.origin.address} leads is not told: {target.target.reason}", target.origin)
        return
    condition = end(estate, rule, target, rule_arn(estate, rule))
    if condition is not None:
        yield (), condition
        return
    try:
        further = hop(estate, target)
    except UnknownValue as unknown_value:
        yield (), unsure(unknown_value.reason, target.origin)
        return
    if further is None:
        return
    if hops < 1:
        yield (), unsure(f"{target.origin.address} leads to yet another bus, which is not followed", target.origin)
        return
    onward = may_cross(estate, rule, target, further)
    for route in _from_bus(estate, further.account, further.region, further.name, sample, end, hops - 1):
        yield route.patterns, all_hold((onward, route.condition))


def may_cross(estate: Estate, rule: EventRule, target: EventTarget, further: Bus) -> Condition:
    """EventBridge puts events on another bus as a role; not all partitions let it do so across regions, and another
    account's bus takes only what its policy names."""
    if further.account.key != rule.location.account.key:
        return told(lambda: _may_enter(estate, rule, further), target.origin)
    if estate.partition != "aws" and rule.location.region.known_or(None) != further.region:
        return unsure(f"whether EventBridge crosses regions in {estate.partition} is not known", target.origin)
    if not target.role.known_or(True):
        return unsure(f"{target.origin.address} gives no role to put events on the other bus with", target.origin)
    return Condition(True, "", (target.origin,))


def _may_enter(estate: Estate, rule: EventRule, bus: Bus) -> Condition:
    """Whether another account's bus lets the rule's account put events on it."""
    here = estate.select(EventBusPolicy, bus.account, bus.region)
    found = [one for one in here if not one.bus.is_known or name_of(estate, one.bus.get()) == bus.name]
    if not found:
        here.assert_complete()
        return broken(f"the bus {bus.name} of {bus.account.id or 'another account'} has no policy that lets others in")
    reasons = list[str]()
    for policy in found:
        try:
            policy.bus.get()
            document = policy_of(policy.text.get(), f"the policy {policy.origin.address}")
            if allows_account(document, rule.location.account.id or "*", "events:PutEvents"):
                return Condition(True, "", (policy.origin,))
        except UnknownValue as unknown_value:
            reasons.append(unknown_value.reason)
    if reasons:
        raise UnknownValue(reasons[0])
    return broken(
        f"{found[0].origin.address} does not let {rule.location.account.id or 'the account'} put events there"
    )


def _hub_homes(estate: Estate, account: Account, region: str) -> Iterator[tuple[str, Condition]]:
    """The regions where Security Hub shows a region's findings, and whether it does."""
    hubs = estate.select(Hub, account, region).here
    if not hubs:
        return
    detector = find_detector(estate, Cell(account, region))
    if detector.detector is None:
        return
    origins: tuple[Origin, ...] = tuple(hub.origin for hub in hubs)
    yield region, Condition(True, "", origins)
    for one in estate.select(FindingAggregator, account).here:
        try:
            home = region_of(one)
            has_hub = any(shares_a_place(one, hub) for hub in estate.select(Hub, account).here)
            if home != region and has_hub and links(one, region):
                yield home, Condition(True, "", (*origins, one.origin))
        except UnknownValue:
            continue  # it may be a way; without it the region is judged by its other ones


def links(one: FindingAggregator, region: str) -> bool:
    """Whether an aggregator takes in a region's findings.

    Raises:
        UnknownValue: its mode or regions are not known.
    """
    mode = one.mode.get()
    if mode == "ALL_REGIONS":
        return True
    if mode == "ALL_REGIONS_EXCEPT_SPECIFIED":
        return region not in one.regions.get()
    return mode == "SPECIFIED_REGIONS" and region in one.regions.get()
