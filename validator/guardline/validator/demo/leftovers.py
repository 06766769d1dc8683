"""What there is in a local AWS, asked through its own API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

SERVICES = (
    "athena",
    "cloudtrail",
    "cloudwatch",
    "config",
    "ec2",
    "events",
    "glue",
    "guardduty",
    "lambda",
    "logs",
    "route53resolver",
    "securityhub",
    "sns",
    "sqs",
)

BY_ORGANIZATIONS = "OrganizationAccountAccessRole"  # AWS makes it in each account that an organization creates


def leftovers(variables: Mapping[str, str], regions: Iterable[str]) -> tuple[str, ...]:
    """Everything of the baseline that is still there, as `region kind name`.

    KMS keys are not counted: AWS only schedules their deletion.

    Args:
        variables: the environment that leads to the AWS (`LocalAws.environment`).
        regions: where to look.
    """
    import boto3

    session = boto3.Session(
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"], aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"]
    )
    names = list(regions)
    # Clients first: a session makes them one at a time, and only then may threads use them.
    clients = [
        {
            service: session.client(service, region_name=region, endpoint_url=variables["AWS_ENDPOINT_URL"])
            for service in SERVICES
        }
        for region in names
    ]
    s3 = session.client("s3", region_name=names[0], endpoint_url=variables["AWS_ENDPOINT_URL"])
    iam = session.client("iam", region_name=names[0], endpoint_url=variables["AWS_ENDPOINT_URL"])
    found = [f"- bucket {bucket['Name']}" for bucket in s3.list_buckets()["Buckets"]]
    roles = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    found += [f"- role {role}" for role in roles if role != BY_ORGANIZATIONS]
    found += [f"- policy {policy['PolicyName']}" for policy in iam.list_policies(Scope="Local")["Policies"]]
    with ThreadPoolExecutor(8) as pool:
        for region, there in zip(names, pool.map(_all, clients), strict=True):
            found += [f"{region} {resource}" for resource in there]
    return tuple(found)


def _all(client: Mapping[str, Any]) -> list[str]:
    return [*_regional(client), *_carrying(client), *_beside(client), *_asking(client)]


def _asking(client: Mapping[str, Any]) -> Iterator[str]:
    """What asks the trail."""
    for group in client["athena"].list_work_groups()["WorkGroups"]:
        if group["Name"] != "primary":  # AWS's own
            yield f"workgroup {group['Name']}"
    for query in client["athena"].list_named_queries()["NamedQueryIds"]:
        yield f"named-query {query}"
    for database in client["glue"].get_databases()["DatabaseList"]:
        yield f"database {database['Name']}"


def _carrying(client: Mapping[str, Any]) -> Iterator[str]:
    """What carries alerts."""
    for bus in client["events"].list_event_buses()["EventBuses"]:
        for rule in client["events"].list_rules(EventBusName=bus["Name"])["Rules"]:
            yield f"rule {rule['Name']}"
        if bus["Name"] != "default":
            yield f"event-bus {bus['Name']}"
    for topic in client["sns"].list_topics()["Topics"]:
        yield f"topic {topic['TopicArn']}"
    for queue in client["sqs"].list_queues().get("QueueUrls", []):
        yield f"queue {queue}"
    for function in client["lambda"].list_functions()["Functions"]:
        yield f"function {function['FunctionName']}"
    for alarm in client["cloudwatch"].describe_alarms()["MetricAlarms"]:
        yield f"alarm {alarm['AlarmName']}"


def _beside(client: Mapping[str, Any]) -> Iterator[str]:
    """The services beside GuardDuty."""
    hub = client["securityhub"]
    with suppress(hub.exceptions.InvalidAccessException):  # AWS's word for a region where it is off
        yield f"hub {hub.describe_hub()['HubArn']}"
    for recorder in client["config"].describe_configuration_recorders()["ConfigurationRecorders"]:
        yield f"recorder {recorder['name']}"
    for channel in client["config"].describe_delivery_channels()["DeliveryChannels"]:
        yield f"delivery-channel {channel['name']}"


def _regional(client: Mapping[str, Any]) -> Iterator[str]:
    for detector in client["guardduty"].list_detectors()["DetectorIds"]:
        yield f"detector {detector}"
        for ip_set in client["guardduty"].list_ip_sets(DetectorId=detector)["IpSetIds"]:
            yield f"ip-set {ip_set}"
        for threats in client["guardduty"].list_threat_intel_sets(DetectorId=detector)["ThreatIntelSetIds"]:
            yield f"threat-list {threats}"
        for name in client["guardduty"].list_filters(DetectorId=detector)["FilterNames"]:
            yield f"filter {name}"
        for destination in client["guardduty"].list_publishing_destinations(DetectorId=detector)["Destinations"]:
            yield f"destination {destination['DestinationId']}"
    for log in client["ec2"].describe_flow_logs()["FlowLogs"]:
        yield f"flow-log {log['FlowLogId']}"
    for trail in client["cloudtrail"].list_trails()["Trails"]:
        if trail["HomeRegion"] == client["cloudtrail"].meta.region_name:
            yield f"trail {trail['Name']}"
    for config in client["route53resolver"].list_resolver_query_log_configs()["ResolverQueryLogConfigs"]:
        yield f"query-log-config {config['Name']}"
    for group in client["logs"].describe_log_groups()["logGroups"]:
        yield f"log-group {group['logGroupName']}"
    for acl in client["ec2"].describe_network_acls()["NetworkAcls"]:
        rules = [entry for entry in acl["Entries"] if entry.get("PortRange", {}).get("From") == 53]
        yield from (f"network-acl-rule {acl['NetworkAclId']} {entry['RuleNumber']}" for entry in rules)
