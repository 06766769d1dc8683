"""Security Hub for an organization: its administrator, its members, and what new accounts get.

Sources: https://docs.aws.amazon.com/securityhub/latest/userguide/designate-orgs-admin-account.html and
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateMembers.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from guardline.localaws import organizations
from guardline.localaws.restjson import Answer, Caller, Handler, Parameters, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULTS: Mapping[str, Any] = {"AutoEnable": False, "AutoEnableStandards": "DEFAULT"}
LOCAL = {"ConfigurationType": "LOCAL", "Status": "ENABLED"}


@dataclass
class State:
    """By management account and region the administrator; by administrator and region its settings, and its members
    with their status."""

    administrators: dict[tuple[str, str], str] = field(default_factory=dict)
    settings: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    members: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everything."""
        self.administrators.clear()
        self.settings.clear()
        self.members.clear()

    def ends(self, account: str, region: str) -> None:
        """An account's hub is gone: it is nobody's member any more.

        Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DisableSecurityHub.html

        Raises:
            Refused: it is the administrator's.
        """
        if any(there == region and one == account for (_, there), one in self.administrators.items()):
            raise Refused("The account is the organization's administrator.", "InvalidAccessException", 401)
        for (_, there), members in self.members.items():
            if there == region:
                members.pop(account, None)


def handlers(state: State) -> dict[str, Handler]:
    """The organization's operations over a state."""

    def enable(caller: Caller, asked: Parameters) -> Answer:
        organization, account = _managed(caller), asked["AdminAccountId"]
        if account not in organization.members:
            raise _invalid("The account is not a member of the organization.")
        if state.administrators.setdefault((caller.account, caller.region), account) != account:
            raise Refused("Another account is the administrator already.", "ResourceConflictException", 409)
        if account not in organizations.administrators(organization, organizations.HUB):
            organizations.register(organization, account, organizations.HUB)
        return {"AdminAccountId": account}

    def disable(caller: Caller, asked: Parameters) -> Answer:
        organization, account = _managed(caller), asked["AdminAccountId"]
        if state.administrators.get((caller.account, caller.region)) != account:
            raise _invalid("The account is not the administrator.")
        del state.administrators[caller.account, caller.region]
        state.settings.pop((account, caller.region), None)
        state.members.pop((account, caller.region), None)
        if not any(management == caller.account for management, _ in state.administrators):
            organizations.deregister(organization, account, organizations.HUB)
        return {}

    def list_(caller: Caller, _: Parameters) -> Answer:
        found = state.administrators.get((_managed(caller).management, caller.region))
        return {"AdminAccounts": [{"AccountId": found, "Status": "ENABLED"}] if found is not None else []}

    def describe(caller: Caller, _: Parameters) -> Answer:
        administering(state, caller)
        given = state.settings.get((caller.account, caller.region), {})
        return {**DEFAULTS, **given, "MemberAccountLimitReached": False, "OrganizationConfiguration": LOCAL}

    def update(caller: Caller, asked: Parameters) -> Answer:
        administering(state, caller)
        central = asked.get("OrganizationConfiguration", {}).get("ConfigurationType") == "CENTRAL"
        if central:
            raise Refused("The local AWS knows local configuration only.", "InvalidInputException")
        kept = {name: asked[name] for name in DEFAULTS if name in asked}
        state.settings[caller.account, caller.region] = kept
        return {}

    return {
        "EnableOrganizationAdminAccount": enable,
        "DisableOrganizationAdminAccount": disable,
        "ListOrganizationAdminAccounts": list_,
        "DescribeOrganizationConfiguration": describe,
        "UpdateOrganizationConfiguration": update,
    }


def _managed(caller: Caller) -> organizations.Organization:
    organization = organizations.of(caller)
    if organization is None or organization.management != caller.account:
        raise Refused("The caller is not the organization's management account.", "InvalidAccessException", 401)
    return organization


def administering(state: State, caller: Caller) -> organizations.Organization:
    """The organization whose Security Hub the caller administers.

    Raises:
        Refused: there is none.
    """
    organization = organizations.of(caller)
    if organization is None or state.administrators.get((organization.management, caller.region)) != caller.account:
        raise Refused("The caller is not the organization's administrator.", "InvalidAccessException", 401)
    return organization


def _invalid(message: str) -> Refused:
    return Refused(message, "InvalidInputException")
