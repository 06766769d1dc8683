"""Detectors and features: AWS's defaults, merges and refusals, seen through boto3."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from guardline.localaws import LocalAws
from tests.support.clients import client

ON_BY_DEFAULT = {
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
}
FOUNDATIONAL = {"CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS"}
AGENTS = ("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT")


@pytest.fixture
def guardduty(aws: LocalAws) -> Any:
    return client(aws, "guardduty")


def features(guardduty: Any, detector: str) -> dict[str, str]:
    return {each["Name"]: each["Status"] for each in guardduty.get_detector(DetectorId=detector)["Features"]}


def enabled(guardduty: Any, detector: str) -> set[str]:
    return {name for name, status in features(guardduty, detector).items() if status == "ENABLED"}


def refusal(call: Any, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_bare_detector_has_everything_on_but_runtime_monitoring(guardduty: Any) -> None:
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    assert enabled(guardduty, detector) == ON_BY_DEFAULT | FOUNDATIONAL
    assert features(guardduty, detector)["RUNTIME_MONITORING"] == "DISABLED"


def test_what_is_named_is_as_named_and_the_rest_on(guardduty: Any) -> None:
    asked = [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}, {"Name": "RUNTIME_MONITORING", "Status": "ENABLED"}]
    detector = guardduty.create_detector(Enable=True, Features=asked)["DetectorId"]
    wanted = (ON_BY_DEFAULT - {"S3_DATA_EVENTS"}) | {"RUNTIME_MONITORING"} | FOUNDATIONAL
    assert enabled(guardduty, detector) == wanted


def test_an_update_merges(guardduty: Any) -> None:
    """Several aws_guardduty_detector_feature each send one feature; the last must not undo the others."""
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    for name in ("EKS_AUDIT_LOGS", "RDS_LOGIN_EVENTS"):
        guardduty.update_detector(DetectorId=detector, Features=[{"Name": name, "Status": "DISABLED"}])
    assert enabled(guardduty, detector) == (ON_BY_DEFAULT | FOUNDATIONAL) - {"EKS_AUDIT_LOGS", "RDS_LOGIN_EVENTS"}
    assert guardduty.get_detector(DetectorId=detector)["Status"] == "ENABLED"


def test_agents_merge_too_and_keep_their_order(guardduty: Any) -> None:
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    for agent in (AGENTS[2], AGENTS[0]):
        configuration = [{"Name": agent, "Status": "ENABLED"}]
        feature = {"Name": "RUNTIME_MONITORING", "Status": "ENABLED", "AdditionalConfiguration": configuration}
        guardduty.update_detector(DetectorId=detector, Features=[feature])
    answer = guardduty.get_detector(DetectorId=detector)
    (runtime,) = (each for each in answer["Features"] if each["Name"] == "RUNTIME_MONITORING")
    assert [(each["Name"], each["Status"]) for each in runtime["AdditionalConfiguration"]] == [
        (AGENTS[0], "ENABLED"),
        (AGENTS[1], "DISABLED"),
        (AGENTS[2], "ENABLED"),
    ]


def test_the_older_switches_are_the_same_ones(guardduty: Any) -> None:
    detector = guardduty.create_detector(Enable=True, DataSources={"S3Logs": {"Enable": False}})["DetectorId"]
    assert features(guardduty, detector)["S3_DATA_EVENTS"] == "DISABLED"
    guardduty.update_detector(DetectorId=detector, DataSources={"Kubernetes": {"AuditLogs": {"Enable": False}}})
    sources = guardduty.get_detector(DetectorId=detector)["DataSources"]
    assert sources["S3Logs"]["Status"] == "DISABLED"
    assert sources["Kubernetes"]["AuditLogs"]["Status"] == "DISABLED"
    assert sources["CloudTrail"]["Status"] == "ENABLED"


def test_suspending_keeps_the_features(guardduty: Any) -> None:
    detector = guardduty.create_detector(Enable=True, FindingPublishingFrequency="ONE_HOUR")["DetectorId"]
    before = features(guardduty, detector)
    guardduty.update_detector(DetectorId=detector, Enable=False)
    after = guardduty.get_detector(DetectorId=detector)
    assert (after["Status"], after["FindingPublishingFrequency"]) == ("DISABLED", "ONE_HOUR")
    assert features(guardduty, detector) == before


def test_one_detector_for_each_region(aws: LocalAws) -> None:
    ireland, ohio = client(aws, "guardduty"), client(aws, "guardduty", "us-east-2")
    first = ireland.create_detector(Enable=True)["DetectorId"]
    code, message = refusal(ireland.create_detector, Enable=True)
    assert code == "BadRequestException"
    assert "already exists" in message
    second = ohio.create_detector(Enable=True)["DetectorId"]
    assert ireland.list_detectors()["DetectorIds"] == [first]
    assert ohio.list_detectors()["DetectorIds"] == [second]
    # The words by which the Terraform provider knows that a detector is gone.
    code, message = refusal(ohio.get_detector, DetectorId=first)
    assert message == "The request is rejected because the input detectorId is not owned by the current account."


def test_a_deleted_detector_leaves_room(guardduty: Any) -> None:
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    guardduty.delete_detector(DetectorId=detector)
    assert guardduty.list_detectors()["DetectorIds"] == []
    assert guardduty.create_detector(Enable=True)["DetectorId"] != detector


RUNTIME, EKS_RUNTIME = (
    {"Name": name, "Status": "ENABLED"} for name in ("RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING")
)
WRONG = [
    ({}, "required member Enable"),
    ({"Enable": "yes"}, "expected a boolean"),
    ({"Enable": True, "FindingPublishingFrequency": "DAILY"}, "FIFTEEN_MINUTES"),
    ({"Enable": True, "Features": [{"Name": "S3", "Status": "ENABLED"}]}, "S3_DATA_EVENTS"),
    ({"Enable": True, "Features": [{"Name": "FLOW_LOGS", "Status": "ENABLED"}]}, "FLOW_LOGS"),
    ({"Enable": True, "Features": [{"Name": "S3_DATA_EVENTS", "Status": "ON"}]}, "ENABLED"),
    ({"Enable": True, "Features": [RUNTIME, RUNTIME]}, "more than once"),
    ({"Enable": True, "Features": [RUNTIME, EKS_RUNTIME]}, "cannot be enabled together"),
    ({"Enable": True, "Features": [RUNTIME], "DataSources": {"S3Logs": {"Enable": True}}}, "both"),
    ({"Enable": True, "DataSources": {"S3Logs": {}}}, "required member Enable"),
    ({"Enable": True, "Tags": {"a" * 129: "b"}}, "128"),
    ({"Enable": True, "Tags": {}}, "minimum of 1"),
    (
        {
            "Enable": True,
            "Features": [
                {
                    "Name": "S3_DATA_EVENTS",
                    "Status": "ENABLED",
                    "AdditionalConfiguration": [{"Name": AGENTS[0], "Status": "ENABLED"}],
                }
            ],
        },
        "does not belong",
    ),
]


@pytest.mark.parametrize(("parameters", "words"), WRONG, ids=[words for _, words in WRONG])
def test_wrong_calls_are_refused_and_make_nothing(aws: LocalAws, parameters: dict[str, Any], words: str) -> None:
    guardduty = client(aws, "guardduty", checked=False)
    code, message = refusal(guardduty.create_detector, **parameters)
    assert code == "BadRequestException"
    assert words in message
    assert guardduty.list_detectors()["DetectorIds"] == []


def test_an_update_that_is_refused_changes_nothing(guardduty: Any) -> None:
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    before = features(guardduty, detector)
    off = {"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}
    refusal(guardduty.update_detector, DetectorId=detector, Features=[off, RUNTIME, EKS_RUNTIME])
    assert features(guardduty, detector) == before


def test_what_is_not_served_says_so(guardduty: Any) -> None:
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    code, message = refusal(guardduty.list_coverage, DetectorId=detector)
    assert code == "NotImplementedException"
    assert "ListCoverage" in message
