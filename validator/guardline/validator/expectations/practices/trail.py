"""What the spec's `trail` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.expectations.asked import Recording, Store
from guardline.validator.expectations.requirement import PracticeRequirements, declared, kept, left_out, lock_of, wanted

if TYPE_CHECKING:
    from guardline.spec.model import Spec
    from guardline.spec.practices.trail import Trail

S3 = "trail-s3-data-events"
BUCKET = "trail-bucket-protected"
SETTINGS, STORE = "trail-settings", "trail-kept"
CONTROLS = ("trail-multi-region", "trail-validation", "trail-encrypted", BUCKET, S3)


def asks(spec: Spec, _path: Path) -> PracticeRequirements:
    """What is asked of the trail."""
    asked = spec.trail
    if asked.mode == "off":
        return left_out(1, "CloudTrail trail", asked.reason or "", CONTROLS, key="trail", approver=asked.approved_by)
    if asked.mode == "reference":
        return declared(f"{asked.arn}, owned by {asked.owner}", CONTROLS)
    buckets = tuple(f"arn:{spec.partition}:s3:::{name}" for name in asked.excluded_buckets)
    whole = PracticeRequirements(fields={"excluded_buckets": buckets, "s3_events": asked.kinds})
    for kind in sorted({"read", "write"} - asked.kinds):
        why = f"trail.s3_data_events is {asked.s3_data_events}"
        key = None if asked.kinds else "trail.s3_data_events"
        whole += left_out(2, f"S3 object {kind} events", why, () if asked.kinds else (S3,), key=key)
    if asked.log_archive is not None:
        archive = asked.log_archive
        whole += declared(f"bucket {archive.bucket}, owned by {archive.owner}", (BUCKET,))
    days = asked.cloudwatch_logs.retention_days if asked.cloudwatch_logs is not None else None
    recording = Recording(frozenset(asked.insights), days)
    whole += PracticeRequirements(fields={"recording": recording, "log_buckets": asked.exclude_log_buckets})
    return whole + wanted(SETTINGS) + kept(STORE, _store(asked, _keeper(spec)))


def _keeper(spec: Spec) -> str | None:
    """The account that the spec wants the bucket in: of an organization, the one that it says."""
    organization = spec.organization
    if organization is None:
        return None
    apart = spec.trail.bucket_in == "log-archive"
    return organization.log_archive_account if apart else organization.management_account


def _store(asked: Trail, keeper: str | None) -> Store:
    if (archive := asked.log_archive) is not None:
        return Store(name=archive.bucket, of_others=True, prefix=archive.prefix or "", key=asked.kms_key)
    return Store(
        name=asked.bucket,
        days=asked.retention_days,
        archive_days=asked.archive_after_days,
        lock=lock_of(asked),
        key=asked.kms_key,
        access_logs=asked.access_logs,
        account=keeper,
    )
