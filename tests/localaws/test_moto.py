"""What moto gets wrong for the baseline is mended here; a test for each."""

from __future__ import annotations

import json

import pytest

from guardline.localaws import LocalAws, cloudtrail
from tests.support.clients import client
from tests.support.trail_buckets import open_to_cloudtrail


def _bucket(aws: LocalAws) -> None:
    s3 = client(aws, "s3", "us-east-1")
    s3.create_bucket(Bucket="trail")
    open_to_cloudtrail(s3, "trail")


@pytest.mark.parametrize("by", ["Name", "TrailARN"])
def test_a_trail_is_deleted_by_name_or_arn(aws: LocalAws, by: str) -> None:
    _bucket(aws)
    trails = client(aws, "cloudtrail", "us-east-1")
    made = trails.create_trail(Name="demo", S3BucketName="trail", IsMultiRegionTrail=True)
    trails.delete_trail(Name=made[by])
    assert trails.list_trails()["Trails"] == []


def test_a_trail_tells_of_its_selectors(aws: LocalAws) -> None:
    _bucket(aws)
    trails = client(aws, "cloudtrail", "us-east-1")
    arn = trails.create_trail(Name="demo", S3BucketName="trail", IsMultiRegionTrail=True)["TrailARN"]
    told = trails.describe_trails()["trailList"][0]
    assert (told["HasCustomEventSelectors"], told["HasInsightSelectors"]) == (False, False)
    fields = [{"Field": "eventCategory", "Equals": ["Management"]}]
    trails.put_event_selectors(TrailName=arn, AdvancedEventSelectors=[{"FieldSelectors": fields}])
    for kind in ("ApiCallRateInsight", "ApiErrorRateInsight"):
        trails.put_insight_selectors(TrailName=arn, InsightSelectors=[{"InsightType": kind}])
    told = trails.get_trail(Name=arn)["Trail"]
    assert (told["HasCustomEventSelectors"], told["HasInsightSelectors"]) == (True, True)
    assert trails.get_event_selectors(TrailName=arn)["AdvancedEventSelectors"] == [{"FieldSelectors": fields}]
    assert trails.get_insight_selectors(TrailName=arn)["InsightSelectors"] == [{"InsightType": "ApiErrorRateInsight"}]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"Name": 1}', b"\xff"], ids=repr)
def test_a_request_that_makes_no_sense_is_left_to_moto(body: bytes) -> None:
    assert cloudtrail.mend("x.DeleteTrail", body) == body


def test_other_requests_pass_as_they_are() -> None:
    body = json.dumps({"Name": "arn:aws:cloudtrail:us-east-1:123456789012:trail/demo"}).encode()
    assert cloudtrail.mend("x.GetTrail", body) == body


def test_a_bucket_whose_policy_denies_plain_http_can_be_written(aws: LocalAws) -> None:
    """moto reads the Deny without its condition, and would deny everything."""
    s3 = client(aws, "s3", "us-east-1")
    s3.create_bucket(Bucket="lists")
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::lists", "arn:aws:s3:::lists/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(Bucket="lists", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    s3.put_object(Bucket="lists", Key="trusted.txt", Body=b"1.1.1.1\n")
    assert s3.get_object(Bucket="lists", Key="trusted.txt")["Body"].read() == b"1.1.1.1\n"
