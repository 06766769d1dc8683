"""The ways that calls to GuardDuty go from a region's default bus: rule, target, perhaps another bus and its rules."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.controls.shared.conditions import Condition, all_hold, broken, unsure
from guardline.validator.controls.shared.event_routes import End, Route, is_on, may_cross
from guardline.validator.controls.shared.event_rules import Bus, hop, pattern_of, rules_on, targets_of
from guardline.validator.controls.shared.rule_arns import rule_arn
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import DEFAULT_BUS, EventRule, EventTarget
from guardline.validator.model.resource import Account
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.event_patterns import Pattern
from guardline.validator.semantics.event_samples import GUARDDUTY_CALLS, Call, call_event
from guardline.validator.semantics.finding_samples import ACCOUNT

Location = tuple[Account, str]
"""The account and region in which the calls are made."""


def call_ways(estate: Estate, account: Account, region: str, end: End) -> tuple[Route, ...]:
    """Every way of a region's calls to GuardDuty to an end, over one further bus at most."""
    return tuple(_from_bus(estate, Bus(account, region, DEFAULT_BUS), (account, region), end, hops=1))


def calls_left(routes: tuple[Route, ...], account: Account, region: str) -> tuple[Call, ...]:
    """The calls that no way takes; a way whose pattern is not told takes all."""
    return tuple(
        call for call in GUARDDUTY_CALLS if not any(_takes(route.patterns, call, account, region) for route in routes)
    )


def _takes(patterns: tuple[Pattern, ...], call: Call, account: Account, region: str) -> bool:
    event = call_event(call, account.id or ACCOUNT, region)
    return all(pattern.matches(event) for pattern in patterns)


def _takes_some(patterns: tuple[Pattern, ...], made: Location) -> bool:
    return any(_takes(patterns, call, *made) for call in GUARDDUTY_CALLS)


def _from_bus(estate: Estate, bus: Bus, made: Location, end: End, hops: int) -> Iterator[Route]:
    for rule, on_bus in rules_on(estate, bus.account, bus.region, bus.name):
        try:
            pattern = pattern_of(rule, bus.account)
        except UnknownValue as unknown_value:
            if rule.enabled.known_or(True):
                yield Route((), unsure(f"{rule.origin.address}: {unknown_value.reason}", rule.origin))
            continue
        except ValueError as error:
            yield Route((), broken(f"{rule.origin.address}: AWS refuses its pattern: {error}", rule.origin))
            continue
        if pattern is None or not _takes_some((pattern,), made):
            continue
        start = all_hold((on_bus, is_on(rule)))
        onward = list(_from_rule(estate, rule, made, end, hops))
        for patterns, condition in onward:
            yield Route((pattern, *patterns), all_hold((start, condition)))
        if not onward:
            why = estate.why_incomplete(EventTarget)
            nowhere = f"{rule.origin.address} has no target that works"
            last = unsure(f"{nowhere}, but {why}", rule.origin) if why else broken(nowhere, rule.origin)
            yield Route((pattern,), all_hold((start, last)))


def _from_rule(
    estate: Estate, rule: EventRule, made: Location, end: End, hops: int
) -> Iterator[tuple[tuple[Pattern, ...], Condition]]:
    for target, of_rule in targets_of(estate, rule):
        at = Condition(True, "", (target.origin,))
        for patterns, condition in _from_target(estate, rule, target, made, end, hops):
            yield patterns, all_hold((of_rule, at, condition))


def _from_target(
    estate: Estate, rule: EventRule, target: EventTarget, made: Location, end: End, hops: int
) -> Iterator[tuple[tuple[Pattern, ...], Condition]]:
    if not target.target.is_known:
        yield (), unsure(f"where {target.origin.address} leads is not told: {target.target.reason}", target.origin)
        return
    condition = end(estate, rule, target, rule_arn(estate, rule))
    try:
        further = hop(estate, target) if condition is None else None
    except UnknownValue as unknown_value:
        condition, further = unsure(unknown_value.reason, target.origin), None
    if condition is not None:
        yield (), condition
    elif further is None:
        yield (), unsure(f"whether {target.origin.address} leads to something that alerts is not judged", target.origin)
    elif hops < 1:
        yield (), unsure(f"{target.origin.address} leads to yet another bus, which is not followed", target.origin)
    else:
        crossing = may_cross(estate, rule, target, further)
        for route in _from_bus(estate, further, made, end, hops - 1):
            yield route.patterns, all_hold((crossing, route.condition))
