"""S3 buckets and what protects them, each setting as it is declared beside the bucket."""

from __future__ import annotations

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value


class Bucket(Resource, frozen=True):
    """A bucket, declared or looked at.

    Attributes:
        name: its name, with marks for what is unknown in it (`semantics/unknown_parts.py`).
        bare: whether it surely has no policy but one that is declared beside it, because this change creates it or
            AWS says so. Source code cannot tell: an earlier apply, or somebody else, may have given it one.
        versioned: what the bucket's own (deprecated) `versioning` block says; None where it says nothing.
    """

    name: str
    versioned: Value[bool | None]
    bare: bool = False


class BucketSetting(Resource, frozen=True):
    """A setting that is declared beside its bucket.

    Attributes:
        bucket: the bucket; None for a setting of the whole account.
    """

    bucket: Value[Ref] | None


class BucketVersioning(BucketSetting, frozen=True):
    """The versioning of a bucket."""

    enabled: Value[bool]


class BucketEncryption(BucketSetting, frozen=True):
    """The KMS key that a bucket's objects are encrypted with.

    Attributes:
        key: the key; None where the objects are encrypted without one of KMS.
    """

    key: Value[Ref] | None


class PublicAccessBlock(BucketSetting, frozen=True):
    """A block of public access (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html).

    Attributes:
        complete: whether all four settings are on.
    """

    complete: Value[bool]


class BucketPolicy(BucketSetting, frozen=True):
    """The resource policy of a bucket.

    Attributes:
        text: the policy as JSON, with marks for what is unknown in it (`semantics/unknown_parts.py`).
    """

    text: Value[str]
