"""Whether the bucket and the key of an export let GuardDuty of a region in.

GuardDuty finds the bucket, writes to it and encrypts for it; in a region that the account opted into it goes by that
region's own name. Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html
"""

from __future__ import annotations

from collections.abc import Callable

from guardline.spec.catalogue import region as catalogued
from guardline.validator.controls.shared.buckets import Fault, settings
from guardline.validator.controls.shared.keys import find_key, policy_text
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import PublishingDestination
from guardline.validator.model.resource import Origin
from guardline.validator.model.s3 import Bucket, BucketPolicy
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.iam_documents import Document, parse
from guardline.validator.semantics.iam_evaluation import allows_service
from guardline.validator.semantics.unknown_parts import has_marks


def kept_out(estate: Estate, region: str, one: PublishingDestination) -> Fault | None:
    """Why GuardDuty of a region may not export to a bucket that the source makes; None where it may.

    Raises:
        UnknownValue: it cannot be determined.
    """
    bucket, key = estate.find(Bucket, one.bucket.get()), find_key(estate, one.key.get(), one)
    if bucket is not None and bucket.managed:
        for policy in settings(estate, BucketPolicy, bucket):
            first = f"arn:{estate.partition}:s3:::{bucket.name}"
            asked = (("s3:GetBucketLocation", first), ("s3:PutObject", f"{first}/AWSLogs/findings.gz"))
            if (fault := _refused(policy.text.get, policy.origin, estate, region, one, asked)) is not None:
                return fault
    if key is not None and key.managed:
        text, origin = policy_text(estate, key)
        return _refused(lambda: text, origin, estate, region, one, (("kms:GenerateDataKey", "*"),))
    return None


def _refused(
    text: Callable[[], str],
    origin: Origin,
    estate: Estate,
    region: str,
    one: PublishingDestination,
    asked: tuple[tuple[str, str], ...],
) -> Fault | None:
    service, account = _principal(region), one.location.account.id or "*"
    source = f"arn:{estate.partition}:guardduty:{region}:{account}:detector/00guardlinesample"
    try:
        document = parse(text())
    except ValueError as error:
        raise UnknownValue(f"the policy {origin.address} cannot be read: {error}") from None
    key = one.key.get().id or ""
    encrypted: dict[str, tuple[str, ...] | None] = {
        "s3:x-amz-server-side-encryption": ("aws:kms",),
        "s3:x-amz-server-side-encryption-aws-kms-key-id": (key,) if key.startswith("arn:") else None,
    }
    for action, resource in asked:
        if not allows_service(_known(document), service, action, resource, account, source, more=encrypted):
            return Fault(f"{origin.address} does not let {service} do {action}", origin)
    return None


def _known(document: Document) -> Document:
    """The policy without a Deny whose conditions are known only in part, such as that of any other key."""
    return Document(
        tuple(
            one
            for one in document.statements
            if one.allows or not any(has_marks(value) for test in one.conditions for value in test.values)
        )
    )


def _principal(region: str) -> str:
    found = catalogued(region)
    opted_in = found is not None and not found.default_enabled
    return f"guardduty.{region}.amazonaws.com" if opted_in else "guardduty.amazonaws.com"
