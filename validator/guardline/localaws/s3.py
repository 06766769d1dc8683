"""What moto's S3 gets wrong for the baseline."""

from __future__ import annotations

from typing import Any


def correct() -> None:
    """Leave bucket policies unenforced.

    moto 5.2.5 reads a bucket policy without its conditions, so that the usual Deny of plain HTTP denies everything.
    A local AWS that enforces no bucket policy is nearer to the real one than that; policies are judged elsewhere.
    """
    from moto.iam.access_control import PermissionResult
    from moto.s3.models import FakeBucket

    def get_permission(_bucket: Any, _action: str, _resource: Any) -> PermissionResult:
        return PermissionResult.NEUTRAL

    bucket: Any = FakeBucket  # a method is replaced, which no checker allows on the class itself
    bucket.get_permission = get_permission
