"""Which resources name another one, such as its policy: indexed once per estate, so that no cell asks all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias, TypeVar, cast

import msgspec

from guardline.validator.controls.shared.conditions import may_name
from guardline.validator.model.estate import Estate
from guardline.validator.model.kms import KeyPolicy
from guardline.validator.model.resource import Ref, Resource, may_be_beside
from guardline.validator.model.sns import TopicPolicy
from guardline.validator.model.sqs import QueuePolicy
from guardline.validator.model.value import UnknownValue, Value
from guardline.validator.semantics.unknown_parts import has_marks

Naming = TypeVar("Naming", bound=Resource)
Policy = TypeVar("Policy", TopicPolicy, QueuePolicy, KeyPolicy)
# By the account that something stands in: the resources, each with its place in the estate.
_ByAccount: TypeAlias = dict[str, list[tuple[int, Resource]]]


class _Index(msgspec.Struct, frozen=True):
    named: dict[str, _ByAccount] = msgspec.field(default_factory=dict)
    arns: _ByAccount = msgspec.field(default_factory=dict)  # by an ARN alone, which may be that of a resource to come
    lost: _ByAccount = msgspec.field(default_factory=dict)  # what they name is unknown, or a pattern


class _By(msgspec.Struct, frozen=True):
    """Makes the index of a kind by one of its fields."""

    kind: type[Resource]
    field: str

    def __call__(self, estate: Estate) -> _Index:
        index = _Index()
        for place, one in enumerate(estate.all(self.kind)):
            value, account = cast("Value[Ref]", getattr(one, self.field)), one.location.account.key
            if not value.is_known:
                index.lost.setdefault(account, []).append((place, one))
                continue
            ref = value.get()
            for name in ref.names:
                index.named.setdefault(name, {}).setdefault(account, []).append((place, one))
            if ref.address is None and (ref.id or "").startswith("arn:"):
                (index.arns if _is_whole(ref.id or "") else index.lost).setdefault(account, []).append((place, one))
        return index


def referring(
    estate: Estate, kind: type[Naming], field: str, resource: Resource, own: str, *, anywhere: bool = False
) -> tuple[Naming, ...]:
    """Those of a kind that name a resource, or may, in the estate's order.

    Args:
        estate: what there is.
        kind: what to look for.
        field: its field that names another resource, a `Value` of a `Ref`.
        resource: the resource.
        own: its ARN, with a mark or ``*`` for what is unknown in it.
        anywhere: in every account, rather than the resource's own.
    """
    index = estate.once(_By(kind, field))
    account = None if anywhere else resource.location.account.key
    found = dict[int, Resource]()
    several = [*(index.named.get(name, {}) for name in resource.names), index.lost]
    for each in (*several, *(() if _is_whole(own) else (index.arns,))):
        found.update(_of(each, account))
    found.update(_of(index.named.get(own, {}), account))
    return cast("tuple[Naming, ...]", tuple(one for _, one in sorted(found.items(), key=lambda item: item[0])))


def _of(several: _ByAccount, account: str | None) -> Iterable[tuple[int, Resource]]:
    if account is not None:
        return several.get(account, ())
    return [one for each in several.values() for one in each]


def _is_whole(arn: str) -> bool:
    """Whether an ARN can only be equal to another, for nothing in it is a wildcard, a variable or unknown."""
    return not has_marks(arn) and not any(sign in arn for sign in "*?$")


def declared_beside(estate: Estate, kind: type[Naming], field: str, resource: Resource, own: str) -> tuple[Naming, ...]:
    """What is declared beside a resource; arguments as of `referring`.

    Raises:
        UnknownValue: one may be for this resource, or not.
    """
    found = list[Naming]()
    for one in referring(estate, kind, field, resource, own):
        ref = cast("Value[Ref]", getattr(one, field))
        if not may_be_beside(one, resource):
            continue
        if not ref.is_known:
            raise UnknownValue(f"{one.origin.address} may be for {resource.origin.address}: {ref.reason}")
        named = may_name(ref.get(), resource, own)
        if named is None:
            raise UnknownValue(
                f"{one.origin.address} names {ref.get().id}, and whether that is {resource.origin.address} is not known"
            )
        if named:
            found.append(one)
    return tuple(found)


def policy_beside(estate: Estate, kind: type[Policy], field: str, resource: Resource, own: str) -> Policy | None:
    """The policy that is declared beside a resource, which replaces one of its own; arguments as of `referring`.

    Raises:
        UnknownValue: one may be for this resource, or not; or several are, of which the one applied last holds.
    """
    found = declared_beside(estate, kind, field, resource, own)
    if len({policy.text for policy in found}) > 1:
        names = " and ".join(policy.origin.address for policy in found)
        raise UnknownValue(f"{names} are both the policy of {resource.origin.address}, and the one applied last holds")
    return found[0] if found else None
