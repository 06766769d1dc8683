"""What an earlier spec had created and this one no longer names: the manifest of the old root on disk shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from guardline.generator.changes import Folder, read
from guardline.generator.leaving import MADE
from guardline.generator.manifest import MANIFEST, Manifest
from guardline.generator.practices.trail import bucket
from guardline.generator.root import Root
from guardline.spec.model import Spec


def holds(root: Root) -> Mapping[str, tuple[str, ...]]:
    """What a root has in AWS once it is applied, by kind."""
    if root.duty == "retiring":
        return {}
    return {"practices": created(root.spec), "regions": tuple(sorted(region.name for region in root.regions))}


def created(spec: Spec) -> tuple[str, ...]:
    """The practices that a spec creates, by their keys."""
    found = []
    for practice in sorted(MADE):
        block = spec.guardduty.export if practice == "export" else getattr(spec, practice)
        if block and getattr(block, "mode", "create") == "create":
            found.append(practice)
    return tuple(found)


def stranded(root: Root, folder: Path) -> tuple[str, ...]:
    """Regions that the old root covered, that have left the spec, and whose provider would leave with them.

    A provider configuration must stay in a root while its resources are in the state:
    https://developer.hashicorp.com/terraform/language/providers/configuration. With one provider for all regions there
    is nothing to lose.

    Raises:
        RefusedError: the manifest is damaged.
    """
    return () if root.argument else _gone(root, folder)


def leaves_its_bucket(root: Root, folder: Path) -> bool:
    """Whether the trail of an old root has its bucket beside it, and the log archive's account keeps the new one's.

    Args:
        root: the trail's.
        folder: where it is.

    Raises:
        RefusedError: a manifest is damaged.
    """
    if bucket.keeper(root.spec) is None or "trail" not in _old(folder).holds.get("practices", ()):
        return False
    return not _old(folder.parent / "trail-bucket").purpose


def losses(roots: Sequence[Root], folders: Sequence[Folder]) -> Iterator[str]:
    """A sentence for each practice and region that Terraform will destroy because the spec no longer names it.

    Raises:
        RefusedError: a manifest is damaged.
    """
    said = set()
    for root, folder in zip(roots, folders, strict=True):
        old = _old(folder.path).holds.get("practices", ())
        for practice in sorted(set(old) - set(created(root.spec)) - set(root.spec.leaving)):
            if practice in MADE:
                said.add(
                    f"{practice} is no longer created: the next apply destroys {MADE[practice].lost}. "
                    f"To keep it in AWS, say `leaving: {{{practice}: forget}}`"
                )
        if root.argument:
            for region in _gone(root, folder.path):
                said.add(
                    f"{region} is no longer covered: the next apply destroys what the baseline made there. To keep it "
                    "in AWS, name the region under `regions.retiring` with mode forget"
                )
    yield from sorted(said)


def _gone(root: Root, folder: Path) -> tuple[str, ...]:
    known = {state.name for state in root.states if state.state in ("covered", "retiring")}
    return tuple(name for name in _old(folder).holds.get("regions", ()) if name not in known)


def _old(folder: Path) -> Manifest:
    return Manifest.read(folder, read(folder / MANIFEST))
