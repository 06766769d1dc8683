"""The routes of API calls from a region's default bus to somebody who is alerted, and the calls that no route sends."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache

from guardline.spec.guarded_calls import GLOBAL_REGIONS
from guardline.validator.controls.shared.alert_topics import reaches_people
from guardline.validator.controls.shared.conditions import Condition, all_hold, in_region_of, unsure
from guardline.validator.controls.shared.event_routes import Route, routes_from
from guardline.validator.controls.shared.event_rules import Bus
from guardline.validator.controls.shared.finding_rules import leads_to
from guardline.validator.controls.shared.responders import may_call
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import DEFAULT_BUS, EventRule, EventTarget
from guardline.validator.model.functions import Function
from guardline.validator.model.resource import Account
from guardline.validator.model.sns import Topic
from guardline.validator.semantics.callers import callers, exempt_classes
from guardline.validator.semantics.event_patterns import Pattern
from guardline.validator.semantics.event_samples import Call, call_event
from guardline.validator.semantics.finding_samples import ACCOUNT, partition

_CALLER = {("userIdentity",), ("sessionCredentialFromConsole",), ("userAgent",), ("sourceIPAddress",)}
_OF_REGION = {("region",), ("detail", "awsRegion"), ("resources",)}


def call_routes(estate: Estate, account: Account, region: str, calls: Iterable[Call]) -> tuple[Route, ...]:
    """Every route of a region's calls to people or to a function, over one further bus at most."""
    made = tuple(calls)
    requests, own, bus = tuple(map(_request, made)), account.id or ACCOUNT, Bus(account, region, DEFAULT_BUS)

    def sends(patterns: tuple[Pattern, ...]) -> bool:
        return _matches_some(patterns, made, requests, own, _as_if_in(patterns, region))

    return tuple(routes_from(estate, bus, sends, _end))


def calls_left(
    estate: Estate, routes: Iterable[Route], account: Account, region: str, calls: tuple[Call, ...]
) -> tuple[str, ...]:
    """The calls that no route sends, each with a caller whose call it is; a route of unknown pattern sends all."""
    several = tuple(dict.fromkeys(route.patterns for route in routes))
    if () in several:
        return ()
    own = account.id or ACCOUNT
    texts = dict.fromkeys(rule.pattern.known_or("") or "" for rule in estate.select(EventRule, account).here)
    exempting = tuple(text for text in texts if "anything-but" in text)
    seen = _as_if_in([pattern for patterns in several for pattern in patterns], region)
    return _left(several, calls, tuple(map(_request, calls)), own, seen, exempting)


def _as_if_in(patterns: Iterable[Pattern], region: str) -> str:
    """The region, or one for all where no pattern asks for it: the same rules in every region are tried once."""
    named = any(_tells_region(pattern) for pattern in patterns)
    return region if named else GLOBAL_REGIONS[partition(region)]


@lru_cache(maxsize=512)
def _tells_region(pattern: Pattern) -> bool:
    return not pattern.paths().isdisjoint(_OF_REGION)


def _request(call: Call) -> str:
    return json.dumps(call.request, sort_keys=True)


@lru_cache(maxsize=256)
def _left(
    several: tuple[tuple[Pattern, ...], ...],
    calls: tuple[Call, ...],
    _requests: tuple[str, ...],  # two calls are equal whatever they ask for
    account: str,
    region: str,
    exempting: tuple[str, ...],
) -> tuple[str, ...]:
    classes = (caller for text in exempting for caller in exempt_classes(text, account, region))
    people = (*callers(account, region), *classes)
    left = list[str]()
    for call in calls:
        # Most routes are about other calls, whoever makes them.
        event = call_event(call, account, region)
        about = [patterns for patterns in several if all(_whoever(each).matches(event) for each in patterns)]
        events = [(who.name, call_event(call, account, region, who)) for who in people] if about else []
        unsent = [name for name, made in events if not any(all(one.matches(made) for one in each) for each in about)]
        if not about or len(unsent) == len(events):
            left.append(str(call))
        elif unsent:
            left.append(f"{call} by {unsent[0]}")
    return tuple(left)


@lru_cache(maxsize=512)
def _whoever(pattern: Pattern) -> Pattern:
    """The pattern without what it says of the caller."""
    return pattern.without(lambda path: path[:1] == ("detail",) and path[1:2] in _CALLER)


@lru_cache(maxsize=512)
def _matches_some(
    patterns: tuple[Pattern, ...], calls: tuple[Call, ...], _requests: tuple[str, ...], account: str, region: str
) -> bool:
    """Whether all match some call of some caller."""
    people = callers(account, region)
    return any(
        all(pattern.matches(event) for pattern in patterns)
        for call in calls
        if all(_whoever(pattern).matches(call_event(call, account, region)) for pattern in patterns)
        for who in people
        for event in (call_event(call, account, region, who),)
    )


def _end(estate: Estate, rule: EventRule, target: EventTarget, source: str) -> Condition | None:
    """A topic that people listen to, or a function that may be called."""
    ref = target.target.get()
    if (topic := estate.find(Topic, ref)) is not None:
        return all_hold((in_region_of(rule, topic), reaches_people(estate, topic, target, source)))
    if (function := estate.find(Function, ref)) is not None:
        return all_hold((in_region_of(rule, function), may_call(estate, function, rule, target, source)))
    if leads_to(estate, target) in ("sns", "lambda"):
        return unsure(f"what {target.origin.address} leads to is not in the source", target.origin)
    if leads_to(estate, target) != "events":
        return unsure(f"whether {target.origin.address} leads to something that alerts is not judged", target.origin)
    return None
