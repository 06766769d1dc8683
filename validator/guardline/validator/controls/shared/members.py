"""What an organization's members have through GuardDuty's administrator, without any of it in their own accounts.

The administrator enables their detectors and protection plans, and its lists, suppression rules, destinations and
events take in their findings: https://docs.aws.amazon.com/guardduty/latest/ug/administrator_member_relationships.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from guardline.validator.control import Cell, Status, Verdict, failed, passed
from guardline.validator.controls.shared.attached_to import attached_to
from guardline.validator.controls.shared.detectors import find, on_detector
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.organizations import AutoEnable, AutoEnableFeature
from guardline.validator.model.resource import Account, Origin

Check = Callable[[Estate, Scope, Cell], Verdict]

ALL = "ALL"


def enabled_by_administrator(check: Check, plans: Callable[[str], Iterable[str]] = lambda _: ()) -> Check:
    """A check of a region's detector that a member may also pass through the administrator.

    Args:
        check: judges an account that has a detector of its own, or must have one.
        plans: a region's name -> names of the protection plans that all members must get there.
    """

    def checked(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
        administrator = scope.enabling(cell.account)
        if cell.region is None or estate.select(Detector, cell.account, cell.region).here:
            return check(estate, scope, cell)
        if administrator is None:
            return _unless_enabled(estate, scope, cell, cell.region, check(estate, scope, cell))
        verdict = _enabled(estate, replace(cell, account=administrator), cell.region, plans(cell.region))
        return _as_far_as_read(scope, administrator, verdict)

    return checked


def _unless_enabled(estate: Estate, scope: Scope, cell: Cell, region: str, verdict: Verdict) -> Verdict:
    """The verdict; undetermined where it fails for what an administrator that no spec names may do for the account."""
    if verdict.status is not Status.FAIL or scope.administration is not None or scope.spec is not None:
        return verdict
    others = [one for one in estate.all(AutoEnable) if one.location.account.key != cell.account.key]
    enabling = [
        one for one in others if one.location.region.known_or(region) == region and one.members.known_or(ALL) == ALL
    ]
    if not enabling:
        return verdict
    who = enabling[0].origin
    reason = (
        f"{verdict.reason}, but {who.address} enables every member of its organization: a spec says whether it is one"
    )
    return replace(verdict, status=Status.UNDETERMINED, reason=reason, evidence=(*verdict.evidence, who))


def of_administrator(check: Check) -> Check:
    """A check of what only the administrator can have: a member's region is judged by what the administrator has."""

    def checked(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
        administrator = scope.administrator_of(cell.account)
        if administrator is None:
            return check(estate, scope, cell)
        there = replace(cell, account=administrator)
        enabled = _enabled(estate, there, cell.region, ()) if cell.region is not None else None
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
        enabled, found = _enabled(estate, there, cell.region, ()), find(estate, there).detector
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


def _enabled(estate: Estate, cell: Cell, region: str, plans: Iterable[str]) -> Verdict:
    """Whether the administrator, whose cell this is, enables every member and the plans in the region."""
    who = f"the administrator {_name(cell.account)}"
    found = find(estate, cell)
    if found.detector is None:
        return replace(found.verdict, reason=f"{who} enables nobody: {found.verdict.reason}")
    selection = estate.select(AutoEnable, cell.account, region)
    here = attached_to(selection.here, found.detector)
    if not here:
        for one in selection.here:
            one.detector.get()
        selection.assert_complete()
        return failed(f"{who} does not enable members in {region}", found.detector.origin, missing=AutoEnable)
    members = here[0].members.get()
    evidence = [here[0].origin]
    if members != ALL:
        return failed(f"{who} enables members in {region} by {members}, not ALL", *evidence)
    for plan in plans:
        state, origins = _plan(estate, cell, found.detector, plan)
        evidence += origins
        if state != ALL:
            return failed(f"{who} gives members {plan} in {region} by {state}, not ALL", *evidence)
    return passed(f"{who} enables every member in {region}", *dict.fromkeys(evidence))


def _plan(estate: Estate, cell: Cell, detector: Detector, plan: str) -> tuple[str, tuple[Origin, ...]]:
    """How members get a plan: ALL, NEW or NONE, which is what they get where nothing is declared.

    Raises:
        UnknownValue: it is unknown, or what is not declared may be declared where nobody sees it.
    """
    selection = estate.select(AutoEnableFeature, cell.account, cell.region)
    ours = attached_to(selection.here, detector)
    declared = [one for one in ours if one.feature.known_or("") == plan]
    if declared:
        return declared[0].members.get(), tuple(one.origin for one in declared)
    for one in selection.here:
        one.detector.get()
        one.feature.get()
    selection.assert_complete()
    return "NONE", (detector.origin,)


def _name(account: Account) -> str:
    return account.id or account.key
