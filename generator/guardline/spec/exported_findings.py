"""Findings as files: GuardDuty's own JSON, events of EventBridge, Security Hub's ASFF, OCSF. All come out alike.

Shapes: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetFindings.html,
https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html,
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html,
https://schema.ocsf.io/classes/detection_finding.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

MAX_BYTES = 200 * 1024 * 1024
_ASFF_FIELD = "aws/guardduty/"
_LEAST = {"informational": 1.0, "low": 1.0, "medium": 4.0, "high": 7.0, "critical": 9.0}


class FindingsError(ValueError):
    """A file that cannot be read, or holds no findings; the text says why."""


@dataclass(frozen=True)
class Exported:
    """A finding from a file.

    Attributes:
        detail: as GuardDuty's own JSON writes findings, e.g. ``resource.instanceDetails.instanceId``.
        shape: what the file held.
    """

    detail: Mapping[str, Any]
    shape: Literal["guardduty", "asff", "ocsf"]

    @property
    def whole(self) -> bool:
        """Whether what is not in it is not in the finding; the other formats leave parts out."""
        return self.shape == "guardduty"


def read(path: Path) -> tuple[Exported, ...]:
    """Read a file of findings: a JSON document, or one JSON object a line; compressed by gzip or not.

    Raises:
        FindingsError: it cannot be read, or something in it is no finding of GuardDuty.
    """
    try:
        if not path.is_file():
            raise FindingsError(f"{path} is not a regular file")
        if path.stat().st_size > MAX_BYTES:
            raise FindingsError(f"{path} is larger than {MAX_BYTES // 1024 // 1024} MB")
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            with gzip.open(path) as file:
                data = file.read(MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                raise FindingsError(f"{path} holds more than {MAX_BYTES // 1024 // 1024} MB")
        text = data.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise FindingsError(f"{path} cannot be read: {error}") from error
    found = tuple(exported(each, str(path)) for document in _documents(text, path) for each in _items(document))
    if not found:
        raise FindingsError(f"{path} holds no findings")
    return found


def _documents(text: str, path: Path) -> Iterator[Any]:
    try:
        document = json.loads(text)
    except RecursionError:
        raise FindingsError(f"{path} is nested too deep") from None
    except json.JSONDecodeError as error:
        yield from _lines(text, path, str(error))
    else:
        yield document


def _lines(text: str, path: Path, whole: str) -> Iterator[Any]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            raise FindingsError(f"{path} is no JSON ({whole}), nor one object a line (line {number})") from None


def _items(document: Any) -> Iterator[Any]:
    """The findings in a document: it is one, a list of them, or holds a list under a known name."""
    if isinstance(document, list):
        for each in document:
            yield from _items(each)
        return
    if isinstance(document, dict):
        for name in ("Findings", "findings"):
            if isinstance(document.get(name), list):
                yield from document[name]
                return
        if isinstance(document.get("detail"), dict):
            detail = document["detail"]
            yield from detail["findings"] if isinstance(detail.get("findings"), list) else (detail,)
            return
    yield document


def exported(item: Any, where: str) -> Exported:
    """One finding in any of the shapes.

    Args:
        item: the finding.
        where: what it is of, for the mistake.

    Raises:
        FindingsError: it is no finding of GuardDuty.
    """
    if isinstance(item, dict):
        if "class_uid" in item:
            return Exported(_from_ocsf(item, where), "ocsf")
        if "ProductArn" in item:
            return Exported(_from_asff(item, where), "asff")
        plain = _lowered(item)
        if isinstance(plain.get("type"), str) and isinstance(plain.get("severity"), int | float):
            return Exported(plain, "guardduty")
    raise FindingsError(f"{where} holds something that is no finding of GuardDuty, ASFF or OCSF")


def _lowered(value: Any) -> Any:
    """The API's names (``InstanceId``) as the finding's own JSON writes them (``instanceId``)."""
    if isinstance(value, dict):
        return {f"{key[:1].lower()}{key[1:]}": _lowered(item) for key, item in value.items()}
    return [_lowered(item) for item in value] if isinstance(value, list) else value


def _from_asff(item: Mapping[str, Any], where: str) -> dict[str, Any]:
    if "guardduty" not in str(item["ProductArn"]):
        raise FindingsError(f"{where} holds a finding of another product: {item['ProductArn']}")
    types = [str(each).rsplit("/", 1)[-1] for each in item.get("Types", [])]
    known = next((each for each in types if ":" in each), None)
    severity = (item.get("Severity") or {}).get("Product")
    if known is None or severity is None:
        raise FindingsError(f"{where} holds a finding without type or severity: {item.get('Id')}")
    kind, _, name = known.partition("-")
    detail: dict[str, Any] = {
        "id": str(item.get("Id", "")).rsplit("/", 1)[-1],
        "type": f"{kind}/{name}",
        "severity": float(severity),
        "accountId": item.get("AwsAccountId"),
        "region": item.get("Region"),
        "title": item.get("Title"),
        "createdAt": item.get("CreatedAt"),
        "updatedAt": item.get("UpdatedAt"),
    }
    for key, value in (item.get("ProductFields") or {}).items():
        if key.startswith(_ASFF_FIELD):
            _put(detail, key.removeprefix(_ASFF_FIELD).split("/"), value)
    detail["resource"] = {**_resource_of_asff(item), **detail.get("resource", {})}
    return {key: value for key, value in detail.items() if value is not None}


def _put(target: dict[str, Any], path: list[str], value: Any) -> None:
    """Put a value at a path; a step like ``portProbeDetails.0_`` is a list's item."""
    for step in path[:-1]:
        inner = target.setdefault(re.sub(r"\.\d+_$", "", step), {})
        if not isinstance(inner, dict):
            return
        target = inner
    target.setdefault(re.sub(r"\.\d+_$", "", path[-1]), value)


