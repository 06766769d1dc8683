"""The record of calls: each operation by its name, whatever the protocol it came in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from guardline.localaws import LocalAws
from guardline.localaws.calls import Call, call
from tests.support.clients import client

TAGS = {"TagSet": [{"Key": "a", "Value": "b"}]}
# Of each: boto3's service, what is called, and the signature's name of the service with the operation.
ONE: list[tuple[str, Callable[[Any], Any], tuple[str, str]]] = [
    ("iam", lambda iam: iam.list_roles(), ("iam", "ListRoles")),  # query
    ("ec2", lambda ec2: ec2.describe_vpcs(), ("ec2", "DescribeVpcs")),  # ec2
    ("cloudtrail", lambda trail: trail.describe_trails(), ("cloudtrail", "DescribeTrails")),  # json
    ("cloudwatch", lambda watch: watch.describe_alarms(), ("monitoring", "DescribeAlarms")),
    ("guardduty", lambda guardduty: guardduty.list_detectors(), ("guardduty", "ListDetectors")),  # rest-json
    ("lambda", lambda functions: functions.list_functions(), ("lambda", "ListFunctions")),
    ("s3", lambda s3: s3.list_buckets(), ("s3", "ListBuckets")),  # rest-xml
    ("s3", lambda s3: s3.get_bucket_policy_status(Bucket="there"), ("s3", "GetBucketPolicyStatus")),
    ("s3", lambda s3: s3.list_objects_v2(Bucket="there"), ("s3", "ListObjectsV2")),
    ("s3", lambda s3: s3.head_bucket(Bucket="there"), ("s3", "HeadBucket")),
    ("s3", lambda s3: s3.put_object(Bucket="there", Key="a/b ?c", Body=b"x"), ("s3", "PutObject")),
    ("s3", lambda s3: s3.put_object_tagging(Bucket="there", Key="a", Tagging=TAGS), ("s3", "PutObjectTagging")),
    ("s3", lambda s3: s3.list_object_versions(Bucket="there"), ("s3", "ListObjectVersions")),
]


@pytest.mark.parametrize(("service", "ask", "expected"), ONE, ids=[".".join(expected) for *_, expected in ONE])
def test_a_call_is_remembered(
    aws: LocalAws, service: str, ask: Callable[[Any], Any], expected: tuple[str, str]
) -> None:
    s3 = client(aws, "s3", "us-east-1")
    s3.create_bucket(Bucket="there")
    s3.put_bucket_policy(Bucket="there", Policy='{"Version": "2012-10-17", "Statement": []}')
    s3.put_object(Bucket="there", Key="a", Body=b"x")
    aws.calls.clear()
    ask(client(aws, service, "us-east-1"))
    assert aws.calls == {aws.account: {Call(*expected)}}


def test_a_reset_forgets_the_calls(aws: LocalAws) -> None:
    client(aws, "iam").list_roles()
    aws.reset()
    assert aws.calls == {}


def test_what_no_model_knows_is_named_by_its_request() -> None:
    assert call("nothing-of-the-kind", "GET", "/a?b", "", b"") == Call("nothing-of-the-kind", "GET /a")


@pytest.mark.parametrize(("method", "verb"), [("GET", "Get"), ("PUT", "Put")])
def test_an_operation_that_replaced_another_is_meant(method: str, verb: str) -> None:
    assert call("s3", method, "/bucket?lifecycle", "", b"").operation == f"{verb}BucketLifecycleConfiguration"
    assert call("s3", method, "/bucket?notification", "", b"").operation == f"{verb}BucketNotificationConfiguration"


def test_an_sdk_may_name_the_operation_itself() -> None:
    assert call("s3", "GET", "/bucket/key?x-id=GetObject", "", b"").operation == "GetObject"
