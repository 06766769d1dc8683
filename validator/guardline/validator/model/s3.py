"""S3 buckets and what protects them, each setting as it is declared beside the bucket."""

from __future__ import annotations

import msgspec

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


class LifecycleRule(msgspec.Struct, frozen=True):
    """One rule of a bucket's lifecycle.

    Attributes:
        on: whether it is enabled.
        days: how old an object becomes before it is deleted; 0 where the rule deletes none.
        archive: how old it becomes before it moves to another storage class; None where the rule moves none.
    """

    on: Value[bool]
    days: Value[int]
    archive: Value[int | None]


class BucketLifecycle(BucketSetting, frozen=True):
    """When a bucket's objects are moved and deleted.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
    """

    rules: Value[tuple[LifecycleRule, ...]]


class BucketLock(BucketSetting, frozen=True):
    """How long a bucket's objects are locked, unless somebody says otherwise (S3 Object Lock).

    Attributes:
        mode: ``GOVERNANCE`` or ``COMPLIANCE``; "" for none.
        days: for how many days.
    """

    mode: Value[str]
    days: Value[int]


class BucketLogging(BucketSetting, frozen=True):
    """Where S3 writes who reads a bucket.

    Attributes:
        target: the bucket that it writes to.
    """

    target: Value[Ref]


class BucketOwnership(BucketSetting, frozen=True):
    """Who owns a bucket's objects.

    Attributes:
        enforced: whether they are all the bucket owner's, and no ACL counts.
    """

    enforced: Value[bool]


class BucketPolicy(BucketSetting, frozen=True):
    """The resource policy of a bucket.

    Attributes:
        text: the policy as JSON, with marks for what is unknown in it (`semantics/unknown_parts.py`).
    """

    text: Value[str]
