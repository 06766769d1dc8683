"""Buckets into which CloudTrail may write."""

from __future__ import annotations

import json
from typing import Any


def policy(bucket: str, *owners: str, arn: str | None = None, partition: str = "aws") -> str:
    """The policy that CloudTrail asks of a bucket: for anybody's trail, or by ARN for one.

    Args:
        bucket: its name.
        owners: the accounts and organizations under which it writes; all where none is given.
        arn: of the trail.
        partition: the bucket's.
    """
    condition = {"Condition": {"StringEquals": {"aws:SourceArn": arn}}} if arn is not None else {}
    shared = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, **condition}
    resources = [f"arn:{partition}:s3:::{bucket}/AWSLogs/{owner}/*" for owner in owners or ("*",)]
    statements = [
        {**shared, "Action": "s3:GetBucketAcl", "Resource": f"arn:{partition}:s3:::{bucket}"},
        {**shared, "Action": "s3:PutObject", "Resource": resources},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def open_to_cloudtrail(s3: Any, bucket: str, partition: str = "aws") -> None:
    """Let CloudTrail write into a bucket."""
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(bucket, partition=partition))
