"""Sample GuardDuty findings: one of every active finding type, at any severity.

The shape is that of https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html. Identifiers
are invented, so a pattern or filter that names an identifier of its own does not match a sample, which is right: it
lets through the findings of one resource only.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from guardline.spec.findings import families

ACCOUNT = "111122223333"  # an account id of AWS's own examples
REGION = "us-east-1"
HIGH = 7.0  # severities from here are high, from 9.0 critical: .../ug/guardduty_findings-severity.html
# Every severity that GuardDuty can give, in tenths: 1.0 to 10.0.
SEVERITIES: tuple[float, ...] = tuple(tenth / 10 for tenth in range(10, 101))

_ADDRESS = {
    "ipAddressV4": "198.51.100.7",
    "country": {"countryName": "Netherlands"},
    "city": {"cityName": "Amsterdam"},
    "organization": {"asn": "64496", "asnOrg": "Example", "isp": "Example", "org": "Example"},
}
_INSTANCE = {
    "resourceType": "Instance",
    "instanceDetails": {
        "instanceId": "i-0guardlinesample",
        "instanceType": "m5.large",
        "imageId": "ami-0guardlinesample",
        "availabilityZone": "us-east-1a",
        "tags": [{"key": "Name", "value": "sample"}],
        "networkInterfaces": [
            {
                "networkInterfaceId": "eni-0guardlinesample",
                "privateIpAddress": "10.0.0.7",
                "publicIp": "203.0.113.7",
                "subnetId": "subnet-0guardlinesample",
                "vpcId": "vpc-0guardlinesample",
                "securityGroups": [{"groupId": "sg-0guardlinesample", "groupName": "sample"}],
            }
        ],
    },
}
_ACCESS_KEY = {
    "resourceType": "AccessKey",
    "accessKeyDetails": {
        "accessKeyId": "ASIAGUARDLINESAMPLE",
        "principalId": "AROAGUARDLINESAMPLE:session",
        "userName": "sample",
        "userType": "AssumedRole",
    },
}
_CLUSTER = {
    "resourceType": "EKSCluster",
    "eksClusterDetails": {"name": "sample", "status": "ACTIVE", "tags": []},
    "kubernetesDetails": {"kubernetesUserDetails": {"username": "sample"}},
}
_DATABASE = {
    "resourceType": "RDSDBInstance",
    "rdsDbInstanceDetails": {"dbInstanceIdentifier": "sample", "engine": "Aurora PostgreSQL", "tags": []},
}
# Family of finding types -> the resource that its findings are about.
_RESOURCES: Mapping[str, Mapping[str, Any]] = {
    "AI Protection": _ACCESS_KEY,
    "Attack sequence": {"resourceType": "AttackSequence"},
    "EC2": _INSTANCE,
    "EKS audit": _CLUSTER,
    "IAM": _ACCESS_KEY,
    "Lambda": {"resourceType": "Lambda", "lambdaDetails": {"functionName": "sample", "tags": []}},
    "Malware-Backup": {"resourceType": "RecoveryPoint", "recoveryPointDetails": {"backupVaultName": "sample"}},
    "Malware-EC2": _INSTANCE,
    "Malware-S3": {"resourceType": "S3Object", "s3BucketDetails": [{"name": "guardline-sample"}]},
    "RDS data activity": _DATABASE,
    "RDS login": _DATABASE,
    "Runtime": {**_INSTANCE, **_CLUSTER, "resourceType": "Instance"},
    "S3": {
        "resourceType": "S3Bucket",
        "s3BucketDetails": [{"name": "guardline-sample", "tags": []}],
        **{key: value for key, value in _ACCESS_KEY.items() if key != "resourceType"},
    },
}
_API_CALL = {
    "actionType": "AWS_API_CALL",
    "awsApiCallAction": {
        "api": "ListBuckets",
        "callerType": "Remote IP",
        "serviceName": "s3.amazonaws.com",
        "remoteIpDetails": _ADDRESS,
    },
}
_CONNECTION = {
    "actionType": "NETWORK_CONNECTION",
    "networkConnectionAction": {
        "blocked": False,
        "connectionDirection": "INBOUND",
        "protocol": "TCP",
        "localIpDetails": {"ipAddressV4": "10.0.0.7"},
        "localPortDetails": {"port": 22, "portName": "SSH"},
        "remoteIpDetails": _ADDRESS,
        "remotePortDetails": {"port": 40000, "portName": "Unknown"},
    },
}
_ACTIONS: Mapping[str, Mapping[str, Any]] = {
    "AI Protection": _API_CALL,
    "EC2": _CONNECTION,
    "IAM": _API_CALL,
    "Lambda": _CONNECTION,
    "S3": _API_CALL,
}


def finding(kind: str, severity: float, account: str = ACCOUNT, region: str = REGION) -> dict[str, Any]:
    """A finding as GuardDuty describes it (the ``detail`` of its event).

    Args:
        kind: one of `families()`.
        severity: 1.0 to 10.0.
        account, region: where it is found.
    """
    family = families()[kind]
    detector, ident = "00guardlinesample", "11guardlinesample"
    return {
        "schemaVersion": "2.0",
        "accountId": account,
        "region": region,
        "partition": partition(region),
        "id": ident,
        "arn": f"arn:{partition(region)}:guardduty:{region}:{account}:detector/{detector}/finding/{ident}",
        "type": kind,
        "resource": _RESOURCES[family],
        "service": {
            "serviceName": "guardduty",
            "detectorId": detector,
            "action": _ACTIONS.get(family, {}),
            "resourceRole": "TARGET",
            "additionalInfo": {"type": "default", "value": "{}"},
            "eventFirstSeen": "2026-01-01T00:00:00.000Z",
            "eventLastSeen": "2026-01-01T00:05:00.000Z",
            "archived": False,
            "count": 1,
        },
        "severity": severity,
        "createdAt": "2026-01-01T00:10:00.000Z",
        "updatedAt": "2026-01-01T00:10:00.000Z",
        "title": "A sample finding",
        "description": "A sample finding.",
    }


@lru_cache(maxsize=256)
def partition(region: str) -> str:
    """The partition of a region, from its name's first part."""
    prefixes = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "eusc-": "aws-eusc"}
    return next((name for prefix, name in prefixes.items() if region.startswith(prefix)), "aws")
