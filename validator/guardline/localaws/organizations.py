"""The organization that moto keeps, as other services see it: whose it is, who is in it, who administers what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guardline.localaws.restjson import Caller

HUB = "securityhub.amazonaws.com"
MALWARE_PROTECTION = "malware-protection.guardduty.amazonaws.com"


@dataclass(frozen=True)
class Organization:
    """An organization.

    Attributes:
        id: its id, e.g. ``o-exampleorgid``.
        management: the management account's id.
        members: the other accounts' ids.
        partition: its partition.
    """

    id: str
    management: str
    members: tuple[str, ...]
    partition: str


def correct() -> None:
    """Let Security Hub have a delegated administrator, and Malware Protection trusted access: moto 5.2.5 knows neither.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-guardduty.html
    """
    from moto.organizations.models import FakeDelegatedAdministrator, FakeServiceAccess

    for known, service in (
        (FakeDelegatedAdministrator.SUPPORTED_SERVICES, HUB),
        (FakeServiceAccess.TRUSTED_SERVICES, MALWARE_PROTECTION),
    ):
        if service not in known:
            known.append(service)


def of(caller: Caller) -> Organization | None:
    """The organization that the caller's account is in, or None."""
    from moto.organizations.models import organizations_backends

    backends: Any = organizations_backends
    management, _ = backends.master_accounts.get(caller.account, (caller.account, caller.partition))
    backend = backends[management][caller.partition]
    if backend.org is None:
        return None
    members = tuple(account.id for account in backend.accounts if account.id != management)
    return Organization(backend.org.id, management, members, caller.partition)


def administrators(organization: Organization, service: str) -> tuple[str, ...]:
    """The accounts registered as delegated administrators of a service."""
    return tuple(each.account.id for each in _backend(organization).admins if service in each.services)


def register(organization: Organization, account: str, service: str) -> None:
    """Register a delegated administrator, and trust the service with the organization, as both go together."""
    backend = _backend(organization)
    backend.enable_aws_service_access(ServicePrincipal=service)
    backend.register_delegated_administrator(AccountId=account, ServicePrincipal=service)


def deregister(organization: Organization, account: str, service: str) -> None:
    """Take a registration back. The trust stays, as it does in AWS."""
    _backend(organization).deregister_delegated_administrator(AccountId=account, ServicePrincipal=service)


def email(organization: Organization, account: str) -> str:
    """The address an account was made with."""
    return str(next(each.email for each in _backend(organization).accounts if each.id == account))


def _backend(organization: Organization) -> Any:
    from moto.organizations.models import organizations_backends

    backends: Any = organizations_backends
    return backends[organization.management][organization.partition]
