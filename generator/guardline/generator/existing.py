"""What an account already has, as the inventory lists it, and the `import` blocks that adopt it.

Ids for import: the "Import" section of each resource's page under
https://registry.terraform.io/providers/hashicorp/aws/latest/docs. Where one provider serves every region, the region
follows the id: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/enhanced-region-support.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from guardline.generator.root import Import, Root
from guardline.spec.inventory import Detector, Inventory, RegionInventory, read

NOTHING = RegionInventory()


def inventory(root: Root) -> Inventory | None:
    """The inventory of the root's account, or None where the spec names none for it.

    Raises:
        InventoryError: it cannot be read.
    """
    folder = root.spec_path.parent
    for file in root.spec.inventory:
        found = _read(folder, file, (folder / file).stat().st_mtime_ns)
        if found.account == root.account_id:
            return found
    return None


@lru_cache(maxsize=8)
def _read(folder: Path, file: str, _changed: int) -> Inventory:
    return read(folder, file)


def regional(root: Root) -> dict[str, RegionInventory]:
    """What the account has in each region; a region that the inventory does not list has nothing.

    Raises:
        InventoryError: as for `inventory`.
    """
    found = inventory(root)
    return {
        region.name: found.regions.get(region.name, NOTHING) if found is not None else NOTHING
        for region in root.regions
    }


def detectors(root: Root) -> Iterator[tuple[str, Detector]]:
    """Each covered region that has a detector, with it.

    Raises:
        InventoryError: as for `inventory`.
    """
    for name, there in regional(root).items():
        if there.detectors:
            yield name, there.detectors[0]


def detector_imports(root: Root) -> Iterator[Import]:
    """The detectors to adopt. Their protection plans need no import: to declare one is to set it.

    Raises:
        InventoryError: as for `inventory`.
    """
    for region, detector in detectors(root):
        yield Import(
            root.in_region(region, "module.guardduty[0].aws_guardduty_detector.this"),
            root.import_id(detector.id, region),
        )


def on_detector(root: Root, path: str, names: dict[str, str], kind: str) -> Iterator[Import]:
    """What hangs on detectors and has the name that the root gives it.

    Args:
        root: the root.
        path: of the resource inside the `region` module; ``{}`` stands for the key of its instance.
        names: key of the instance -> name in AWS.
        kind: the field of `Detector` that lists the things: of ids and names, or of names.

    Raises:
        InventoryError: as for `inventory`.
    """
    for region, detector in detectors(root):
        there = {each if isinstance(each, str) else each.name: each for each in getattr(detector, kind)}
        for key, name in names.items():
            if name in there:
                each = there[name]
                ending = each if isinstance(each, str) else each.id
                yield Import(
                    root.in_region(region, path.format(key)), root.import_id(f"{detector.id}:{ending}", region)
                )
