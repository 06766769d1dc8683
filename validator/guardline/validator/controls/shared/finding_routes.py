"""The routes of a region's findings, those through Security Hub included, and which findings they miss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from guardline.spec.findings import families
from guardline.validator.control import Cell
from guardline.validator.controls.shared.conditions import Condition, all_hold, region_of, unsure
from guardline.validator.controls.shared.detectors import find as find_detector
from guardline.validator.controls.shared.event_routes import End, Route, Sends, routes_from
from guardline.validator.controls.shared.event_rules import Bus
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import DEFAULT_BUS
from guardline.validator.model.resource import Account, Origin, may_be_beside
from guardline.validator.model.securityhub import FindingAggregator, Hub
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.event_patterns import Pattern
from guardline.validator.semantics.event_questions import severities_matched
from guardline.validator.semantics.event_samples import Event, finding_event, security_hub_event
from guardline.validator.semantics.finding_samples import ACCOUNT, HIGH, SEVERITIES

Sample = tuple[str, str, str | None]
"""Account and region of a finding, and where Security Hub shows it."""


def routes(estate: Estate, account: Account, region: str, end: End) -> tuple[Route, ...]:
    """Every route of a region's findings to an end, those through Security Hub included."""

    def sends(sample: Sample) -> Sends:
        return lambda patterns: _matches_some(patterns, sample)

    own = account.id or ACCOUNT
    found = list(routes_from(estate, Bus(account, region, DEFAULT_BUS), sends((own, region, None)), end))
    for home, condition in _hub_homes(estate, account, region):
        if home is None:
            found.append(Route((), condition))
            continue
        found.extend(
            Route(route.patterns, all_hold((condition, route.condition)), home)
            for route in routes_from(estate, Bus(account, home, DEFAULT_BUS), sends((own, region, home)), end, hops=0)
        )
    return tuple(found)


def missed(routes: Iterable[Route], least: float, account: Account, region: str) -> str | None:
    """An example of the findings at or above a severity that no route sends; None where they send all."""
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
    # One route alone mostly sends every type at a severity; only where that leaves a gap is each type tried.
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


@lru_cache(maxsize=512)
def _matches_some(patterns: tuple[Pattern, ...], sample: Sample) -> bool:
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


def _hub_homes(estate: Estate, account: Account, region: str) -> Iterator[tuple[str | None, Condition]]:
    """The regions where Security Hub shows a region's findings (None: unknown), and whether it does."""
    hubs = estate.select(Hub, account, region).here
    if not hubs:
        return
    detector = find_detector(estate, Cell(account, region))
    if detector.detector is None:
        return
    origins: tuple[Origin, ...] = tuple(hub.origin for hub in hubs)
    yield region, Condition(True, "", origins)
    for one in estate.select(FindingAggregator, account).here:
        home = one.location.region.known_or(None)
        if home == region or not any(may_be_beside(one, hub) for hub in estate.select(Hub, account).here):
            continue
        try:
            if links(one, region):
                region_of(one)
                yield home, Condition(True, "", (*origins, one.origin))
        except UnknownValue as unknown_value:
            why = f"whether {one.origin.address} links {region} is not known: {unknown_value.reason}"
            yield home, unsure(why, one.origin, *origins)


def links(one: FindingAggregator, region: str) -> bool:
    """Whether an aggregator covers a region's findings.

    Raises:
        UnknownValue: its mode or regions are not known.
    """
    mode = one.mode.get()
    if mode == "ALL_REGIONS":
        return True
    if mode == "ALL_REGIONS_EXCEPT_SPECIFIED":
        return region not in one.regions.get()
    return mode == "SPECIFIED_REGIONS" and region in one.regions.get()
