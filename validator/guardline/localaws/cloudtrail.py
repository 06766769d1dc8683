"""What moto's CloudTrail gets wrong for the baseline: requests are mended, a trail tells of its selectors and its key,
and a bucket or key that does not let CloudTrail in makes no trail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from guardline.localaws import kms, resource_policies

SERVICE = "cloudtrail.amazonaws.com"


def mend(target: str, body: bytes) -> bytes:
    """A request's body as moto understands it.

    moto 5.2.5 knows trails by name, and deletes nothing, in silence, when one is named by its ARN as Terraform does.

    Args:
        target: the X-Amz-Target header.
        body: as it came.
    """
    if not target.endswith(".DeleteTrail"):
        return body
    try:
        content: Any = json.loads(body)
    except ValueError:
        return body  # moto says what is wrong with it
    name = content.get("Name") if isinstance(content, dict) else None
    if not isinstance(name, str):
        return body
    return json.dumps({**content, "Name": name.rpartition(":trail/")[2]}).encode()


@cache
def correct() -> None:
    """Let a trail say that it has selectors, without which Terraform never reads them, and name its key by the key's
    ARN, whatever it was given. Once for each process.

    moto 5.2.5 keeps selectors and says that there are none, adds Insights selectors to those there were, and asks no
    policy.

    Sources: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html and
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html
    """
    from moto.cloudtrail.models import Trail
    from moto.core.exceptions import JsonRESTError

    trail: Any = Trail  # methods are replaced, which no checker allows on the class itself
    shown, exists = trail.description, trail.check_bucket_exists

    def description(self: Any, include_region: bool = False) -> dict[str, Any]:
        described: dict[str, Any] = shown(self, include_region)
        described["HasCustomEventSelectors"] = bool(self.event_selectors or self.advanced_event_selectors)
        described["HasInsightSelectors"] = bool(self.insight_selectors)
        if self.kms_key_id and (key := kms.find(self.kms_key_id, self.account_id, self.region_name)) is not None:
            described["KmsKeyId"] = key.arn
        return described

    def check_bucket_exists(self: Any) -> None:
        exists(self)
        for refusal, message in _refusals(self):
            raise JsonRESTError(refusal, message)

    def put_insight_selectors(self: Any, insight_selectors: list[dict[str, str]]) -> None:
        self.insight_selectors = insight_selectors

    trail.description = description
    trail.check_bucket_exists = check_bucket_exists
    trail.put_insight_selectors = put_insight_selectors


def _refusals(trail: Any) -> Iterator[tuple[str, str]]:
    """Why AWS makes no such trail: exception and message. CloudTrail tries the bucket and the key before.

    Sources: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html and
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    """
    from moto.s3.models import s3_backends

    bucket: Any = s3_backends[trail.account_id][trail.partition].get_bucket(trail.bucket_name)
    arn = f"arn:{trail.partition}:s3:::{trail.bucket_name}"
    prefix = f"{trail.s3_key_prefix}/" if trail.s3_key_prefix else ""
    request = {"aws:SourceArn": trail.arn, "aws:SourceAccount": trail.account_id}
    asked = [("s3:GetBucketAcl", arn), ("s3:PutObject", f"{arn}/{prefix}AWSLogs/{trail.account_id}/CloudTrail/record")]
    for action, resource in asked:
        known = {**request, "s3:x-amz-acl": "bucket-owner-full-control"}
        if not _let_in(bucket.policy, action, known, resource):
            message = f"Incorrect S3 bucket policy is detected for bucket: {trail.bucket_name}"
            yield "InsufficientS3BucketPolicyException", message
    if not trail.kms_key_id:
        return
    key = kms.find(trail.kms_key_id, trail.account_id, trail.region_name)
    actions = ["kms:GenerateDataKey", "kms:DescribeKey", *(["kms:Decrypt"] if _has_bucket_key(bucket) else [])]
    if key is None:
        yield "KmsKeyDoesNotExistException", f"KMS key {trail.kms_key_id} does not exist"
    elif not all(_let_in(key.policy, action, request) for action in actions):
        message = f"Insufficient permissions to access S3 bucket {trail.bucket_name} or KMS key {key.arn}."
        yield "InsufficientEncryptionPolicyException", message


def _let_in(policy: str | bytes | None, action: str, known: dict[str, str], resource: str | None = None) -> bool:
    who = resource_policies.service(SERVICE)
    statements = resource_policies.statements(policy)
    return any(resource_policies.lets_in(each, action, who, known, resource) for each in statements)


def _has_bucket_key(bucket: Any) -> bool:
    """Whether S3 keeps a key of its own for the bucket, which it decrypts again with the caller's rights."""
    rule = (bucket.encryption or {}).get("Rule", {})
    return str(rule.get("BucketKeyEnabled", "false")).lower() == "true"
