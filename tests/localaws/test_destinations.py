"""Publishing destinations, seen through boto3: bucket and key must exist, go together, and let GuardDuty in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from guardline.localaws import LocalAws
from tests.support.clients import client

ACCOUNT = "123456789012"
KEEPS_OUT = "does not have permission to the KMS key or the resource"


class Scene:
    """A detector, a bucket and a key whose policies let it in."""

    def __init__(self, aws: LocalAws, region: str, home: str, bucket: str) -> None:
        self.guardduty: Any = client(aws, "guardduty", region)
        self.unchecked: Any = client(aws, "guardduty", region, checked=False)
        self.s3: Any = client(aws, "s3", home)
        self.kms: Any = client(aws, "kms", home)
        self.detector: str = self.guardduty.create_detector(Enable=True)["DetectorId"]
        self.arn = f"arn:aws:guardduty:{region}:{ACCOUNT}:detector/{self.detector}"
        self.region = region
        self.bucket = bucket
        self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": home})
        self.allow(["guardduty.amazonaws.com", f"guardduty.{region}.amazonaws.com"])
        self.key: str = self.kms.create_key(Policy=self.policy("kms:GenerateDataKey"))["KeyMetadata"]["Arn"]

    def policy(self, action: str | list[str], services: list[str] | None = None, arn: str | None = None) -> str:
        condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": arn or self.arn}}
        names = services or ["guardduty.amazonaws.com", f"guardduty.{self.region}.amazonaws.com"]
        statement = {"Effect": "Allow", "Principal": {"Service": names}, "Action": action, "Resource": "*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]})

    def allow(self, services: list[str], arn: str | None = None) -> None:
        actions = ["s3:GetBucketLocation", "s3:PutObject"]
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=self.policy(actions, services, arn))

    def properties(self, **changes: str) -> dict[str, str]:
        return {"DestinationArn": f"arn:aws:s3:::{self.bucket}", "KmsKeyArn": self.key, **changes}

    def create(self, **changes: str) -> str:
        made = self.guardduty.create_publishing_destination(
            DetectorId=self.detector, DestinationType="S3", DestinationProperties=self.properties(**changes)
        )
        return str(made["DestinationId"])

    def refused(self, **changes: str) -> str:
        with pytest.raises(ClientError) as caught:
            self.create(**changes)
        return str(caught.value.response["Error"]["Message"])


@pytest.fixture
def scene(aws: LocalAws) -> Callable[..., Scene]:
    def make(region: str = "eu-west-1", home: str = "eu-west-1", bucket: str = "findings") -> Scene:
        return Scene(aws, region, home, bucket)

    return make


def test_the_life_of_a_destination(scene: Callable[..., Scene]) -> None:
    one = scene()
    identifier = one.create()
    asked = {"DetectorId": one.detector, "DestinationId": identifier}
    described = one.guardduty.describe_publishing_destination(**asked)
    assert described["Status"] == "PUBLISHING"
    assert described["DestinationProperties"] == one.properties()
    listed = one.guardduty.list_publishing_destinations(DetectorId=one.detector)["Destinations"]
    assert listed == [{"DestinationId": identifier, "DestinationType": "S3", "Status": "PUBLISHING"}]
    prefixed = one.properties(DestinationArn="arn:aws:s3:::findings/prefix/")
    one.guardduty.update_publishing_destination(**asked, DestinationProperties=prefixed)
    assert one.guardduty.describe_publishing_destination(**asked)["DestinationProperties"] == prefixed
    one.guardduty.delete_publishing_destination(**asked)
    assert one.guardduty.list_publishing_destinations(DetectorId=one.detector)["Destinations"] == []
    with pytest.raises(ClientError, match="no such resource"):
        one.guardduty.describe_publishing_destination(**asked)


def test_one_destination_for_a_detector(scene: Callable[..., Scene]) -> None:
    one = scene()
    one.create()
    assert "already exists" in one.refused()


def test_tags_are_kept(scene: Callable[..., Scene]) -> None:
    one = scene()
    made = one.guardduty.create_publishing_destination(
        DetectorId=one.detector, DestinationType="S3", DestinationProperties=one.properties(), Tags={"owner": "us"}
    )
    arn = f"{one.arn}/publishingDestination/{made['DestinationId']}"
    assert one.guardduty.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"owner": "us"}


def test_a_region_exports_to_the_home_region(scene: Callable[..., Scene]) -> None:
    assert scene("us-east-1").create()


def test_an_opt_in_region_goes_by_its_own_name(scene: Callable[..., Scene]) -> None:
    one = scene("ap-east-1")
    one.allow(["guardduty.amazonaws.com"])
    assert KEEPS_OUT in one.refused()
    one.allow(["guardduty.ap-east-1.amazonaws.com"])
    assert one.create()


def test_a_bucket_in_an_opt_in_region_takes_its_own_findings_only(scene: Callable[..., Scene]) -> None:
    assert "opt-in region" in scene("eu-west-1", "ap-east-1").refused()
    assert scene("ap-east-1", "ap-east-1", "own").create()


def test_who_is_not_let_in(scene: Callable[..., Scene]) -> None:
    one = scene()
    one.allow(["events.amazonaws.com"])
    assert KEEPS_OUT in one.refused()
    one.allow(["guardduty.amazonaws.com"], arn=one.arn.replace(ACCOUNT, "444455556666"))
    assert KEEPS_OUT in one.refused()
    one.s3.delete_bucket_policy(Bucket="findings")
    assert KEEPS_OUT in one.refused()


def test_a_key_that_keeps_guardduty_out(scene: Callable[..., Scene]) -> None:
    one = scene()
    one.kms.put_key_policy(KeyId=one.key, PolicyName="default", Policy=one.policy("kms:Decrypt"))
    assert KEEPS_OUT in one.refused()


def test_a_key_that_is_off(scene: Callable[..., Scene]) -> None:
    one = scene()
    one.kms.disable_key(KeyId=one.key.rpartition("/")[2])  # moto takes no ARN here
    assert KEEPS_OUT in one.refused()


def test_bucket_and_key_of_two_regions(aws: LocalAws, scene: Callable[..., Scene]) -> None:
    one = scene()
    elsewhere: Any = client(aws, "kms", "us-east-1")
    key = elsewhere.create_key(Policy=one.policy("kms:GenerateDataKey"))["KeyMetadata"]["Arn"]
    assert "different regions" in one.refused(KmsKeyArn=key)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"DestinationArn": "arn:aws:s3:::nobodys"}, KEEPS_OUT),
        ({"KmsKeyArn": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"}, KEEPS_OUT),
        ({"DestinationArn": "findings"}, "invalid or out-of-range"),
        ({"KmsKeyArn": f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/findings"}, "invalid or out-of-range"),
    ],
)
def test_what_is_not_there(scene: Callable[..., Scene], changes: dict[str, str], words: str) -> None:
    assert words in scene().refused(**changes)


def test_what_the_service_model_forbids(scene: Callable[..., Scene]) -> None:
    one = scene()
    with pytest.raises(ClientError, match="'SQS' is not one of S3"):
        one.unchecked.create_publishing_destination(
            DetectorId=one.detector, DestinationType="SQS", DestinationProperties=one.properties()
        )
