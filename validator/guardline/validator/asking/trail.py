"""What the spec's `trail` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.asking.asking import Asking, declared, left_out

if TYPE_CHECKING:
    from guardline.spec.model import Spec

CONTROLS = ("trail-multi-region", "trail-validation", "trail-encrypted", "trail-s3-data-events")


def asks(spec: Spec, _path: Path) -> Asking:
    """What is asked of the trail."""
    asked = spec.trail
    if asked.mode == "off":
        return left_out(1, "CloudTrail trail", asked.reason or "", CONTROLS)
    if asked.mode == "reference":
        return declared(f"{asked.arn}, owned by {asked.owner}", CONTROLS)
    return Asking()
