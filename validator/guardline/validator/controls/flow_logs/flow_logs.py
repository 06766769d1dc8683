"""Which flow logs watch what, indexed once per estate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from guardline.validator.model.ec2 import FlowLog, Subnet, Vpc
from guardline.validator.model.estate import AnyResource, Estate
from guardline.validator.model.resource import Account, shares_a_place

BOTH = frozenset({"ACCEPT", "REJECT"})


class _Index(msgspec.Struct, frozen=True):
    by_name: dict[str, list[FlowLog]] = msgspec.field(default_factory=dict)
    unresolved: dict[tuple[str, str], list[FlowLog]] = msgspec.field(default_factory=dict)  # by account and scope
    among: dict[str, list[FlowLog]] = msgspec.field(default_factory=dict)  # unresolved, by the name of what it may be
    # The same by region, when asked.
    maybe: dict[tuple[str, str, str], list[FlowLog]] = msgspec.field(default_factory=dict)
    subnets: dict[str, list[Subnet]] = msgspec.field(default_factory=dict)
    lost_subnets: dict[str, list[Subnet]] = msgspec.field(default_factory=dict)


def _index(estate: Estate) -> _Index:
    index = _Index()
    for log in estate.all(FlowLog):
        if log.resource.is_known:
            for name in log.resource.get().names:
                index.by_name.setdefault(name, []).append(log)
        elif log.among is None:
            index.unresolved.setdefault((log.location.account.key, log.scope), []).append(log)
        else:
            for name in log.among:
                index.among.setdefault(name, []).append(log)
    for subnet in estate.all(Subnet):
        if subnet.vpc.is_known:
            for name in subnet.vpc.get().names:
                index.subnets.setdefault(name, []).append(subnet)
        else:
            index.lost_subnets.setdefault(subnet.location.account.key, []).append(subnet)
    return index


def watching(estate: Estate, resource: Vpc | Subnet) -> tuple[FlowLog, ...]:
    """The flow logs on a VPC or subnet; not those that are `misplaced`, and perhaps those whose place is
    unknown (`region_unknown`)."""
    return tuple(log for log in _naming(estate, resource) if shares_a_place(log, resource) is not False)


def region_unknown(log: FlowLog, resource: Vpc | Subnet) -> bool:
    """Whether a flow log that names a VPC or subnet may be planned for another region than it."""
    return shares_a_place(log, resource) is None


def misplaced(estate: Estate, resource: Vpc | Subnet) -> tuple[FlowLog, ...]:
    """Flow logs that name a VPC or subnet, but are planned for another region or account: AWS refuses to make them."""
    return tuple(log for log in _naming(estate, resource) if shares_a_place(log, resource) is False)


def _naming(estate: Estate, resource: Vpc | Subnet) -> tuple[FlowLog, ...]:
    return _distinct(log for name in sorted(resource.names) for log in estate.once(_index).by_name.get(name, ()))


def unresolved(
    estate: Estate, account: Account, region: str | None, scope: str, *resources: Vpc | Subnet
) -> Sequence[FlowLog]:
    """The flow logs of a scope whose resource is unknown, so that it may be one of some resources in a region (None: an
    unknown region)."""
    named = estate.once(_index).among
    several = (log for resource in resources for name in sorted(resource.names) for log in named.get(name, ()))
    chosen = [log for log in _distinct(several) if log.scope == scope and log.location.account.key == account.key]
    return [*chosen, *_anything(estate, account, region, scope)]


def _anything(estate: Estate, account: Account, region: str | None, scope: str) -> Sequence[FlowLog]:
    index = estate.once(_index)
    logs = index.unresolved.get((account.key, scope), [])
    if region is None or not logs:
        return logs
    asked = (account.key, scope, region)
    if asked not in index.maybe:
        index.maybe[asked] = [log for log in logs if log.location.region.known_or(region) == region]
    return index.maybe[asked]


def subnets_of(estate: Estate, vpc: Vpc) -> tuple[Subnet, ...]:
    """The known subnets of a VPC."""
    return _distinct(subnet for name in sorted(vpc.names) for subnet in estate.once(_index).subnets.get(name, ()))


def lost_subnets(estate: Estate, account: Account) -> tuple[Subnet, ...]:
    """Subnets whose VPC is unknown."""
    return tuple(estate.once(_index).lost_subnets.get(account.key, ()))


def recorded(logs: Iterable[FlowLog]) -> frozenset[str]:
    """The traffic that logs record together: an ACCEPT and a REJECT log make up all of it."""
    types = {log.traffic.known_or("") for log in logs}
    return frozenset().union(*(traffic(kind) for kind in types))


def traffic(kind: str) -> frozenset[str]:
    """What a traffic type records: ALL is ACCEPT and REJECT, the two actions that a record can have."""
    return BOTH if kind == "ALL" else frozenset({kind}) & BOTH


def _distinct(found: Iterable[AnyResource]) -> tuple[AnyResource, ...]:
    return tuple({resource.own_name: resource for resource in found}.values())
