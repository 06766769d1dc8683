"""What the spec's `trail` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.expectations.requirement import PracticeRequirements, declared, left_out

if TYPE_CHECKING:
    from guardline.spec.model import Spec

S3 = "trail-s3-data-events"
BUCKET = "trail-bucket-protected"
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
    return whole
