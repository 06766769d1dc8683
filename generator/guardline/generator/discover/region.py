"""What one region holds, as far as a baseline would meet it."""

from __future__ import annotations

from collections import defaultdict

from guardline.generator.discover.client import RegionClient
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


def region_inventory(client: RegionClient, account: str) -> RegionInventory:
    """Ask one region for everything the inventory lists, sorted.

    Args:
        client: the region's client.
        account: the account's id: VPCs that others share with it are theirs.
    """
    return RegionInventory(
        detectors=tuple(
            _detector(client, each) for each in sorted(client.all("guardduty", "list_detectors", "DetectorIds"))
        ),
        hub=_hub(client),
        recorder=_recorder(client),
        trails=_trails(client),
        vpcs=_vpcs(client, account),
    )


def _detector(client: RegionClient, detector: str) -> Detector:
    found = client.one("guardduty", "get_detector", DetectorId=detector) or {}
    return Detector(
        id=detector,
        enabled=found.get("Status") == "ENABLED",
        filters=tuple(sorted(client.all("guardduty", "list_filters", "FilterNames", DetectorId=detector))),
        trusted_ip_lists=_lists(client, detector, "list_ip_sets", "IpSetIds", "get_ip_set", "IpSetId"),
        threat_ip_lists=_lists(
            client,
            detector,
            "list_threat_intel_sets",
            "ThreatIntelSetIds",
            "get_threat_intel_set",
            "ThreatIntelSetId",
        ),
        destinations=_destinations(client, detector),
    )


def _lists(
    client: RegionClient, detector: str, listing: str, key: str, getting: str, parameter: str
) -> tuple[Named, ...]:
    lists = []
    for each in sorted(client.all("guardduty", listing, key, DetectorId=detector)):
        found = client.one("guardduty", getting, DetectorId=detector, **{parameter: each})
        if found is not None:
            lists.append(Named(id=each, name=found["Name"]))
    return tuple(lists)


def _destinations(client: RegionClient, detector: str) -> tuple[Destination, ...]:
    destinations = []
    listed = client.all("guardduty", "list_publishing_destinations", "Destinations", DetectorId=detector)
    for each in sorted(one["DestinationId"] for one in listed):
        found = client.one("guardduty", "describe_publishing_destination", DetectorId=detector, DestinationId=each)
        if found is not None:
            destinations.append(Destination(id=each, arn=found["DestinationProperties"]["DestinationArn"]))
    return tuple(destinations)


def _hub(client: RegionClient) -> Hub | None:
    hub = client.one("securityhub", "describe_hub")
    if hub is None:
        return None
    standards = client.all("securityhub", "get_enabled_standards", "StandardsSubscriptions")
    aggregators = client.all("securityhub", "list_finding_aggregators", "FindingAggregators")
    arns = sorted(each["FindingAggregatorArn"] for each in aggregators)
    here = next((arn for arn in arns if arn.split(":")[3] == client.region), None)
    return Hub(
        arn=hub["HubArn"],
        standards=tuple(sorted(each["StandardsSubscriptionArn"] for each in standards)),
        aggregator=here,
    )


def _recorder(client: RegionClient) -> Recorder | None:
    recorders = client.all("config", "describe_configuration_recorders", "ConfigurationRecorders")
    channels = client.all("config", "describe_delivery_channels", "DeliveryChannels")
    if not recorders:
        return None
    return Recorder(name=recorders[0]["name"], channel=channels[0]["name"] if channels else None)


def _trails(client: RegionClient) -> tuple[Trail, ...]:
    described = client.all("cloudtrail", "describe_trails", "trailList", includeShadowTrails=False)
    trails = []
    for each in sorted(described, key=lambda one: str(one["Name"])):
        if each.get("HomeRegion") != client.region:
            continue
        status = client.one("cloudtrail", "get_trail_status", Name=each["TrailARN"]) or {}
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


def _vpcs(client: RegionClient, account: str) -> tuple[Vpc, ...]:
    own = [{"Name": "owner-id", "Values": [account]}]
    vpcs = sorted(each["VpcId"] for each in client.all("ec2", "describe_vpcs", "Vpcs", Filters=own))
    logs: dict[str, list[FlowLog]] = defaultdict(list)
    for each in client.all("ec2", "describe_flow_logs", "FlowLogs"):
        if each.get("FlowLogStatus", "ACTIVE") == "ACTIVE" and each.get("TrafficType"):
            destination = each.get("LogDestination") or each.get("LogGroupName")
            log = FlowLog(id=each["FlowLogId"], traffic=each["TrafficType"], destination=destination)
            logs[each["ResourceId"]].append(log)
    queries: dict[str, list[str]] = defaultdict(list)
    associations = client.all(
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
