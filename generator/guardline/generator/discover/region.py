"""What one region holds, as far as a baseline would meet it."""

from __future__ import annotations

from collections import defaultdict

from guardline.generator.discover.asking import Asker
from guardline.spec.inventory import (
    Destination,
    Detector,
    FlowLog,
    Hub,
    Named,
    Recorder,
    RegionInventory,
    Trail,
    Vpc,
)


def region_inventory(ask: Asker, account: str) -> RegionInventory:
    """Ask one region for everything the inventory lists, sorted.

    Args:
        ask: the region's asker.
        account: the account's id: VPCs that others share with it are theirs.
    """
    return RegionInventory(
        detectors=tuple(_detector(ask, each) for each in sorted(ask.all("guardduty", "list_detectors", "DetectorIds"))),
        hub=_hub(ask),
        recorder=_recorder(ask),
        trails=_trails(ask),
        vpcs=_vpcs(ask, account),
    )


def _detector(ask: Asker, detector: str) -> Detector:
    found = ask.one("guardduty", "get_detector", DetectorId=detector) or {}
    return Detector(
        id=detector,
        enabled=found.get("Status") == "ENABLED",
        filters=tuple(sorted(ask.all("guardduty", "list_filters", "FilterNames", DetectorId=detector))),
        trusted_ip_lists=_lists(ask, detector, "list_ip_sets", "IpSetIds", "get_ip_set", "IpSetId"),
        threat_ip_lists=_lists(
            ask,
            detector,
            "list_threat_intel_sets",
            "ThreatIntelSetIds",
            "get_threat_intel_set",
            "ThreatIntelSetId",
        ),
        destinations=_destinations(ask, detector),
    )


def _lists(ask: Asker, detector: str, listing: str, key: str, getting: str, parameter: str) -> tuple[Named, ...]:
    lists = []
    for each in sorted(ask.all("guardduty", listing, key, DetectorId=detector)):
        found = ask.one("guardduty", getting, DetectorId=detector, **{parameter: each})
        if found is not None:
            lists.append(Named(id=each, name=found["Name"]))
    return tuple(lists)


def _destinations(ask: Asker, detector: str) -> tuple[Destination, ...]:
    destinations = []
    listed = ask.all("guardduty", "list_publishing_destinations", "Destinations", DetectorId=detector)
    for each in sorted(one["DestinationId"] for one in listed):
        found = ask.one("guardduty", "describe_publishing_destination", DetectorId=detector, DestinationId=each)
        if found is not None:
            destinations.append(Destination(id=each, arn=found["DestinationProperties"]["DestinationArn"]))
    return tuple(destinations)


def _hub(ask: Asker) -> Hub | None:
    hub = ask.one("securityhub", "describe_hub")
    if hub is None:
        return None
    standards = ask.all("securityhub", "get_enabled_standards", "StandardsSubscriptions")
    aggregators = ask.all("securityhub", "list_finding_aggregators", "FindingAggregators")
    arns = sorted(each["FindingAggregatorArn"] for each in aggregators)
    here = next((arn for arn in arns if arn.split(":")[3] == ask.region), None)
    return Hub(
        arn=hub["HubArn"],
        standards=tuple(sorted(each["StandardsSubscriptionArn"] for each in standards)),
        aggregator=here,
    )


def _recorder(ask: Asker) -> Recorder | None:
    recorders = ask.all("config", "describe_configuration_recorders", "ConfigurationRecorders")
    channels = ask.all("config", "describe_delivery_channels", "DeliveryChannels")
    if not recorders:
        return None
    return Recorder(name=recorders[0]["name"], channel=channels[0]["name"] if channels else None)


def _trails(ask: Asker) -> tuple[Trail, ...]:
    described = ask.all("cloudtrail", "describe_trails", "trailList", includeShadowTrails=False)
    trails = []
    for each in sorted(described, key=lambda one: str(one["Name"])):
        if each.get("HomeRegion") != ask.region:
            continue
        status = ask.one("cloudtrail", "get_trail_status", Name=each["TrailARN"]) or {}
        trails.append(
            Trail(
                name=each["Name"],
                arn=each["TrailARN"],
                multi_region=bool(each.get("IsMultiRegionTrail")),
                organization=bool(each.get("IsOrganizationTrail")),
                logging=bool(status.get("IsLogging")),
            )
        )
    return tuple(trails)


def _vpcs(ask: Asker, account: str) -> tuple[Vpc, ...]:
    own = [{"Name": "owner-id", "Values": [account]}]
    vpcs = sorted(each["VpcId"] for each in ask.all("ec2", "describe_vpcs", "Vpcs", Filters=own))
    logs: dict[str, list[FlowLog]] = defaultdict(list)
    for each in ask.all("ec2", "describe_flow_logs", "FlowLogs"):
        if each.get("FlowLogStatus", "ACTIVE") == "ACTIVE" and each.get("TrafficType"):
            destination = each.get("LogDestination") or each.get("LogGroupName")
            log = FlowLog(id=each["FlowLogId"], traffic=each["TrafficType"], destination=destination)
            logs[each["ResourceId"]].append(log)
    queries: dict[str, list[str]] = defaultdict(list)
    associations = ask.all(
        "route53resolver",
        "list_resolver_query_log_config_associations",
        "ResolverQueryLogConfigAssociations",
    )
    for each in associations:
        if each.get("Status") == "ACTIVE":
            queries[each["ResourceId"]].append(each["ResolverQueryLogConfigId"])
    return tuple(
        Vpc(id=vpc, flow_logs=tuple(sorted(logs[vpc], key=lambda one: one.id)), query_logs=tuple(sorted(queries[vpc])))
        for vpc in vpcs
    )
