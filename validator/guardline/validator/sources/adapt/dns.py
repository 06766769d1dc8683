"""Name resolution: query logging, DHCP options, and what a VPC itself says.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_resolver_query_log_config
(and route53_resolver_query_log_config_association, vpc_dhcp_options, default_vpc_dhcp_options,
vpc_dhcp_options_association, vpc).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network

from guardline.validator.model.dns import (
    DhcpAssociation,
    DhcpOptions,
    Profile,
    ProfileAssociation,
    ProfileResource,
    QueryLog,
    QueryLogAssociation,
    QueryLogChoice,
    VpcNaming,
)
from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import UnknownValue, Value, known, unknown
from guardline.validator.sources.adapt.common import ByType, Common, common, filled
from guardline.validator.sources.adapt.ec2 import VPC, destination, vpc_common
from guardline.validator.sources.blocks import Block, Wanted

LOG = "aws_route53_resolver_query_log_config"
LINK = "aws_route53_resolver_query_log_config_association"
_PROFILE = "aws_route53profiles_profile"
_PROFILE_VPC = "aws_route53profiles_association"
_PROFILE_RESOURCE = "aws_route53profiles_resource_association"
_OPTIONS = "aws_vpc_dhcp_options"
_DEFAULT = "aws_default_vpc_dhcp_options"
_ASSOCIATION = "aws_vpc_dhcp_options_association"

MAKES: Mapping[str, type[Resource]] = {
    LOG: QueryLog,
    LINK: QueryLogAssociation,
    _PROFILE_VPC: ProfileAssociation,
    _PROFILE_RESOURCE: ProfileResource,
    _PROFILE: Profile,
    _OPTIONS: DhcpOptions,
    _DEFAULT: DhcpOptions,
    _ASSOCIATION: DhcpAssociation,
}

_OF_PROFILE = Wanted(frozenset({_PROFILE}), prefix="rp-")
_LOG_ARN = Wanted(frozenset({LOG}), prefix="arn:", attributes=frozenset({"arn"}))
_IN_PROFILES = {
    "aws_route53_zone": "arn",
    "aws_route53_resolver_rule": "arn",
    "aws_route53_resolver_firewall_rule_group": "arn",
    "aws_vpc_endpoint": "arn",
}
"""What else than a query logging configuration a profile may hold: resource type -> the attribute that names it."""
_LOG = Wanted(frozenset({LOG}), prefix="rqlc-")
_SET = Wanted(frozenset({_OPTIONS, _DEFAULT}), prefix="dopt-")


def query_logs(by_type: ByType) -> Iterator[QueryLog]:
    """Query logging configurations."""
    for block in by_type.both(LOG):
        yield QueryLog(**common(block), destination=destination(block, "destination_arn"))


def query_log_associations(by_type: ByType) -> Iterator[QueryLogAssociation]:
    """Links between query logging configurations and VPCs."""
    for block in by_type.managed(LINK):
        vpc = block.link("resource_id", wanted=VPC)
        log = block.link("resolver_query_log_config_id", wanted=_LOG)
        yield QueryLogAssociation(**_on(block, vpc), log=log, vpc=vpc)


def query_log_choices(by_type: ByType) -> Iterator[QueryLogChoice]:
    """Which query logging configurations are linked to VPCs that are unknown."""
    for block in by_type.outlines(LINK):
        yield QueryLogChoice(**common(block), log=block.link("resolver_query_log_config_id", wanted=_LOG))


def profiles(by_type: ByType) -> Iterator[Profile]:
    """Route 53 Profiles."""
    for block in by_type.managed(_PROFILE):
        yield Profile(**common(block))


def profile_associations(by_type: ByType) -> Iterator[ProfileAssociation]:
    """Links between profiles and VPCs."""
    for block in by_type.managed(_PROFILE_VPC):
        vpc = block.link("resource_id", wanted=VPC)
        yield ProfileAssociation(**_on(block, vpc), profile=block.link("profile_id", wanted=_OF_PROFILE), vpc=vpc)


def profile_resources(by_type: ByType) -> Iterator[ProfileResource]:
    """Links between profiles and what their VPCs get."""
    for block in by_type.managed(_PROFILE_RESOURCE):
        yield ProfileResource(
            **common(block), profile=block.link("profile_id", wanted=_OF_PROFILE), log=_log_of_profile(block)
        )


def _log_of_profile(block: Block) -> Value[Ref | None]:
    log = block.link("resource_arn", wanted=_LOG_ARN)
    if not log.is_known:
        others = Wanted(frozenset(_IN_PROFILES), attributes=frozenset(_IN_PROFILES.values()))
        return known(None) if block.link("resource_arn", wanted=others).is_known else unknown(log.reason or "")
    arn = log.get().id
    is_log = log.get().address is not None or (arn is not None and ":resolver-query-log-config/" in arn)
    return log.map(lambda ref: ref if is_log else None)


def dhcp_options(by_type: ByType) -> Iterator[DhcpOptions]:
    """Sets of DHCP options."""
    for block in by_type.both(_OPTIONS, _DEFAULT):
        is_default = block.type == _DEFAULT
        servers: Value[tuple[str, ...]] = known(("AmazonProvidedDNS",))
        if not is_default:
            servers = block.tree.texts("domain_name_servers")
        yield DhcpOptions(**common(block), servers=servers, default=is_default)


def dhcp_associations(by_type: ByType) -> Iterator[DhcpAssociation]:
    """Links between sets of DHCP options and VPCs."""
    for block in by_type.managed(_ASSOCIATION):
        vpc = block.link("vpc_id", wanted=VPC)
        options = block.link("dhcp_options_id", wanted=_SET)
        yield DhcpAssociation(**_on(block, vpc), options=options, vpc=vpc)


def namings(by_type: ByType) -> Iterator[VpcNaming]:
    """What VPCs say of name resolution."""
    for block in by_type.both("aws_vpc", "aws_default_vpc"):
        options = block.tree.text("dhcp_options_id")
        yield VpcNaming(
            **vpc_common(block),
            ranges=_ranges(block),
            supported=filled(block.tree, block.tree.flag("enable_dns_support"), True),
            options=_named(options),
            # An adopted default VPC is older than this change, whatever the plan calls it.
            fresh=block.new and block.type == "aws_vpc",
        )


def _named(options: Value[str | None]) -> Value[Ref]:
    text = options.known_or(None)
    return known(Ref(id=text)) if text else unknown(options.reason or "the VPC's set of DHCP options is unknown")


def _ranges(block: Block) -> Value[tuple[str, ...]]:
    def given(cidr: str | None) -> tuple[str, ...]:
        try:
            return (str(IPv4Network(cidr or "", strict=False)),)
        except ValueError:
            raise UnknownValue(f"{block.address} does not tell its IPv4 range") from None

    return block.tree.text("cidr_block").map(given)


def _on(block: Block, vpc: Value[Ref]) -> Common:
    shared = common(block)
    if vpc.is_known:
        shared["origin"] = block.origin.following(vpc.get().chain)
    return shared
