"""Which state each region of the partition ends in, under a spec."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from guardline.spec import catalogue

if TYPE_CHECKING:
    from guardline.spec.model import Exclusion, Spec

State = Literal["covered", "retiring", "excluded", "not-opted-in"]


REST = "rest"
"""The one line that names every region in use that no other line names."""


@dataclass(frozen=True)
class LeftOut:
    """Who left something out, and why; None is what the spec does not say.

    Attributes:
        reason: the spec's words.
        approved_by: who accepted the gap.
        until: ISO date when it is looked at again.
    """

    reason: str | None = None
    approved_by: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class Assigned:
    """A region and its one state.

    Attributes:
        name: the region.
        state: its state.
        reason: one sentence that says why it is not covered.
        left_out: the spec's own words for an excluded or retiring region.
    """

    name: str
    state: State
    reason: str | None = None
    left_out: LeftOut | None = field(default=None, compare=False)  # the same words again, in parts


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
    rest = next((exclusion for exclusion in spec.regions.exclude if exclusion.region == REST), None)
    if rest is not None and region.default_enabled and region.name != spec.home_region:
        return _excluded(region.name, rest)
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
            yield _excluded(region.name, exclusion)
    for retirement in spec.regions.retiring:
        if retirement.region == region.name:
            why = f", {retirement.reason}" if retirement.reason else ""
            by = f" (approved by {retirement.approved_by})" if retirement.approved_by else ""
            left_out = LeftOut(retirement.reason, retirement.approved_by)
            yield Assigned(region.name, "retiring", f"retiring: {retirement.mode}{why}{by}", left_out)


def _excluded(name: str, exclusion: Exclusion) -> Assigned:
    reason = f"{exclusion.reason} (approved by {exclusion.approved_by}, until {exclusion.until})"
    left_out = LeftOut(exclusion.reason, exclusion.approved_by, exclusion.until.isoformat())
    return Assigned(name, "excluded", reason, left_out)
