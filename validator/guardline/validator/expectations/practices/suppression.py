"""What the spec's suppression rules ask."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.expectations.requirement import PracticeRequirements, left_out, wanted

if TYPE_CHECKING:
    from guardline.spec.model import Spec


def asks(spec: Spec, _path: Path) -> PracticeRequirements:
    """The rules, each in every region."""
    if not spec.suppression:
        return left_out(9, "suppression rules", "the spec has no `suppression`", key="suppression")
    names = tuple(f"{spec.name}-{rule.name}" for rule in spec.suppression)
    return wanted("suppression-scoped", "suppression-documented", "filter-ranks") + PracticeRequirements(
        fields={"filters": names}
    )
