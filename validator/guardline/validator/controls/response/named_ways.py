"""Whether alerts reach every address, chat and webhook that the spec names."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from guardline.validator.control import Verdict, failed, undetermined
from guardline.validator.controls.shared.acting_roles import acts
from guardline.validator.controls.shared.alert_topics import addresses
from guardline.validator.controls.shared.conditions import (
    Condition,
    all_hold,
    in_region_of,
    own_arn,
    plain_name,
    unsure,
)
from guardline.validator.controls.shared.event_routes import Route, origins_of
from guardline.validator.controls.shared.finding_routes import routes
from guardline.validator.controls.shared.finding_rules import leads_to
from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import ApiDestination, EventRule, EventTarget
from guardline.validator.model.resource import Account
from guardline.validator.model.sns import Subscription, Topic


def unreached(
    estate: Estate, asked: Requirements, account: Account, region: str, to_topics: list[Route]
) -> Verdict | None:
    """The verdict where something that the spec names gets no alert; None where all of it does.

    Args:
        estate: what there is.
        asked: what the spec asks.
        account, region: whose findings, and where.
        to_topics: the routes that surely bring its findings to a topic, which is their condition's `end`.
    """
    topics = {one.own_name: one for route in to_topics if isinstance(one := route.condition.end, Topic)}
    found = [addresses(estate, topic) for topic in topics.values()]
    listening = {address for there, _ in found for address in there}
    named = (*(each.lower() for each in asked.emails), *asked.chats)
    if missing := sorted(set(named) - listening):
        if (why := next((why for _, why in found if why is not None), None)) is not None:
            return undetermined(f"whether {', '.join(missing)} gets alerts is unknown: {why}", *origins_of(to_topics))
        origins = tuple(topic.origin for topic in topics.values())
        return failed(f"{', '.join(missing)} gets no alert, and the spec names it", *origins, missing=Subscription)
    return _uncalled(estate, asked.webhooks, account, region) if asked.webhooks else None


def _uncalled(estate: Estate, urls: Iterable[str], account: Account, region: str) -> Verdict | None:
    """The verdict where an HTTPS address that the spec names is not called."""
    found = routes(estate, account, region, _destination)
    called = {_url(route): route for route in found if route.condition.holds}
    missing = sorted(set(urls) - called.keys())
    if not missing:
        return None
    maybe = [route for route in found if route.condition.holds is None]
    if maybe:
        why = maybe[0].condition.reason
        return undetermined(f"whether {', '.join(missing)} is called is unknown: {why}", *origins_of(maybe))
    estate.select(EventRule, account, region).assert_complete()
    wrong = [route for route in found if route.condition.holds is False and _url(route) in missing]
    why = f": {wrong[0].condition.reason}" if wrong else ", and the spec names it"
    return failed(f"{', '.join(missing)} is not called{why}", *origins_of(wrong), missing=ApiDestination)


def _url(route: Route) -> str | None:
    """Which address a route leads to."""
    end = route.condition.end
    return end.url.known_or(None) if isinstance(end, ApiDestination) else None


def _destination(estate: Estate, rule: EventRule, target: EventTarget, source: str) -> Condition | None:
    """An HTTPS address at the end of a rule, which EventBridge calls in the role of the target.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
    """
    found = estate.find(ApiDestination, target.target.get())
    if found is None:
        if leads_to(estate, target) == "events" and "api-destination/" in (target.target.get().id or ""):
            return unsure(f"the address that {target.origin.address} calls is not in the source", target.origin)
        return None
    if not found.url.is_known:
        return unsure(f"the address of {found.origin.address} is unknown: {found.url.reason}", found.origin)
    at = Condition(True, "", (found.origin,))
    own = own_arn(estate, found, "events", f"api-destination/{plain_name(found)}/*")
    invoked = acts(estate, target, "events:InvokeApiDestination", own, source)
    return replace(all_hold((in_region_of(rule, found), at, invoked)), end=found)
