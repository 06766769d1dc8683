"""The calls that would silence what is in a region: its records, its alerts, the buckets of logs, and who guards these.

A call is asked about where the source holds what it silences, in the region in which CloudTrail records it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from guardline.spec.guarded_calls import GLOBAL_REGIONS, GUARDED, GuardedCalls, Kind
from guardline.validator.controls.shared.event_rules import name_of, targets_of
from guardline.validator.controls.shared.finding_rules import is_meant_for_findings
from guardline.validator.controls.shared.function_calls import function_arn
from guardline.validator.controls.shared.service_control import is_managing
from guardline.validator.controls.tamper.tamper_trail import is_meant_for_calls
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.config import Recorder
from guardline.validator.model.dns import QueryLog
from guardline.validator.model.ec2 import FlowLog
from guardline.validator.model.estate import AnyResource, Estate
from guardline.validator.model.events import DEFAULT_BUS, EventBus, EventRule
from guardline.validator.model.functions import Function
from guardline.validator.model.guardduty import PublishingDestination
from guardline.validator.model.kms import Key
from guardline.validator.model.resource import Account, Resource
from guardline.validator.model.s3 import Bucket
from guardline.validator.model.securityhub import FindingAggregator, Hub
from guardline.validator.model.sns import Topic
from guardline.validator.semantics.callers import exempt_roles, some_role
from guardline.validator.semantics.event_patterns import Pattern, parse
from guardline.validator.semantics.event_samples import GUARDDUTY_CALLS, Call, call_event, calls_on
from guardline.validator.semantics.finding_samples import ACCOUNT, partition

# What a service's calls silence, where no name in the request says whose it is.
_RECORDS: Mapping[str, type[Resource]] = {
    "cloudtrail": Trail,
    "config": Recorder,
    "ec2": FlowLog,
    "route53resolver": QueryLog,
    "securityhub": Hub,
    "kms": Key,
}
_WORST = next(call for call in GUARDDUTY_CALLS if call.name == "DeleteDetector")
_OF_AGGREGATOR = "DeleteFindingAggregator"


def guarded_here(estate: Estate, account: Account, region: str) -> tuple[Call, ...]:
    """The calls that silence what the source holds in a region; none where it holds nothing of it."""
    return tuple(call for guarded in GUARDED for call in _calls(estate, account, region, guarded))


def _calls(estate: Estate, account: Account, region: str, guarded: GuardedCalls) -> Iterator[Call]:
    if guarded.in_global_region and region != GLOBAL_REGIONS[partition(region)]:
        return
    if guarded.kind is not None:
        for name in dict.fromkeys(_names(estate, account, region, guarded.kind)):
            yield from calls_on(guarded, name)
    elif guarded.service == "organizations":
        if is_managing(estate, account):
            yield from calls_on(guarded)
    else:
        held = [one for one in estate.select(_RECORDS[guarded.service], account, region).here if one.managed]
        name = next((one.name.known_or("") for one in held if isinstance(one, Trail)), "")
        for call in calls_on(guarded) if held else ():
            if call.name == _OF_AGGREGATOR and not estate.select(FindingAggregator, account, region).here:
                continue
            yield replace(call, request={"name": name, "trailName": name}) if name else call


def _names(estate: Estate, account: Account, region: str, kind: Kind) -> Iterator[str]:
    """What requests call the resources of a kind that carry alerts, keep logs or may change both."""
    rules = _alerting(estate, account, region)
    own = account.id or ACCOUNT
    if kind == "rule":
        yield from (name for rule in rules if (name := rule.name.known_or("")))
    elif kind == "bus":
        yield from (name for bus in estate.select(EventBus, account, region).here if (name := _plain(bus)))
    elif kind in ("topic", "subscription"):
        tail = ":0a1b2c3d" if kind == "subscription" else ""
        for topic in _reached(estate, rules, Topic):
            if name := _plain(topic):
                yield f"arn:{partition(region)}:sns:{region}:{own}:{name}{tail}"
    elif kind == "function":
        for function in _reached(estate, rules, Function):
            if name := str(function.name.known_or("")):
                yield name
                yield function_arn(estate, function).replace(":*:", f":{own}:")
    elif kind == "bucket":
        refs = [*(one.bucket for one in estate.all(Trail)), *(one.bucket for one in estate.all(PublishingDestination))]
        found = (estate.find(Bucket, ref.get()) for ref in refs if ref.is_known)
        here = set(estate.select(Bucket, account, region).here)
        yield from (name for bucket in found if bucket in here and bucket is not None and (name := _plain(bucket)))
    elif kind == "role":
        yield from unwatched_roles(estate, account, region)


def _alerting(estate: Estate, account: Account, region: str) -> tuple[EventRule, ...]:
    """The rules about findings, or about calls to GuardDuty."""
    found = estate.select(EventRule, account, region).here
    return estate.recalled((_alerting, account, region), (), lambda: tuple(one for one in found if _alerts(one)))


def unwatched_roles(estate: Estate, account: Account, region: str) -> tuple[str, ...]:
    """The names of the roles whose calls no rule about calls to GuardDuty matches, for it leaves them out.

    A rule on another bus gets what those of the default bus send there.
    """
    on_calls = filter(is_meant_for_calls, estate.select(EventRule, account).here)
    texts = {rule.pattern.known_or("") or "" for rule in on_calls if _may_be_first(estate, rule)}
    return _exempt(tuple(sorted(texts)), account.id or ACCOUNT, region)


def _may_be_first(estate: Estate, rule: EventRule) -> bool:
    return not rule.bus.is_known or name_of(estate, rule.bus.get()) == DEFAULT_BUS


@lru_cache(maxsize=256)
def _exempt(patterns: tuple[str, ...], account: str, region: str) -> tuple[str, ...]:
    """The roles that no pattern matches although others match who does the same: not those left out of one call."""
    read = [pattern for text in patterns if (pattern := _parsed(text)) is not None]
    names = sorted({name for text in patterns for name in exempt_roles(text)})
    calls = {name: call_event(_WORST, account, region, some_role(account, region, name)) for name in names}
    return tuple(name for name, event in calls.items() if not any(pattern.matches(event) for pattern in read))


def _parsed(text: str) -> Pattern | None:
    try:
        return parse(text)
    except ValueError:
        return None


def _alerts(rule: EventRule) -> bool:
    return is_meant_for_findings(rule) or is_meant_for_calls(rule)


def _reached(estate: Estate, rules: Iterable[EventRule], kind: type[AnyResource]) -> Iterator[AnyResource]:
    """What the rules lead to."""
    for rule in rules:
        for target, _ in targets_of(estate, rule):
            found = estate.find(kind, target.target.get()) if target.target.is_known else None
            if found is not None and found.location.region == rule.location.region:
                yield found


def _plain(resource: Resource) -> str:
    """Its name, and neither its address nor an ARN; "" where it is not known."""
    names = (name for name in sorted(resource.names) if ":" not in name and name != resource.origin.address)
    return next((name for name in names if "/" not in name), "")
