"""What the baseline's logs of VPCs need of the local AWS: flow logs, query logs, DHCP options, network ACL rules."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from guardline.localaws import LocalAws
from tests.support.clients import client

BUCKET = "arn:aws:s3:::logs"


@pytest.fixture
def vpc(aws: LocalAws) -> str:
    """The region's default VPC, and a bucket for logs."""
    client(aws, "s3", "us-east-1").create_bucket(Bucket="logs")
    return str(client(aws, "ec2").describe_vpcs()["Vpcs"][0]["VpcId"])


def code(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return str(caught.value.response["Error"]["Code"])


def test_a_flow_log_keeps_how_its_files_are_written(aws: LocalAws, vpc: str) -> None:
    client(aws, "s3", "us-east-1").create_bucket(Bucket="logs-plain")
    ec2 = client(aws, "ec2")
    asked = {"FileFormat": "parquet", "HiveCompatiblePartitions": True, "PerHourPartition": False}
    common = {"ResourceIds": [vpc], "ResourceType": "VPC", "TrafficType": "ALL", "LogDestinationType": "s3"}
    made = ec2.create_flow_logs(**common, LogDestination=BUCKET, DestinationOptions=asked)["FlowLogIds"]
    plain = ec2.create_flow_logs(**common, LogDestination=f"{BUCKET}-plain")["FlowLogIds"]
    assert ec2.describe_flow_logs(FlowLogIds=made)["FlowLogs"][0]["DestinationOptions"] == asked
    assert ec2.describe_flow_logs(FlowLogIds=plain)["FlowLogs"][0].get("DestinationOptions", {}) == {}


def test_every_vpc_begins_with_the_regions_own_dhcp_options(aws: LocalAws, vpc: str) -> None:
    ec2 = client(aws, "ec2")
    other = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    sets = {each["VpcId"]: each["DhcpOptionsId"] for each in ec2.describe_vpcs()["Vpcs"]}
    assert sets[vpc] == sets[other]
    (options,) = ec2.describe_dhcp_options(DhcpOptionsIds=[sets[vpc]])["DhcpOptions"]
    servers = {each["Key"]: each["Values"] for each in options["DhcpConfigurations"]}["domain-name-servers"]
    assert [each["Value"] for each in servers] == ["AmazonProvidedDNS"]


def test_dhcp_options_of_its_own_stay_a_vpcs(aws: LocalAws, vpc: str) -> None:
    ec2 = client(aws, "ec2")
    servers = [{"Key": "domain-name-servers", "Values": ["10.0.0.53"]}]
    own = ec2.create_dhcp_options(DhcpConfigurations=servers)["DhcpOptions"]["DhcpOptionsId"]
    ec2.associate_dhcp_options(DhcpOptionsId=own, VpcId=vpc)
    assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["DhcpOptionsId"] == own


def test_rules_of_one_network_acl_are_deleted_at_once(aws: LocalAws, vpc: str) -> None:
    ec2 = client(aws, "ec2")
    acl = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"][0]["NetworkAclId"]
    numbers = range(20, 60)
    for number in numbers:
        ec2.create_network_acl_entry(
            NetworkAclId=acl,
            RuleNumber=number,
            Egress=True,
            Protocol="17",
            RuleAction="deny",
            CidrBlock="0.0.0.0/0",
            PortRange={"From": 53, "To": 53},
        )

    def delete(number: int) -> None:
        ec2.delete_network_acl_entry(NetworkAclId=acl, RuleNumber=number, Egress=True)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(delete, numbers))
    left = ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"][0]["Entries"]
    assert [entry for entry in left if entry["RuleNumber"] in numbers] == []
    missing = code(ec2.delete_network_acl_entry, NetworkAclId=acl, RuleNumber=20, Egress=True)
    assert missing == "InvalidNetworkAclEntry.NotFound"


def test_the_life_of_a_query_log(aws: LocalAws, vpc: str) -> None:
    resolver = client(aws, "route53resolver")
    config = resolver.create_resolver_query_log_config(
        Name="queries", DestinationArn=BUCKET, CreatorRequestId="once", Tags=[{"Key": "owner", "Value": "security"}]
    )["ResolverQueryLogConfig"]
    tags = resolver.list_tags_for_resource(ResourceArn=config["Arn"])["Tags"]
    assert tags == [{"Key": "owner", "Value": "security"}]
    resolver.untag_resource(ResourceArn=config["Arn"], TagKeys=["owner"])
    assert resolver.list_tags_for_resource(ResourceArn=config["Arn"])["Tags"] == []

    which = {"ResolverQueryLogConfigId": config["Id"]}
    made = resolver.associate_resolver_query_log_config(**which, ResourceId=vpc)["ResolverQueryLogConfigAssociation"]
    assert code(resolver.delete_resolver_query_log_config, **which) == "InvalidRequestException"
    ended = resolver.disassociate_resolver_query_log_config(**which, ResourceId=vpc)
    assert ended["ResolverQueryLogConfigAssociation"]["Id"] == made["Id"]
    assert resolver.list_resolver_query_log_config_associations()["ResolverQueryLogConfigAssociations"] == []
    assert code(resolver.disassociate_resolver_query_log_config, **which, ResourceId=vpc) == "ResourceNotFoundException"
    assert resolver.delete_resolver_query_log_config(**which)["ResolverQueryLogConfig"]["Status"] == "DELETING"
    assert resolver.list_resolver_query_log_configs()["ResolverQueryLogConfigs"] == []
    assert code(resolver.delete_resolver_query_log_config, **which) == "ResourceNotFoundException"


def test_what_is_no_resource_of_the_resolver_has_no_tags(aws: LocalAws) -> None:
    arn = "arn:aws:route53resolver:eu-west-1:123456789012:resolver-query-log-config/rqlc-none"
    resolver = client(aws, "route53resolver")
    assert code(resolver.list_tags_for_resource, ResourceArn=arn) == "ResourceNotFoundException"


def test_a_request_that_the_model_forbids_is_refused(aws: LocalAws) -> None:
    resolver = client(aws, "route53resolver", checked=False)
    assert code(resolver.delete_resolver_query_log_config) == "InvalidParameterException"
