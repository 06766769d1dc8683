"""What the spec's `guardduty` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.asking.asking import Asking

if TYPE_CHECKING:
    from guardline.spec.model import Spec


def asks(spec: Spec, _path: Path) -> Asking:
    """The protection plans and the publishing frequency."""
    return Asking(
        fields={
            "features": spec.guardduty.features.states(),
            "publishing_frequency": spec.guardduty.finding_publishing_frequency,
        }
    )
