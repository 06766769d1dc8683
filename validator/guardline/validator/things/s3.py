"""S3 buckets and what protects them, each setting as it is declared beside the bucket."""

from __future__ import annotations

from dataclasses import dataclass

from guardline.validator.estate import Ref, Thing
from guardline.validator.value import Value


@dataclass(frozen=True, slots=True)
class Bucket(Thing):
    """A bucket, declared or looked at.

    Attributes:
        versioned: what the bucket's own (deprecated) `versioning` block says; None where it says nothing.
    """

    versioned: Value[bool | None]


@dataclass(frozen=True, slots=True)
class BucketSetting(Thing):
    """A setting that is declared beside its bucket.

    Attributes:
        bucket: the bucket; None for a setting of the whole account.
    """

    bucket: Value[Ref] | None


@dataclass(frozen=True, slots=True)
class BucketVersioning(BucketSetting):
    """The versioning of a bucket."""

    enabled: Value[bool]


@dataclass(frozen=True, slots=True)
class PublicAccessBlock(BucketSetting):
    """A block of public access (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html).

    Attributes:
        complete: whether all four settings are on.
    """

    complete: Value[bool]


@dataclass(frozen=True, slots=True)
class BucketPolicy(BucketSetting):
    """The resource policy of a bucket, as JSON text."""

    text: Value[str]
