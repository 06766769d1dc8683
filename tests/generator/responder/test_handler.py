"""The function that answers findings: what it reads, what it says, and what it does when something fails."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardline.generator.responder import finding as findings
from guardline.generator.responder import handler, message, settings
from guardline.generator.responder.actions import ACTIONS
from guardline.generator.responder.finding import FindingError
from guardline.generator.responder.settings import SettingsError
from tests.support.finding_events import RESOURCES, finding
from tests.support.responding import Responding, about_instance

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"


OWN = {"mode": "notify", "playbooks": [], "never": [], "opt_out_tags": [], "opt_in_tags": [], "rate_limit": 1}
GIVEN = {"TOPIC_ARN": TOPIC, "BUS": "default", "TABLE": "records", "ROLE": "acting", "SETTINGS": json.dumps(OWN)}


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)


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
@pytest.mark.usefixtures("set_up")
def test_what_is_no_finding_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(FindingError):
        handler.handle(event, None)


@pytest.mark.parametrize("name", GIVEN)
def test_settings_are_all_there(name: str) -> None:
    assert settings.read(GIVEN).mode == "notify"
    with pytest.raises(SettingsError, match=f"{name} is missing"):
        settings.read(GIVEN | {name: " "})


@pytest.mark.parametrize("change", [{"mode": "stop"}, {"rate_limit": "many"}, {"playbooks": [{}]}, {"never": None}])
def test_settings_are_as_terraform_writes_them(change: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        settings.read(GIVEN | {"SETTINGS": json.dumps(OWN | change)})


@pytest.mark.usefixtures("set_up")
def test_an_action_that_nobody_wrote_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    book = {"types": ["*"], "actions": ["reboot-everything"], "min_severity": 1}
    monkeypatch.setenv("SETTINGS", json.dumps(OWN | {"playbooks": [book]}))
    with pytest.raises(SettingsError, match="reboot-everything"):
        handler.handle(finding(), None)


def test_people_are_alerted_once(responding: Responding, capsys: pytest.CaptureFixture[str]) -> None:
    responding.settings(mode="notify", actions=[])
    answer = responding.handle(finding())
    assert json.loads(capsys.readouterr().out) == answer
    assert [each["action"] for each in answer["outcomes"]] == ["notify"]
    again = responding.handle(finding())
    assert again["outcomes"][0]["done"] == "people have this alert already"
    (alert,) = responding.alerts()
    for line in (
        "Severity  8, high",
        "Resource  Instance i-0a1b2c3d4e5f60718",
        "Seen      3 times, last at 2026-11-25T12:00:00Z",
        "Nothing was changed.",
        "1. Keep the evidence",
        "#/findings?search=id%3D16afba5c5c43e07c9e3e5e2e544e95df",
    ):
        assert line in alert
    responding.handle(finding(service={"count": 4}))
    assert "Seen      4 times" in responding.alerts()[0]


def test_what_was_done_is_said_on_the_bus_once(responding: Responding) -> None:
    responding.settings(actions=["stop-instance"], mode="dry-run")
    assert responding.events() == []
    instance = responding.instance()
    for _ in range(2):
        responding.handle(about_instance(instance))
    (event,) = responding.events()
    assert (event["source"], event["detail-type"]) == ("guardline", "GuardDuty Finding Answered")
    assert event["detail"]["done"] == f"dry-run: this would stop instance/{instance}"
    assert [each["action"] for each in event["detail"]["outcomes"]] == ["stop-instance"]
    responding.settings(mode="notify", actions=[])
    responding.handle(about_instance(instance, id="e" * 32))
    assert responding.events() == []  # nothing was done, and people have the alert itself


def test_a_sentence_fits_between_quotation_marks() -> None:
    assert message.plain('role "a\\b"\nfailed') == "role 'a'b' failed"


@pytest.mark.parametrize(
    ("severity", "word"), [(1, "low"), (3.9, "low"), (4, "medium"), (6.9, "medium"), (7, "high"), (8.9, "high"),
                           (9, "critical"), (10, "critical")]
)  # fmt: skip
def test_severities_have_words(severity: float, word: str) -> None:
    read = findings.read(finding(severity=severity))
    assert message.subject(read).startswith(f"GuardDuty {severity:g} {word}: ")


def test_a_subject_is_what_sns_takes() -> None:
    odd = findings.read(finding(type="Ünusual:\n" + "x" * 200))
    line = message.subject(odd)
    assert len(line) == 100
    assert line.isascii()
    assert line.isprintable()


def test_each_partition_has_its_console() -> None:
    def text(**changes: Any) -> str:
        return message.text(findings.read(finding(**changes)), [], "act")

    assert "https://eu-west-1.console.aws.amazon.com/guardduty" in text()
    assert "https://console.amazonaws.cn/guardduty" in text(partition="aws-cn")
    assert "Console" not in text(partition="aws-eusc")


def test_an_action_that_fails_stops_no_other_and_is_tried_again(
    responding: Responding, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> str:
        raise RuntimeError("the network has gone away")

    responding.settings(actions=["isolate-instance", "stop-instance"])
    monkeypatch.setattr(ACTIONS["isolate-instance"], "act", refuse, raising=False)
    instance = responding.instance()
    with pytest.raises(
        handler.ResponseError, match=r"isolate-instance failed for instance/.*the network has gone away"
    ):
        responding.handle(about_instance(instance))
    assert responding.state(instance) == "stopped"
    assert "- isolate-instance failed" in responding.alerts()[0]
    assert json.loads(capsys.readouterr().out)["outcomes"][0]["failed"]


def test_a_topic_that_is_gone_is_tried_again(responding: Responding, monkeypatch: pytest.MonkeyPatch) -> None:
    responding.settings(actions=["stop-instance"])
    instance = responding.instance()
    monkeypatch.setenv("TOPIC_ARN", f"{responding.topic}-gone")
    with pytest.raises(handler.ResponseError, match="notify failed"):
        responding.handle(about_instance(instance))
    assert responding.state(instance) == "stopped"
    monkeypatch.setenv("TOPIC_ARN", responding.topic)
    responding.handle(about_instance(instance))
    assert f"instance/{instance} is stopped already" in responding.alerts()[0]
