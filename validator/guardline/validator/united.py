"""One estate of several roots, each read by itself."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from guardline.validator.model.estate import Estate, MissingLocations, Part
from guardline.validator.model.resource import Resource


def united(estates: Sequence[Estate], unread: str | None) -> Estate:
    """One estate of several roots. One of which nothing may be claimed adds nothing; what hides a part of one makes
    absence undetermined in the accounts that its providers name, and everywhere where one of them names none."""
    first = estates[0]
    if len(estates) == 1:
        return first if unread is None else replace(first, incomplete=first.incomplete or unread)
    accounts = {account.key: account for estate in estates for account in estate.accounts}
    sound = [estate for estate in estates if estate.unusable is None]
    everywhere = [estate for estate in estates if not is_bound(estate)]
    missing: dict[type[Resource], str] = {}
    for estate in reversed(everywhere):
        missing.update(estate.missing)
    unknown_regions: dict[str, str] = {}
    for estate in reversed(estates):
        unknown_regions.update(estate.unknown_regions)
    return replace(
        first,
        resources=tuple(resource for estate in sound or estates for resource in estate.resources),
        unusable=None if sound else first.unusable,
        accounts=tuple(accounts[key] for key in sorted(accounts)),
        incomplete=next((estate.incomplete for estate in everywhere if estate.incomplete), unread),
        missing=missing,
        regions=frozenset().union(*(estate.regions for estate in estates)),
        configured=tuple(dict.fromkeys(account for estate in estates for account in estate.configured)),
        declared=frozenset().union(*(estate.declared for estate in estates)),
        touched={
            key: frozenset().union(*(estate.touched.get(key, frozenset()) for estate in estates)) for key in accounts
        },
        unknown_regions=unknown_regions,
        missing_locations=_locations([estate.missing_locations for estate in estates]),
        by_account={key: _part(key, estates) for key in accounts},
        leaving=frozenset().union(*(estate.leaving for estate in estates)),
    )


def is_bound(estate: Estate) -> bool:
    """Whether a root's providers all name their account, so that it holds nothing of another."""
    accounts = (*estate.accounts, *estate.configured)
    return bool(accounts) and all(account.id is not None for account in accounts)


def _part(key: str, estates: Sequence[Estate]) -> Part:
    """What is known of the roots of one account."""
    bound = [estate for estate in estates if is_bound(estate)]
    own = [each for each in bound if any(account.key == key for account in (*each.accounts, *each.configured))]
    missing: dict[type[Resource], str] = {}
    for estate in reversed(own):
        missing.update(estate.missing)
    named = [each.missing_locations for each in estates if any(account.key == key for account in each.accounts)]
    incomplete = next((estate.incomplete for estate in own if estate.incomplete), None)
    return Part(incomplete, missing, _locations(named))


def _locations(missing_locations: Sequence[MissingLocations]) -> MissingLocations:
    """Where absences are written in several roots: the first that shows it goes first."""
    united = MissingLocations({}, {}, {}, {}, {})
    for each in reversed(missing_locations):
        united = MissingLocations(
            {**united.left_out, **each.left_out},
            {**united.lists, **each.lists},
            {**united.last, **each.last},
            {**united.unread, **each.unread},
            {**united.providers, **each.providers},
        )
    return united
