"""Trails whose bucket or key is another account's, and those that AWS refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from guardline.localaws import LocalAws
from tests.support.clients import client
from tests.support.trail_buckets import policy

REGION, OWNER, ARCHIVE = "eu-west-1", "111111111111", "333333333333"
TRAIL = f"arn:aws:cloudtrail:{REGION}:{OWNER}:trail/acme"
ALIAS = f"arn:aws:kms:{REGION}:{ARCHIVE}:alias/acme-trail"
NEEDED = ("kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey")


def key_policy(actions: tuple[str, ...] = NEEDED, arn: str = TRAIL, account: str = OWNER) -> str:
    who = {"Service": "cloudtrail.amazonaws.com"}
    condition = {"StringEquals": {"aws:SourceArn": arn}}
    statements: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": f"arn:aws:iam::{ARCHIVE}:root"}},
        {"Effect": "Allow", "Action": list(actions), "Resource": "*", "Principal": who, "Condition": condition},
        {
            "Effect": "Allow",
            "Action": "kms:DescribeKey",
            "Resource": "*",
            "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def archive(aws: LocalAws, bucket_policy: str, text: str, *, bucket_key: bool = True) -> str:
    """The bucket and the key of the log archive's account; its key's ARN."""
    s3 = client(aws, "s3", REGION, account=ARCHIVE)
    s3.create_bucket(Bucket="archive", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_policy(Bucket="archive", Policy=bucket_policy)
    kms = client(aws, "kms", REGION, account=ARCHIVE)
    arn: str = kms.create_key(Policy=text)["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/acme-trail", TargetKeyId=arn)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": bucket_key}
    s3.put_bucket_encryption(Bucket="archive", ServerSideEncryptionConfiguration={"Rules": [rule]})
    return arn


def create(aws: LocalAws, **more: Any) -> Any:
    trails = client(aws, "cloudtrail", REGION, account=OWNER)
    trails.create_trail(Name="acme", S3BucketName="archive", **{"KmsKeyId": ALIAS, **more})
    return trails


@pytest.mark.parametrize("bucket_key", [True, False])
def test_a_trail_may_have_the_bucket_and_key_of_another_account(aws: LocalAws, bucket_key: bool) -> None:
    actions = NEEDED if bucket_key else ("kms:GenerateDataKey*", "kms:DescribeKey")
    arn = archive(aws, policy("archive", OWNER, arn=TRAIL), key_policy(actions), bucket_key=bucket_key)
    # CloudTrail answers with the key's ARN, whatever it was given.
    assert create(aws).get_trail(Name="acme")["Trail"]["KmsKeyId"] == arn


OTHERS = TRAIL.replace("trail/acme", "trail/other")


@pytest.mark.parametrize(
    ("bucket_policy", "text", "error"),
    [
        (policy("archive", OWNER, arn=OTHERS), key_policy(), "InsufficientS3BucketPolicyException"),
        (policy("archive", ARCHIVE, arn=TRAIL), key_policy(), "InsufficientS3BucketPolicyException"),
        (policy("archive", OWNER, arn=TRAIL), key_policy(arn=OTHERS), "InsufficientEncryptionPolicyException"),
        # Of a bucket with a bucket key, CloudTrail must be able to decrypt, too.
        (
            policy("archive", OWNER, arn=TRAIL),
            key_policy(("kms:GenerateDataKey*", "kms:DescribeKey")),
            "InsufficientEncryptionPolicyException",
        ),
    ],
)
def test_what_does_not_let_cloudtrail_in_makes_no_trail(
    aws: LocalAws, bucket_policy: str, text: str, error: str
) -> None:
    archive(aws, bucket_policy, text)
    with pytest.raises(ClientError) as raised:
        create(aws)
    assert raised.value.response["Error"]["Code"] == error


def test_an_alias_that_nobody_has_makes_no_trail(aws: LocalAws) -> None:
    archive(aws, policy("archive", OWNER, arn=TRAIL), key_policy())
    with pytest.raises(ClientError, match="does not exist"):
        create(aws, KmsKeyId=f"{ALIAS}-2")


def test_a_key_is_described_to_the_accounts_that_its_policy_names(aws: LocalAws) -> None:
    arn = archive(aws, policy("archive", OWNER), key_policy())
    for name in (ALIAS, arn):
        found = client(aws, "kms", REGION, account=OWNER).describe_key(KeyId=name)
        assert found["KeyMetadata"]["Arn"] == arn
    with pytest.raises(ClientError, match="AccessDeniedException"):
        client(aws, "kms", REGION, account="444444444444").describe_key(KeyId=ALIAS)
    with pytest.raises(ClientError, match="NotFoundException"):
        client(aws, "kms", REGION, account=OWNER).describe_key(KeyId=f"{ALIAS}-2")
