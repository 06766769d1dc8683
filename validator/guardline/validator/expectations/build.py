"""The denominator, worked out: the accounts and regions expected, by the spec or by what the sources touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from guardline.spec import catalogue
from guardline.validator.expectations.practices import asked_by
from guardline.validator.expectations.scope import (
    Administration,
    Base,
    Inventoried,
    NotAsked,
    Partial,
    RegionState,
    Scope,
    ScopeRegion,
    Waiver,
)
from guardline.validator.expectations.spec_lines import SpecLines
from guardline.validator.model.estate import Estate
from guardline.validator.model.organizations import Organization
from guardline.validator.model.resource import NOBODY, Account, Ref, Resource

if TYPE_CHECKING:
    from guardline.spec.accounts import Covered
    from guardline.spec.model import Spec
    from guardline.spec.regions import Assigned

ORGANIZATION = 4
"""The practice of who administers which account."""

REGIONS = 3
"""The practice of GuardDuty in all regions."""

_STATES = {
    "covered": RegionState.EXPECTED,
    "retiring": RegionState.RETIRING,
    "excluded": RegionState.EXCLUDED,
    "not-opted-in": RegionState.NOT_OPTED_IN,
}


class UnknownRegionError(ValueError):
    """A name given with --regions is not a region of the partition; the message says which are near."""


class Sources(msgspec.Struct, frozen=True):
    """What was read, as far as the scope depends on it.

    Attributes:
        after: the estate after the change; None where nothing could be read.
        before: the estate before it: a region that the change empties is still asked about.
        told: of each source, the keys of the accounts that it shows.
        partition: the partition where nothing could be read.
    """

    after: Estate | None = None
    before: Estate | None = None
    told: Sequence[frozenset[str]] = ()
    partition: str = "aws"


def without_spec(sources: Sources, regions: str, as_of: date, *, whole: bool = False) -> Scope:
    """The scope of sources on their own: the regions that AWS enables by default, and any other that they touch.

    Args:
        sources: what was read.
        regions: ``default``, ``all``, ``touched``, or a list of names with commas.
        as_of: the day that what expires is compared with.
        whole: whether the sources are all there is of their accounts.

    Raises:
        UnknownRegionError: a name is not a region of the partition.
    """
    after, before = sources.after, sources.before
    if after is None:
        return Scope(sources.partition, (), (), as_of=as_of)
    touched = after.regions | (before.regions if before is not None else frozenset())
    asked = _named(regions, after.partition)
    accounts = after.accounts or (before.accounts if before is not None else ()) or (NOBODY,)
    foreign = foreign_regions(after, after.partition)
    # An account is in one partition: one that works in another alone is asked nothing here.
    accounts = tuple(one for one in accounts if one.key not in foreign or foreign[one.key] < after.touched[one.key])
    by_account = _touched(accounts, after, before)
    own = by_account if regions == "touched" else {}

    def state(region: catalogue.Region) -> ScopeRegion:
        if asked is not None:
            return _only(ScopeRegion(region.name, RegionState.EXPECTED), asked)
        if regions == "touched":
            if any(region.name in names for names in own.values()):
                return ScopeRegion(region.name, RegionState.EXPECTED)
            return ScopeRegion(region.name, RegionState.NOT_ASKED, "left out by --regions touched")
        if regions == "all" or region.name in touched or region.default_enabled:
            return ScopeRegion(region.name, RegionState.EXPECTED)
        return ScopeRegion(region.name, RegionState.NOT_OPTED_IN, "opt-in region that the source does not touch")

    states = tuple(state(region) for region in catalogue.regions(after.partition))
    unknown = after.unknown_regions if regions == "touched" else {}
    return Scope(
        after.partition,
        accounts,
        states,
        as_of=as_of,
        expected_by_account=own,
        unknown_regions=unknown,
        partial=None if whole else Partial(_held(after, before), by_account),
    )


def foreign_regions(estate: Estate, partition: str) -> Mapping[str, frozenset[str]]:
    """Key of an account -> the regions that it works in and that are not of a partition; only those with such a region.

    Source: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
    """
    own = frozenset(region.name for region in catalogue.regions(partition))
    return {key: names - own for key, names in estate.touched.items() if names - own}


def _held(after: Estate, before: Estate | None) -> frozenset[type[Resource]]:
    """The kinds of resource that the sources hold or declare, now or before the change."""
    estates = [after] if before is None else [after, before]
    found = {kind for estate in estates for resource in estate.resources for kind in type(resource).__mro__}
    return frozenset(kind for kind in found if issubclass(kind, Resource)).union(*(each.declared for each in estates))


def _touched(accounts: Iterable[Account], after: Estate, before: Estate | None) -> Mapping[str, frozenset[str]]:
    """Key of an account -> the regions that its own resources work in, now or before the change."""
    found = {account.key: after.touched.get(account.key, frozenset[str]()) for account in accounts}
    for resource in before.resources if before is not None else ():
        key, region = resource.location.account.key, resource.location.region.known_or(None)
        if key in found and region is not None and resource.managed:
            found[key] |= {region}
    return found


def with_spec(
    spec: Spec, path: Path, shown: str, sources: Sources, regions: str, as_of: date, base: Base | None = None
) -> Scope:
    """The scope that a spec sets.

    Args:
        spec: the spec.
        path: its file; lists are read beside it.
        shown: the file as the report names it.
        sources: what was read.
        regions: as for `without_spec`; a list narrows what the spec covers.
        as_of: exclusions that ended before this day no longer hold.
        base: what the base branch's spec says, where one is compared with.

    Raises:
        UnknownRegionError: a name is not a region of the partition.
        ListError: a list cannot be read.
    """
    from guardline.spec.accounts import accounts, closed
    from guardline.spec.regions import assign

    only = _named(regions, spec.partition)
    states: list[ScopeRegion] = []
    for assigned in assign(spec):
        region = _region(assigned)
        end = region.waiver.expires if region.waiver is not None else None
        if end is not None and date.fromisoformat(end) < as_of:
            region = ScopeRegion(region.name, RegionState.EXPECTED, f"its exclusion ended on {end}")
        states.append(_only(region, only) if only is not None else region)
    asked, not_asked = asked_by(spec, path)
    covered = {account: Account(account.id, account.id, "spec") for account in accounts(spec, path)}
    duties = {account.duty: place for account, place in covered.items()}
    organization = spec.organization
    administration = None
    if organization is not None:
        administration = Administration(duties["management"], duties["security"], organization.id)
    retiring = _retiring(spec)
    known = (*covered.values(), *retiring)
    ended = closed(spec, path)
    return Scope(
        spec.partition,
        tuple(covered.values()),
        tuple(states),
        shown,
        replace(asked, already_logged=_unmanaged(asked.already_logged, sources)),
        (
            *not_asked,
            *_off(spec, covered),
            *(NotAsked(ORGANIZATION, f"account {account}: {state} in AWS") for account, state in sorted(ended.items())),
            *_unknown_to_spec(frozenset((*(account.id for account in known), *ended)), sources.after),
        ),
        as_of=as_of,
        unread=_unread(administration, known, sources.told) if administration is not None else {},
        administration=administration,
        expected_by_account=_with_target(spec, covered),
        spec_line=SpecLines(path).of,
        named=only,
        base=base,
        retiring=retiring,
        off=_off_by(spec, covered),
    )


def _with_target(spec: Spec, covered: Mapping[Covered, Account]) -> Mapping[str, frozenset[str]]:
    """Key of an account that has not enabled some regions -> all the others."""
    from guardline.spec.accounts import target_of

    every = frozenset(region.name for region in catalogue.regions(spec.partition))
    found = {place.key: target_of(spec, account) for account, place in covered.items()}
    return {key: every.difference(target.regions.not_opted_in) for key, target in found.items() if target is not None}


def _off(spec: Spec, covered: Mapping[Covered, Account]) -> Iterator[NotAsked]:
    """What targets leave out, in words."""
    from guardline.spec.accounts import target_of

    for account in covered:
        if (target := target_of(spec, account)) is not None:
            regions = ", ".join(target.regions.not_opted_in)
            why = f"{regions} in account {account.id}: not enabled there (target {target.name}): {target.reason}"
            yield NotAsked(REGIONS, why, waiver=Waiver("spec", target.reason, target.approved_by))


def _off_by(spec: Spec, covered: Mapping[Covered, Account]) -> Mapping[str, Waiver]:
    """Key of an account that has not enabled some regions -> who said so."""
    from guardline.spec.accounts import target_of

    found = {place.key: target_of(spec, account) for account, place in covered.items()}
    return {key: Waiver("spec", one.reason, one.approved_by) for key, one in found.items() if one is not None}


def _retiring(spec: Spec) -> Mapping[Account, Waiver]:
    """The accounts on their way out, with the spec's own words for each."""
    asked = spec.organization.retiring if spec.organization is not None else ()
    return {Account(each.id, each.id, "spec"): Waiver("spec", each.reason, each.approved_by) for each in asked}


