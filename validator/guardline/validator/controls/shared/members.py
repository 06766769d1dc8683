"""What an organization's members have through GuardDuty's administrator, without any of it in their own accounts.

The administrator enables their detectors and protection plans, and its lists, suppression rules, destinations and
events cover their findings: https://docs.aws.amazon.com/guardduty/latest/ug/administrator_member_relationships.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from guardline.validator.control import Cell, Status, Verdict, failed
from guardline.validator.controls.shared.administrator import account_name, enables
from guardline.validator.controls.shared.auto_enable import ALL
from guardline.validator.controls.shared.detectors import find, on_detector
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.organizations import AutoEnable, Member, MemberFeature, Organization
from guardline.validator.model.resource import Account, Resource

Check = Callable[[Estate, Scope, Cell], Verdict]


def enabled_by_administrator(check: Check, plans: Callable[[str], Iterable[str]] = lambda _: ()) -> Check:
    """A check of a region's detector that a member may also pass through the administrator.

    Args:
        check: judges an account that has a detector of its own, or must have one.
        plans: a region's name -> names of the protection plans that all members must get there.
    """

    def checked(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
        administrator = scope.enabling(cell.account)
        if cell.region is None:
            return check(estate, scope, cell)
        if estate.select(Detector, cell.account, cell.region).here:
            return _unless_set(estate, cell, plans(cell.region), check(estate, scope, cell))
        if administrator is None:
            return _unless_enabled(estate, scope, cell, cell.region, check(estate, scope, cell))
        if (outside := _outside(estate, cell.account)) is not None:
            return outside
        there = replace(cell, account=administrator)
        verdict = enables(estate, there, cell.region, plans(cell.region), cell.account)
        return as_far_as_read(scope, administrator, verdict)

    return checked


def _unless_set(estate: Estate, cell: Cell, plans: Iterable[str], verdict: Verdict) -> Verdict:
    """The verdict on a detector of its own, unless an administrator may turn the plan off for this member."""
    if verdict.status is not Status.PASS or cell.account.id is None:
        return verdict
    wanted = set(plans)
    for one in estate.once(_features_of).get(cell.account.id, ()):
        if _is_in(one, cell.region or "") and one.feature.known_or("") in wanted and not one.enabled.known_or(True):
            reason = f"{verdict.reason}, but {one.origin.address} turns it off for this member"
            return replace(verdict, status=Status.UNDETERMINED, reason=reason, evidence=(*verdict.evidence, one.origin))
    return verdict


def _features_of(estate: Estate) -> Mapping[str, Sequence[MemberFeature]]:
    """What an administrator sets for each member, by the member's account id."""
    found: dict[str, list[MemberFeature]] = {}
    for one in estate.all(MemberFeature):
        if member := one.member.known_or(""):
            found.setdefault(member, []).append(one)
    return found


def _unless_enabled(estate: Estate, scope: Scope, cell: Cell, region: str, verdict: Verdict) -> Verdict:
    """The verdict; undetermined where it fails for what an administrator that no spec names may do for the account."""
    if verdict.status is not Status.FAIL or scope.administration is not None or scope.spec is not None:
        return verdict
    others = [one for one in estate.all(AutoEnable) if one.location.account.key != cell.account.key]
    enabling = [one.origin for one in others if _is_in(one, region) and one.members.known_or(ALL) == ALL]
    enabling += [
        one.origin
        for one in estate.all(Member)
        if _is_in(one, region) and one.member.known_or("") == cell.account.id and not one.invited.known_or(False)
    ]
    if not enabling:
        return verdict
    reason = (
        f"{verdict.reason}, but {enabling[0].address} enables members of its organization: a spec says whether this "
        "account is one"
    )
    return replace(verdict, status=Status.UNDETERMINED, reason=reason, evidence=(*verdict.evidence, enabling[0]))


def _is_in(one: Resource, region: str) -> bool:
    return one.location.region.known_or(region) == region


def of_administrator(check: Check) -> Check:
    """A check of what only the administrator can have: a member's region is judged by what the administrator has."""

    def checked(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
        administrator = scope.administrator_of(cell.account)
        if administrator is None:
            return check(estate, scope, cell)
        if (outside := _outside(estate, cell.account)) is not None:
            return outside
        there = replace(cell, account=administrator)
        enabled = enables(estate, there, cell.region, (), cell.account) if cell.region is not None else None
        if enabled is not None and enabled.status is not Status.PASS:
            return as_far_as_read(scope, administrator, enabled)
        verdict = as_far_as_read(scope, administrator, check(estate, scope, there))
        return replace(verdict, reason=f"through the administrator {account_name(administrator)}: {verdict.reason}")

    return checked


def beside_detector(judge: Callable[[Estate, Scope, Cell, Detector], Verdict]) -> Check:
    """A check of something beside the region's detector, which is the administrator's to enable in a member.

    Args:
        judge: judges an account; of a member it is given the administrator's detector.
    """
    own = on_detector(judge)

    def checked(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
        administrator = scope.enabling(cell.account)
        if administrator is None or cell.region is None or estate.select(Detector, cell.account, cell.region).here:
            return own(estate, scope, cell)
        if (outside := _outside(estate, cell.account)) is not None:
            return outside
        there = replace(cell, account=administrator)
        enabled, found = enables(estate, there, cell.region, (), cell.account), find(estate, there).detector
        if enabled.status is not Status.PASS or found is None:
            return as_far_as_read(scope, administrator, enabled)
        return judge(estate, scope, cell, found)

    return checked


def _outside(estate: Estate, account: Account) -> Verdict | None:
    """The verdict of an account that is not in the organization, where the source lists the organization's accounts:
    no administrator does anything for it."""
    for organization in estate.all(Organization):
        ids = organization.accounts.known_or(None)
        if ids is not None and account.id is not None and account.id not in ids:
            listing = organization.origin
            return failed(
                f"account {account.id} is not among the accounts of {listing.address}, so no administrator reaches it",
                listing,
            )
    return None


def as_far_as_read(scope: Scope, administrator: Account, verdict: Verdict) -> Verdict:
    """The verdict, unless it fails for what a root of the administrator that was not read may hold."""
    unread = scope.unread.get(administrator.key)
    if verdict.status is not Status.FAIL or unread is None:
        return verdict
    return replace(verdict, status=Status.UNDETERMINED, reason=f"{verdict.reason}, but {unread}")
