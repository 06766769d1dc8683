"""Regions of what leaves together with its configuration: a plan names no provider for it any more.

Its own ARN names the region; what has none stands beside its detector, or beside what left with it in one module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec.structs import replace

from guardline.spec import catalogue
from guardline.validator.model.resource import Location
from guardline.validator.model.value import known
from guardline.validator.sources.address import Step, parse_modules
from guardline.validator.sources.plan.decode import decode_raw
from guardline.validator.sources.plan.index import Instance, PlanIndex
from guardline.validator.sources.tree import Tree

_ANOTHERS_ARN = frozenset({"aws_cloudwatch_event_target"})
"""Types whose `arn` is another resource's, perhaps of another region."""


class Orphans:
    """The resources of a plan that its configuration does not hold any more."""

    def __init__(self, index: PlanIndex) -> None:
        self.index = index

    def located(self, instance: Instance, tree: Tree, location: Location) -> Location:
        """The place before the change, with the region as what left beside it shows it.

        Args:
            instance: the resource.
            tree: its values before the change.
            location: its place so far, by its own ARN where it has one.
        """
        if instance.type not in _ANOTHERS_ARN and _region(tree.text("arn").known_or(None)) is not None:
            return location
        detector = tree.text("detector_id").known_or(None)
        region = self._detectors.get(detector or "") or self._beside(self.index.module_address_of(instance))
        return replace(location, region=known(region)) if region is not None else location

    def _beside(self, module: str) -> str | None:
        """The one region of what left with a module instance, or with the call around it."""
        steps = parse_modules(module)
        for depth in range(len(steps), 0, -1):
            if regions := self._regions.get(steps[:depth]):
                return next(iter(regions)) if len(regions) == 1 else None
        return None

    @cached_property
    def _regions(self) -> Mapping[tuple[Step, ...], frozenset[str]]:
        """By module instance, the regions of what left with it and with the modules below it."""
        found: dict[tuple[Step, ...], set[str]] = {}
        for module, _, region, _ in self._left:
            steps = parse_modules(module)
            for depth in range(len(steps), 0, -1):
                found.setdefault(steps[:depth], set()).add(region)
        return {steps: frozenset(regions) for steps, regions in found.items()}

    @cached_property
    def _detectors(self) -> Mapping[str, str]:
        return {identity: region for _, kind, region, identity in self._left if kind == "aws_guardduty_detector"}

    @cached_property
    def _left(self) -> tuple[tuple[str, str, str, str], ...]:
        """Module address, type, region and id of what left and has an ARN with a region."""
        return tuple(self._leaving())

    def _leaving(self) -> Iterator[tuple[str, str, str, str]]:
        for kind in self.index.types:
            if not kind.startswith("aws_") or kind in _ANOTHERS_ARN:
                continue
            for change in self.index.changes(kind):
                if self.index.configured(change.module_address, change.mode, kind, change.name) is not None:
                    continue
                before = decode_raw(change.change.before)
                arn = before.get("arn") if isinstance(before, dict) else None
                if isinstance(before, dict) and (region := _region(arn)) is not None:
                    yield change.module_address, kind, region, str(before.get("id") or "")


def _region(arn: object) -> str | None:
    """The region in an ARN; None where it has none."""
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[3] if len(parts) > 5 and catalogue.region(parts[3]) is not None else None
