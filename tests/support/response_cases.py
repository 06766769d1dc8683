"""Each action of the response function: something for it to act on, and what that is like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.clients import client
from tests.support.responding import Responding, about_buckets, about_instance, about_key

Seen = Callable[[Responding], Any]


def instance_state(responding: Responding) -> Any:
    ec2 = client(responding.aws, "ec2")
    (found,) = (one for each in ec2.describe_instances()["Reservations"] for one in each["Instances"])
    acl = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [found["SubnetId"]]}])
    denied = [each for each in acl["NetworkAcls"][0]["Entries"] if each["RuleNumber"] < 100]
    groups = [group["GroupName"] for each in found["NetworkInterfaces"] for group in each["Groups"]]
    marks = [tag["Key"] for tag in found.get("Tags", [])]
    return found["State"]["Name"], groups, [each["RuleNumber"] for each in denied], marks


def key_state(responding: Responding) -> Any:
    return client(responding.aws, "iam").list_access_keys(UserName="deploy")["AccessKeyMetadata"][0]["Status"]


def role_state(responding: Responding) -> Any:
    return client(responding.aws, "iam").list_role_policies(RoleName="app")["PolicyNames"]


def bucket_state(responding: Responding) -> Any:
    s3 = client(responding.aws, "s3")
    try:
        return s3.get_public_access_block(Bucket="letters")["PublicAccessBlockConfiguration"]
    except s3.exceptions.ClientError:
        return None


def an_instance(responding: Responding) -> dict[str, Any]:
    return about_instance(responding.instance())


def a_key(responding: Responding) -> dict[str, Any]:
    iam = client(responding.aws, "iam")
    iam.create_user(UserName="deploy")
    return about_key("deploy", iam.create_access_key(UserName="deploy")["AccessKey"]["AccessKeyId"])


def a_role(responding: Responding) -> dict[str, Any]:
    client(responding.aws, "iam").create_role(RoleName="app", AssumeRolePolicyDocument="{}")
    return about_key("app", "ASIA0", "AssumedRole")


def a_bucket(responding: Responding) -> dict[str, Any]:
    place = {"LocationConstraint": "eu-west-1"}
    client(responding.aws, "s3").create_bucket(Bucket="letters", CreateBucketConfiguration=place)
    return about_buckets("letters")


CASES: dict[str, tuple[Callable[[Responding], dict[str, Any]], Seen]] = {
    "isolate-instance": (an_instance, instance_state),
    "stop-instance": (an_instance, instance_state),
    "disable-access-key": (a_key, key_state),
    "revoke-role-sessions": (a_role, role_state),
    "block-public-bucket": (a_bucket, bucket_state),
}
"""Action -> what makes a finding that it answers, and what tells what the finding is about is like."""
