"""One part of an alert's route to people or to a function: whether it holds, in three values, and why not."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Origin, Ref, Resource
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.iam_documents import Document, parse
from guardline.validator.semantics.place_texts import account_text
from guardline.validator.semantics.wildcards import like


class Condition(msgspec.Struct, frozen=True):
    """What is known of one part of a route.

    Attributes:
        holds: True, False, or None where that cannot be determined.
        reason: why it does not hold, or why that cannot be determined; "" where it holds.
        origins: what was looked at; of what does not hold, the resource to mend comes first.
        end: what stands at the end of the route, for a control that asks more of it; else None.
    """

    holds: bool | None
    reason: str = ""
    origins: tuple[Origin, ...] = ()
    end: Resource | None = None


def broken(reason: str, *origins: Origin) -> Condition:
    """It surely does not hold."""
    return Condition(False, reason, origins)


def unsure(reason: str, *origins: Origin) -> Condition:
    """Whether it holds cannot be determined."""
    return Condition(None, reason, origins)


def asked(ask: Callable[[], Condition], *origins: Origin) -> Condition:
    """Ask, where an `UnknownValue` is an answer as well."""
    try:
        return ask()
    except UnknownValue as unknown_value:
        return unsure(unknown_value.reason, *origins)


def all_hold(conditions: Iterable[Condition]) -> Condition:
    """One part after the other: what is surely broken outweighs what is unsure, and comes first in the evidence."""
    conditions = tuple(conditions)
    every = [origin for condition in conditions for origin in condition.origins]
    end = next((condition.end for condition in conditions if condition.end is not None), None)
    for state in (False, None):
        if (first := next((condition for condition in conditions if condition.holds is state), None)) is not None:
            return Condition(state, first.reason, tuple(dict.fromkeys((*first.origins, *every))), end)
    return Condition(True, "", tuple(dict.fromkeys(every)), end)


def best(conditions: Iterable[Condition]) -> Condition | None:
    """The best of several, any of which will do; None where there is none."""
    order = (True, None, False)
    return min(conditions, key=lambda condition: order.index(condition.holds), default=None)


def policy_of(text: str, what: str) -> Document:
    """Read a resource's policy.

    Raises:
        UnknownValue: AWS would refuse the text, or this version cannot read it.
    """
    try:
        return parse(text)
    except ValueError as error:
        raise UnknownValue(f"{what}: {error}") from error


def in_region_of(rule: Resource, end: Resource) -> Condition:
    """Whether the end of a rule is in the rule's region: but for a bus, EventBridge reaches no other
    (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html)."""
    ours, theirs = rule.location.region, end.location.region
    if ours == theirs:  # two unknowns for one reason, say of one provider, are one region
        return Condition(True)
    if ours.is_known and theirs.is_known:
        return broken(
            f"{end.origin.address} is in {theirs.get()}, and {rule.origin.address} in {ours.get()}", end.origin
        )
    return unsure(f"whether {end.origin.address} is in the region of {rule.origin.address} is not known", end.origin)


def region_of(resource: Resource) -> str:
    """The region of a resource.

    Raises:
        UnknownValue: it is not known.
    """
    name = resource.location.region.get()
    if name is None:
        raise UnknownValue(f"{resource.origin.address} has no region")
    return name


def arn(estate: Estate, resource: Resource, service: str, name: str) -> str:
    """The ARN of a resource: with ``*`` for a region, and the mark of its account for an account, that is unknown."""
    region = resource.location.region.known_or("*") or "*"
    return f"arn:{estate.partition}:{service}:{region}:{account_text(resource.location.account)}:{name}"


def own_arn(estate: Estate, resource: Resource, service: str, name: str) -> str:
    """The ARN that a resource has, or will have: then it ends with `name`. What is not known of it is ``*``."""
    given = next((each for each in sorted(resource.names) if each.startswith("arn:")), None)
    return given or arn(estate, resource, service, name)


def plain_name(resource: Resource) -> str:
    """The name that a resource has beside its address and its ARN; ``*`` where it is not known."""
    return min((each for each in resource.names if ":" not in each and each != resource.origin.address), default="*")


def may_name(ref: Ref, resource: Resource, likely: str) -> bool | None:
    """Whether a reference names a resource: by a name that both have, or by the ARN that the resource will have.

    Args:
        ref: the reference.
        resource: the resource.
        likely: its ARN, with a mark or ``*`` for what is unknown in it.
    """
    if resource.is_named_by(ref):
        return True
    if ref.id is None or ref.address is not None or not ref.id.startswith("arn:"):
        return False
    return like(ref.id, likely)
