"""Findings of our own making, in the shape in which EventBridge brings them.

Shape: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
"""

from __future__ import annotations

from typing import Any

ACCOUNT = "123456789012"

RESOURCES: dict[str, tuple[dict[str, Any], str]] = {
    "Instance": ({"instanceDetails": {"instanceId": "i-0a1b2c3d4e5f60718"}}, "Instance i-0a1b2c3d4e5f60718"),
    "AccessKey": ({"accessKeyDetails": {"userName": "deploy", "accessKeyId": "AKIA0"}}, "AccessKey deploy"),
    "S3Bucket": ({"s3BucketDetails": [{"name": "letters"}, {"name": "more"}]}, "S3Bucket letters"),
    "EKSCluster": ({"eksClusterDetails": {"name": "web"}}, "EKSCluster web"),
    "ECSCluster": ({"ecsClusterDetails": {"name": "jobs"}}, "ECSCluster jobs"),
    "Container": ({"containerDetails": {"name": "sidecar"}}, "Container sidecar"),
    "Lambda": ({"lambdaDetails": {"functionName": "resize"}}, "Lambda resize"),
    "RDSDBInstance": ({"rdsDbInstanceDetails": {"dbInstanceIdentifier": "orders"}}, "RDSDBInstance orders"),
}
"""Kind of resource -> what a finding says of it, and how people read it."""


def finding(kind: str = "Instance", **changes: Any) -> dict[str, Any]:
    """An event with a finding about a resource of a kind."""
    details = RESOURCES[kind][0] if kind in RESOURCES else {}
    detail = {
        "schemaVersion": "2.0",
        "accountId": ACCOUNT,
        "region": "eu-west-1",
        "partition": "aws",
        "id": "16afba5c5c43e07c9e3e5e2e544e95df",
        "arn": f"arn:aws:guardduty:eu-west-1:{ACCOUNT}:detector/12abc/finding/16afba5c5c43e07c9e3e5e2e544e95df",
        "type": "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom",
        "resource": {"resourceType": kind, **details},
        "service": {"count": 3, "eventLastSeen": "2026-11-25T12:00:00Z", "archived": False},
        "severity": 8,
        "createdAt": "2026-11-25T11:00:00.000Z",
        "updatedAt": "2026-11-25T12:00:00.000Z",
        "title": "The EC2 instance i-0a1b2c3d4e5f60718 talks to an address on a list of yours.",
        "description": "…",
    }
    return {
        "version": "0",
        "id": "cd2d702e-ab31-411b-9344-793ce56b1bc7",
        "detail-type": "GuardDuty Finding",
        "source": "aws.guardduty",
        "account": ACCOUNT,
        "time": "2026-11-25T12:00:01Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": detail | changes,
    }
