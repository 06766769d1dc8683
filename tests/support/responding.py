"""The response function on a local AWS: its table, topic and role, and things for it to act on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from moto.sns.models import Subscription

from guardline.generator.responder import clients, handler
from guardline.localaws import LocalAws
from guardline.spec.playbooks import ACTIONS, playbooks
from guardline.spec.practices.response import Remediate
from tests.support.clients import client
from tests.support.finding_events import finding

HOME = "eu-west-1"
ROLE = "acting"
OWN, MEMBER = "123456789012", "222233334444"
FAR = "198.51.100.7"
_IMAGE = "ami-12c6146b"  # one that moto knows; to list them all takes it seconds
MALICIOUS = "8.8.4.4"  # an address of the internet; those kept for examples are not routed there


@lru_cache(maxsize=1)
def _own_for(_url: str) -> None:
    """The function keeps its clients as long as there is one AWS: each takes longer to make than most calls."""
    clients.own.cache_clear()


@cache
def _signing_key() -> rsa.RSAPrivateKey:
    """One for all topics, not one for each."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Responding:
    """The function, set up as its Terraform does."""

    def __init__(self, aws: LocalAws, monkeypatch: pytest.MonkeyPatch, **asked: Any) -> None:
        """Make what the function needs.

        Args:
            aws: where.
            monkeypatch: sets the function's environment.
            asked: fields of the spec's `remediate`.
        """
        self.aws = aws
        sns, sqs, dynamodb = (client(aws, service) for service in ("sns", "sqs", "dynamodb"))
        self.topic = sns.create_topic(Name="alerts")["TopicArn"]
        self._queue = sqs.create_queue(QueueName="reader")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)
        dynamodb.create_table(
            TableName="records",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )
        for account in (OWN, MEMBER):
            client(aws, "iam", account=account).create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")
        self._monkeypatch = monkeypatch
        for name, value in aws.environment(HOME).items():
            monkeypatch.setenv(name, value)
        _own_for(aws.url)
        monkeypatch.setattr(Subscription, "private_key", lambda _: _signing_key())
        monkeypatch.setenv("TOPIC_ARN", self.topic)
        monkeypatch.setenv("BUS", "default")
        monkeypatch.setenv("TABLE", "records")
        monkeypatch.setenv("ROLE", ROLE)
        self.settings(**asked)

    def settings(self, **asked: Any) -> None:
        """Set the function up anew, by fields of the spec's `remediate`."""
        remediate = Remediate.model_validate({"mode": "act", "actions": ACTIONS} | asked)
        lines = [
            {"types": each.types, "actions": each.actions, "min_severity": each.min_severity}
            for each in playbooks(remediate)
        ]
        named = {name: getattr(remediate, name) for name in ("never", "opt_out_tags", "opt_in_tags", "rate_limit")}
        self._monkeypatch.setenv("SETTINGS", json.dumps({"mode": remediate.does, "playbooks": lines, **named}))

    def variables(self) -> dict[str, str]:
        """The function's own variables."""
        return {name: os.environ[name] for name in ("TOPIC_ARN", "BUS", "TABLE", "ROLE", "SETTINGS")}

    def handle(self, event: dict[str, Any]) -> dict[str, Any]:
        """Let the function answer."""
        return handler.handle(event, None)

    def undo(self, record: str) -> dict[str, Any]:
        """Let the function undo."""
        return handler.handle({"undo": record}, None)

    def alerts(self) -> list[str]:
        """What people got since they were asked last."""
        sqs = client(self.aws, "sqs")
        found: list[str] = []
        while messages := sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"])["Message"])
                sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return found

    def events(self) -> list[dict[str, Any]]:
        """The events about answers since the first call of this: a queue then listens to the bus."""
        sqs, events = client(self.aws, "sqs"), client(self.aws, "events")
        url = sqs.create_queue(QueueName="events")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name="answers", EventPattern=json.dumps({"source": ["guardline"]}))
        events.put_targets(Rule="answers", Targets=[{"Id": "queue", "Arn": arn}])
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]

    def records(self) -> dict[str, dict[str, Any]]:
        """The records of actions, by id."""
        items = client(self.aws, "dynamodb").scan(TableName="records")["Items"]
        plain = [{key: next(iter(value.values())) for key, value in item.items()} for item in items]
        return {item["id"]: item for item in plain if "action" in item}

    def instance(self, account: str = OWN, region: str = HOME, **tags: str) -> str:
        """Run an instance; its id."""
        ec2 = client(self.aws, "ec2", region, account=account)
        wanted = [{"Key": key, "Value": value} for key, value in tags.items()]
        more = {"TagSpecifications": [{"ResourceType": "instance", "Tags": wanted}]} if wanted else {}
        made = ec2.run_instances(ImageId=_IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro", **more)
        return str(made["Instances"][0]["InstanceId"])

    def state(self, instance: str, account: str = OWN, region: str = HOME) -> str:
        """The state of an instance."""
        ec2 = client(self.aws, "ec2", region, account=account)
        found = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
        return str(found["State"]["Name"])


def about_instance(instance: str, **changes: Any) -> dict[str, Any]:
    """A finding about an instance that talks to an address of the internet."""
    action = {"networkConnectionAction": {"remoteIpDetails": {"ipAddressV4": MALICIOUS}}}
    return finding(
        **{
            "type": "Backdoor:EC2/C&CActivity.B",
            "resource": {"resourceType": "Instance", "instanceDetails": {"instanceId": instance}},
            "service": {"count": 3, "eventLastSeen": "2026-11-25T12:00:00Z", "archived": False, "action": action},
            **changes,
        }
    )


def about_key(user: str, key: str, kind: str = "IAMUser", **changes: Any) -> dict[str, Any]:
    """A finding about an access key."""
    details = {"userName": user, "accessKeyId": key, "userType": kind, "principalId": "AIDA0"}
    return finding(
        **{
            "type": "CredentialAccess:IAMUser/CompromisedCredentials",
            "resource": {"resourceType": "AccessKey", "accessKeyDetails": details},
            **changes,
        }
    )


def about_buckets(*names: str, **changes: Any) -> dict[str, Any]:
    """A finding about buckets that are public."""
    details = [{"name": name, "arn": f"arn:aws:s3:::{name}"} for name in names]
    return finding(
        **{
            "type": "Policy:S3/BucketAnonymousAccessGranted",
            "resource": {"resourceType": "S3Bucket", "s3BucketDetails": details},
            **changes,
        }
    )


@contextmanager
def faults(monkeypatch: pytest.MonkeyPatch, at: int, *, after: bool) -> Iterator[list[str]]:
    """Let the call with this number fail, of all calls to AWS.

    Args:
        monkeypatch: changes boto3 for the length of the `with`.
        at: from 0.
        after: whether AWS carries the call out before its answer is lost.

    Yields:
        The operations called; the one that failed is the last that the list names ``!``.
    """
    called: list[str] = []
    base: Any = boto3.client("sts", region_name=HOME).__class__.__mro__[1]
    real = base._make_api_call

    def call(self: Any, operation: str, arguments: Any) -> Any:
        place = len(called)
        called.append(operation)
        if place != at:
            return real(self, operation, arguments)
        if after:
            real(self, operation, arguments)  # where AWS itself refuses, there is no answer to lose
        called[-1] += "!"
        raise ConnectionError(f"{operation} was cut off")

    with monkeypatch.context() as patch:
        patch.setattr(base, "_make_api_call", call)
        yield called