def _region(assigned: Assigned) -> ScopeRegion:
    """A region's state, with the spec's own words for what it leaves out."""
    said, waiver = assigned.left_out, None
    if said is not None:
        waiver = Waiver("spec", said.reason, said.approved_by, said.until)
    return ScopeRegion(assigned.name, _STATES[assigned.state], assigned.reason, waiver)


def base_of(spec: Spec, path: Path) -> Base:
    """What the base branch's spec covers and leaves out.

    Args:
        spec: the base branch's spec.
        path: its file; lists are read beside it.

    Raises:
        ListError: a list cannot be read.
    """
    from guardline.spec.accounts import accounts
    from guardline.spec.regions import assign

    _, not_asked = asked_by(spec, path)
    covered = frozenset(each.name for each in assign(spec) if each.state == "covered")
    left_out = frozenset(each.key for each in not_asked if each.key is not None)
    places = {each: Account(each.id, each.id, "spec") for each in accounts(spec, path)}
    off = {key: covered - has for key, has in _with_target(spec, places).items()}
    return Base(covered, left_out, tuple(places.values()), off)


def _unknown_to_spec(named: frozenset[str | None], after: Estate | None) -> Iterator[NotAsked]:
    """Accounts that the sources show and the spec does not name: nothing in them is judged."""
    if after is None:
        return
    for account in after.accounts:
        if account.id is not None and account.id not in named:
            reason = f"account {account.id}: a source works in it, and the spec does not name it"
            yield NotAsked(ORGANIZATION, reason)
    listed = dict.fromkeys(
        (name, one.origin.address)
        for one in after.all(Organization)
        for name in sorted(one.accounts.known_or(None) or ())
    )
    for name, address in listed:
        if name not in named:
            yield NotAsked(ORGANIZATION, f"account {name}: {address} lists it, and the spec does not name it")


