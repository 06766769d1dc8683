"""Whether an account is a member of the administrator's Security Hub, which sees the findings of its members alone.

An account that joins later may become a member by itself, one that was there before does not:
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateMembers.html
"""

from __future__ import annotations

from msgspec.structs import replace

from guardline.validator.control import Cell, Status, Verdict, failed, undetermined
from guardline.validator.controls.shared.administrator import account_name
from guardline.validator.controls.shared.members import Check, as_far_as_read
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Account
from guardline.validator.model.securityhub import CentralConfiguration, HubAutoEnable, HubMember


def as_member(check: Check) -> Check:
    """A check of what the administrator's Security Hub does for an account, which it does for members."""

    def checked(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
        verdict = check(estate, scope, cell)
        administrator = scope.administrator_of(cell.account)
        if administrator is None or verdict.status is not Status.PASS:
            return verdict
        return as_far_as_read(scope, administrator, _joined(estate, scope, cell, administrator, verdict))

    return checked


def _joined(estate: Estate, scope: Scope, cell: Cell, administrator: Account, verdict: Verdict) -> Verdict:
    """The verdict, where the account is a member in every expected region."""
    members = estate.select(HubMember, administrator)
    own = [one for one in members.here if one.member.known_or("") == cell.account.id]
    there = {region for one in own if (region := one.location.region.known_or(None)) is not None}
    left = [region for region in scope.expected_in(cell.account) if region not in there]
    if not left:
        return replace(verdict, evidence=(*verdict.evidence, *(one.origin for one in own[:1])))
    who = f"account {account_name(cell.account)}"
    what = f"a member of Security Hub of {account_name(administrator)} in {', '.join(left)}"
    central = next(iter(estate.all(CentralConfiguration)), None)
    if central is not None:
        return undetermined(
            f"whether {who} is {what} is for the policies of {central.origin.address}, which are not read",
            central.origin,
        )
    for one in members.here:
        if not one.member.is_known or (one in own and not one.location.region.is_known):
            why = one.member.reason or one.location.region.reason
            return undetermined(f"whether {who} is {what} is unknown: {one.origin.address}: {why}", one.origin)
    joining = [one for one in estate.select(HubAutoEnable, administrator).here if one.on.known_or(True)]
    regions = {one.location.region.known_or("") for one in joining}
    if "" in regions or set(left) <= regions:
        return undetermined(
            f"{who} is {what} only if it joined the organization after {joining[0].origin.address} was there: nothing "
            "else makes it one",
            joining[0].origin,
        )
    members.assert_complete()
    return failed(f"nothing makes {who} {what}", *verdict.evidence[:1], missing=HubMember, fix=FIX)


FIX = (
    "Declare `aws_securityhub_member` for each account that was there before, in every region, in the account that "
    "administers Security Hub; each account has its own `aws_securityhub_account` first."
)
