"""How a VPC's instances resolve names, and whether their queries are recorded."""

from __future__ import annotations

import msgspec

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value, unknown


class QueryLog(Resource, frozen=True):
    """A query logging configuration: where queries are written.

    Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_ResolverQueryLogConfig.html

    Attributes:
        destination: the bucket, log group or delivery stream, by address, name or ARN.
    """

    destination: Value[Ref] = msgspec.field(default_factory=lambda: unknown("where queries go is not said"))


class VpcLink(Resource, frozen=True):
    """What links a VPC to a setting of name resolution.

    Attributes:
        vpc: the VPC.
    """

    vpc: Value[Ref]


class QueryLogAssociation(VpcLink, frozen=True):
    """The link between a query logging configuration and a VPC.

    Attributes:
        log: the configuration.
    """

    log: Value[Ref]


class QueryLogChoice(Resource, frozen=True):
    """Which query logging configuration a declaration links to VPCs that are unknown.

    Attributes:
        log: the configuration.
    """

    log: Value[Ref]


class ProfileAssociation(VpcLink, frozen=True):
    """The link between a Route 53 Profile and a VPC, which gets all that the profile holds.

    Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/profiles.html

    Attributes:
        profile: the profile, which another account may share.
    """

    profile: Value[Ref]


class ProfileResource(Resource, frozen=True):
    """The link between a Route 53 Profile and something that its VPCs get.

    Attributes:
        profile: the profile.
        log: the query logging configuration; None where it surely is something else, such as a hosted zone.
    """

    profile: Value[Ref]
    log: Value[Ref | None]


class Profile(Resource, frozen=True):
    """A Route 53 Profile that the source declares."""


class DhcpOptions(Resource, frozen=True):
    """A set of DHCP options (https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html).

    Attributes:
        servers: the domain name servers; empty where the set names none.
        default: whether it is the region's default set, which always names the Amazon resolver.
    """

    servers: Value[tuple[str, ...]]
    default: bool = False


class DhcpAssociation(VpcLink, frozen=True):
    """The link between a set of DHCP options and a VPC.

    Attributes:
        options: the set, by address or id; the id ``default`` stands for no set at all.
    """

    options: Value[Ref]


class VpcNaming(Resource, frozen=True):
    """What a VPC's own declaration, or a look at it, says of name resolution. It bears the VPC's names.

    Attributes:
        ranges: the IPv4 CIDR blocks, the primary one first.
        supported: whether the Amazon resolver answers in the VPC (`enable_dns_support`).
        options: the set of DHCP options that the VPC has where no association says otherwise.
        fresh: the change creates the VPC, so that it begins with the region's default set.
    """

    ranges: Value[tuple[str, ...]]
    supported: Value[bool]
    options: Value[Ref]
    fresh: bool
