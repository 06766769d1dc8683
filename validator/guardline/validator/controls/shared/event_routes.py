"""The routes of events from a bus: rule, target, perhaps another bus and a rule on that, and what stands at the end.

Each route carries the patterns that all have to match, and one `Condition` that says whether it holds. Several routes
together may let through what each alone does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from guardline.validator.controls.shared.bus_crossing import may_cross
from guardline.validator.controls.shared.conditions import Condition, all_hold, broken, unsure
from guardline.validator.controls.shared.event_rules import Bus, hop, pattern_of, rules_on, targets_of
from guardline.validator.controls.shared.rule_arns import rule_arn
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventRule, EventTarget
from guardline.validator.model.resource import Origin
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.event_patterns import Pattern

End = Callable[[Estate, EventRule, EventTarget, str], Condition | None]
"""Judges a target as the end of a route (given the rule's ARN); None where it is not of the kind looked for."""
Sends = Callable[[tuple[Pattern, ...]], bool]
"""Whether some of the events that are asked about match all of these patterns."""


class Route(msgspec.Struct, frozen=True):
    """One route.

    Attributes:
        patterns: all must match; none where a pattern is not known.
        condition: whether the route holds.
        hub_home: the region where Security Hub shows the finding, for a route by Security Hub; else None.
    """

    patterns: tuple[Pattern, ...]
    condition: Condition
    hub_home: str | None = None


def routes_from(estate: Estate, bus: Bus, sends: Sends, end: End, hops: int = 1) -> Iterator[Route]:
    """Every route from a bus to an end, over so many further buses at most.

    Args:
        estate: what there is.
        bus: where the events are.
        sends: tells which patterns match some of the events that are asked about.
        end: what to look for.
        hops: how many further buses may be between.
    """
    for rule, on_bus in rules_on(estate, bus):
        origin = rule.origin
        try:
            pattern = pattern_of(rule, bus.account)
        except UnknownValue as unknown_value:
            if rule.enabled.known_or(True):
                yield Route((), unsure(f"{origin.address}: {unknown_value.reason}", origin))
            continue
        except ValueError as error:
            yield Route((), broken(f"{origin.address}: AWS refuses its pattern: {error}", origin))
            continue
        if pattern is None or not sends((pattern,)):
            continue
        yield from _from_rule(estate, rule, (on_bus, is_on(rule)), pattern, sends, end, hops)


def is_on(rule: EventRule) -> Condition:
    """Whether a rule is enabled."""
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
    sends: Sends,
    end: End,
    hops: int,
) -> Iterator[Route]:
    found = False
    for target, of_rule in targets_of(estate, rule):
        at = Condition(True, "", (target.origin,))
        conditions = (*so_far, of_rule, at)
        for patterns, condition in _ends(estate, rule, target, sends, end, hops):
            both = (pattern, *patterns)
            if len(both) == 1 or not patterns or sends(both):
                found = True
                yield Route(both, all_hold((*conditions, condition)))
    if not found:
        why = estate.why_incomplete(EventTarget)
        nowhere = f"{rule.origin.address} has no target that leads there"
        last = unsure(f"{nowhere}, but {why}", rule.origin) if why else broken(nowhere, rule.origin)
        yield Route((pattern,), all_hold((*so_far, last)))


def _ends(
    estate: Estate, rule: EventRule, target: EventTarget, sends: Sends, end: End, hops: int
) -> Iterator[tuple[tuple[Pattern, ...], Condition]]:
    """What stands at a target: the end that is looked for, or what a further bus leads to."""
    if not target.target.is_known:
        yield (), unsure(f"where {target.origin.address} leads is not known: {target.target.reason}", target.origin)
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
    for route in routes_from(estate, further, sends, end, hops - 1):
        yield route.patterns, all_hold((onward, route.condition))


def origins_of(routes: tuple[Route, ...] | list[Route]) -> tuple[Origin, ...]:
    """What the routes were judged by."""
    return tuple(dict.fromkeys(origin for route in routes for origin in route.condition.origins))
