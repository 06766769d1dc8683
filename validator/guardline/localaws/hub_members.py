"""Security Hub's members in an organization: who is one, and what its administrator may do. Nobody is invited here.

Sources: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateMembers.html,
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DeleteMembers.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guardline.localaws import organizations
from guardline.localaws.hub_organization import State, administering
from guardline.localaws.restjson import Answer, Caller, Handler, Parameters, Refused


def handlers(state: State, is_on: Callable[[Caller], bool], turn_on: Callable[[Caller], None]) -> dict[str, Handler]:
    """The operations on members.

    Args:
        state: what is known of the organization.
        is_on: whether an account has a hub in a region.
        turn_on: gives it one, with AWS's default standards.
    """

    def members(caller: Caller) -> dict[str, str]:
        return state.members.setdefault((caller.account, caller.region), {})

    def create(caller: Caller, asked: Parameters) -> Answer:
        """An account without a hub gets one, and the default standards; the management account must have one."""
        organization = administering(state, caller)
        if not is_on(caller):
            raise Refused(
                f"Account {caller.account} is not subscribed to AWS Security Hub", "InvalidAccessException", 401
            )
        refused: dict[str, str] = {}
        for account in (each["AccountId"] for each in asked["AccountDetails"]):
            there = Caller(account, caller.region, caller.partition)
            if account == caller.account or account not in (organization.management, *organization.members):
                refused[account] = "The account is no member of the organization."
            elif account == organization.management and not is_on(there):
                refused[account] = "Security Hub is not on in the organization's management account."
            else:
                if not is_on(there):
                    turn_on(there)
                members(caller)[account] = "Enabled"
        return _unprocessed(refused)

    def get(caller: Caller, asked: Parameters) -> Answer:
        found = members(caller)
        shown = [_shown(caller, account, found[account]) for account in asked["AccountIds"] if account in found]
        missing = {account: "Not found." for account in asked["AccountIds"] if account not in found}
        return {"Members": shown, **_unprocessed(missing)}

    def list_(caller: Caller, asked: Parameters) -> Answer:
        found = members(caller).items()
        return {
            "Members": [
                _shown(caller, account, status)
                for account, status in found
                if status == "Enabled" or not asked.get("OnlyAssociated", True)
            ]
        }

    def disassociate(caller: Caller, asked: Parameters) -> Answer:
        administering(state, caller)
        found = members(caller)
        if missing := [account for account in asked["AccountIds"] if account not in found]:
            raise Refused(f"The resource {missing[0]} was not found", "ResourceNotFoundException", 404)
        found.update(dict.fromkeys(asked["AccountIds"], "Removed"))
        return {}

    def delete(caller: Caller, asked: Parameters) -> Answer:
        """Only accounts that were invited can be deleted, and nobody is invited here."""
        administering(state, caller)
        return _unprocessed(dict.fromkeys(asked["AccountIds"], "The account belongs to the organization."))

    return {
        "CreateMembers": create,
        "GetMembers": get,
        "ListMembers": list_,
        "DisassociateMembers": disassociate,
        "DeleteMembers": delete,
    }


def _shown(caller: Caller, account: str, status: str) -> dict[str, Any]:
    organization = organizations.of(caller)
    address = {"Email": organizations.email(organization, account)} if organization is not None else {}
    return {
        "AccountId": account,
        **address,
        "MasterId": caller.account,
        "AdministratorId": caller.account,
        "MemberStatus": status,
    }


def _unprocessed(accounts: dict[str, str]) -> Answer:
    found = [{"AccountId": account, "ProcessingResult": why} for account, why in accounts.items()]
    return {"UnprocessedAccounts": found}
