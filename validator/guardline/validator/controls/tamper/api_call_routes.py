"""The routes of API calls from a region's default bus to somebody who is alerted, and the calls that no route sends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

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
from guardline.validator.semantics.callers import Caller, callers, exempt_classes
from guardline.validator.semantics.event_patterns import Pattern
from guardline.validator.semantics.event_samples import Call, call_event
from guardline.validator.semantics.finding_samples import ACCOUNT

Made = tuple[tuple[Call, ...], str, str]
"""Calls, and the account and region in which they are made."""


def call_routes(estate: Estate, account: Account, region: str, calls: Iterable[Call]) -> tuple[Route, ...]:
    """Every route of a region's calls to people or to a function, over one further bus at most."""
    made = (tuple(calls), account.id or ACCOUNT, region)
    bus = Bus(account, region, DEFAULT_BUS)
    return tuple(routes_from(estate, bus, lambda patterns: _matches_some(patterns, made), _end))


def calls_left(
    estate: Estate, routes: Iterable[Route], account: Account, region: str, calls: Iterable[Call]
) -> tuple[str, ...]:
    """The calls that no route sends, each with a caller whose call it is; a route of unknown pattern sends all."""
    several = tuple(route.patterns for route in routes)
    if () in several:
        return ()
    own = account.id or ACCOUNT
    people = (*callers(own, region), *_exempt(estate, account, own, region))
    left = list[str]()
    for call in calls:
        who = next((each for each in people if not _is_sent(several, call, each, own, region)), None)
        if who is not None:
            left.append(f"{call} by {who.name}" if _is_sent_for_some(several, call, people, own, region) else str(call))
    return tuple(left)


def _exempt(estate: Estate, account: Account, own: str, region: str) -> Iterator[Caller]:
    """Callers of every class that some rule of the account leaves out."""
    texts = dict.fromkeys(rule.pattern.known_or("") or "" for rule in estate.select(EventRule, account).here)
    return (caller for text in texts if "anything-but" in text for caller in exempt_classes(text, own, region))


def _is_sent(several: tuple[tuple[Pattern, ...], ...], call: Call, who: Caller, account: str, region: str) -> bool:
    event = call_event(call, account, region, who)
    return any(all(pattern.matches(event) for pattern in patterns) for patterns in several)


def _is_sent_for_some(
    several: tuple[tuple[Pattern, ...], ...], call: Call, people: Iterable[Caller], account: str, region: str
) -> bool:
    return any(_is_sent(several, call, who, account, region) for who in people)


@lru_cache(maxsize=512)
def _matches_some(patterns: tuple[Pattern, ...], made: Made) -> bool:
    """Whether all match some call of a caller: only the shapes of callers that differ most are tried."""
    calls, account, region = made
    people = callers(account, region)
    return any(
        all(pattern.matches(event) for pattern in patterns)
        for call in calls
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
