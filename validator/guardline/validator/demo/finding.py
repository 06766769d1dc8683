"""The demo's finding: an instance that talks to a suspected address, from GuardDuty's event to the stopped instance."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from guardline.localaws import LocalAws
from guardline.localaws.delivery import Delivered, deliver

_IMAGE = "ami-12c6146b"
SUSPECTED = "8.8.4.4"  # an address that is routed in the internet; nobody is called
ID = "c0ffee00c0ffee00c0ffee00c0ffee00"


@dataclass(frozen=True)
class Answered:
    """What came of the finding.

    Attributes:
        instance: the instance's id.
        state: its state after the finding.
        record: what undoing takes.
        alert: the text that people get from the rule.
        undone: what undoing said.
        state_after: the instance's state after that.
    """

    instance: str
    state: str
    record: str
    alert: str
    undone: str
    state_after: str


class UnansweredError(Exception):
    """The finding did not lead where it should; the message says how far it got."""


def answer(aws: LocalAws, region: str, function: str, home: str) -> Answered:
    """Run an instance, deliver a finding about it, look, and undo.

    Args:
        aws: the local AWS with the baseline applied.
        region: where the finding is made.
        function: the name of the function that answers.
        home: the function's region.

    Raises:
        UnansweredError: the finding did not lead where it should.
    """
    ec2 = _client(aws, "ec2", region)
    made = ec2.run_instances(ImageId=_IMAGE, InstanceType="t3.micro", MinCount=1, MaxCount=1)
    instance = str(made["Instances"][0]["InstanceId"])
    try:
        delivered = deliver(aws.environment, event(instance, aws.account, region), aws.account, region)
        state = _state(ec2, instance)
        record, alert = _record(delivered), _alert(delivered)
        undone = _undo(aws, home, function, record)
        return Answered(instance, state, record, alert, undone, _state(ec2, instance))
    finally:
        ec2.terminate_instances(InstanceIds=[instance])


def event(instance: str, account: str, region: str) -> dict[str, Any]:
    """The finding as EventBridge brings it.

    Shape: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
    """
    network = {"remoteIpDetails": {"ipAddressV4": SUSPECTED}, "connectionDirection": "OUTBOUND", "blocked": False}
    detail = {
        "schemaVersion": "2.0",
        "accountId": account,
        "region": region,
        "partition": "aws",
        "id": ID,
        "arn": f"arn:aws:guardduty:{region}:{account}:detector/d/finding/{ID}",
        "type": "Backdoor:EC2/C&CActivity.B",
        "resource": {"resourceType": "Instance", "instanceDetails": {"instanceId": instance}},
        "service": {
            "serviceName": "guardduty",
            "action": {"actionType": "NETWORK_CONNECTION", "networkConnectionAction": network},
            "count": 1,
            "archived": False,
            "eventFirstSeen": "2026-01-31T11:55:00.000Z",
            "eventLastSeen": "2026-01-31T12:00:00.000Z",
        },
        "severity": 8,
        "createdAt": "2026-01-31T12:00:00.000Z",
        "updatedAt": "2026-01-31T12:00:00.000Z",
        "title": f"The EC2 instance {instance} talks to a known command and control server.",
    }
    return {
        "version": "0",
        "id": "cd2d702e-ab31-411b-9344-793ce56b1bc7",
        "detail-type": "GuardDuty Finding",
        "source": "aws.guardduty",
        "account": account,
        "time": "2026-01-31T12:00:01Z",
        "region": region,
        "resources": [],
        "detail": detail,
    }


def _record(delivered: list[Delivered]) -> str:
    for each in delivered:
        if each.kind == "function":
            for outcome in each.answer["outcomes"]:
                if "record" in outcome:
                    return str(outcome["record"])
    raise UnansweredError("no function acted on the finding: " + "; ".join(map(str, delivered)))


def _alert(delivered: list[Delivered]) -> str:
    for each in delivered:
        if each.kind == "topic":
            return str(each.answer)
    raise UnansweredError("no alert was sent")


def _undo(aws: LocalAws, home: str, function: str, record: str) -> str:
    answered = _client(aws, "lambda", home).invoke(FunctionName=function, Payload=json.dumps({"undo": record}).encode())
    said = json.loads(answered["Payload"].read())
    if "done" not in said:
        raise UnansweredError(f"nothing was undone: {said}")
    return str(said["done"])


def _state(ec2: Any, instance: str) -> str:
    (reservation,) = ec2.describe_instances(InstanceIds=[instance])["Reservations"]
    return str(reservation["Instances"][0]["State"]["Name"])


def _client(aws: LocalAws, service: str, region: str) -> Any:
    import boto3

    keys = aws.environment(region)
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=aws.url,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
    )
