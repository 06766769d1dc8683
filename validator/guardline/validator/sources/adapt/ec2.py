"""EC2: VPCs, the listings of them, flow logs and subnets.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/flow_log, resources/vpc,
resources/default_vpc, data-sources/vpcs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guardline.validator.model.ec2 import FlowLog, Subnet, Vpc, VpcInventory
from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import UnknownValue, Value, known, unknown
from guardline.validator.sources.adapt.common import ByType, common, default
from guardline.validator.sources.blocks import Block, Wanted
from guardline.validator.sources.tree import Tree

MAKES: Mapping[str, type[Resource]] = {
    "aws_vpc": Vpc,
    "aws_default_vpc": Vpc,
    "aws_vpcs": VpcInventory,
    "aws_flow_log": FlowLog,
    "aws_subnet": Subnet,
    "aws_default_subnet": Subnet,
}

VPC = Wanted(frozenset({"aws_vpc", "aws_default_vpc"}), prefix="vpc-")
_SUBNET = Wanted(frozenset({"aws_subnet", "aws_default_subnet"}), prefix="subnet-")
_ANY = Wanted(frozenset({"aws_network_interface", "aws_ec2_transit_gateway", "aws_ec2_transit_gateway_vpc_attachment"}))

_SCOPES: Mapping[str, tuple[str, Wanted]] = {
    "vpc_id": ("vpc", VPC),
    "subnet_id": ("subnet", _SUBNET),
    "eni_id": ("eni", _ANY),
    "transit_gateway_id": ("transit-gateway", _ANY),
    "transit_gateway_attachment_id": ("transit-gateway", _ANY),
    "regional_nat_gateway_id": ("nat-gateway", _ANY),
}


def vpcs(by_type: ByType) -> Iterator[Vpc]:
    """VPCs that are declared, adopted (`aws_default_vpc`) or looked at one by one (`data.aws_vpc`)."""
    for block in by_type.both("aws_vpc", "aws_default_vpc"):
        identity: Value[str] = block.tree.text("id").map(_present)
        own = block.mode == "managed"  # only its owner can declare a VPC
        yield Vpc(
            **common(block),
            id=identity,
            owner=_own(block) if own else block.tree.text("owner_id"),
            default=block.type == "aws_default_vpc" or bool(block.tree.flag("default").known_or(False)),
        )


def _own(block: Block) -> Value[str | None]:
    """The owner of a declared VPC: where it is not known yet, no other account is."""
    owner = block.tree.text("owner_id")
    return owner if owner.is_known else known(None)


def _present(text: str | None) -> str:
    if text is None:
        raise UnknownValue("its id is known only after apply")
    return text


def inventories(by_type: ByType) -> Iterator[VpcInventory]:
    """Listings of VPCs (`data.aws_vpcs`)."""
    for block in by_type.data("aws_vpcs"):
        yield VpcInventory(
            **common(block),
            ids=block.tree.texts("ids").map(lambda ids: tuple(i for i in ids if i not in by_type.leaving)),
            every_own=_every_own(block),
        )


def _every_own(block: Block) -> Value[bool]:
    """Whether a listing leaves out no VPC of the account: filtered on nothing, or on the owner alone."""
    tags = block.tree.at("tags").value()
    filters = block.tree.blocks("filter")
    if not tags.is_known or not filters.is_known:
        return unknown(tags.reason or filters.reason or "")
    if tags.get():
        return tags.map(lambda _: False)
    narrowing = [_narrows(each, block.location.account.id) for each in filters.get()]
    if (found := next((value for value in narrowing if value.known_or(False)), None)) is not None:
        return found.map(lambda _: False)
    return next((value.map(lambda _: False) for value in narrowing if not value.is_known), known(True))


def _narrows(filter_: Tree, account: str | None) -> Value[bool]:
    name, values = filter_.text("name"), filter_.texts("values")
    if not name.is_known:
        return unknown(name.reason or "")
    if name.get() != "owner-id":
        return name.map(lambda _: True)
    if account is None:
        return known(False)  # an owner is named, and no source names another account: it is this one
    return values.map(lambda ids: account not in ids)


def flow_logs(by_type: ByType) -> Iterator[FlowLog]:
    """Flow logs."""
    for block in by_type.managed("aws_flow_log"):
        scope, resource = _watched(block)
        shared = common(block)
        if resource.is_known:
            shared["origin"] = block.origin.following(resource.get().chain)
        traffic = _traffic(block, scope)
        among = None if resource.is_known else _among(block)
        yield FlowLog(**shared, scope=scope, resource=resource, traffic=traffic, among=among)


def _traffic(block: Block, scope: str) -> Value[str]:
    """The traffic type. Without one AWS refuses every flow log but that of a transit gateway, which has none.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html (TrafficType)
    """
    given = block.tree.text("traffic_type")
    if scope != "transit-gateway" and given.is_known and given.get() is None:
        return unknown(f"{block.address} has no traffic_type, and AWS refuses it without one").placed(given.at)
    return default(given, "ALL")


def _watched(block: Block) -> tuple[str, Value[Ref]]:
    """The scope of a flow log and the thing it watches."""
    given = [attribute for attribute in _SCOPES if block.tree.at(attribute).is_set]
    if len(given) != 1:
        named = " or ".join(given) or "nothing"
        return "vpc", unknown(f"{block.address} watches {named}, known only after apply")
    scope, wanted = _SCOPES[given[0]]
    return scope, block.link(given[0], wanted=wanted)


def _among(block: Block) -> frozenset[str] | None:
    given = [attribute for attribute in _SCOPES if block.tree.at(attribute).is_set]
    return block.among(given[0], wanted=_SCOPES[given[0]][1]) if len(given) == 1 else None


def subnets(by_type: ByType) -> Iterator[Subnet]:
    """Subnets, each with its VPC: of one root alone, only where a flow log may watch less than a whole VPC."""
    partial = any(_may_be_partial(log) for log in by_type.managed("aws_flow_log"))
    for block in by_type.both("aws_subnet", "aws_default_subnet"):
        if not partial and not block.root:
            return
        yield Subnet(**common(block), vpc=block.link("vpc_id", wanted=VPC))


def _may_be_partial(log: Block) -> bool:
    return any(log.tree.at(attribute).is_set for attribute in ("subnet_id", "eni_id"))
