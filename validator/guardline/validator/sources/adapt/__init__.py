"""From Terraform's shapes to the estate: the only place that knows the AWS provider's resource types and defaults.

Each service's module turns the blocks of some resource types into things. What no adapter reads is never decoded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain

from guardline.validator.model.estate import Estate, MissingLocations
from guardline.validator.model.resource import Origin, Resource
from guardline.validator.sources.adapt import (
    alarms,
    athena,
    cloudtrail,
    config,
    deployments,
    dns,
    ec2,
    events,
    exports,
    guardduty,
    iam,
    logs,
    meanings,
    messaging,
    organizations,
    regions,
    s3,
    securityhub,
)
from guardline.validator.sources.adapt.common import ByType
from guardline.validator.sources.blocks import Blocks

ADAPTERS: tuple[Callable[[ByType], Iterable[Resource]], ...] = (
    guardduty.detectors,
    guardduty.ip_lists,
    ec2.vpcs,
    ec2.inventories,
    ec2.flow_logs,
    ec2.subnets,
    ec2.flow_log_settings,
    ec2.acl_rules,
    cloudtrail.trails,
    exports.publishing_destinations,
    exports.filters,
    dns.query_logs,
    dns.query_log_associations,
    dns.query_log_choices,
    dns.profiles,
    dns.profile_associations,
    dns.profile_resources,
    dns.dhcp_options,
    dns.dhcp_associations,
    dns.namings,
    s3.buckets,
    s3.versionings,
    s3.public_access_blocks,
    s3.policies,
    s3.encryptions,
    s3.lifecycles,
    s3.locks,
    s3.loggings,
    s3.ownerships,
    logs.log_groups,
    logs.log_policies,
    iam.identities,
    iam.memberships,
    iam.policies,
    iam.attachments,
    iam.only_policies,
    iam.assignments,
    organizations.policies,
    organizations.targets,
    organizations.organizations,
    organizations.nodes,
    organizations.administrators,
    organizations.auto_enables,
    organizations.auto_enable_features,
    organizations.members,
    organizations.member_features,
    regions.switches,
    regions.listings,
    events.buses,
    events.bus_policies,
    events.api_destinations,
    events.rules,
    events.targets,
    messaging.topics,
    messaging.topic_policies,
    messaging.subscriptions,
    messaging.queues,
    messaging.queue_policies,
    messaging.functions,
    messaging.retries,
    messaging.permissions,
    messaging.keys,
    messaging.key_policies,
    messaging.key_aliases,
    securityhub.hubs,
    securityhub.central_configurations,
    securityhub.auto_enabling,
    securityhub.members,
    securityhub.administrators,
    securityhub.aggregators,
    securityhub.subscriptions,
    securityhub.standards,
    alarms.metric_alarms,
    athena.tables,
    athena.queries,
    athena.workgroups,
    config.recorders,
    config.statuses,
    config.delivery_channels,
    deployments.deployments,
)

MAKES: Mapping[str, type[Resource]] = {
    **guardduty.MAKES,
    **ec2.MAKES,
    **cloudtrail.MAKES,
    **exports.MAKES,
    **dns.MAKES,
    **s3.MAKES,
    **logs.MAKES,
    **iam.MAKES,
    **organizations.MAKES,
    **regions.MAKES,
    **events.MAKES,
    **messaging.MAKES,
    **securityhub.MAKES,
    **alarms.MAKES,
    **athena.MAKES,
    **config.MAKES,
    **deployments.MAKES,
}
"""Resource type -> the kind of thing whose absence must not be claimed while such a resource is unreadable."""

READS: frozenset[str] = frozenset(
    {
        *MAKES,
        *meanings.TYPES,
        "aws_s3_object",
        "aws_s3_bucket_object",
        "aws_iam_policy_document",
        securityhub.ORGANIZATION,
    }
)
"""Every resource type that an adapter reads."""


def adapt(blocks: Blocks, partition: str) -> Estate:
    """Turn blocks into an estate.

    Args:
        blocks: what a source holds, at least of the types in `READS`.
        partition: the partition to assume where the source does not tell.
    """
    by_type = ByType(blocks.of, blocks.leaving)
    resources = tuple(chain.from_iterable(adapter(by_type) for adapter in ADAPTERS))
    missing: dict[type[Resource], str] = {}
    for resource_type, reason in blocks.missing.items():
        kind = MAKES.get(resource_type)
        if kind is not None:
            missing.setdefault(kind, reason)
    return Estate(
        partition=blocks.partition or partition,
        resources=resources,
        accounts=blocks.accounts,
        incomplete=blocks.incomplete,
        missing=missing,
        regions=blocks.regions,
        touched=blocks.touched,
        unknown_regions=blocks.unknown_regions,
        configured=blocks.configured,
        declared=frozenset(MAKES[each] for each in blocks.declared - guardduty.PARTS if each in MAKES),
        missing_locations=_missing_locations(blocks),
        leaving=blocks.leaving,
    )


def _missing_locations(blocks: Blocks) -> MissingLocations:
    types: dict[type[Resource], str] = {}
    unread: dict[type[Resource] | None, Origin] = {None: blocks.unread[None]} if None in blocks.unread else {}
    for resource_type, kind in MAKES.items():  # of several types that make one, the first is the resource itself
        types.setdefault(kind, resource_type)
        if resource_type in blocks.unread:
            unread.setdefault(kind, blocks.unread[resource_type])
    kinds = {resource_type: kind for kind, resource_type in types.items()}
    return MissingLocations(
        left_out={(kinds[name], region): at for (name, region), at in blocks.left_out.items() if name in kinds},
        lists={kinds[name]: origin for name, origin in blocks.lists.items() if name in kinds},
        last={kinds[name]: origin for name, origin in blocks.last.items() if name in kinds},
        unread=unread,
        providers=blocks.providers,
    )
