"""Every action: what it changes in the account, what it writes down, and that undoing brings back what there was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from guardline.generator.practices.response.function import findings
from guardline.generator.responder.records import NoRecordError
from guardline.spec.findings import families
from guardline.validator.semantics.finding_samples import finding as sample
from tests.support.clients import client
from tests.support.responding import FAR, MEMBER, Responding, about_buckets, about_instance, about_key


def outcomes(answer: dict[str, Any]) -> dict[str, str]:
    return {each["action"]: each["done"] for each in answer["outcomes"]}


def only(responding: Responding, *actions: str, **asked: Any) -> None:
    responding.settings(actions=actions, **asked)


def test_an_instance_is_stopped_and_started_again(responding: Responding) -> None:
    only(responding, "stop-instance")
    instance = responding.instance()
    answer = responding.handle(about_instance(instance))
    assert responding.state(instance) == "stopped"
    record = f"stop-instance/123456789012/eu-west-1/instance/{instance}"
    assert outcomes(answer)["stop-instance"] == f"instance/{instance} was stopped"
    assert responding.records()[record]["state"] == "done"
    (alert,) = responding.alerts()
    assert f"- instance/{instance} was stopped\n  Undo: guardline response undo {record}" in alert
    assert responding.undo(record)["done"] == f"instance/{instance} was started again"
    assert responding.state(instance) == "running"
    assert responding.records()[record]["state"] == "undone"


def test_the_same_finding_acts_once_and_not_again_after_people_undid_it(responding: Responding) -> None:
    only(responding, "stop-instance")
    instance = responding.instance()
    first = responding.handle(about_instance(instance))
    assert "already" in outcomes(responding.handle(about_instance(instance)))["stop-instance"]
    responding.undo(first["outcomes"][0]["record"])
    update = about_instance(instance, updatedAt="2026-11-25T13:00:00.000Z")
    assert "changed by people since" in outcomes(responding.handle(update))["stop-instance"]
    assert responding.state(instance) == "running"
    another = responding.handle(about_instance(instance, id="f" * 32))
    assert another["outcomes"][0]["record"] == first["outcomes"][0]["record"]
    assert responding.state(instance) == "stopped"
    responding.undo(another["outcomes"][0]["record"])
    assert responding.state(instance) == "running"


def test_what_is_undone_or_was_never_done_cannot_be_undone(responding: Responding) -> None:
    only(responding, "stop-instance")
    record = responding.handle(about_instance(responding.instance()))["outcomes"][0]["record"]
    responding.undo(record)
    for each in (record, "stop-instance/1/eu-west-1/instance/i-1"):
        with pytest.raises(NoRecordError):
            responding.undo(each)


def test_an_instance_of_a_member_in_another_region_is_stopped_there(responding: Responding) -> None:
    only(responding, "stop-instance")
    instance = responding.instance(MEMBER, "ap-south-1")
    answer = responding.handle(about_instance(instance, accountId=MEMBER, region="ap-south-1"))
    assert responding.state(instance, MEMBER, "ap-south-1") == "stopped"
    responding.undo(answer["outcomes"][0]["record"])
    assert responding.state(instance, MEMBER, "ap-south-1") == "running"


def test_an_instance_of_a_scaling_group_is_left_to_people(responding: Responding) -> None:
    only(responding, "stop-instance")
    instance = responding.instance(**{"aws:autoscaling:groupName": "web"})
    assert "Auto Scaling group web" in outcomes(responding.handle(about_instance(instance)))["stop-instance"]
    assert responding.state(instance) == "running"


def network(responding: Responding, instance: str) -> dict[str, Any]:
    """What isolating changes."""
    ec2 = client(responding.aws, "ec2")
    found = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    acl = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [found["SubnetId"]]}])
    return {
        "groups": [group["GroupName"] for each in found["NetworkInterfaces"] for group in each["Groups"]],
        "denied": sorted(
            (each["Egress"], each["RuleNumber"], each["CidrBlock"])
            for each in acl["NetworkAcls"][0]["Entries"]
            if each["RuleAction"] == "deny" and each["RuleNumber"] < 32767
        ),
        "marked": [tag["Value"] for tag in found.get("Tags", []) if tag["Key"] == "guardline:isolated"],
    }


def test_an_instance_is_isolated_with_its_evidence_kept_and_let_back(responding: Responding) -> None:
    only(responding, "isolate-instance")
    instance = responding.instance()
    before = network(responding, instance)
    answer = responding.handle(about_instance(instance))
    (record,) = responding.records()
    assert network(responding, instance) == {
        "groups": ["guardline-isolation"],
        "denied": [(False, 1, "8.8.4.4/32"), (True, 1, "8.8.4.4/32")],
        "marked": ["16afba5c5c43e07c9e3e5e2e544e95df"],
    }
    ec2 = client(responding.aws, "ec2")
    (group,) = ec2.describe_security_groups(GroupNames=["guardline-isolation"])["SecurityGroups"]
    assert (group["IpPermissions"], group["IpPermissionsEgress"]) == ([], [])
    marked = {"Filters": [{"Name": "tag:guardline:instance", "Values": [instance]}]}
    (snapshot,) = ec2.describe_snapshots(OwnerIds=["self"], **marked)["Snapshots"]
    assert snapshot["SnapshotId"] in outcomes(answer)["isolate-instance"]
    assert "8.8.4.4/32 is denied" in outcomes(answer)["isolate-instance"]
    responding.undo(record)
    assert network(responding, instance) == before
    assert len(ec2.describe_snapshots(OwnerIds=["self"], **marked)["Snapshots"]) == 1


def test_two_instances_of_a_subnet_have_rules_of_their_own(responding: Responding) -> None:
    only(responding, "isolate-instance")
    one, other = responding.instance(), responding.instance()
    first = responding.handle(about_instance(one))
    responding.handle(about_instance(other, id="e" * 32))
    assert [number for _, number, _ in network(responding, one)["denied"]] == [1, 2, 1, 2]
    responding.undo(first["outcomes"][0]["record"])
    assert [number for _, number, _ in network(responding, one)["denied"]] == [2, 2]


@pytest.mark.parametrize("address", [None, "10.0.0.7", FAR])
def test_without_an_address_of_the_internet_people_learn_that_connections_may_live_on(
    responding: Responding, address: str | None
) -> None:
    only(responding, "isolate-instance")
    instance = responding.instance()
    action = {"networkConnectionAction": {"remoteIpDetails": {"ipAddressV4": address}}}
    answer = responding.handle(about_instance(instance, service={"action": action if address else {}}))
    assert "connections that were open may live on" in outcomes(answer)["isolate-instance"]
    assert network(responding, instance)["denied"] == []


def test_a_group_that_somebody_gave_rules_isolates_nothing(responding: Responding) -> None:
    only(responding, "isolate-instance")
    instance = responding.instance()
    responding.handle(about_instance(responding.instance(), id="d" * 32))
    ec2 = client(responding.aws, "ec2")
    (group,) = ec2.describe_security_groups(GroupNames=["guardline-isolation"])["SecurityGroups"]
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpProtocol="tcp", FromPort=22, ToPort=22,
                                         CidrIp="0.0.0.0/0")  # fmt: skip
    answer = responding.handle(about_instance(instance))
    assert "has rules, so it isolates nothing" in outcomes(answer)["isolate-instance"]
    assert network(responding, instance)["groups"] == ["default"]


def key_status(responding: Responding, user: str) -> str:
    (key,) = client(responding.aws, "iam").list_access_keys(UserName=user)["AccessKeyMetadata"]
    return str(key["Status"])


def test_a_user_s_key_is_disabled_and_enabled_again(responding: Responding) -> None:
    iam = client(responding.aws, "iam")
    iam.create_user(UserName="deploy")
    key = iam.create_access_key(UserName="deploy")["AccessKey"]["AccessKeyId"]
    answer = responding.handle(about_key("deploy", key))
    assert key_status(responding, "deploy") == "Inactive"
    assert "no role" in outcomes(answer)["revoke-role-sessions"]
    responding.undo(answer["outcomes"][0]["record"])
    assert key_status(responding, "deploy") == "Active"


@pytest.mark.parametrize(
    ("key", "kind", "words"),
    [
        ("AKIA0", "Root", "root user's key cannot be disabled"),
        ("ASIA0", "IAMUser", "no long-lived key"),
        ("ASIA0", "AssumedRole", "belongs to a session"),
        ("ASIA0", "FederatedUser", "belongs to a session"),
        ("AKIA0", "IAMUser", "there is no user deploy"),
    ],
)
def test_keys_that_cannot_be_disabled_go_to_people(responding: Responding, key: str, kind: str, words: str) -> None:
    only(responding, "disable-access-key")
    answer = responding.handle(about_key("deploy", key, kind))
    assert words in outcomes(answer)["disable-access-key"]
    assert words in responding.alerts()[0]
    assert responding.records() == {}


def role_policies(responding: Responding, role: str) -> list[str]:
    return list(client(responding.aws, "iam").list_role_policies(RoleName=role)["PolicyNames"])


def test_a_role_s_sessions_are_revoked_until_now_and_allowed_again(responding: Responding) -> None:
    iam = client(responding.aws, "iam")
    iam.create_role(RoleName="app", AssumeRolePolicyDocument="{}")
    answer = responding.handle(about_key("app", "ASIA0", "AssumedRole"))
    assert role_policies(responding, "app") == ["GuardlineRevokedSessions"]
    document = iam.get_role_policy(RoleName="app", PolicyName="GuardlineRevokedSessions")["PolicyDocument"]
    assert list(document["Statement"]["Condition"]["DateLessThan"]) == ["aws:TokenIssueTime"]
    assert "already" not in str(answer)
    again = responding.handle(about_key("app", "ASIA0", "AssumedRole"))
    assert "were revoked after the finding was last seen" in outcomes(again)["revoke-role-sessions"]
    (record,) = responding.records()
    responding.undo(record)
    assert role_policies(responding, "app") == []


@pytest.mark.parametrize("path", ["/aws-service-role/x.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"])
def test_roles_of_aws_s_own_are_left_alone(responding: Responding, path: str) -> None:
    client(responding.aws, "iam").create_role(RoleName="own", Path=path, AssumeRolePolicyDocument="{}")
    answer = responding.handle(about_key("own", "ASIA0", "AssumedRole"))
    assert "AWS's own" in outcomes(answer)["revoke-role-sessions"]


def block(responding: Responding, bucket: str) -> Any:
    s3 = client(responding.aws, "s3")
    try:
        return s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except s3.exceptions.ClientError as error:
        return error.response["Error"]["Code"]


@pytest.mark.parametrize("partly", [True, False])
def test_public_buckets_are_blocked_and_become_what_they_were(responding: Responding, partly: bool) -> None:
    s3 = client(responding.aws, "s3")
    for name in ("letters", "more"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    if partly:
        s3.put_public_access_block(Bucket="letters", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    before = block(responding, "letters")
    answer = responding.handle(about_buckets("letters", "more"))
    for name in ("letters", "more"):
        assert set(block(responding, name).values()) == {True}
    for each in answer["outcomes"][:2]:
        responding.undo(each["record"])
    assert block(responding, "letters") == before
    assert block(responding, "more") == "NoSuchPublicAccessBlockConfiguration"


def test_a_dry_run_says_what_it_would_do_and_changes_nothing(responding: Responding) -> None:
    only(responding, "stop-instance", mode="dry-run")
    instance = responding.instance()
    answer = responding.handle(about_instance(instance))
    assert outcomes(answer)["stop-instance"] == f"dry-run: this would stop instance/{instance}"
    assert responding.state(instance) == "running"
    assert responding.records() == {}
    assert "Dry-run, nothing was changed:" in responding.alerts()[0]


@pytest.mark.parametrize(
    ("asked", "tags", "words"),
    [
        ({}, {"guardline-response": "off"}, "its tag guardline-response=off leaves it to people"),
        ({"opt_out_tags": ["fragile"]}, {"fragile": "very"}, "its tag fragile leaves"),
        ({"opt_in_tags": ["answer=yes"]}, {"answer": "no"}, "none of the tags answer=yes"),
        ({"never": ["instance/i-*"]}, {}, "never to touch instance/i-*"),
    ],
)
def test_what_is_excluded_is_not_touched(
    responding: Responding, asked: dict[str, Any], tags: dict[str, str], words: str
) -> None:
    only(responding, "stop-instance", "isolate-instance", **asked)
    instance = responding.instance(**tags)
    answer = responding.handle(about_instance(instance))
    assert words in outcomes(answer)["stop-instance"]
    assert words in outcomes(answer)["isolate-instance"]
    assert responding.state(instance) == "running"
    assert responding.records() == {}


@pytest.mark.parametrize(
    ("asked", "tags"),
    [
        ({}, {"guardline-response": "on"}),
        ({"opt_in_tags": ["answer=yes"]}, {"answer": "yes"}),
        ({"never": ["user/i-*"]}, {}),
    ],
)
def test_the_nearest_that_is_not_excluded_is_stopped(
    responding: Responding, asked: dict[str, Any], tags: dict[str, str]
) -> None:
    only(responding, "stop-instance", **asked)
    instance = responding.instance(**tags)
    responding.handle(about_instance(instance))
    assert responding.state(instance) == "stopped"


def test_a_storm_of_findings_does_not_stop_the_fleet(responding: Responding) -> None:
    only(responding, "stop-instance", rate_limit=2)
    instances = [responding.instance() for _ in range(4)]
    for place, instance in enumerate(instances):
        responding.handle(about_instance(instance, id=f"{place:032x}"))
    assert sorted(responding.state(each) for each in instances) == ["running", "running", "stopped", "stopped"]
    assert "2 actions were taken in this hour" in responding.alerts()[-1]
    # When there is room again, the finding's next update is answered.
    only(responding, "stop-instance", rate_limit=3)
    responding.handle(about_instance(instances[3], id=f"{3:032x}"))
    assert responding.state(instances[3]) == "stopped"


def test_a_sample_finding_changes_nothing(responding: Responding) -> None:
    instance = responding.instance()
    service = {"additionalInfo": {"sample": True}}
    answer = responding.handle(about_instance(instance, service=service))
    assert list(outcomes(answer)) == ["sample", "notify"]
    assert responding.state(instance) == "running"


def test_a_finding_below_its_playbook_s_severity_is_left_alone(responding: Responding) -> None:
    book = {"types": ["Recon:EC2/*"], "actions": ["stop-instance"], "min_severity": 5}
    only(responding, "stop-instance", playbooks=[book])
    instance = responding.instance()
    for kind, severity, state in (
        ("Backdoor:EC2/Spambot", 6.9, "running"),
        ("Recon:EC2/Portscan", 4.9, "running"),
        ("Recon:EC2/Portscan", 5, "stopped"),
    ):
        responding.handle(about_instance(instance, type=kind, severity=severity))
        assert responding.state(instance) == state
    assert len(responding.alerts()) == 1


FAMILIES = {family: kind for kind, family in families().items()}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_finding_of_every_family_is_answered_and_people_are_alerted(responding: Responding, family: str) -> None:
    """The samples name things that do not exist here: nothing can be changed, and nothing may fail."""
    event = {"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": sample(FAMILIES[family], 9)}
    pattern = EventPattern.load(json.dumps(findings(7)))
    assert pattern.matches_event(event)  # type: ignore[arg-type]  # moto's own kind of dict
    answer = responding.handle(event)
    assert not any(each["failed"] for each in answer["outcomes"])
    assert FAMILIES[family] in responding.alerts()[0]
    assert responding.records() == {}
