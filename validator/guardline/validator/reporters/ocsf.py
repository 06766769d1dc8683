"""OCSF Compliance Findings, one JSON object on each line and one for each cell: what security lakes and SIEMs read.

Source: https://schema.ocsf.io/1.5.0/classes/compliance_finding?extensions=&profiles=cloud
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from guardline.spec.saying import printable
from guardline.validator.control import Severity, Status
from guardline.validator.controls.shared.mappings import FRAMEWORKS, citation
from guardline.validator.model.resource import Origin
from guardline.validator.report import Report, Row

VERSION = "1.5.0"
"""Of the schema."""

SEVERITIES: Mapping[Severity, tuple[int, str]] = {
    Severity.INFO: (1, "Informational"),
    Severity.LOW: (2, "Low"),
    Severity.MEDIUM: (3, "Medium"),
    Severity.HIGH: (4, "High"),
    Severity.CRITICAL: (5, "Critical"),
}

STATUSES: Mapping[Status, tuple[int, str]] = {
    Status.PASS: (1, "Pass"),
    Status.FAIL: (3, "Fail"),
    Status.UNDETERMINED: (0, "Unknown"),
    Status.WAIVED: (99, "Waived"),
    Status.NOT_APPLICABLE: (99, "Not applicable"),
    Status.NOT_ASSESSED: (99, "Not assessed"),
}
"""The status of a check. What could not be determined is unknown, and never a pass."""


def render(report: Report) -> str:
    """Render every cell of the report; nothing at all where there is none."""
    return "".join(f"{json.dumps(finding)}\n" for finding in _findings(report))


def _findings(report: Report) -> Iterator[dict[str, Any]]:
    moment = int(datetime.fromisoformat(report.generated_at).timestamp() * 1000)
    metadata = {
        "version": VERSION,
        "profiles": ["cloud"],
        "product": {"name": "Guardline", "vendor_name": "Guardline", "version": report.version},
    }
    for row in report.rows:
        yield _finding(report, row, moment, metadata)


def _finding(report: Report, row: Row, moment: int, metadata: Mapping[str, Any]) -> dict[str, Any]:
    severity_id, severity = SEVERITIES[row.severity]
    status_id, status = STATUSES[row.verdict]
    reason = printable(row.reason)
    return {
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "activity_id": 1,
        "activity_name": "Create",
        "type_uid": 200301,
        "type_name": "Compliance Finding: Create",
        "time": moment,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": 1,
        "status": "New",
        "message": reason,
        "metadata": metadata,
        "cloud": _cloud(row),
        "compliance": {
            "control": row.control,
            "standards": [FRAMEWORKS.get(name, name) for name in row.mappings],
            "requirements": [citation(name, each) for name, ids in row.mappings.items() for each in ids],
            "status_id": status_id,
            "status": status,
        },
        "finding_info": {"uid": row.id, "title": printable(row.title), "desc": reason, "created_time": moment},
        "remediation": {"desc": printable(row.fix)},
        "resources": list(_resources(report, row)),
        "unmapped": {
            "guardline": {
                "verdict": str(row.verdict),
                "before": None if row.before is None else str(row.before),
                "regression": row.regression,
                "in_coverage": row.in_coverage,
                "cause": row.cause,
                "evidence": [_evidence(origin) for origin in row.evidence],
            }
        },
    }


def _cloud(row: Row) -> dict[str, Any]:
    cloud: dict[str, Any] = {"provider": "AWS"}
    if row.account:
        account = printable(row.account)
        cloud["account"] = {"uid": account, "name": account, "type_id": 10, "type": "AWS Account"}
    if row.region:
        cloud["region"] = printable(row.region)
    return cloud


def _resources(report: Report, row: Row) -> Iterator[dict[str, Any]]:
    """What the cell is about: its resource, else its region, else its account."""
    about, kind = row.subject or row.region or row.account, "AWS account"
    if row.subject:
        parts = row.subject.split(".")
        kind = parts[-2] if len(parts) > 1 else "resource"
    elif row.region:
        kind = "AWS region"
    if about:
        found = {"uid": printable(row.subject_id or about), "name": printable(about), "type": printable(kind)}
        yield (
            found
            | {"cloud_partition": report.scope.partition}
            | ({"region": printable(row.region)} if row.region else {})
        )


def _evidence(origin: Origin) -> dict[str, Any]:
    return {
        "address": printable(origin.address),
        "file": None if origin.file is None else printable(origin.file),
        "line": origin.line,
        "absent": origin.absent,
    }
