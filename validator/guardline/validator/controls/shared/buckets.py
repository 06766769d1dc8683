"""What protects a bucket, gathered from the settings that name it; indexed once per estate."""

from __future__ import annotations

from typing import TypeVar, cast

from guardline.validator.model.estate import Estate
from guardline.validator.model.s3 import Bucket, BucketSetting
from guardline.validator.model.value import UnknownValue

AnySetting = TypeVar("AnySetting", bound=BucketSetting)
Index = dict[tuple[type[BucketSetting], str], list[BucketSetting]]
_UNKNOWN = ""  # no bucket is called this: settings whose bucket is unknown


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
