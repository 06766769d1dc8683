"""StackSets of an organization, as AWS deploys them: after trusted access, and never into the management account.

moto 5.2.5 does not know how trusted access is activated, asks nobody for it, and counts the management account in.
Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-activate-trusted-access.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-associate-stackset-with-org.html.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

STACK_SETS = "member.org.stacksets.cloudformation.amazonaws.com"
"""The service that is trusted:
https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-cloudformation.html."""


def correct() -> None:
    """Teach moto's StackSets what they lack."""
    from moto.cloudformation.models import StackInstances
    from moto.cloudformation.responses import CloudFormationResponse

    responses: Any = CloudFormationResponse  # methods are replaced, which no checker allows on the class itself
    instances: Any = StackInstances
    if hasattr(responses, "activate_organizations_access"):
        return
    create_stack_set = responses.create_stack_set

    def create(response: Any) -> Any:
        from moto.cloudformation.exceptions import ValidationError

        managed = response._get_param("PermissionModel") == "SERVICE_MANAGED"  # noqa: SLF001 - moto has no other way
        if managed and not _trusted(response.current_account):
            raise ValidationError(message="organizations access is needed for a service-managed stack set")
        return create_stack_set(response)

    responses.create_stack_set = create
    responses.activate_organizations_access = _activate
    instances.org_backend = property(_members)


def _activate(response: Any) -> Any:
    from moto.core.responses import EmptyResult

    _organization(response.current_account).enable_aws_service_access(ServicePrincipal=STACK_SETS)
    return EmptyResult()


def _trusted(account: str) -> bool:
    listed = _organization(account).list_aws_service_access_for_organization()
    return STACK_SETS in {each["ServicePrincipal"] for each in listed["EnabledServicePrincipals"]}


def _members(instances: Any) -> Any:
    """The organization whose units a StackSet deploys into, without the account that manages it."""
    backend = _organization(instances.account_id)
    accounts = [account for account in backend.accounts if account.id != instances.account_id]
    return SimpleNamespace(accounts=accounts, ou=backend.ou)


def _organization(account: str) -> Any:
    from moto.organizations.models import organizations_backends

    return organizations_backends[account]["aws"]
