"""The routes of API calls from a region's default bus to somebody who is alerted, and the calls that no route sends."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from itertools import chain

import msgspec

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
from guardline.validator.semantics.any_account import renamed, renamed_pattern, renamed_value
from guardline.validator.semantics.callers import Caller, callers, exempt_classes
from guardline.validator.semantics.event_patterns import Pattern
from guardline.validator.semantics.event_samples import GUARDDUTY_CALLS, Call, call_event
from guardline.validator.semantics.finding_samples import ACCOUNT, partition

_CALLER = {("userIdentity",), ("sessionCredentialFromConsole",), ("userAgent",), ("sourceIPAddress",)}
_ANY_CALL = GUARDDUTY_CALLS[0]
_OF_REGION = {("region",), ("detail", "awsRegion"), ("resources",)}


class _Calls(msgspec.Struct, frozen=True, eq=False):
    """The calls that are asked about; equal to itself alone, which makes asking again cheap.

    Attributes:
        calls: the calls.
        anywhere: the same with the account of the sample events for their own; None where that may not be the same.
    """

    calls: tuple[Call, ...]
    anywhere: _Calls | None = None


def call_routes(estate: Estate, account: Account, region: str, calls: Iterable[Call]) -> tuple[Route, ...]:
    """Every route of a region's calls to people or to a function, over one further bus at most."""
    own, bus = account.id or ACCOUNT, Bus(account, region, DEFAULT_BUS)
    made = _asked(calls, own)

    def sends(patterns: tuple[Pattern, ...]) -> bool:
        if made.anywhere is not None and (others := _renamed(patterns, own)) is not None:
            return _matches_some(others, made.anywhere, ACCOUNT, _as_if_in(others, region))
        return _matches_some(patterns, made, own, _as_if_in(patterns, region))

    return tuple(routes_from(estate, bus, sends, _end))


def calls_left(
    estate: Estate, routes: Iterable[Route], account: Account, region: str, calls: tuple[Call, ...]
) -> tuple[str, ...]:
    """The calls that no route sends, each with a caller whose call it is; a route of unknown pattern sends all."""
    several = tuple(dict.fromkeys(route.patterns for route in routes))
    if () in several:
        return ()
    own = account.id or ACCOUNT
    made, exempting = (
        _asked(calls, own),
        estate.recalled((_exempting, account), (), lambda: _exempting(estate, account)),
    )
    others, texts = [_renamed(each, own) for each in several], [renamed(text, own) for text in exempting]
    if made.anywhere is None or None in others or None in texts:
        return _left(several, made, own, _as_if_in(chain(*several), region), exempting)
    known = tuple(each for each in others if each is not None)
    without = tuple(text for text in texts if text is not None)
    left = _left(known, made.anywhere, ACCOUNT, _as_if_in(chain(*known), region), without)
    return tuple(each.replace(ACCOUNT, own) for each in left)


def _renamed(patterns: tuple[Pattern, ...], account: str) -> tuple[Pattern, ...] | None:
    """The patterns for the account of the sample events; None where that may not be the same."""
    others = [renamed_pattern(pattern, account) for pattern in patterns]
    return None if None in others else tuple(each for each in others if each is not None)


def _exempting(estate: Estate, account: Account) -> tuple[str, ...]:
    """The patterns of an account that leave something out."""
    texts = dict.fromkeys(rule.pattern.known_or("") or "" for rule in estate.select(EventRule, account).here)
    return tuple(text for text in texts if "anything-but" in text)


def _asked(calls: Iterable[Call], account: str) -> _Calls:
    made = tuple(calls)
    return _calls(made, tuple(call.request_text for call in made), account)


@lru_cache(maxsize=512)
def _calls(calls: tuple[Call, ...], requests: tuple[str, ...], account: str) -> _Calls:
    """Two calls are equal whatever they ask for, so that the requests are given beside them."""
    texts = [renamed_value(text, account) for text in requests]
    if None in texts:
        return _Calls(calls)
    known = tuple(text for text in texts if text is not None)
    return _Calls(calls, _anywhere(calls, known))


@lru_cache(maxsize=512)
def _anywhere(calls: tuple[Call, ...], requests: tuple[str, ...]) -> _Calls:
    return _Calls(tuple(replace(call, request=json.loads(text)) for call, text in zip(calls, requests, strict=True)))


def _as_if_in(patterns: Iterable[Pattern], region: str) -> str:
    """The region, or one for all where no pattern asks for it: the same rules in every region are tried once."""
    named = any(_tells_region(pattern) for pattern in patterns)
    return region if named else GLOBAL_REGIONS[partition(region)]


@lru_cache(maxsize=512)
def _tells_region(pattern: Pattern) -> bool:
    return not pattern.paths().isdisjoint(_OF_REGION)


@lru_cache(maxsize=256)
def _left(
    several: tuple[tuple[Pattern, ...], ...],
    calls: _Calls,
    account: str,
    region: str,
    exempting: tuple[str, ...],
) -> tuple[str, ...]:
    classes = (caller for text in exempting for caller in exempt_classes(text, account, region))
    people = (*callers(account, region), *classes)
    heard = [_heard(patterns, people, account, region) for patterns in several]
    left = list[str]()
    for call in calls.calls:
        # Most routes are about other calls, whoever makes them.
        event = call_event(call, account, region)
        about = [place for place, each in enumerate(several) if all(_whoever(one).matches(event) for one in each)]
        sent = set[int]()
        for place in about:
            known = heard[place]
            sent |= _matched(several[place], call, people, account, region) if known is None else known
        if not sent:
            left.append(str(call))
        elif unsent := [who.name for number, who in enumerate(people) if number not in sent]:
            left.append(f"{call} by {unsent[0]}")
    return tuple(left)


def _heard(patterns: tuple[Pattern, ...], people: tuple[Caller, ...], account: str, region: str) -> set[int] | None:
    """The people, by number, whom all patterns match whatever they call; None where it depends on the call."""
    parts = [_of_caller(pattern) for pattern in patterns]
    of_caller = tuple(part for part in parts if part is not None)
    return _matched(of_caller, _ANY_CALL, people, account, region) if len(of_caller) == len(parts) else None


def _matched(
    patterns: tuple[Pattern, ...], call: Call, people: tuple[Caller, ...], account: str, region: str
) -> set[int]:
    """The people, by number, whose call all patterns match."""
    events = (call_event(call, account, region, who) for who in people)
    return {number for number, event in enumerate(events) if all(one.matches(event) for one in patterns)}


def _is_about_caller(path: tuple[str, ...]) -> bool:
    return path[:1] == ("detail",) and path[1:2] in _CALLER


@lru_cache(maxsize=512)
def _whoever(pattern: Pattern) -> Pattern:
    """The pattern without what it says of the caller."""
    return pattern.without(_is_about_caller)


@lru_cache(maxsize=512)
def _of_caller(pattern: Pattern) -> Pattern | None:
    """What the pattern says of the caller alone; None where that depends on the call."""
    parts = pattern.parted(_is_about_caller)
    return parts[0] if parts is not None else None


@lru_cache(maxsize=512)
def _matches_some(patterns: tuple[Pattern, ...], calls: _Calls, account: str, region: str) -> bool:
    """Whether all match some call of some caller."""
    people = callers(account, region)
    about = [
        call
        for call in calls.calls
        if all(_whoever(pattern).matches(call_event(call, account, region)) for pattern in patterns)
    ]
    heard = _heard(patterns, people, account, region) if about else set()
    return bool(heard) if heard is not None else any(_matched(patterns, one, people, account, region) for one in about)


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
