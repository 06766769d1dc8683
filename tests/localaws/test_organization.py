"""Several accounts, and GuardDuty over an organization, seen through boto3."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from guardline.localaws import LocalAws
from guardline.localaws.guardduty.organization import REGISTERING
from tests.support.clients import client

MANAGEMENT, STRANGER = "000011112222", "999988887777"
FEATURES = [
    {"Name": "S3_DATA_EVENTS", "AutoEnable": "ALL"},
    {
        "Name": "RUNTIME_MONITORING",
        "AutoEnable": "ALL",
        "AdditionalConfiguration": [{"Name": "EC2_AGENT_MANAGEMENT", "AutoEnable": "ALL"}],
    },
    {"Name": "EKS_AUDIT_LOGS", "AutoEnable": "NONE"},
]


class Scene:
    """An organization of a management account, a security account and a member."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        organizations = client(aws, "organizations", account=MANAGEMENT)
        organizations.create_organization(FeatureSet="ALL")
        self.security, self.member = (
            organizations.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"][
                "AccountId"
            ]
            for name in ("security", "member")
        )
        self.organizations = organizations

    def guardduty(self, account: str, region: str = "eu-west-1") -> Any:
        return client(self.aws, "guardduty", region, account=account)

    def detector(self, account: str, region: str = "eu-west-1") -> str | None:
        found: list[str] = self.guardduty(account, region).list_detectors()["DetectorIds"]
        return found[0] if found else None

    def name_administrator(self, region: str = "eu-west-1") -> None:
        self.guardduty(MANAGEMENT, region).enable_organization_admin_account(AdminAccountId=self.security)

    def enable(self, members: str = "ALL") -> None:
        self.guardduty(self.security).update_organization_configuration(
            DetectorId=self.detector(self.security), AutoEnableOrganizationMembers=members, Features=FEATURES
        )


@pytest.fixture
def scene(aws: LocalAws) -> Scene:
    return Scene(aws)


