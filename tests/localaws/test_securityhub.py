"""Security Hub, spoken to as boto3 speaks to it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from guardline.localaws import LocalAws
from tests.support.clients import client

FSBP = "arn:aws:securityhub:{}::standards/aws-foundational-security-best-practices/v/1.0.0"


@pytest.fixture
def hub(aws: LocalAws) -> Any:
    found = client(aws, "securityhub", "eu-west-1")
    found.enable_security_hub(EnableDefaultStandards=False, ControlFindingGenerator="SECURITY_CONTROL")
    return found


def refused(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_a_hub_is_there_or_not(aws: LocalAws) -> None:
    one = client(aws, "securityhub", "eu-west-1")
    with pytest.raises(ClientError) as off:
        one.describe_hub()
    assert refused(off) == "InvalidAccessException"
    one.enable_security_hub(EnableDefaultStandards=False, Tags={"owner": "security"})
    with pytest.raises(ClientError) as twice:
        one.enable_security_hub()
    assert refused(twice) == "ResourceConflictException"
    one.update_security_hub_configuration(AutoEnableControls=False)
    found = one.describe_hub()
    arn = f"arn:aws:securityhub:eu-west-1:{aws.account}:hub/default"
    assert (found["HubArn"], found["AutoEnableControls"]) == (arn, False)
    assert found["ControlFindingGenerator"] == "SECURITY_CONTROL"
    one.tag_resource(ResourceArn=arn, Tags={"more": "1"})
    one.untag_resource(ResourceArn=arn, TagKeys=["owner"])
    assert one.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"more": "1"}
    with pytest.raises(ClientError):
        client(aws, "securityhub", "eu-west-2").describe_hub()
    one.disable_security_hub()
    with pytest.raises(ClientError):
        one.describe_hub()


def test_standards_come_by_themselves_unless_told_otherwise(aws: LocalAws, hub: Any) -> None:
    other = client(aws, "securityhub", "eu-west-2")
    other.enable_security_hub()
    assert len(other.get_enabled_standards()["StandardsSubscriptions"]) == 2
    assert hub.get_enabled_standards()["StandardsSubscriptions"] == []


def test_standards_are_those_of_the_region(hub: Any) -> None:
    with pytest.raises(ClientError) as elsewhere:
        hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": FSBP.format("us-east-1")}])
    assert refused(elsewhere) == "InvalidInputException"
    made = hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": FSBP.format("eu-west-1")}])
    arn = made["StandardsSubscriptions"][0]["StandardsSubscriptionArn"]
    assert arn.endswith(":subscription/aws-foundational-security-best-practices/v/1.0.0")
    (shown,) = hub.get_enabled_standards(StandardsSubscriptionArns=[arn])["StandardsSubscriptions"]
    assert shown["StandardsStatus"] == "READY"
    hub.batch_disable_standards(StandardsSubscriptionArns=[arn])
    assert hub.get_enabled_standards(StandardsSubscriptionArns=[arn])["StandardsSubscriptions"] == []
    with pytest.raises(ClientError):
        hub.batch_disable_standards(StandardsSubscriptionArns=[arn])


def test_an_account_has_one_aggregator_in_one_region(aws: LocalAws, hub: Any) -> None:
    with pytest.raises(ClientError):
        hub.create_finding_aggregator(RegionLinkingMode="SPECIFIED_REGIONS")
    arn = hub.create_finding_aggregator(RegionLinkingMode="ALL_REGIONS")["FindingAggregatorArn"]
    other = client(aws, "securityhub", "eu-west-2")
    other.enable_security_hub()
    with pytest.raises(ClientError) as second:
        other.create_finding_aggregator(RegionLinkingMode="ALL_REGIONS")
    assert refused(second) == "LimitExceededException"
    with pytest.raises(ClientError):
        other.get_finding_aggregator(FindingAggregatorArn=arn)
    hub.update_finding_aggregator(
        FindingAggregatorArn=arn, RegionLinkingMode="SPECIFIED_REGIONS", Regions=["eu-west-2"]
    )
    found = hub.get_finding_aggregator(FindingAggregatorArn=arn)
    assert (found["FindingAggregationRegion"], found["Regions"]) == ("eu-west-1", ["eu-west-2"])
    assert hub.list_finding_aggregators()["FindingAggregators"] == [{"FindingAggregatorArn": arn}]
    hub.delete_finding_aggregator(FindingAggregatorArn=arn)
    assert hub.list_finding_aggregators()["FindingAggregators"] == []


def test_products_are_taken_in_once_and_those_of_aws_from_the_start(aws: LocalAws, hub: Any) -> None:
    def taken_in() -> list[str]:
        found: list[str] = hub.list_enabled_products_for_import()["ProductSubscriptions"]
        return found

    arn = f"arn:aws:securityhub:eu-west-1:{aws.account}:product-subscription/aws/macie"
    product = "arn:aws:securityhub:eu-west-1::product/aws/macie"
    assert arn in taken_in()
    with pytest.raises(ClientError) as twice:
        hub.enable_import_findings_for_product(ProductArn=product)
    assert refused(twice) == "ResourceConflictException"
    hub.disable_import_findings_for_product(ProductSubscriptionArn=arn)
    assert arn not in taken_in()
    assert hub.enable_import_findings_for_product(ProductArn=product)["ProductSubscriptionArn"] == arn
    assert arn in taken_in()


def test_a_reset_forgets(aws: LocalAws, hub: Any) -> None:
    aws.reset()
    with pytest.raises(ClientError):
        hub.describe_hub()
