"""What an organization's members have through GuardDuty's administrator, without any of it in their own accounts.

The administrator enables their detectors and protection plans, and its lists, suppression rules, destinations and
events cover their findings: https://docs.aws.amazon.com/guardduty/latest/ug/administrator_member_relationships.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from guardline.validator.control import Cell, Status, Verdict, failed, passed, undetermined
from guardline.validator.controls.shared.attached_to import assert_attached, attached_to
from guardline.validator.controls.shared.auto_enable import ALL, members_plan, refused
from guardline.validator.controls.shared.detectors import find, on_detector
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.organizations import AutoEnable, Member, MemberFeature
from guardline.validator.model.resource import Account, Resource
from guardline.validator.model.value import known

Check = Callable[[Estate, Scope, Cell], Verdict]


def enabled_by_administrator(check: Check, plans: Callable[[str], Iterable[str]] = lambda _: ()) -> Check:
    """A check of a region's detector that a member may also pass through the administrator.

    Args:
        check: judges an account that has a detector of its own, or must have one.
        plans: a region's name -> names of the protection plans that all members must get there.
    """

    def checked(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
        administrator = scope.enabling(cell.account)
        if cell.region is None or estate.select(Detector, cell.account, cell.region).here:
            return _unless_set(estate, cell, plans(cell.region), check(estate, scope, cell))
        if administrator is None:
            return _unless_enabled(estate, scope, cell, cell.region, check(estate, scope, cell))
        there = replace(cell, account=administrator)
        verdict = _enabled(estate, there, cell.region, plans(cell.region), cell.account)
        return _as_far_as_read(scope, administrator, verdict)

    return checked


def _unless_set(estate: Estate, cell: Cell, plans: Iterable[str], verdict: Verdict) -> Verdict:
    """The verdict on a detector of its own, unless an administrator may turn the plan off for this member."""
    if verdict.status is not Status.PASS or cell.account.id is None:
        return verdict
    wanted = set(plans)
    for one in estate.all(MemberFeature):
        ours = one.member.known_or("") == cell.account.id and _is_in(one, cell.region or "")
        if ours and one.feature.known_or("") in wanted and not one.enabled.known_or(True):
            reason = f"{verdict.reason}, but {one.origin.address} turns it off for this member"
            return replace(verdict, status=Status.UNDETERMINED, reason=reason, evidence=(*verdict.evidence, one.origin))
    return verdict


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
        there = replace(cell, account=administrator)
        enabled = _enabled(estate, there, cell.region, (), cell.account) if cell.region is not None else None
        if enabled is not None and enabled.status is not Status.PASS:
            return _as_far_as_read(scope, administrator, enabled)
        verdict = _as_far_as_read(scope, administrator, check(estate, scope, there))
        return replace(verdict, reason=f"through the administrator {_name(administrator)}: {verdict.reason}")

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
        there = replace(cell, account=administrator)
        enabled, found = _enabled(estate, there, cell.region, (), cell.account), find(estate, there).detector
        if enabled.status is not Status.PASS or found is None:
            return _as_far_as_read(scope, administrator, enabled)
        return judge(estate, scope, cell, found)

    return checked


def _as_far_as_read(scope: Scope, administrator: Account, verdict: Verdict) -> Verdict:
    """The verdict, unless it fails for what a root of the administrator that was not read may hold."""
    unread = scope.unread.get(administrator.key)
    if verdict.status is not Status.FAIL or unread is None:
        return verdict
    return replace(verdict, status=Status.UNDETERMINED, reason=f"{verdict.reason}, but {unread}")


def _enabled(estate: Estate, cell: Cell, region: str, plans: Iterable[str], member: Account | None = None) -> Verdict:
    """Whether the administrator, whose cell this is, enables every member, or the one named, and the plans there."""
    who = f"the administrator {_name(cell.account)}"
    found = find(estate, cell)
    if (wrong := refused(estate, cell)) is not None and found.verdict.status is not Status.FAIL:
        return replace(wrong, reason=f"{who} enables nobody: {wrong.reason}")
    if found.detector is None:
        return replace(found.verdict, reason=f"{who} enables nobody: {found.verdict.reason}")
    added = _added(estate, cell, found.detector, member)
    selection = estate.select(AutoEnable, cell.account, region)
    here = attached_to(selection.here, found.detector)
    if not here and not added:
        assert_attached(selection.here)
        selection.assert_complete()
        return failed(f"{who} does not enable members in {region}", found.detector.origin, missing=AutoEnable)
    members = here[0].members.get() if here else "NONE"
    evidence = [one.origin for one in (*here[:1], *added)]
    if members != ALL and not added:
        return failed(f"{who} enables members in {region} by {members}, not ALL", *evidence)
    for plan in plans:
        verdict = _plan(estate, cell, found.detector, here, plan, member, added=bool(added))
        if verdict.status is not Status.PASS:
            return replace(verdict, reason=f"{who} {verdict.reason}", evidence=(*verdict.evidence, *evidence))
        evidence += verdict.evidence
    whom = "the account" if members != ALL else "every member"
    return passed(f"{who} enables {whom} in {region}", *dict.fromkeys(evidence))


def _added(estate: Estate, cell: Cell, detector: Detector, member: Account | None) -> tuple[Member, ...]:
    """What adds the account as a member: an organization's administrator enables it by that."""
    if member is None or member.id is None:
        return ()
    ours = attached_to(estate.select(Member, cell.account, cell.region).here, detector)
    return tuple(one for one in ours if one.member.known_or("") == member.id and not one.invited.known_or(True))


def _plan(
    estate: Estate,
    cell: Cell,
    detector: Detector,
    configurations: tuple[AutoEnable, ...],
    plan: str,
    member: Account | None,
    *,
    added: bool,
) -> Verdict:
    """Whether members get a plan, or the one named does, which the administrator may set otherwise.

    An account that is added gets what new ones get (API_CreateMembers).
    """
    own = [one for one in _settings(estate, cell, member) if one.feature.known_or(plan) == plan]
    off = [one for one in own if not one.enabled.known_or(False)]
    on = [one.origin for one in own if one not in off and one.member.is_known and one.feature.is_known]
    common = members_plan(estate, cell, detector, configurations[0], plan) if configurations else None
    state = common.state if common is not None else known("NONE")
    told = common.evidence if common is not None else (detector.origin,)
    enough = {ALL, "NEW"} if added else {ALL}
    if off and state.known_or(ALL) in enough:
        return undetermined(
            f"gives members {plan} in {cell.region}, and {off[0].origin.address} may turn it off for this one",
            off[0].origin,
            *told,
        )
    if on and not off:
        return passed(f"gives this member {plan} in {cell.region}", *on)
    if not state.is_known:
        return undetermined(f"may give members {plan} in {cell.region} or not: {state.reason}", *told)
    if state.get() not in enough:
        fix = common.fix if common is not None else None
        return failed(f"gives members {plan} in {cell.region} by {state.get()}, not ALL", *told, fix=fix)
    return passed(f"gives members {plan} in {cell.region}", *told)


def _settings(estate: Estate, cell: Cell, member: Account | None) -> tuple[MemberFeature, ...]:
    """What the administrator sets for this one member, or may."""
    selection = estate.select(MemberFeature, cell.account, cell.region)
    identity = member.id if member is not None else None
    return tuple(one for one in (*selection.here, *selection.possible) if one.member.known_or(identity) == identity)


def _name(account: Account) -> str:
    return account.id or account.key
