"""The effective state of a detector's protection plans: declared, on by AWS's default, or as AWS holds it."""

from __future__ import annotations

import msgspec

from guardline.spec.catalogue import region as catalogued
from guardline.spec.features import FEATURES, LEGACY_RUNTIME
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.resource import Origin
from guardline.validator.model.value import Value, known, unknown

OFF_BY_DEFAULT = frozenset({plan.name for plan in FEATURES if not plan.on_by_default} | {LEGACY_RUNTIME})

UNDECLARED = (
    "protection plans are not declared, and an existing detector keeps those that it has (a new one has AWS's "
    "defaults): declare them"
)
"""One reason for all plans of a detector, so that reports show one entry."""


class Effective(msgspec.Struct, frozen=True):
    """What a feature comes to.

    Attributes:
        on: whether it is on after the change.
        how: what decides, e.g. ``declared ENABLED``.
        evidence: the declarations, or the detector.
    """

    on: Value[bool]
    how: str
    evidence: tuple[Origin, ...]


def effective(estate: Estate, detector: Detector, name: str) -> Effective:
    """What a feature of a detector comes to after the change.

    CreateDetector turns on every optional feature that is not named, except RUNTIME_MONITORING
    (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html).
    """
    if declared := detector.features.get(name, ()):
        evidence = tuple(feature.origin for feature in declared)
        states = {feature.enabled.get() for feature in declared if feature.enabled.is_known}
        if len(states) > 1:
            return Effective(unknown(f"{name} is declared ENABLED and DISABLED on one detector"), "twice", evidence)
        reasons = [feature.enabled.reason for feature in declared if not feature.enabled.is_known]
        if reasons:
            return Effective(unknown(f"{name}'s status: {reasons[0]}"), "declared", evidence)
        return Effective(known(states == {True}), f"declared {'ENABLED' if states == {True} else 'DISABLED'}", evidence)
    evidence = (detector.origin,)
    if why := undeclared_is_unsure(estate, detector):
        return Effective(unknown(f"{name} is not seen declared, but {why}"), "not seen", evidence)
    if detector.new:
        on = name not in OFF_BY_DEFAULT
        return Effective(known(on), f"not declared, {'on' if on else 'off'} by AWS's default", evidence)
    if (seen := detector.seen.get(name)) is not None and seen.is_known:
        return Effective(seen, f"not declared; the detector has it {'on' if seen.get() else 'off'} already", evidence)
    return Effective(unknown(UNDECLARED), "", evidence)


def undeclared_is_unsure(estate: Estate, detector: Detector) -> str | None:
    """Why "this feature is not declared" must not be claimed of a detector, or None."""
    return detector.possible[0] if detector.possible else estate.why_incomplete(Detector)


def offered(region: str, feature: str) -> bool:
    """Whether the region may offer the feature: False only where AWS documents that it does not."""
    entry = catalogued(region)
    return entry is None or entry.offers(feature) is not False


def fix(detector: Detector, name: str) -> str | None:
    """How to turn a feature on where the code already states it: in its resource, or in the detector's older block."""
    declared = detector.features.get(name, ())
    off = next((each for each in declared if not each.enabled.known_or(True)), None)
    if off is None:
        return None
    if off.origin.address == detector.origin.address:
        return (
            f"Turn it on in the `datasources` block of {detector.origin.address}, or replace that block by "
            f'`aws_guardduty_detector_feature` resources, here one with `name = "{name}"` and `status = "ENABLED"`.'
        )
    return f'Set `status = "ENABLED"` on {off.origin.address}.'
