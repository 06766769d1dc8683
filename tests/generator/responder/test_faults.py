"""Any call to AWS may fail, before or after AWS carried it out: changes are written down, and a retry ends them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from guardline.generator.responder import handler
from guardline.localaws import LocalAws
from tests.support.clients import client
from tests.support.responding import Responding, about_buckets, about_instance, about_key, faults

_NOW = time.time
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
MOST_CALLS = 40


def walk(aws: LocalAws, monkeypatch: pytest.MonkeyPatch, action: str, at: int, *, after: bool) -> bool:
    """One run with one fault, its retry, and the undo; whether there was a call with this number."""
    aws.reset()
    responding = Responding(aws, monkeypatch, actions=[action])
    make, seen = CASES[action]
    event = make(responding)
    before = seen(responding)
    with faults(monkeypatch, at, after=after) as called:
        try:
            responding.handle(event)
            failed = False
        except (handler.ResponseError, ConnectionError):
            failed = True
    cut_off = any(name.endswith("!") for name in called)
    assert failed == cut_off, called
    if seen(responding) != before:
        (record,) = responding.records().values()
        assert "seen_before" in record, called
    # A claim whose end could not be written down is free again when its time is over.
    with monkeypatch.context() as later:
        later.setattr("time.time", lambda: _NOW() + 3600)
        responding.handle(event)
        changed = seen(responding)
        assert changed != before, called
        (record,) = responding.records().values()
        assert record["state"] == "done", (called, record)
        responding.undo(str(record["id"]))
    assert seen(responding) == before, called
    return cut_off


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("action", CASES)
def test_a_fault_at_the_call_that_changes_something(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch, action: str, after: bool
) -> None:
    """The everyday run tries the calls around the change; all of them are tried by the long one."""
    for at in (5, 7):
        assert walk(aws, monkeypatch, action, at, after=after)


@pytest.mark.long
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("action", CASES)
def test_a_fault_at_every_call(aws: LocalAws, monkeypatch: pytest.MonkeyPatch, action: str, after: bool) -> None:
    tried = 0
    while walk(aws, monkeypatch, action, tried, after=after):
        tried += 1
        assert tried < MOST_CALLS
    assert tried > 7
