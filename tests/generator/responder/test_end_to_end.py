"""The function as its Terraform deploys it: a finding by a rule of EventBridge, the change, the undo; and what fails.

Each run is a process of its own: the everyday run has one of each kind, the long one all.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardline.generator import package
from guardline.generator.practices.response.function import findings
from guardline.localaws import LocalAws
from guardline.localaws.delivery import Delivered, deliver
from tests.support.clients import client
from tests.support.responding import HOME, OWN, Responding
from tests.support.response_cases import CASES

NOBODY = "http://127.0.0.1:9"


def _long(case: str) -> Any:
    return pytest.param(case, marks=pytest.mark.long)


class Deployed(Responding):
    """The function behind a rule with Guardline's own pattern, with a dead-letter queue."""

    def __init__(self, aws: LocalAws, monkeypatch: pytest.MonkeyPatch, action: str) -> None:
        super().__init__(aws, monkeypatch, actions=[action])
        sqs, events = client(aws, "sqs"), client(aws, "events")
        self._failed = sqs.create_queue(QueueName="failed")["QueueUrl"]
        letters = sqs.get_queue_attributes(QueueUrl=self._failed, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        made = client(aws, "lambda").create_function(
            FunctionName="response", Runtime="python3.13", Timeout=60, Role=f"arn:aws:iam::{OWN}:role/acting",
            Handler="responder.handler.handle", DeadLetterConfig={"TargetArn": letters},
            Code={"ZipFile": package.packed(package.source()).encode("utf-8", "surrogateescape")},
            Environment={"Variables": self.variables()},
        )  # fmt: skip
        events.put_rule(Name="findings", EventPattern=json.dumps(findings(7)), State="ENABLED")
        events.put_targets(Rule="findings", Targets=[{"Id": "function", "Arn": made["FunctionArn"]}])

    def deliver(self, event: dict[str, Any]) -> list[Delivered]:
        """Let EventBridge bring a finding to whom its rules say."""
        return deliver(self.aws.environment, event, OWN, HOME)

    def undo(self, record: str) -> dict[str, Any]:
        """Call the function as `guardline response undo` does."""
        payload = json.dumps({"undo": record}).encode()
        answer: dict[str, Any] = json.loads(
            client(self.aws, "lambda").invoke(FunctionName="response", Payload=payload)["Payload"].read()
        )
        return answer

    def out_of_reach(self, *services: str) -> None:
        """Let no call to these services arrive; none at all lets all arrive."""
        away = {f"AWS_ENDPOINT_URL_{name.upper()}": NOBODY for name in services}
        client(self.aws, "lambda").update_function_configuration(
            FunctionName="response", Environment={"Variables": {**self.variables(), "AWS_MAX_ATTEMPTS": "1", **away}}
        )

    def failed(self) -> list[str]:
        """The ids of the findings in the dead-letter queue."""
        found = client(self.aws, "sqs").receive_message(QueueUrl=self._failed, MaxNumberOfMessages=10)
        return [json.loads(each["Body"])["detail"]["id"] for each in found.get("Messages", [])]


@pytest.mark.parametrize("action", ["stop-instance", *(_long(name) for name in CASES if name != "stop-instance")])
def test_a_finding_changes_its_resource_and_the_undo_brings_it_back(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    deployed = Deployed(aws, monkeypatch, action)
    make, seen = CASES[action]
    event = make(deployed)
    before = seen(deployed)
    (delivered,) = deployed.deliver(event)
    assert delivered.kind == "function", delivered
    assert seen(deployed) != before
    (record,) = deployed.records()
    assert deployed.undo(record)["undo"] == record
    assert seen(deployed) == before
    assert deployed.failed() == []
    assert deployed.deliver({**event, "detail": {**event["detail"], "severity": 6.9}}) == []


# Each service that the function calls, and whether the change is made nevertheless.
AWAY = {"dynamodb": False, "sts": False, "ec2": False, "sns": True, "eventbridge": True}


@pytest.mark.parametrize("service", ["sns", *(_long(name) for name in AWAY if name != "sns")])
def test_what_fails_is_kept_and_its_retry_ends_what_was_begun(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    deployed = Deployed(aws, monkeypatch, "stop-instance")
    make, seen = CASES["stop-instance"]
    event = make(deployed)
    before = seen(deployed)
    deployed.out_of_reach(service)
    (delivered,) = deployed.deliver(event)
    assert delivered.kind == "dead-letter", delivered
    assert deployed.failed() == [event["detail"]["id"]]
    changed = seen(deployed) != before
    assert changed == AWAY[service]
    states = [record["state"] for record in deployed.records().values()]
    assert states == (["done"] if changed else [])
    deployed.out_of_reach()
    (delivered,) = deployed.deliver(event)
    assert delivered.kind == "function", delivered
    (record,) = deployed.records()
    deployed.undo(record)
    assert seen(deployed) == before
