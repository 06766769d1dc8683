"""OCSF: each line is a Compliance Finding by the field's own models, and says what its cell says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from py_ocsf_models.objects.cloud import Cloud

from guardline.validator.control import Status
from guardline.validator.report import Report
from guardline.validator.reporters import render
from tests.support.realistic_report import errors_only, report, row, sample
from tests.validator.reporters.test_hostile import HOSTILE, poisoned


def findings(found: Report) -> list[dict[str, Any]]:
    """The findings, each of them valid."""
    text = render(found, "ocsf")
    assert isinstance(text, str)
    events: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    for event in events:
        ComplianceFinding.model_validate(event)
        Cloud.model_validate(event["cloud"])
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    return events


def test_every_cell_is_a_finding_with_its_verdict() -> None:
    whole = sample()
    said = {Status.PASS: 1, Status.FAIL: 3, Status.UNDETERMINED: 0}
    events = findings(whole)
    assert [(each["finding_info"]["uid"], each["compliance"]["status_id"]) for each in events] == [
        (each.id, said.get(each.verdict, 99)) for each in whole.rows
    ]


def test_requirements_are_cited_as_their_publishers_do() -> None:
    (event,) = findings(report(row("detector-enabled", Status.FAIL, "none", region="eu-west-1")))
    assert "PCI DSS 4.0 (4.0.1 adds and deletes no requirement)" in event["compliance"]["standards"]
    assert "§164.308(a)(1)(ii)(D)" in event["compliance"]["requirements"]
    assert event["cloud"]["region"] == "eu-west-1"
    assert event["resources"][0]["type"] == "AWS region"


def test_a_resource_is_named_with_its_kind() -> None:
    (event,) = findings(report(row("vpc-flow-logs", Status.PASS, "", region="eu-west-1", subject="module.a.aws_vpc.b")))
    assert event["resources"][0] | {"cloud_partition": ""} == {
        "uid": "module.a.aws_vpc.b", "name": "module.a.aws_vpc.b", "type": "aws_vpc", "cloud_partition": "",
        "region": "eu-west-1",
    }  # fmt: skip


def test_nothing_to_say_is_nothing() -> None:
    assert findings(errors_only()) == []


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_stay_in_their_line(text: str) -> None:
    whole = poisoned(text)
    events = findings(whole)
    assert len(events) == len(whole.rows)
    assert all(event["message"].isprintable() for event in events)
