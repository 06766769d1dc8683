"""Whether calls raise an alarm: what tamper-alarm and records-alarm share."""

from __future__ import annotations

from guardline.validator.control import Cell, Verdict, failed, passed, undetermined
from guardline.validator.controls.shared.alert_topics import mending
from guardline.validator.controls.shared.api_call_routes import call_routes, calls_left
from guardline.validator.controls.shared.event_routes import origins_of
from guardline.validator.controls.shared.trails import none_will_do, origins
from guardline.validator.controls.tamper.tamper_trail import recording_calls
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventRule
from guardline.validator.semantics.event_samples import Call


def alarms(estate: Estate, scope: Scope, cell: Cell, calls: tuple[Call, ...], what: str) -> Verdict:
    """Judge whether every one of some calls in a region raises an alarm, whoever makes it.

    Args:
        estate, scope, cell: as a check has them.
        calls: the calls.
        what: the calls as people call them, e.g. ``calls that weaken GuardDuty``.
    """
    region, account = cell.region or "", cell.account
    found = call_routes(estate, account, region, calls)
    sure = tuple(route for route in found if route.condition.holds)
    maybe = tuple(route for route in found if route.condition.holds is not False)
    left = calls_left(estate, sure, account, region, calls)
    if left and maybe != sure and not calls_left(estate, maybe, account, region, calls):
        first = next(route for route in maybe if route.condition.holds is None)
        return undetermined(first.condition.reason, *first.condition.origins, *origins_of(maybe))
    if left:
        estate.select(EventRule, account, region).assert_complete()
        wrong = next((route for route in found if route.condition.holds is False), None)
        if not sure and wrong is not None:
            why = wrong.condition.reason
            return failed(f"no alarm in {region}: {why}", *wrong.condition.origins, fix=mending(why))
        if not sure and not maybe:
            return failed(f"no rule in {region} sends {what} to anybody", missing=EventRule)
        first_left, *rest = calls_left(estate, maybe, account, region, calls)
        more = f" and {len(rest)} more" if rest else ""
        return failed(f"no alarm in {region} for {first_left}{more}", *origins_of(maybe))
    judged = recording_calls(estate, account, region, calls)
    # EventBridge gets calls through a trail only; one that another team owns is declared, and not in the source.
    trail = scope.asked.declared.get("tamper-trail") if scope.asked is not None else None
    if trail is not None and not judged:
        return passed(f"{what} in {region} raise an alarm, by the trail declared, not seen: {trail}", *origins_of(sure))
    if not any(one.satisfies for one in judged):
        why = none_will_do(estate, account, judged, "trail that records these calls")
        # Where no trail is here at all, another root may hold it.
        missing = EventRule if estate.select(Trail, account).here else Trail
        return failed(f"the rule in {region} gets no call: {why}", *origins_of(sure), *origins(judged), missing=missing)
    return passed(f"{what} in {region} raise an alarm", *origins_of(sure))
