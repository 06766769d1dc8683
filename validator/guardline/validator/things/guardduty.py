"""GuardDuty's own settings beside the detector: where findings are exported, and the filters over them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from guardline.validator.estate import Ref, Thing
from guardline.validator.value import Value


class PublishingDestination(Thing, frozen=True):
    """Where a detector exports its findings.

    Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreatePublishingDestination.html

    Attributes:
        detector: the detector whose findings are exported.
        kind: the destination's type; S3 is the only one that AWS has.
        bucket: the S3 bucket, by address, name or ARN.
        keyed: whether a KMS key is set (its value may be pending).
        key: the key, by address or ARN.
    """

    detector: Value[Ref]
    kind: Value[str]
    bucket: Value[Ref]
    keyed: Value[bool]
    key: Value[Ref]


class Criterion(msgspec.Struct, frozen=True):
    """One field test of a filter. All criteria of a filter must hold.

    Attributes:
        path: the finding's field, e.g. ``type`` or ``severity``.
        equals: any of these values; empty where unset.
        not_equals: none of these values; empty where unset.
        bounds: comparator (``greater_than``, ``greater_than_or_equal``, ``less_than``, ``less_than_or_equal``) ->
            the text it compares with; only those that are set.
    """

    path: Value[str]
    equals: Value[tuple[str, ...]]
    not_equals: Value[tuple[str, ...]]
    bounds: Mapping[str, Value[str]] = msgspec.field(default_factory=dict)


class FindingFilter(Thing, frozen=True):
    """A saved filter; with the action ARCHIVE it is a suppression rule.

    Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateFilter.html

    Attributes:
        detector: the detector whose findings it looks at.
        name: its name.
        action: NOOP or ARCHIVE.
        rank: its place among the detector's filters, from 1.
        description: what it says of itself; "" where nothing.
        criteria: the field tests.
    """

    detector: Value[Ref]
    name: Value[str]
    action: Value[str]
    rank: Value[int | None]
    description: Value[str]
    criteria: Value[tuple[Criterion, ...]]
