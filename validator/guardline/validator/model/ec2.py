"""EC2: VPCs, their subnets and flow logs."""

from __future__ import annotations

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value


class Vpc(Resource, frozen=True):
    """A VPC the source declares or lists.

    Attributes:
        id: ``vpc-...`` where known.
        owner: the owning account's id; another owner makes it a shared VPC.
        default: whether it is the region's default VPC.
    """

    id: Value[str]
    owner: Value[str | None]
    default: bool = False


class VpcInventory(Resource, frozen=True):
    """A listing of a region's VPCs that the source considered (`aws_vpcs`, or DescribeVpcs).

    Attributes:
        ids: the VPC ids listed.
        every_own: True when the listing covers all VPCs that the account owns in the region (no filter but the owner).
    """

    ids: Value[tuple[str, ...]]
    every_own: Value[bool]


class FlowLog(Resource, frozen=True):
    """A flow log (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html).

    Attributes:
        scope: ``vpc``, ``subnet``, ``eni`` or ``transit-gateway``.
        resource: the VPC, subnet, interface or gateway it watches.
        traffic: ALL, ACCEPT or REJECT.
        among: where the resource is unknown, the names of those of which it must be one; None where that is unknown.
    """

    scope: str
    resource: Value[Ref]
    traffic: Value[str]
    among: frozenset[str] | None = None


class FlowLogSettings(Resource, frozen=True):
    """What a flow log records, and where to. One of them stands for all logs of a declaration whose VPCs are unknown.

    Attributes:
        traffic: ALL, ACCEPT or REJECT.
        kind: ``s3``, ``cloud-watch-logs`` or ``kinesis-data-firehose``.
        destination: the bucket, log group or delivery stream, by address, name or ARN.
        record: the fields of a record; "" for AWS's default ones.
        seconds: the longest time that a record sums up.
        files: ``plain-text`` or ``parquet``, in S3.
        hive: whether the files' prefixes are partitions for Hive.
        hourly: whether each hour has a prefix.
    """

    traffic: Value[str]
    kind: Value[str]
    destination: Value[Ref]
    record: Value[str]
    seconds: Value[int]
    files: Value[str]
    hive: Value[bool]
    hourly: Value[bool]


class AclRule(Resource, frozen=True):
    """A rule of a network ACL; one stands for all of a declaration whose ACLs are unknown.

    Attributes:
        egress: whether it is for traffic that leaves.
        action: ``allow`` or ``deny``.
        protocol: its number, or its name; ``-1`` for all.
        cidr: the range of addresses, IPv4 or IPv6.
        ports: the first port and the last.
        number: lower ones win.
    """

    egress: Value[bool]
    action: Value[str]
    protocol: Value[str]
    cidr: Value[str]
    ports: tuple[Value[int], Value[int]]
    number: Value[int]


class Subnet(Resource, frozen=True):
    """A subnet and its VPC: only to tell whether flow logs on subnets add up to the VPC."""

    vpc: Value[Ref]
