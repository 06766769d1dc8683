"""StackSets of an organization, seen through boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from guardline.localaws import LocalAws
from tests.support.clients import client

MANAGEMENT = "000011112222"
TEMPLATE = json.dumps(
    {
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": "looks",
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "ec2.amazonaws.com"},
                                "Action": "sts:AssumeRole",
                            }
                        ],
                    },
                },
            }
        }
    }
)
ASKED: dict[str, Any] = {
    "StackSetName": "roles",
    "TemplateBody": TEMPLATE,
    "PermissionModel": "SERVICE_MANAGED",
    "AutoDeployment": {"Enabled": True, "RetainStacksOnAccountRemoval": False},
    "Capabilities": ["CAPABILITY_NAMED_IAM"],
}


def roles(aws: LocalAws, account: str) -> list[str]:
    return [role["RoleName"] for role in client(aws, "iam", account=account).list_roles()["Roles"]]


def test_a_stack_set_reaches_every_account_but_the_management_account(aws: LocalAws) -> None:
    organizations = client(aws, "organizations", account=MANAGEMENT)
    organizations.create_organization(FeatureSet="ALL")
    created = organizations.create_account(AccountName="one", Email="one@example.com")
    member = created["CreateAccountStatus"]["AccountId"]
    cloudformation = client(aws, "cloudformation", account=MANAGEMENT)
    with pytest.raises(ClientError, match="organizations access"):
        cloudformation.create_stack_set(**ASKED)
    cloudformation.activate_organizations_access()
    cloudformation.create_stack_set(**ASKED)
    (top,) = organizations.list_roots()["Roots"]
    cloudformation.create_stack_instances(
        StackSetName="roles", DeploymentTargets={"OrganizationalUnitIds": [top["Id"]]}, Regions=["eu-west-1"]
    )
    assert "looks" in roles(aws, member)
    assert "looks" not in roles(aws, MANAGEMENT)
    listed = organizations.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert [each["ServicePrincipal"] for each in listed] == ["member.org.stacksets.cloudformation.amazonaws.com"]


def test_without_an_organization_accounts_are_named(aws: LocalAws) -> None:
    cloudformation = client(aws, "cloudformation", account=MANAGEMENT)
    cloudformation.create_stack_set(**{**ASKED, "PermissionModel": "SELF_MANAGED"})
    cloudformation.create_stack_instances(StackSetName="roles", Accounts=["333344445555"], Regions=["eu-west-1"])
    assert roles(aws, "333344445555") == ["looks"]
