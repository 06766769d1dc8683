"""Findings from files: every shape in which AWS gives them comes out alike."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from guardline.spec.exported_findings import FindingsError, read

TYPE = "Backdoor:EC2/C&CActivity.B!DNS"
DETAIL = {
    "id": "f1", "type": TYPE, "severity": 8, "accountId": "111122223333", "region": "eu-west-1",
    "resource": {"resourceType": "Instance", "instanceDetails": {"instanceId": "i-0a"}},
}  # fmt: skip
API = {
    "Id": "f1", "Type": TYPE, "Severity": 8, "AccountId": "111122223333", "Region": "eu-west-1",
    "Resource": {"ResourceType": "Instance", "InstanceDetails": {"InstanceId": "i-0a"}},
}  # fmt: skip
ASFF = {
    "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/guardduty",
    "Id": "arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f1",
    "AwsAccountId": "111122223333",
    "Region": "eu-west-1",
    "Types": ["TTPs/Command and Control/Backdoor:EC2-C&CActivity.B!DNS"],
    "Severity": {"Product": 8, "Label": "HIGH"},
    "Resources": [{"Type": "AwsEc2Instance", "Id": "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a"}],
    "ProductFields": {
        "aws/guardduty/service/count": "3",
        "aws/guardduty/service/action/portProbeAction/portProbeDetails.0_/localPortDetails/port": "22",
        "aws/securityhub/ProductName": "GuardDuty",
    },
}
OCSF = {
    "class_uid": 2004,
    "severity": "High",
    "finding_info": {"uid": "f1", "types": [TYPE]},
    "cloud": {"account": {"uid": "111122223333"}, "region": "eu-west-1"},
}
EVENT = {"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": DETAIL}


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "findings.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


SHAPES: dict[str, Any] = {
    "one": DETAIL,
    "a list": [DETAIL],
    "the API's answer": {"Findings": [API]},
    "an event": EVENT,
    "events": [EVENT],
    "ASFF": {"Findings": [ASFF]},
    "ASFF in an event": {"source": "aws.securityhub", "detail": {"findings": [ASFF]}},
    "OCSF": [OCSF],
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_says_the_same(tmp_path: Path, name: str) -> None:
    (found,) = read(written(tmp_path, json.dumps(SHAPES[name])))
    least = 7 if "OCSF" in name else 8  # of which the word alone is kept
    assert found.detail["type"] == TYPE
    assert found.detail["severity"] == least
    assert {name: found.detail[name] for name in ("id", "accountId", "region")} == {
        name: DETAIL[name] for name in ("id", "accountId", "region")
    }
    if "OCSF" not in name:
        assert found.detail["resource"]["instanceDetails"]["instanceId"] == "i-0a"
    assert found.whole is not ("ASFF" in name or "OCSF" in name)


def test_lines_and_compressed_files_are_read(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({**DETAIL, "id": each}) for each in ("a", "b")) + "\n"
    for text in (lines.encode(), gzip.compress(lines.encode())):
        assert [each.detail["id"] for each in read(written(tmp_path, text))] == ["a", "b"]


def test_fields_of_asff_have_their_own_place(tmp_path: Path) -> None:
    (found,) = read(written(tmp_path, json.dumps([ASFF])))
    service = found.detail["service"]
    assert service["count"] == "3"
    assert service["action"]["portProbeAction"]["portProbeDetails"]["localPortDetails"]["port"] == "22"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no findings"),
        ("{", "no JSON"),
        ("[]", "holds no findings"),
        ("[1]", "no finding of GuardDuty"),
        ('{"type": "x"}', "no finding of GuardDuty"),
        (json.dumps({**ASFF, "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/macie"}), "another product"),
        (json.dumps({**ASFF, "Types": []}), "without type or severity"),
        (json.dumps({**OCSF, "severity": "Unknown"}), "without GuardDuty's type or severity"),
        (b"\xff\xfe\xfd", "cannot be read"),
        (b"\x1f\x8bnothing", "cannot be read"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_none_is_refused(tmp_path: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(FindingsError, match=words):
        read(written(tmp_path, text))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FindingsError, match="not a regular file"):
        read(tmp_path)
