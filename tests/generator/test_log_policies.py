"""Who may do what with the buckets, keys and log groups of logs, as the recorded plan after apply has them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.policy_requests import Decision, Request, decide, policies
from tests.support.record import LOGS

ACCOUNT, OTHER = "123456789012", "444455556666"
DELIVERY, TRAILS = "delivery.logs.amazonaws.com", "cloudtrail.amazonaws.com"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
FLOWS = f"arn:aws:s3:::baseline-flow-logs-{ACCOUNT}"
TRAIL_BUCKET = f"arn:aws:s3:::baseline-trail-{ACCOUNT}"
TRAIL = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/baseline"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/any"


@pytest.fixture(scope="module")
def plan() -> dict[str, Any]:
    whole: dict[str, Any] = json.loads((LOGS / "applied.json").read_text(encoding="utf-8"))
    return whole


@pytest.fixture(scope="module")
def applied(plan: dict[str, Any]) -> dict[str, str]:
    found = policies(plan)
    for change in plan["resource_changes"]:
        if change["type"] == "aws_cloudwatch_log_resource_policy":
            found[change["address"]] = change["change"]["after"]["policy_document"]
    return found


def delivery(region: str = "ap-east-1", account: str = ACCOUNT) -> dict[str, str]:
    return {"aws:SourceAccount": account, "aws:SourceArn": f"arn:aws:logs:{region}:{account}:delivery-source:x"}


STRANGERS = [
    ("another account", DELIVERY, delivery(account=OTHER)),
    ("another account, in our name", DELIVERY, delivery() | {"aws:SourceAccount": OTHER}),
    ("no account named", DELIVERY, {"aws:SourceArn": delivery()["aws:SourceArn"]}),
    ("nothing that is delivered named", DELIVERY, {"aws:SourceAccount": ACCOUNT}),
    ("another service", "cloudfront.amazonaws.com", delivery()),
]


def test_flow_logs_of_each_region_reach_the_bucket(applied: dict[str, str]) -> None:
    policy = applied["module.flow_log_bucket.module.bucket.aws_s3_bucket_policy.this"]
    key = applied["module.flow_log_bucket.aws_kms_key.this[0]"]
    # With partitions for Hive, the folder begins with the account.
    file = f"{FLOWS}/AWSLogs/aws-account-id={ACCOUNT}/aws-service=vpcflowlogs/aws-region=ap-east-1/log.parquet"
    for region in ("ap-east-1", "eu-west-1"):
        assert decide(policy, Request(DELIVERY, "s3:GetBucketAcl", FLOWS, delivery(region))) == "allow"
        assert decide(policy, Request(DELIVERY, "s3:PutObject", file, delivery(region))) == "allow"
        assert decide(key, Request(DELIVERY, "kms:GenerateDataKey", KEY, delivery(region))) == "allow"


@pytest.mark.parametrize(("why", "who", "context"), STRANGERS)
def test_nobody_else_delivers_flow_logs(applied: dict[str, str], why: str, who: str, context: dict[str, str]) -> None:
    policy = applied["module.flow_log_bucket.module.bucket.aws_s3_bucket_policy.this"]
    key = applied["module.flow_log_bucket.aws_kms_key.this[0]"]
    file = f"{FLOWS}/AWSLogs/aws-account-id={ACCOUNT}/log.parquet"
    assert decide(policy, Request(who, "s3:PutObject", file, context)) == "silent", why
    assert decide(policy, Request(who, "s3:GetBucketAcl", FLOWS, context)) == "silent", why
    assert decide(key, Request(who, "kms:GenerateDataKey", KEY, context)) == "silent", why


@pytest.mark.parametrize("file", ["log", f"AWSLogs/{OTHER}/log", f"AWSLogs/aws-account-id={OTHER}/log"])
def test_flow_logs_are_let_in_where_they_go_and_nowhere_else(applied: dict[str, str], file: str) -> None:
    policy = applied["module.flow_log_bucket.module.bucket.aws_s3_bucket_policy.this"]
    assert decide(policy, Request(DELIVERY, "s3:PutObject", f"{FLOWS}/{file}", delivery())) == "silent"


@pytest.mark.parametrize("region", ["ap-east-1", "eu-west-1"])
def test_dns_queries_reach_the_log_group_of_their_region(applied: dict[str, str], region: str) -> None:
    module = f"module.{region.replace('-', '_')}.module.dns_logs[0]"
    policy = applied[f"{module}.aws_cloudwatch_log_resource_policy.this[0]"]
    group = f"arn:aws:logs:{region}:{ACCOUNT}:log-group:baseline/dns-logs"
    stream = f"{group}:log-stream:vpc-1"
    assert decide(policy, Request(DELIVERY, "logs:PutLogEvents", stream, delivery(region))) == "allow"
    assert decide(policy, Request(DELIVERY, "logs:DeleteLogStream", stream, delivery(region))) == "silent"
    other = f"arn:aws:logs:{region}:{ACCOUNT}:log-group:other:log-stream:vpc-1"
    assert decide(policy, Request(DELIVERY, "logs:PutLogEvents", other, delivery(region))) == "silent"
    for why, who, context in STRANGERS:
        assert decide(policy, Request(who, "logs:PutLogEvents", stream, context)) == "silent", why

    key = applied[f"{module}.module.log_group[0].aws_kms_key.this[0]"]
    service = f"logs.{region}.amazonaws.com"
    meant = {"kms:EncryptionContext:aws:logs:arn": group}
    assert decide(key, Request(service, "kms:GenerateDataKey", KEY, meant)) == "allow"
    another = {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{OTHER}:log-group:baseline/dns-logs"}
    assert decide(key, Request(service, "kms:GenerateDataKey", KEY, another)) == "silent"
    assert decide(key, Request("logs.us-east-1.amazonaws.com", "kms:GenerateDataKey", KEY, meant)) == "silent"


def write(trail: str = TRAIL) -> dict[str, str]:
    return {"aws:SourceArn": trail, "s3:x-amz-acl": "bucket-owner-full-control"}


def test_the_trail_reaches_its_bucket(applied: dict[str, str]) -> None:
    policy, key = applied["module.trail.module.bucket[0].aws_s3_bucket_policy.this"], _trail_key(applied)
    file = f"{TRAIL_BUCKET}/AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/log.json.gz"
    assert decide(policy, Request(TRAILS, "s3:GetBucketAcl", TRAIL_BUCKET, {"aws:SourceArn": TRAIL})) == "allow"
    assert decide(policy, Request(TRAILS, "s3:PutObject", file, write())) == "allow"
    assert decide(key, Request(TRAILS, "kms:GenerateDataKey", KEY, {"aws:SourceArn": TRAIL})) == "allow"
    assert decide(policy, Request(TRAILS, "s3:DeleteObject", file, write())) == "silent"
    assert decide(key, Request(TRAILS, "kms:Decrypt", KEY, {"aws:SourceArn": TRAIL})) == "silent"


@pytest.mark.parametrize(
    ("why", "context"),
    [
        ("another account's trail", write(TRAIL.replace(ACCOUNT, OTHER))),
        ("another trail of the account", write(f"{TRAIL}-2")),
        ("a trail of another region", write(TRAIL.replace("eu-west-1", "us-east-1"))),
        ("no trail named", {"s3:x-amz-acl": "bucket-owner-full-control"}),
        ("files that are not the bucket owner's", {"aws:SourceArn": TRAIL}),
    ],
)
def test_no_other_trail_does(applied: dict[str, str], why: str, context: dict[str, str]) -> None:
    policy = applied["module.trail.module.bucket[0].aws_s3_bucket_policy.this"]
    file = f"{TRAIL_BUCKET}/AWSLogs/{ACCOUNT}/log.json.gz"
    assert decide(policy, Request(TRAILS, "s3:PutObject", file, context)) == "silent", why
    if context.get("aws:SourceArn") != TRAIL:
        assert decide(_trail_key(applied), Request(TRAILS, "kms:GenerateDataKey", KEY, context)) == "silent", why


def test_the_copy_of_the_trail_is_encrypted_with_its_key(applied: dict[str, str]) -> None:
    group = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:baseline/trail"

    def asked(arn: str) -> Decision:
        meant = {"kms:EncryptionContext:aws:logs:arn": arn}
        return decide(_trail_key(applied), Request("logs.eu-west-1.amazonaws.com", "kms:Encrypt", KEY, meant))

    assert (asked(group), asked(f"{group}-2")) == ("allow", "silent")


BUCKETS = {
    FLOWS: "module.flow_log_bucket.module.bucket.aws_s3_bucket_policy.this",
    TRAIL_BUCKET: "module.trail.module.bucket[0].aws_s3_bucket_policy.this",
}


@pytest.mark.parametrize("who", [DELIVERY, TRAILS, ROLE, "arn:aws:iam::444455556666:role/stranger"])
@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteObject"])
def test_plain_http_is_denied(applied: dict[str, str], who: str, action: str) -> None:
    context = delivery() | write() | {"aws:SecureTransport": "false"}
    for bucket, address in BUCKETS.items():
        for resource in (bucket, f"{bucket}/AWSLogs/{ACCOUNT}/x"):
            assert decide(applied[address], Request(who, action, resource, context)) == "deny"


def test_another_account_administers_no_key(applied: dict[str, str]) -> None:
    keys = {address: policy for address, policy in applied.items() if "aws_kms_key" in address}
    assert len(keys) == 4
    for address, policy in keys.items():
        own = Request(f"arn:aws:iam::{ACCOUNT}:role/admin", "kms:PutKeyPolicy", KEY)
        other = Request(f"arn:aws:iam::{OTHER}:role/admin", "kms:Decrypt", KEY)
        assert (decide(policy, own), decide(policy, other)) == ("allow", "silent"), address


def _trail_key(applied: dict[str, str]) -> str:
    return applied["module.trail.aws_kms_key.this[0]"]
