"""What the spec's `guardduty` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.expectations.requirement import PracticeRequirements, declared, left_out, wanted

if TYPE_CHECKING:
    from guardline.spec.model import Spec

EXPORT = ("findings-export",)


def asks(spec: Spec, _path: Path) -> PracticeRequirements:
    """The protection plans, the publishing frequency and the export of findings."""
    asked = PracticeRequirements(
        fields={
            "features": spec.guardduty.features.states(),
            "agents": frozenset(name for name, on in spec.guardduty.features.agents().items() if on),
            "publishing_frequency": spec.guardduty.finding_publishing_frequency,
        }
    )
    export = spec.guardduty.export
    if export is None:
        return asked + left_out(7, "export of findings", "the spec has no `guardduty.export`")
    if export.mode == "off":
        return asked + left_out(7, "export of findings", export.reason or "", EXPORT)
    if export.mode == "reference":
        return asked + declared(f"{export.arn}, owned by {export.owner}", EXPORT)
    return asked + wanted(*EXPORT)
