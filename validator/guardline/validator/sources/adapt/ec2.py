"""EC2: VPCs, the listings of them, flow logs and subnets.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/flow_log, resources/vpc,
resources/default_vpc, data-sources/vpcs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guardline.validator.model.ec2 import AclRule, FlowLog, FlowLogSettings, Subnet, Vpc, VpcInventory
from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import UnknownValue, Value, known, unknown
from guardline.validator.sources.adapt.common import ByType, Common, common, default
from guardline.validator.sources.adapt.s3 import bucket_of
from guardline.validator.sources.blocks import Block, Wanted
from guardline.validator.sources.tree import Tree

MAKES: Mapping[str, type[Resource]] = {
    "aws_vpc": Vpc,
    "aws_default_vpc": Vpc,
    "aws_vpcs": VpcInventory,
    "aws_flow_log": FlowLog,
    "aws_network_acl_rule": AclRule,
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
        is_default = block.type == "aws_default_vpc" or _is_default(block)
        yield Vpc(
            **vpc_common(block),
            id=identity,
            # Only its owner can declare a VPC, and nobody shares a default one:
            # https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing-share-subnet-working-with.html
            owner=known(None) if is_default or block.mode == "managed" else block.tree.text("owner_id"),
            default=is_default,
        )


def vpc_common(block: Block) -> Common:
    """The common fields of a VPC. One that is read by the id of a declared VPC is that VPC, and has its names too."""
    shared = common(block)
    if block.mode == "data" and not block.tree.text("id").known_or(None):
        shared["names"] |= _read_by_id(block).names
    return shared


def _read_by_id(block: Block) -> Ref:
    """The declared VPC that a data source reads: by `id`, or by a filter on `vpc-id`."""
    paths: list[tuple[str | int, ...]] = [("id",)] if block.is_configured("id") else []
    filters = block.tree.blocks("filter").known_or(())
    paths += [
        ("filter", at, "values", 0) for at, each in enumerate(filters) if each.text("name").known_or("") == "vpc-id"
    ]
    found = (block.link(*path, wanted=VPC) for path in paths)
    return next((ref.get() for ref in found if ref.is_known), Ref())


def _is_default(block: Block) -> bool:
    """Whether a VPC is read as the region's default one."""
    if block.tree.flag("default").known_or(False):
        return True
    filters = block.tree.blocks("filter").known_or(())
    asked = {each.text("name").known_or(""): each.texts("values").known_or(()) for each in filters}
    return any(asked.get(name) == ("true",) for name in ("is-default", "isDefault"))


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


_WRITES_TO = Wanted(
    frozenset({"aws_s3_bucket", "aws_cloudwatch_log_group", "aws_kinesis_firehose_delivery_stream"}),
    attributes=frozenset({"arn", "id", "bucket", "name"}),
)


def destination(block: Block, attribute: str) -> Value[Ref]:
    """The bucket, log group or delivery stream that an attribute names by its ARN; of a bucket, its name."""
    text = block.tree.text(attribute).known_or(None)
    if text and ":s3:::" in text:
        return bucket_of(text)
    return block.link(attribute, wanted=_WRITES_TO)


def flow_log_settings(by_type: ByType) -> Iterator[FlowLogSettings]:
    """What flow logs record, and where to."""
    for block in (*by_type.managed("aws_flow_log"), *by_type.outlines("aws_flow_log")):
        tree, files = block.tree, block.tree.at("destination_options", 0)
        yield FlowLogSettings(
            **common(block),
            traffic=default(tree.text("traffic_type"), "ALL"),
            kind=default(tree.text("log_destination_type"), "cloud-watch-logs"),
            destination=destination(block, "log_destination"),
            record=_record(block),
            seconds=default(tree.number("max_aggregation_interval"), 600),
            files=default(files.text("file_format"), "plain-text"),
            hive=default(files.flag("hive_compatible_partitions"), False),
            hourly=default(files.flag("per_hour_partition"), False),
        )


def _record(block: Block) -> Value[str]:
    """The fields of a record; AWS fills in its own where nobody configures them."""
    given = block.tree.text("log_format")
    return known("") if not given.is_known and not block.is_configured("log_format") else default(given, "")


def acl_rules(by_type: ByType) -> Iterator[AclRule]:
    """Rules of network ACLs."""
    for block in (*by_type.managed("aws_network_acl_rule"), *by_type.outlines("aws_network_acl_rule")):
        tree = block.tree
        cidr = tree.text("cidr_block")
        yield AclRule(
            **common(block),
            egress=default(tree.flag("egress"), False),
            action=default(tree.text("rule_action"), ""),
            protocol=default(tree.text("protocol"), ""),
            cidr=default(tree.text("ipv6_cidr_block") if cidr.is_known and not cidr.get() else cidr, ""),
            ports=(default(tree.number("from_port"), 0), default(tree.number("to_port"), 0)),
            number=default(tree.number("rule_number"), 0),
        )


def _traffic(block: Block, scope: str) -> Value[str]:
    """The traffic type. Without one AWS refuses every flow log but that of a transit gateway, which has none.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html (TrafficType)
    """
    given = block.tree.text("traffic_type")
    if scope != "transit-gateway" and given.is_known and given.get() is None:
        return unknown(f"{block.address} has no traffic_type, and AWS refuses it without one").placed(given.at)
    return default(given, "ALL")


def _watched(block: Block) -> tuple[str, Value[Ref]]:
    """The scope of a flow log and the resource that it watches."""
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
