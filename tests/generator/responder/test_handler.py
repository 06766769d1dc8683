"""The function that answers findings: what it reads, what it tells, and what it does when something fails."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from guardline.generator.responder import finding as findings
from guardline.generator.responder import handler, message, settings
from guardline.generator.responder.actions import ACTIONS, notify
from guardline.generator.responder.actions.action import Outcome
from guardline.generator.responder.finding import Finding, FindingError
from guardline.generator.responder.settings import Settings, SettingsError
from guardline.localaws import LocalAws
from tests.support.clients import client
from tests.support.finding_events import RESOURCES, finding

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"


@pytest.fixture(autouse=True)
def set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOPIC_ARN", TOPIC)
    monkeypatch.setenv("ACTIONS", "notify")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What would have been published, in place of SNS."""
    published: list[dict[str, str]] = []

    class Sns:
        def publish(self, **message: str) -> dict[str, str]:
            published.append(message)
            return {"MessageId": f"m{len(published)}"}

    def sns(region: str) -> Sns:
        assert region == "eu-west-1"
        return Sns()

    monkeypatch.setattr(notify, "_sns", sns)
    return published


@pytest.mark.parametrize("kind", RESOURCES)
def test_a_finding_names_its_resource(kind: str) -> None:
    assert findings.read(finding(kind)).resource == RESOURCES[kind][1]


def test_a_resource_of_a_new_kind_or_shape_is_told_by_its_kind() -> None:
    assert findings.read(finding("Satellite")).resource == "Satellite"
    bare = finding(resource={"resourceType": "Instance"})
    assert findings.read(bare).resource == "Instance"
    assert findings.read(finding(resource=None)).resource == "unknown resource"


def test_what_a_finding_may_lack() -> None:
    event = finding(service={}, title=None, partition=None)
    read = findings.read(event)
    assert (read.count, read.last_seen) == (1, "2026-11-25T12:00:00.000Z")
    assert (read.title, read.partition) == ("UnauthorizedAccess:EC2/MaliciousIPCaller.Custom", "aws")


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"source": "aws.ec2", "detail-type": "GuardDuty Finding", "detail": {}},
        {"source": "aws.guardduty", "detail-type": "GuardDuty Finding"},
        {"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": []},
        finding(severity="high"),
        {**finding(), "detail": {key: value for key, value in finding()["detail"].items() if key != "id"}},
    ],
)
def test_what_is_no_finding_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(FindingError):
        handler.handle(event, None)


@pytest.mark.parametrize(
    "variables", [{}, {"TOPIC_ARN": TOPIC}, {"ACTIONS": "notify"}, {"TOPIC_ARN": TOPIC, "ACTIONS": ","}]
)
def test_settings_are_all_there(variables: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="is missing"):
        settings.read(variables)


def test_an_action_that_nobody_wrote_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTIONS", "notify,reboot-everything")
    with pytest.raises(SettingsError, match="reboot-everything"):
        handler.handle(finding(), None)


def test_people_are_told(told: list[dict[str, str]], capsys: pytest.CaptureFixture[str]) -> None:
    answer = handler.handle(finding(), None)
    assert answer["outcomes"] == [{"action": "notify", "done": "alert sent, message m1", "failed": False}]
    (message,) = told
    assert message["TopicArn"] == TOPIC
    assert (
        message["Subject"] == "GuardDuty 8: UnauthorizedAccess:EC2/MaliciousIPCaller.Custom in 123456789012 eu-west-1"
    )
    for line in (
        "Severity  8",
        "Resource  Instance i-0a1b2c3d4e5f60718",
        "Seen      3 times, last at 2026-11-25T12:00:00Z",
        "Nothing was changed.",
        "#/findings?search=id%3D16afba5c5c43e07c9e3e5e2e544e95df",
    ):
        assert line in message["Message"]
    assert json.loads(capsys.readouterr().out) == answer


def test_a_subject_is_what_sns_takes() -> None:
    odd = findings.read(finding(type="Ünusual:\n" + "x" * 200))
    line = message.subject(odd)
    assert len(line) == 100
    assert line.isascii()
    assert line.isprintable()


def test_each_partition_has_its_console() -> None:
    assert "https://eu-west-1.console.aws.amazon.com/guardduty" in message.text(findings.read(finding()), [])
    assert "https://console.amazonaws.cn/guardduty" in message.text(findings.read(finding(partition="aws-cn")), [])
    assert "Console" not in message.text(findings.read(finding(partition="aws-eusc")), [])


def test_people_are_told_of_what_was_done_before(told: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    def isolate(_finding: Finding, _settings: Settings, before: Sequence[Outcome]) -> Outcome:
        assert before == ()
        return Outcome("isolate", "the instance was isolated")

    monkeypatch.setattr(handler, "ACTIONS", {"isolate": isolate, **ACTIONS})
    monkeypatch.setenv("ACTIONS", "isolate, notify")
    handler.handle(finding(), None)
    assert "Done:\n- the instance was isolated" in told[0]["Message"]


def test_an_action_that_fails_stops_no_other_and_is_tried_again(
    told: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def isolate(_finding: Finding, _settings: Settings, before: Sequence[Outcome]) -> Outcome:
        raise RuntimeError(f"no such instance, after {len(before)} actions")

    monkeypatch.setattr(handler, "ACTIONS", {"isolate": isolate, **ACTIONS})
    monkeypatch.setenv("ACTIONS", "isolate,notify")
    with pytest.raises(handler.ResponseError, match="isolate failed: no such instance, after 0 actions"):
        handler.handle(finding(), None)
    assert "- isolate failed: no such instance" in told[0]["Message"]
    assert json.loads(capsys.readouterr().out)["outcomes"][0]["failed"]


def test_the_function_publishes_to_a_real_topic(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    sns, sqs = client(aws, "sns"), client(aws, "sqs")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    queue = sqs.create_queue(QueueName="reader")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    for name, value in (aws.environment("eu-west-1") | {"TOPIC_ARN": topic, "ACTIONS": "notify"}).items():
        monkeypatch.setenv(name, value)
    notify._sns.cache_clear()
    try:
        answer = handler.handle(finding("S3Bucket", severity=7.5), None)
    finally:
        notify._sns.cache_clear()
    (received,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    body = json.loads(received["Body"])
    assert body["Subject"].startswith("GuardDuty 7.5: ")
    assert "Resource  S3Bucket letters" in body["Message"]
    assert body["MessageId"] in answer["outcomes"][0]["done"]


def test_a_topic_that_is_gone_is_tried_again(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (aws.environment("eu-west-1") | {"TOPIC_ARN": TOPIC, "ACTIONS": "notify"}).items():
        monkeypatch.setenv(name, value)
    notify._sns.cache_clear()
    try:
        with pytest.raises(handler.ResponseError, match="notify failed"):
            handler.handle(finding(), None)
    finally:
        notify._sns.cache_clear()
