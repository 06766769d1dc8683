"""One leg of a finding's way to people or to a function: whether it holds, in three values, and why not."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Account, Origin, Ref, Resource
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.iam_documents import Document, parse
from guardline.validator.semantics.wildcards import like


class Condition(msgspec.Struct, frozen=True):
    """What is known of a leg.

    Attributes:
        holds: True, False, or None where the source does not tell.
        reason: why it does not hold, or why that is not told; "" where it holds.
        origins: what was looked at.
    """

    holds: bool | None
    reason: str = ""
    origins: tuple[Origin, ...] = ()


def broken(reason: str, *origins: Origin) -> Condition:
    """The leg surely does not hold."""
    return Condition(False, reason, origins)


def unsure(reason: str, *origins: Origin) -> Condition:
    """The source does not tell."""
    return Condition(None, reason, origins)


def told(ask: Callable[[], Condition], *origins: Origin) -> Condition:
    """Ask, and take an `UnknownValue` for an answer."""
    try:
        return ask()
    except UnknownValue as unknown_value:
        return unsure(unknown_value.reason, *origins)


def all_hold(conditions: Iterable[Condition]) -> Condition:
    """One leg after the other: what is surely broken outweighs what is unsure."""
    conditions = tuple(conditions)
    origins = tuple(dict.fromkeys(origin for condition in conditions for origin in condition.origins))
    for state in (False, None):
        if (first := next((condition for condition in conditions if condition.holds is state), None)) is not None:
            return Condition(state, first.reason, origins)
    return Condition(True, "", origins)


def best(conditions: Iterable[Condition]) -> Condition | None:
    """Any of the legs will do: the best one, or None where there is none."""
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


def shares_a_place(one: Resource, other: Resource) -> bool:
    """Whether both may stand in one account and region: a name of one region means nothing in another."""
    regions = {one.location.region.known_or(None), other.location.region.known_or(None)} - {None}
    return one.location.account.key == other.location.account.key and len(regions) < 2


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
    return unsure(f"whether {end.origin.address} is in the region of {rule.origin.address} is not told", end.origin)


def region_of(resource: Resource) -> str:
    """The region of a thing.

    Raises:
        UnknownValue: it is not known.
    """
    name = resource.location.region.get()
    if name is None:
        raise UnknownValue(f"{resource.origin.address} has no region")
    return name


def arn(estate: Estate, resource: Resource, service: str, name: str) -> str:
    """The ARN of a thing, with ``*`` for what is not known of its place."""
    account: Account = resource.location.account
    region = resource.location.region.known_or("*") or "*"
    return f"arn:{estate.partition}:{service}:{region}:{account.id or '*'}:{name}"


def may_name(ref: Ref, resource: Resource, likely: str) -> bool | None:
    """Whether a reference names a thing: by a name that both have, or by the ARN that the thing will have.

    Args:
        ref: the reference.
        resource: the thing.
        likely: the thing's ARN, with ``*`` for what is not known of it.
    """
    if resource.is_named_by(ref):
        return True
    if ref.id is None or ref.address is not None or not ref.id.startswith("arn:"):
        return False
    return like(ref.id, likely)
