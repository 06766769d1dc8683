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


class Subnet(Resource, frozen=True):
    """A subnet and its VPC: only to tell whether flow logs on subnets add up to the VPC."""

    vpc: Value[Ref]