def refused(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return str(caught.value.response["Error"]["Message"])


def features(scene: Scene, account: str) -> dict[str, str]:
    found = scene.guardduty(account).get_detector(DetectorId=scene.detector(account))
    return {feature["Name"]: feature["Status"] for feature in found["Features"]}


def test_a_key_signs_in_to_its_account_everywhere(aws: LocalAws) -> None:
    for account in (MANAGEMENT, STRANGER):
        assert client(aws, "sts", account=account).get_caller_identity()["Account"] == account
    client(aws, "guardduty", account=MANAGEMENT).create_detector(Enable=True)
    client(aws, "s3", account=MANAGEMENT).create_bucket(
        Bucket="guardline-theirs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    assert client(aws, "guardduty", account=STRANGER).list_detectors()["DetectorIds"] == []
    assert client(aws, "s3", account=STRANGER).list_buckets()["Buckets"] == []
    assert client(aws, "guardduty").list_detectors()["DetectorIds"] == []


def test_an_assumed_role_is_of_its_own_account(aws: LocalAws) -> None:
    import boto3

    assumed = client(aws, "sts", account=MANAGEMENT).assume_role(
        RoleArn=f"arn:aws:iam::{STRANGER}:role/deploy", RoleSessionName="test"
    )["Credentials"]
    guardduty = boto3.client(
        "guardduty",
        region_name="eu-west-1",
        endpoint_url=aws.url,
        aws_access_key_id=assumed["AccessKeyId"],
        aws_secret_access_key=assumed["SecretAccessKey"],
        aws_session_token=assumed["SessionToken"],
    )
    guardduty.create_detector(Enable=True)
    assert len(client(aws, "guardduty", account=STRANGER).list_detectors()["DetectorIds"]) == 1
    assert client(aws, "guardduty", account=MANAGEMENT).list_detectors()["DetectorIds"] == []


def test_naming_the_administrator_turns_guardduty_on_there_and_registers_it(scene: Scene) -> None:
    scene.name_administrator()
    assert scene.detector(scene.security) is not None
    assert scene.detector(scene.security, "us-east-1") is None
    assert scene.detector(scene.member) is None
    (named,) = scene.guardduty(MANAGEMENT).list_organization_admin_accounts()["AdminAccounts"]
    assert named == {"AdminAccountId": scene.security, "AdminStatus": "ENABLED"}
    (registered,) = scene.organizations.list_delegated_administrators()["DelegatedAdministrators"]
    assert registered["Id"] == scene.security


def test_a_detector_that_is_there_stays(scene: Scene) -> None:
    made = scene.guardduty(scene.security).create_detector(Enable=True)["DetectorId"]
    scene.name_administrator()
    assert scene.detector(scene.security) == made


def test_only_the_management_account_names_a_member_and_only_one(scene: Scene) -> None:
    call = scene.guardduty(scene.member).enable_organization_admin_account
    assert "not the management account" in refused(call, AdminAccountId=scene.security)
    call = scene.guardduty(MANAGEMENT).enable_organization_admin_account
    assert "not a member" in refused(call, AdminAccountId=STRANGER)
    scene.name_administrator()
    assert f"{scene.security} is the delegated administrator already" in refused(call, AdminAccountId=scene.member)


def test_regions_at_once_are_refused_while_the_first_registers_and_not_after(scene: Scene) -> None:
    regions = ("eu-west-1", "us-east-1", "ap-south-1", "sa-east-1")

    def attempt(region: str) -> str:
        try:
            scene.name_administrator(region)
        except ClientError as error:
            return str(error.response["Error"]["Message"])
        return "named"

    with ThreadPoolExecutor(len(regions)) as pool:
        answers = list(pool.map(attempt, regions))
    assert answers.count("named") < len(regions), f"four requests took less than {REGISTERING} s to arrive"
    assert any("is being registered" in answer for answer in answers)
    assert [attempt(region) for region in regions] == ["named"] * len(regions)


def test_all_enables_every_account_but_a_management_account_without_detector(scene: Scene) -> None:
    scene.name_administrator()
    scene.enable()
    assert scene.detector(scene.member) is not None
    assert scene.detector(MANAGEMENT) is None
    found = features(scene, scene.member)
    assert (found["S3_DATA_EVENTS"], found["RUNTIME_MONITORING"], found["EKS_AUDIT_LOGS"]) == (
        "ENABLED",
        "ENABLED",
        "DISABLED",
    )
    (member,) = scene.guardduty(scene.security).list_members(DetectorId=scene.detector(scene.security))["Members"]
    assert (member["AccountId"], member["AdministratorId"]) == (scene.member, scene.security)
    assert (member["Email"], member["RelationshipStatus"]) == ("member@example.com", "Enabled")


def test_the_management_account_with_a_detector_is_a_member(scene: Scene) -> None:
    scene.guardduty(MANAGEMENT).create_detector(Enable=True)
    scene.name_administrator()
    scene.enable()
    administrator = scene.guardduty(MANAGEMENT).get_administrator_account(DetectorId=scene.detector(MANAGEMENT))
    assert administrator["Administrator"] == {"AccountId": scene.security, "RelationshipStatus": "Enabled"}
    found = scene.guardduty(scene.security).get_members(
        DetectorId=scene.detector(scene.security), AccountIds=[MANAGEMENT, STRANGER]
    )
    assert [member["AccountId"] for member in found["Members"]] == [MANAGEMENT]
    assert [each["AccountId"] for each in found["UnprocessedAccounts"]] == [STRANGER]


@pytest.mark.parametrize("members", ["NEW", "NONE"])
def test_less_than_all_leaves_existing_accounts_alone(scene: Scene, members: str) -> None:
    scene.name_administrator()
    scene.enable(members)
    assert scene.detector(scene.member) is None
    described = scene.guardduty(scene.security).describe_organization_configuration(
        DetectorId=scene.detector(scene.security)
    )
    assert described["AutoEnableOrganizationMembers"] == members
    assert described["AutoEnable"] is (members == "NEW")


def test_settings_are_merged_feature_by_feature(scene: Scene) -> None:
    scene.name_administrator()
    scene.enable()
    guardduty, detector = scene.guardduty(scene.security), scene.detector(scene.security)
    guardduty.update_organization_configuration(
        DetectorId=detector,
        AutoEnableOrganizationMembers="ALL",
        Features=[{"Name": "EKS_AUDIT_LOGS", "AutoEnable": "ALL"}],
    )
    found = guardduty.describe_organization_configuration(DetectorId=detector)["Features"]
    states = {feature["Name"]: feature["AutoEnable"] for feature in found}
    assert states["S3_DATA_EVENTS"] == states["EKS_AUDIT_LOGS"] == states["RUNTIME_MONITORING"] == "ALL"
    assert states["LAMBDA_NETWORK_LOGS"] == "NONE"


def test_agents_come_back_in_the_order_of_aws_whatever_order_they_were_set_in(scene: Scene) -> None:
    scene.name_administrator()
    guardduty, detector = scene.guardduty(scene.security), scene.detector(scene.security)
    names = ["EKS_ADDON_MANAGEMENT", "EC2_AGENT_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT"]
    agents = [{"Name": name, "AutoEnable": "ALL"} for name in names]
    wanted = {"Name": "RUNTIME_MONITORING", "AutoEnable": "ALL", "AdditionalConfiguration": agents}
    guardduty.update_organization_configuration(
        DetectorId=detector, AutoEnableOrganizationMembers="ALL", Features=[wanted]
    )
    found = guardduty.describe_organization_configuration(DetectorId=detector)["Features"]
    (runtime,) = [each for each in found if each["Name"] == "RUNTIME_MONITORING"]
    assert [agent["Name"] for agent in runtime["AdditionalConfiguration"]] == [
        "ECS_FARGATE_AGENT_MANAGEMENT",
        "EC2_AGENT_MANAGEMENT",
        "EKS_ADDON_MANAGEMENT",
    ]


def test_what_aws_refuses_of_settings(scene: Scene) -> None:
    detector = scene.guardduty(scene.member).create_detector(Enable=True)["DetectorId"]
    call = scene.guardduty(scene.member).update_organization_configuration
    assert "out-of-range value" in refused(call, DetectorId=detector, AutoEnableOrganizationMembers="ALL")
    scene.name_administrator()
    call, ours = scene.guardduty(scene.security).update_organization_configuration, scene.detector(scene.security)
    assert "must be given" in refused(call, DetectorId=ours)
    both = [{"Name": name, "AutoEnable": "ALL"} for name in ("RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING")]
    message = refused(call, DetectorId=ours, AutoEnableOrganizationMembers="ALL", Features=both)
    assert "cannot be enabled together" in message


def test_a_member_can_neither_suspend_nor_delete_and_the_administrator_goes_last(scene: Scene) -> None:
    scene.name_administrator()
    scene.enable()
    theirs, ours = scene.detector(scene.member), scene.detector(scene.security)
    assert "enables members" in refused(scene.guardduty(scene.member).delete_detector, DetectorId=theirs)
    assert "enables members" in refused(scene.guardduty(scene.member).update_detector, DetectorId=theirs, Enable=False)
    assert "has members" in refused(scene.guardduty(scene.security).delete_detector, DetectorId=ours)
    scene.guardduty(MANAGEMENT).disable_organization_admin_account(AdminAccountId=scene.security)
    assert scene.organizations.list_delegated_administrators()["DelegatedAdministrators"] == []
    assert scene.detector(scene.member) == theirs
    scene.guardduty(scene.security).delete_detector(DetectorId=ours)
    scene.guardduty(scene.member).delete_detector(DetectorId=theirs)


def test_a_reset_ends_the_organization(scene: Scene) -> None:
    scene.name_administrator()
    scene.aws.reset()
    assert scene.guardduty(MANAGEMENT).list_organization_admin_accounts()["AdminAccounts"] == []
    assert Scene(scene.aws).detector(scene.security) is None


def test_security_hub_has_an_administrator_of_its_own_and_settings_for_new_accounts(scene: Scene) -> None:
    ours = client(scene.aws, "securityhub", account=scene.security)
    assert "not the organization's administrator" in refused(ours.describe_organization_configuration)
    management = client(scene.aws, "securityhub", account=MANAGEMENT)
    assert "not a member" in refused(management.enable_organization_admin_account, AdminAccountId=STRANGER)
    assert "management account" in refused(ours.enable_organization_admin_account, AdminAccountId=scene.member)
    management.enable_organization_admin_account(AdminAccountId=scene.security)
    (named,) = management.list_organization_admin_accounts()["AdminAccounts"]
    assert named == {"AccountId": scene.security, "Status": "ENABLED"}
    assert "Another account" in refused(management.enable_organization_admin_account, AdminAccountId=scene.member)
    ours.update_organization_configuration(AutoEnable=True, AutoEnableStandards="NONE")
    found = ours.describe_organization_configuration()
    assert (found["AutoEnable"], found["AutoEnableStandards"]) == (True, "NONE")
    assert found["OrganizationConfiguration"]["ConfigurationType"] == "LOCAL"
    management.disable_organization_admin_account(AdminAccountId=scene.security)
    assert management.list_organization_admin_accounts()["AdminAccounts"] == []
    assert scene.organizations.list_delegated_administrators()["DelegatedAdministrators"] == []


def test_an_account_with_a_hub_becomes_a_member_as_it_is_and_one_without_gets_one(scene: Scene) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateMembers.html"""
    ours, theirs, management = (
        client(scene.aws, "securityhub", account=account) for account in (scene.security, scene.member, MANAGEMENT)
    )
    details = [{"AccountId": scene.member}, {"AccountId": MANAGEMENT}, {"AccountId": STRANGER}]
    assert "not the organization's administrator" in refused(ours.create_members, AccountDetails=details)
    management.enable_organization_admin_account(AdminAccountId=scene.security)
    assert "not subscribed" in refused(ours.create_members, AccountDetails=details)
    ours.enable_security_hub()
    theirs.enable_security_hub(EnableDefaultStandards=False)
    left = ours.create_members(AccountDetails=details)["UnprocessedAccounts"]
    assert {each["AccountId"]: each["ProcessingResult"] for each in left} == {
        MANAGEMENT: "Security Hub is not on in the organization's management account.",
        STRANGER: "The account is no member of the organization.",
    }
    assert theirs.get_enabled_standards()["StandardsSubscriptions"] == []
    (member,) = ours.get_members(AccountIds=[scene.member, STRANGER])["Members"]
    assert (member["MemberStatus"], member["Email"]) == ("Enabled", "member@example.com")

    theirs.disable_security_hub()
    assert ours.list_members()["Members"] == []
    ours.create_members(AccountDetails=details[:1])
    assert len(theirs.get_enabled_standards()["StandardsSubscriptions"]) == 2
    assert "already subscribed" in refused(theirs.enable_security_hub)


def test_an_organizations_member_is_disassociated_and_never_deleted(scene: Scene) -> None:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DeleteMembers.html"""
    ours = client(scene.aws, "securityhub", account=scene.security)
    management = client(scene.aws, "securityhub", account=MANAGEMENT)
    management.enable_organization_admin_account(AdminAccountId=scene.security)
    ours.enable_security_hub()
    ours.create_members(AccountDetails=[{"AccountId": scene.member}])
    assert "not found" in refused(ours.disassociate_members, AccountIds=[STRANGER])
    ours.disassociate_members(AccountIds=[scene.member])
    (left,) = ours.delete_members(AccountIds=[scene.member])["UnprocessedAccounts"]
    assert left["AccountId"] == scene.member
    assert ours.list_members()["Members"] == []
    (member,) = ours.list_members(OnlyAssociated=False)["Members"]
    assert member["MemberStatus"] == "Removed"
    assert "administrator" in refused(ours.disable_security_hub)
    management.disable_organization_admin_account(AdminAccountId=scene.security)
    ours.disable_security_hub()


def test_malware_protection_may_have_trusted_access_and_an_unknown_service_may_not(aws: LocalAws) -> None:
    organizations = client(aws, "organizations", "us-east-1")
    organizations.create_organization(FeatureSet="ALL")
    service = "malware-protection.guardduty.amazonaws.com"
    organizations.enable_aws_service_access(ServicePrincipal=service)
    trusted = organizations.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert [each["ServicePrincipal"] for each in trusted] == [service]
    with pytest.raises(organizations.exceptions.InvalidInputException):
        organizations.enable_aws_service_access(ServicePrincipal="nothing.amazonaws.com")
