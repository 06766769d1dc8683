"""CloudTrail: trails and what their selectors record."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value, known


class FieldSelector(msgspec.Struct, frozen=True):
    """One field test of an advanced event selector; every operator's values, empty where unset."""

    field: str
    equals: tuple[str, ...] = ()
    not_equals: tuple[str, ...] = ()
    starts_with: tuple[str, ...] = ()
    not_starts_with: tuple[str, ...] = ()
    ends_with: tuple[str, ...] = ()
    not_ends_with: tuple[str, ...] = ()


class EventSelector(msgspec.Struct, frozen=True):
    """A basic event selector. `data` maps a resource type to its ARN prefixes."""

    read_write: str
    management: bool
    excluded_sources: tuple[str, ...] = ()
    data: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)


class Trail(Resource, frozen=True):
    """A CloudTrail trail (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html).

    Attributes:
        logging: whether it logs.
        multi_region: whether it records every region.
        global_events: whether it records IAM, STS and other global services.
        organization: whether it is an organization trail.
        validation: whether digest files are written.
        encrypted: whether a KMS key is set (its value may be unknown).
        key: the KMS key; None where none is set.
        prefix: what stands before ``AWSLogs/`` in the keys of its objects; "" for nothing. It may hold marks of
            unknown parts (`semantics/unknown_parts.py`).
        selectors: basic selectors; empty with no advanced ones means all management events, no data events.
        advanced: advanced selectors, each a tuple of field tests that must all hold.
        insights: what CloudTrail Insights looks for.
        group: the log group that has a copy; None where there is none.
        sure_selectors, sure_advanced: those that are known where not all are. Selectors add up, so that what these
            record is recorded, whatever the others are.
    """

    name: Value[str]
    logging: Value[bool]
    multi_region: Value[bool]
    global_events: Value[bool]
    organization: Value[bool]
    validation: Value[bool]
    encrypted: Value[bool]
    bucket: Value[Ref]
    selectors: Value[tuple[EventSelector, ...]]
    advanced: Value[tuple[tuple[FieldSelector, ...], ...]]
    prefix: Value[str] = msgspec.field(default_factory=lambda: known(""))
    key: Value[Ref] | None = None
    insights: Value[tuple[str, ...]] = msgspec.field(default_factory=lambda: known(()))
    group: Value[Ref] | None = None
    sure_selectors: tuple[EventSelector, ...] = ()
    sure_advanced: tuple[tuple[FieldSelector, ...], ...] = ()
