"""GuardDuty: detectors with their features, IP lists, filters, members and exports."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from guardline.validator.model.resource import Origin, Ref, Resource
from guardline.validator.model.value import Value, known

UNSET: Value[tuple[str, ...]] = known(())
"""What a criterion does not set."""


class Feature(msgspec.Struct, frozen=True):
    """One protection plan of a detector, as one declaration states it.

    Attributes:
        name: the API's feature name, e.g. ``S3_DATA_EVENTS``.
        enabled: whether its status is ENABLED.
        agents: additional configuration by name, e.g. ``EKS_ADDON_MANAGEMENT`` -> on.
        origin: the declaration.
    """

    name: str
    enabled: Value[bool]
    origin: Origin
    agents: Mapping[str, Value[bool]] = msgspec.field(default_factory=dict)


class Detector(Resource, frozen=True):
    """A GuardDuty detector (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetDetector.html).

    Attributes:
        enabled: False when suspended.
        publishing_frequency: FIFTEEN_MINUTES, ONE_HOUR or SIX_HOURS.
        features: the declared features by name; legacy `datasources` appear here under the feature's name.
        possible: features that may belong to this detector (their detector_id or name is unknown), with the reason.
        new: True when the change creates the detector: AWS then turns every undeclared feature on, but for
            RUNTIME_MONITORING (API_CreateDetector). False: it exists already, and an undeclared feature is
            whatever it was.
        seen: for an existing detector, what the source says of its features as AWS holds them (live, or values in
            the state), by name; empty where the source does not say.
    """

    enabled: Value[bool]
    publishing_frequency: Value[str]
    features: Mapping[str, tuple[Feature, ...]]
    possible: tuple[str, ...]
    new: bool
    seen: Mapping[str, Value[bool]] = msgspec.field(default_factory=dict)


class IpList(Resource, frozen=True):
    """A trusted IP list or a threat list of a detector.

    Attributes:
        kind: ``trusted`` or ``threat``.
        detector: the detector it belongs to.
        active: whether it is activated.
        format: TXT, STIX, ...
        url: the object's URL.
        content: the list's text, where the source carries the object.
    """

    kind: str
    detector: Value[Ref]
    name: Value[str]
    active: Value[bool]
    format: Value[str]
    url: Value[str]
    content: Value[str]


class PublishingDestination(Resource, frozen=True):
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
        path: the finding's field, e.g. ``type`` or ``resource.instanceDetails.instanceId``.
        equals: any of these values; empty where unset.
        not_equals: none of these values; empty where unset.
        bounds: comparator (``greater_than``, ``greater_than_or_equal``, ``less_than``, ``less_than_or_equal``) ->
            the number, or the time in ISO 8601, that it compares with; only those that are set.
        matches, not_matches: like the two above, with ``*`` and ``?`` in the values.
    """

    path: Value[str]
    equals: Value[tuple[str, ...]] = UNSET
    not_equals: Value[tuple[str, ...]] = UNSET
    bounds: Mapping[str, Value[str]] = msgspec.field(default_factory=dict)
    matches: Value[tuple[str, ...]] = UNSET
    not_matches: Value[tuple[str, ...]] = UNSET


class FindingFilter(Resource, frozen=True):
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
