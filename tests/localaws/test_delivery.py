"""Events through rules, buses and targets, and functions that really run."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest

from guardline.localaws import LocalAws
from guardline.localaws.delivery import deliver
from tests.support.clients import client
from tests.support.finding_events import ACCOUNT, finding

HOME, FAR = "eu-west-1", "ap-south-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/run"
SEVERE = {"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", 7]}]}}
WORKS = "import os\ndef handle(event, context):\n    return {'got': event['detail']['id'], 'own': os.environ['OWN']}\n"
FAILS = "def handle(event, context):\n    raise ValueError('no such thing')\n"


def package(code: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("answering.py", code)
    return buffer.getvalue()


def function(aws: LocalAws, code: str) -> str:
    """A function with a dead-letter queue; its ARN."""
    client(aws, "iam").create_role(RoleName="run", AssumeRolePolicyDocument="{}")
    queue = client(aws, "sqs").create_queue(QueueName="failed")["QueueUrl"]
    letters = client(aws, "sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    made = client(aws, "lambda").create_function(
        FunctionName="answer", Runtime="python3.13", Role=ROLE, Handler="answering.handle",
        Code={"ZipFile": package(code)}, Environment={"Variables": {"OWN": "set"}},
        DeadLetterConfig={"TargetArn": letters["QueueArn"]}, Timeout=30,
    )  # fmt: skip
    return str(made["FunctionArn"])


def rule(aws: LocalAws, region: str, pattern: Mapping[str, Any], bus: str = "default", **target: Any) -> None:
    events = client(aws, "events", region)
    events.put_rule(Name="r", EventBusName=bus, EventPattern=json.dumps(pattern), State="ENABLED")
    events.put_targets(Rule="r", EventBusName=bus, Targets=[{"Id": "t", **target}])


def test_a_finding_of_another_region_reaches_function_and_topic_at_home(aws: LocalAws) -> None:
    answer = function(aws, WORKS)
    topic = client(aws, "sns").create_topic(Name="alerts")["TopicArn"]
    bus = client(aws, "events").create_event_bus(Name="home")["EventBusArn"]
    lets_in = {
        "Sid": "in",
        "Effect": "Allow",
        "Principal": {"AWS": ACCOUNT},
        "Action": "events:PutEvents",
        "Resource": bus,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [lets_in]})
    client(aws, "events").put_permission(EventBusName="home", Policy=policy)
    rule(aws, FAR, SEVERE, Arn=bus, RoleArn=ROLE)
    rule(aws, HOME, SEVERE, "home", Arn=answer)
    client(aws, "events").put_targets(
        Rule="r", EventBusName="home",
        Targets=[{"Id": "people", "Arn": topic, "InputTransformer": {
            "InputPathsMap": {"type": "$.detail.type"}, "InputTemplate": '"Seen: <type>"\n"That is all."'}}],
    )  # fmt: skip
    delivered = deliver(aws.environment, finding(severity=8), ACCOUNT, FAR)
    assert [(each.kind, each.answer) for each in delivered] == [
        ("function", {"got": "16afba5c5c43e07c9e3e5e2e544e95df", "own": "set"}),
        ("topic", "Seen: UnauthorizedAccess:EC2/MaliciousIPCaller.Custom\nThat is all."),
    ]
    assert deliver(aws.environment, finding(severity=6.9), ACCOUNT, FAR) == []
    assert deliver(aws.environment, finding(severity=8), ACCOUNT, "us-east-1") == []


def test_a_webhook_gets_what_the_rule_makes_of_a_finding(aws: LocalAws) -> None:
    made = f"arn:aws:events:{HOME}:{ACCOUNT}:api-destination/pager/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"
    template = {"InputPathsMap": {"id": "$.detail.id"}, "InputTemplate": '{"dedup_key": "<id>"}'}
    rule(aws, HOME, SEVERE, Arn=made, RoleArn=ROLE, InputTransformer=template)
    (delivered,) = deliver(aws.environment, finding(severity=8), ACCOUNT, HOME)
    assert (delivered.kind, delivered.arn) == ("webhook", made)
    assert json.loads(delivered.answer) == {"dedup_key": "16afba5c5c43e07c9e3e5e2e544e95df"}


def test_what_a_function_cannot_answer_is_kept(aws: LocalAws) -> None:
    rule(aws, HOME, SEVERE, Arn=function(aws, FAILS))
    (delivered,) = deliver(aws.environment, finding(severity=8), ACCOUNT, HOME)
    assert (delivered.kind, delivered.answer) == ("dead-letter", "ValueError: no such thing")
    sqs = client(aws, "sqs")
    url = sqs.get_queue_url(QueueName="failed")["QueueUrl"]
    (kept,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(kept["Body"])["detail"]["id"] == "16afba5c5c43e07c9e3e5e2e544e95df"


@pytest.mark.parametrize(("code", "failed"), [(WORKS, False), (FAILS, True)])
def test_a_function_is_called_by_the_api(aws: LocalAws, code: str, failed: bool) -> None:
    function(aws, code)
    answer = client(aws, "lambda").invoke(FunctionName="answer", Payload=json.dumps(finding()).encode())
    said = json.loads(answer["Payload"].read())
    assert ("FunctionError" in answer) is failed
    assert said == ({"errorMessage": "ValueError: no such thing"} if failed else
                    {"got": "16afba5c5c43e07c9e3e5e2e544e95df", "own": "set"})  # fmt: skip


def test_a_function_that_is_not_there_cannot_be_called(aws: LocalAws) -> None:
    functions = client(aws, "lambda")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.invoke(FunctionName="none", Payload=b"{}")
