"""One leg of a finding's way to people or to a function: whether it holds, in three values, and why not."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Account, Origin, Ref, Thing
from guardline.validator.model.value import Untold
from guardline.validator.semantics.iam_documents import Document, parse
from guardline.validator.semantics.wildcards import like


class Leg(msgspec.Struct, frozen=True):
    """What is known of a leg.

    Attributes:
        holds: True, False, or None where the source does not tell.
        reason: why it does not hold, or why that is not told; "" where it holds.
        origins: what was looked at.
    """

    holds: bool | None
    reason: str = ""
    origins: tuple[Origin, ...] = ()


def broken(reason: str, *origins: Origin) -> Leg:
    """The leg surely does not hold."""
    return Leg(False, reason, origins)


def unsure(reason: str, *origins: Origin) -> Leg:
    """The source does not tell."""
    return Leg(None, reason, origins)


def told(ask: Callable[[], Leg], *origins: Origin) -> Leg:
    """Ask, and take an `Untold` for an answer."""
    try:
        return ask()
    except Untold as untold:
        return unsure(untold.reason, *origins)


def all_hold(legs: Iterable[Leg]) -> Leg:
    """One leg after the other: what is surely broken outweighs what is unsure."""
    legs = tuple(legs)
    origins = tuple(dict.fromkeys(origin for leg in legs for origin in leg.origins))
    for state in (False, None):
        if (first := next((leg for leg in legs if leg.holds is state), None)) is not None:
            return Leg(state, first.reason, origins)
    return Leg(True, "", origins)


def best(legs: Iterable[Leg]) -> Leg | None:
    """Any of the legs will do: the best one, or None where there is none."""
    order = (True, None, False)
    return min(legs, key=lambda leg: order.index(leg.holds), default=None)


def policy_of(text: str, what: str) -> Document:
    """Read a resource's policy.

    Raises:
        Untold: AWS would refuse the text, or this version cannot read it.
    """
    try:
        return parse(text)
    except ValueError as error:
        raise Untold(f"{what}: {error}") from error


def shares_a_place(one: Thing, other: Thing) -> bool:
    """Whether both may stand in one account and region: a name of one region means nothing in another."""
    regions = {one.place.region.known_or(None), other.place.region.known_or(None)} - {None}
    return one.place.account.key == other.place.account.key and len(regions) < 2


def in_region_of(rule: Thing, end: Thing) -> Leg:
    """Whether the end of a rule is in the rule's region: but for a bus, EventBridge reaches no other
    (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html)."""
    ours, theirs = rule.place.region, end.place.region
    if ours == theirs:  # two unknowns for one reason, say of one provider, are one region
        return Leg(True)
    if ours.is_known and theirs.is_known:
        return broken(
            f"{end.origin.address} is in {theirs.get()}, and {rule.origin.address} in {ours.get()}", end.origin
        )
    return unsure(f"whether {end.origin.address} is in the region of {rule.origin.address} is not told", end.origin)


def region_of(thing: Thing) -> str:
    """The region of a thing.

    Raises:
        Untold: it is not known.
    """
    name = thing.place.region.get()
    if name is None:
        raise Untold(f"{thing.origin.address} has no region")
    return name


def arn(estate: Estate, thing: Thing, service: str, resource: str) -> str:
    """The ARN of a thing, with ``*`` for what is not known of its place."""
    account: Account = thing.place.account
    region = thing.place.region.known_or("*") or "*"
    return f"arn:{estate.partition}:{service}:{region}:{account.id or '*'}:{resource}"


def may_name(ref: Ref, thing: Thing, likely: str) -> bool | None:
    """Whether a reference names a thing: by a name that both have, or by the ARN that the thing will have.

    Args:
        ref: the reference.
        thing: the thing.
        likely: the thing's ARN, with ``*`` for what is not known of it.
    """
    if thing.is_named_by(ref):
        return True
    if ref.id is None or ref.address is not None or not ref.id.startswith("arn:"):
        return False
    return like(ref.id, likely)
