"""Which state each region of the partition ends in, under a spec."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from guardline.spec import catalogue

if TYPE_CHECKING:
    from guardline.spec.model import Spec

State = Literal["covered", "retiring", "excluded", "not-opted-in"]


@dataclass(frozen=True)
class Assigned:
    """A region and its one state; `reason` says why it is not covered."""

    name: str
    state: State
    reason: str | None = None


def assign(spec: Spec) -> tuple[Assigned, ...]:
    """Every region of the spec's partition exactly once, in the catalogue's order.

    Raises:
        ValueError: the spec leaves a region without a state, or gives it two. `load` reports this with its line.
    """
    return tuple(_assign(region, spec) for region in catalogue.regions(spec.partition))


def _assign(region: catalogue.Region, spec: Spec) -> Assigned:
    states = list(_states(region, spec))
    if len(states) > 1:
        raise ValueError(f"{region.name} has more than one state: {', '.join(entry.state for entry in states)}")
    if states:
        return states[0]
    if region.default_enabled:
        return Assigned(region.name, "covered")
    if spec.regions.not_opted_in == "rest":
        return Assigned(region.name, "not-opted-in", "opt-in region, not enabled (not_opted_in: rest)")
    raise ValueError(f"{region.name} has no state: list it under regions.opted_in, or say not_opted_in: rest")


def _states(region: catalogue.Region, spec: Spec) -> Iterator[Assigned]:
    """The states that the spec names for the region: valid with one or none."""
    if region.name in spec.regions.opted_in:
        yield Assigned(region.name, "covered")
    for exclusion in spec.regions.exclude:
        if exclusion.region == region.name:
            yield Assigned(
                region.name,
                "excluded",
                f"{exclusion.reason} (approved by {exclusion.approved_by}, until {exclusion.until})",
            )
    for retirement in spec.regions.retiring:
        if retirement.region == region.name:
            yield Assigned(region.name, "retiring", f"retiring: {retirement.mode}")