def _unread(
    administration: Administration, accounts: Iterable[Account], told: Sequence[frozenset[str]]
) -> Mapping[str, str]:
    """The accounts of an organization that no source shows: nothing is known to be missing there.

    The administrator has two roots in what Guardline generates. Where one of them alone was read, the other may hold
    what is missing.
    """
    seen = frozenset[str]().union(*told)
    unread = {one.key: f"no source of account {one.key} was read" for one in accounts if one.key not in seen}
    administrator = administration.administrator.key
    if [keys for keys in told if administrator in keys] == [frozenset({administrator})]:
        unread[administrator] = f"only one root of account {administrator} was read"
    return unread


def _unmanaged(
    logged: Mapping[str, Mapping[str, Inventoried]], sources: Sources
) -> Mapping[str, Mapping[str, Inventoried]]:
    """The logs that an inventory lists, less those that a source manages: the source itself shows what becomes of
    them, and an older inventory must not cover up a log that goes."""
    estates = [estate for estate in (sources.after, sources.before) if estate is not None]

    def is_managed(one: Inventoried) -> bool:
        found = (estate.find(Resource, Ref(id=one.id)) for estate in estates)
        return any(resource is not None and resource.managed for resource in found)

    return {
        control: {vpc: one for vpc, one in there.items() if not is_managed(one)} for control, there in logged.items()
    }


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
