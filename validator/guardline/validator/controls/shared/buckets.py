"""What protects a bucket, gathered from the settings that name it; indexed once per estate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeVar, cast

from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Origin
from guardline.validator.model.s3 import Bucket, BucketSetting, BucketVersioning, PublicAccessBlock
from guardline.validator.model.value import UnknownValue

AnySetting = TypeVar("AnySetting", bound=BucketSetting)
Index = dict[tuple[type[BucketSetting], str], list[BucketSetting]]
_UNKNOWN = ""  # no bucket is called this: settings whose bucket is unknown


class Fault(NamedTuple):
    """What is wrong with a bucket, or with another resource, and where that is written."""

    reason: str
    origin: Origin


def _index(estate: Estate) -> Index:
    index: Index = {}
    for one in estate.all(BucketSetting):
        if one.bucket is not None:
            for name in one.bucket.get().names if one.bucket.is_known else (_UNKNOWN,):
                index.setdefault((type(one), name), []).append(one)
    return index


def settings(estate: Estate, kind: type[AnySetting], bucket: Bucket) -> tuple[AnySetting, ...]:
    """The settings of a kind that name the bucket."""
    index = estate.once(_index)
    found = {one.own_name: one for name in sorted(bucket.names) for one in index.get((kind, name), ())}
    return cast("tuple[AnySetting, ...]", tuple(found.values()))


def assert_absent(estate: Estate, kind: type[BucketSetting]) -> None:
    """Call before claiming that a bucket has no such setting.

    Raises:
        UnknownValue: the source is incomplete, or a setting of unknown bucket may be the bucket's.
    """
    if (why := estate.why_incomplete(kind)) is not None:
        raise UnknownValue(why)
    for one in estate.once(_index).get((kind, _UNKNOWN), ()):
        why = one.bucket.reason if one.bucket is not None else None
        raise UnknownValue(f"{one.origin.address} may be the bucket's: {why}")


def not_private(estate: Estate, bucket: Bucket) -> Iterator[Fault]:
    """What the public access block of a bucket, or of its whole account, lacks.

    Raises:
        UnknownValue: it cannot be determined.
    """
    account = bucket.location.account
    whole = [one for one in estate.select(PublicAccessBlock, account).here if one.bucket is None]
    blocks = [*settings(estate, PublicAccessBlock, bucket), *whole]
    if any(one.complete.known_or(False) for one in blocks):
        return
    for one in blocks:
        one.complete.get()
    assert_absent(estate, PublicAccessBlock)
    if blocks:
        yield Fault("has a public access block that is not complete", blocks[0].origin)
    else:
        yield Fault("has no public access block", bucket.origin)


def not_versioned(estate: Estate, bucket: Bucket) -> Iterator[Fault]:
    """Whether a bucket keeps no versions of its objects.

    Raises:
        UnknownValue: it cannot be determined.
    """
    declared = settings(estate, BucketVersioning, bucket)
    if any(one.enabled.known_or(False) for one in declared):
        return
    for one in declared:
        one.enabled.get()
    if bucket.versioned.get():
        return
    if not declared:
        assert_absent(estate, BucketVersioning)
    yield Fault("is not versioned", declared[0].origin if declared else bucket.origin)
