"""What must not exist yet: what does must be imported, renamed or left out, or apply fails."""

from __future__ import annotations

from collections.abc import Iterable

from guardline.generator import account_roles
from guardline.generator.existing import detectors
from guardline.generator.root import Part, Root


def assumed_absent(root: Root, parts: Iterable[Part]) -> tuple[str, ...]:
    """What must not be in the account yet, each as a phrase like ``the trail prod``.

    Args:
        root: the root.
        parts: what the practices add to it.

    Raises:
        InventoryError: the inventory cannot be read.
    """
    found = [name for part in parts for name in part.absent]
    if root.duty in account_roles.DETECTOR:
        known = {name for name, _ in detectors(root)}
        found = [*_detectors([region.name for region in root.regions if region.name not in known], len(known)), *found]
    return tuple(found)


def _detectors(regions: list[str], known: int) -> list[str]:
    """AWS allows one detector in a region: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_limits.html."""
    if not regions:
        return []
    if not known:
        return ["a GuardDuty detector in any covered region"]
    return [f"a GuardDuty detector in {', '.join(regions)}"]
