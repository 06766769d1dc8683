"""What moto lacks of Athena and of IAM Identity Center, seen through boto3."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from guardline.localaws import LocalAws
from tests.support.clients import client

INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890abcdef"


def test_a_named_query_can_be_deleted(aws: LocalAws) -> None:
    athena = client(aws, "athena")
    made = athena.create_named_query(Name="q", Database="d", QueryString="SELECT 1")["NamedQueryId"]
    athena.delete_named_query(NamedQueryId=made)
    assert made not in athena.list_named_queries()["NamedQueryIds"]
    with pytest.raises(ClientError, match="InvalidRequestException"):
        athena.delete_named_query(NamedQueryId=made)


@pytest.mark.parametrize("tags", [[], [{"Key": "owner", "Value": "a"}]])
def test_a_workgroup_has_tags_or_none(aws: LocalAws, tags: list[dict[str, str]]) -> None:
    athena = client(aws, "athena")
    athena.create_work_group(Name="w", Tags=tags)
    arn = "arn:aws:athena:eu-west-1:123456789012:workgroup/"
    assert athena.list_tags_for_resource(ResourceARN=f"{arn}w")["Tags"] == tags
    with pytest.raises(ClientError, match="Does Not Exist"):
        athena.list_tags_for_resource(ResourceARN=f"{arn}none")


def test_what_moto_serves_goes_on_to_moto(aws: LocalAws) -> None:
    names = [group["Name"] for group in client(aws, "athena").list_work_groups()["WorkGroups"]]
    assert names == ["primary"]


def test_permission_sets_have_their_own_arns_and_tags(aws: LocalAws) -> None:
    sso = client(aws, "sso-admin")
    made = sso.create_permission_set(Name="x", InstanceArn=INSTANCE, Tags=[{"Key": "owner", "Value": "a"}])
    arn = made["PermissionSet"]["PermissionSetArn"]
    assert arn.startswith("arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-")
    sso.tag_resource(InstanceArn=INSTANCE, ResourceArn=arn, Tags=[{"Key": "owner", "Value": "b@c"}])
    assert sso.list_tags_for_resource(InstanceArn=INSTANCE, ResourceArn=arn)["Tags"] == [
        {"Key": "owner", "Value": "b@c"}
    ]
    sso.untag_resource(InstanceArn=INSTANCE, ResourceArn=arn, TagKeys=["owner"])
    assert sso.list_tags_for_resource(InstanceArn=INSTANCE, ResourceArn=arn)["Tags"] == []


def test_provisioning_is_done_at_once(aws: LocalAws) -> None:
    sso = client(aws, "sso-admin")
    arn = sso.create_permission_set(Name="x", InstanceArn=INSTANCE)["PermissionSet"]["PermissionSetArn"]
    asked = {"InstanceArn": INSTANCE, "PermissionSetArn": arn, "TargetType": "ALL_PROVISIONED_ACCOUNTS"}
    started = sso.provision_permission_set(**asked)["PermissionSetProvisioningStatus"]
    now = sso.describe_permission_set_provisioning_status(
        InstanceArn=INSTANCE, ProvisionPermissionSetRequestId=started["RequestId"]
    )["PermissionSetProvisioningStatus"]
    assert (started["Status"], now["Status"]) == ("SUCCEEDED", "SUCCEEDED")


def test_an_unknown_permission_set_is_refused(aws: LocalAws) -> None:
    arn = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-0000000000000000"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client(aws, "sso-admin").list_tags_for_resource(InstanceArn=INSTANCE, ResourceArn=arn)


def test_what_the_model_forbids_is_refused(aws: LocalAws) -> None:
    unchecked = client(aws, "sso-admin", checked=False)
    with pytest.raises(ClientError, match="ValidationException"):
        unchecked.tag_resource(InstanceArn=INSTANCE, ResourceArn="no arn", Tags=[])
