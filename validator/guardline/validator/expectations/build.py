"""The denominator, worked out: the accounts and regions expected, by the spec or by what the source touches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from guardline.spec import catalogue
from guardline.validator.expectations.practices import asked_by
from guardline.validator.expectations.scope import Administration, Inventoried, RegionState, Scope, ScopeRegion
from guardline.validator.expectations.spec_lines import SpecLines
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import NOBODY, Account, Ref, Resource

if TYPE_CHECKING:
    from guardline.spec.model import Spec

_STATES = {
    "covered": RegionState.EXPECTED,
    "retiring": RegionState.RETIRING,
    "excluded": RegionState.EXCLUDED,
    "not-opted-in": RegionState.NOT_OPTED_IN,
}


class UnknownRegionError(ValueError):
    """A name given with --regions is not a region of the partition; the message says which are near."""


def without_spec(after: Estate, before: Estate | None, regions: str) -> Scope:
    """The scope of a source on its own: the regions that AWS enables by default, and any other that it touches.

    Args:
        after: the estate after the change.
        before: the estate before it: a region that the change empties is still asked about.
        regions: ``default``, ``all``, ``touched``, or a list of names with commas.

    Raises:
        UnknownRegionError: a name is not a region of the partition.
    """
    touched = after.regions | (before.regions if before is not None else frozenset())
    asked = _named(regions, after.partition)

    def state(region: catalogue.Region) -> ScopeRegion:
        if asked is not None:
            return _only(ScopeRegion(region.name, RegionState.EXPECTED), asked)
        if regions == "all" or region.name in touched or (regions == "default" and region.default_enabled):
            return ScopeRegion(region.name, RegionState.EXPECTED)
        if regions == "touched":
            return ScopeRegion(region.name, RegionState.NOT_ASKED, "left out by --regions touched")
        return ScopeRegion(region.name, RegionState.NOT_OPTED_IN, "opt-in region that the source does not touch")

    accounts = after.accounts or (before.accounts if before is not None else ()) or (NOBODY,)
    return Scope(after.partition, accounts, tuple(state(region) for region in catalogue.regions(after.partition)))


def with_spec(spec: Spec, path: Path, shown: str, regions: str, as_of: date) -> Scope:
    """The scope that a spec sets.

    Args:
        spec: the spec.
        path: its file; lists are read beside it.
        shown: the file as the report names it.
        regions: as for `without_spec`; a list narrows what the spec covers.
        as_of: exclusions that ended before this day no longer hold.

    Raises:
        UnknownRegionError: a name is not a region of the partition.
        ListError: a list cannot be read.
    """
    from guardline.spec.accounts import accounts
    from guardline.spec.regions import assign

    only = _named(regions, spec.partition)
    ends = {exclusion.region: exclusion.until for exclusion in spec.regions.exclude}
    states: list[ScopeRegion] = []
    for assigned in assign(spec):
        region = ScopeRegion(assigned.name, _STATES[assigned.state], assigned.reason)
        end = ends.get(assigned.name)
        if region.state is RegionState.EXCLUDED and end is not None and end < as_of:
            region = replace(region, state=RegionState.EXPECTED, reason=f"its exclusion ended on {end}")
        states.append(_only(region, only) if only is not None else region)
    asked, not_asked = asked_by(spec, path)
    covered = {account: Account(account.id, account.id, "spec") for account in accounts(spec, path)}
    duties = {account.duty: place for account, place in covered.items()}
    organization = spec.organization is not None
    return Scope(
        spec.partition,
        tuple(covered.values()),
        tuple(states),
        shown,
        asked,
        not_asked,
        administration=Administration(duties["management"], duties["security"]) if organization else None,
        spec_line=SpecLines(path).of,
    )


def with_unread(scope: Scope, told: Sequence[frozenset[str]]) -> Scope:
    """The scope, with the accounts of an organization of which no source tells: nothing is known to be missing there.

    The administrator has two roots in what Guardline generates. Where one of them alone was read, the other may hold
    what is missing.

    Args:
        scope: the scope.
        told: of each source, the keys of the accounts that it tells of.
    """
    if scope.administration is None:
        return scope
    seen = frozenset[str]().union(*told)
    unread = {one.key: f"no source of account {one.key} was" for one in scope.accounts if one.key not in seen}
    administrator = scope.administration.administrator.key
    if [accounts for accounts in told if administrator in accounts] == [frozenset({administrator})]:
        unread[administrator] = f"only one root of account {administrator} was"
    return replace(scope, unread=unread)


def without_managed(scope: Scope, estates: Iterable[Estate | None]) -> Scope:
    """The scope less what its inventory lists and a source manages: of that the source tells, and what it tells of a
    log that goes must not be covered up by what an older inventory says.

    Args:
        scope: the scope.
        estates: after the change, and before it.
    """
    asked = scope.asked
    if asked is None or not asked.already_logged:
        return scope
    known = [estate for estate in estates if estate is not None]

    def unmanaged(one: Inventoried) -> bool:
        found = (estate.find(Resource, Ref(id=one.id)) for estate in known)
        return not any(resource is not None and resource.managed for resource in found)

    logged = {
        control: {vpc: one for vpc, one in there.items() if unmanaged(one)}
        for control, there in asked.already_logged.items()
    }
    return replace(scope, asked=replace(asked, already_logged=logged))


def _named(regions: str, partition: str) -> frozenset[str] | None:
    """The names of a list, or None for one of the words."""
    if regions in {"default", "all", "touched"}:
        return None
    names = [name for part in regions.split(",") if (name := part.strip())]
    known = [region.name for region in catalogue.regions(partition)]
    wrong = [name for name in names if name not in known]
    if wrong or not names:
        from difflib import get_close_matches

        near = get_close_matches(wrong[0], known, n=1) if wrong else []
        hint = f"; did you mean {near[0]}?" if near else f"; `guardline regions --partition {partition}` lists them"
        raise UnknownRegionError(f"{wrong[0] if wrong else regions!r} is not a region of partition {partition}{hint}")
    return frozenset(names)


def _only(region: ScopeRegion, names: frozenset[str]) -> ScopeRegion:
    if region.name in names or region.state is not RegionState.EXPECTED:
        return region
    return ScopeRegion(region.name, RegionState.NOT_ASKED, "left out by --regions")
