"""What the spec's `organization` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.expectations.requirement import PracticeRequirements, left_out, wanted

if TYPE_CHECKING:
    from guardline.spec.model import Spec


def asks(spec: Spec, _path: Path) -> PracticeRequirements:
    """A delegated administrator, and members that are enabled by themselves."""
    if spec.organization is None:
        return left_out(4, "Delegated administrator", "the spec covers one account, not an organization")
    return wanted("org-delegated-admin", "org-auto-enable")