def _resource_of_asff(item: Mapping[str, Any]) -> dict[str, Any]:
    """What the first resource says, under GuardDuty's own names."""
    first: Mapping[str, Any] = next(iter(item.get("Resources") or [{}]))
    last = re.split(r"[/:]", str(first.get("Id", "")))[-1]
    tags = [{"key": key, "value": value} for key, value in (first.get("Tags") or {}).items()]
    match first.get("Type"):
        case "AwsEc2Instance":
            return {"resourceType": "Instance", "instanceDetails": {"instanceId": last, "tags": tags}}
        case "AwsS3Bucket":
            return {"resourceType": "S3Bucket", "s3BucketDetails": [{"name": last, "tags": tags}]}
        case "AwsIamAccessKey":
            known = (first.get("Details") or {}).get("AwsIamAccessKey") or {}
            names = {"PrincipalName": "userName", "PrincipalType": "userType", "PrincipalId": "principalId"}
            details = {own: known[name] for name, own in names.items() if name in known}
            return {"resourceType": "AccessKey", "accessKeyDetails": {"accessKeyId": last, **details}}
        case _:
            return {}


def _from_ocsf(item: Mapping[str, Any], where: str) -> dict[str, Any]:
    info = item.get("finding_info") or {}
    kind = next((each for each in info.get("types") or [] if ":" in str(each)), None)
    word = str(item.get("severity", "")).lower()
    if kind is None or word not in _LEAST:
        raise FindingsError(f"{where} holds an OCSF finding without GuardDuty's type or severity: {info.get('uid')}")
    cloud = item.get("cloud") or {}
    detail = {
        "id": str(info.get("uid", "")).rsplit("/", 1)[-1],
        "type": kind,
        # OCSF keeps the word alone; the least number that has it.
        "severity": _LEAST[word],
        "accountId": (cloud.get("account") or {}).get("uid"),
        "region": cloud.get("region"),
        "title": info.get("title"),
    }
    return {key: value for key, value in detail.items() if value is not None}
