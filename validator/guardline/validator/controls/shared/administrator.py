"""What GuardDuty's administrator enables in its members: all of them, those that it adds, or one by its own setting."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from guardline.validator.control import Cell, Status, Verdict, failed, passed, undetermined
from guardline.validator.controls.shared.attached_to import assert_attached, attached_to
from guardline.validator.controls.shared.auto_enable import ALL, members_plan, refused
from guardline.validator.controls.shared.detectors import find
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.organizations import AutoEnable, Member, MemberFeature
from guardline.validator.model.resource import Account
from guardline.validator.model.value import known


def enables(estate: Estate, cell: Cell, region: str, plans: Iterable[str], member: Account | None = None) -> Verdict:
    """Whether the administrator, whose cell this is, enables every member, or the one named, and the plans there."""
    who = f"the administrator {account_name(cell.account)}"
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
    common_evidence = common.evidence if common is not None else (detector.origin,)
    enough = {ALL, "NEW"} if added else {ALL}
    if off and state.known_or(ALL) in enough:
        return undetermined(
            f"gives members {plan} in {cell.region}, and {off[0].origin.address} may turn it off for this one",
            off[0].origin,
            *common_evidence,
        )
    if on and not off:
        return passed(f"gives this member {plan} in {cell.region}", *on)
    if not state.is_known:
        return undetermined(f"may give members {plan} in {cell.region} or not: {state.reason}", *common_evidence)
    if state.get() not in enough:
        fix = common.fix if common is not None else None
        return failed(f"gives members {plan} in {cell.region} by {state.get()}, not ALL", *common_evidence, fix=fix)
    return passed(f"gives members {plan} in {cell.region}", *common_evidence)


def _settings(estate: Estate, cell: Cell, member: Account | None) -> tuple[MemberFeature, ...]:
    """What the administrator sets for this one member, or may."""
    selection = estate.select(MemberFeature, cell.account, cell.region)
    identity = member.id if member is not None else None
    return tuple(one for one in (*selection.here, *selection.possible) if one.member.known_or(identity) == identity)


def account_name(account: Account) -> str:
    """How a reason names an account."""
    return account.id or account.key
