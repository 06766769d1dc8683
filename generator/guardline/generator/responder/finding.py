"""A finding as EventBridge brings it.

Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import Any


class FindingError(Exception):
    """The event is no finding, or lacks what every finding has."""


@dataclass(frozen=True)
class Finding:
    """What is known of a finding.

    Attributes:
        id: its id.
        type: e.g. ``UnauthorizedAccess:EC2/MaliciousIPCaller.Custom``.
        severity: 1.0 to 10.0.
        account: the 12 digits of the account that it is about.
        region: where it was found.
        partition: e.g. ``aws``.
        resource: what it is about, e.g. ``Instance i-0123456789abcdef0``.
        title: GuardDuty's own sentence.
        count: how often it was seen.
        last_seen: when last, as ISO 8601.
        sample: whether GuardDuty made it as a sample: nothing that it names exists.
        remote_address: the IPv4 address at the other end of the connection, where there is one.
        detail: the whole finding.
    """

    id: str
    type: str
    severity: float
    account: str
    region: str
    partition: str
    resource: str
    title: str
    count: int
    last_seen: str
    sample: bool
    remote_address: str | None
    detail: Mapping[str, Any]

    @property
    def last_seen_at(self) -> datetime | None:
        """When it was last seen, or None where it is no time."""
        try:
            seen = datetime.fromisoformat(self.last_seen)
        except ValueError:
            return None
        return seen if seen.tzinfo is not None else seen.replace(tzinfo=UTC)

    @property
    def word(self) -> str:
        """The severity as GuardDuty's console names it.

        Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
        """
        return next(word for least, word in _WORDS if self.severity >= least)


_WORDS = ((9, "critical"), (7, "high"), (4, "medium"), (float("-inf"), "low"))


def read(event: Mapping[str, Any]) -> Finding:
    """Read an event.

    Raises:
        FindingError: it is no finding, or lacks what every finding has.
    """
    if event.get("source") != "aws.guardduty" or event.get("detail-type") != "GuardDuty Finding":
        raise FindingError(f"not a finding: {event.get('source')}, {event.get('detail-type')}")
    try:
        detail = event["detail"]
        service = detail.get("service") or {}
        return Finding(
            id=str(detail["id"]),
            type=str(detail["type"]),
            severity=float(detail["severity"]),
            account=str(detail["accountId"]),
            region=str(detail["region"]),
            partition=str(detail.get("partition") or detail["arn"].split(":")[1]),
            resource=_resource(detail.get("resource") or {}),
            title=str(detail.get("title") or detail["type"]),
            count=int(service.get("count") or 1),
            last_seen=str(service.get("eventLastSeen") or detail.get("updatedAt") or "unknown"),
            sample=_is_sample(service),
            remote_address=_remote(service),
            detail=detail,
        )
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise FindingError(f"the finding is not as GuardDuty writes findings: {error!r}") from error


def _is_sample(service: Mapping[str, Any]) -> bool:
    """`CreateSampleFindings` marks what it makes: https://docs.aws.amazon.com/guardduty/latest/ug/sample_findings.html."""
    return (service.get("additionalInfo") or {}).get("sample") is True


def _remote(service: Mapping[str, Any]) -> str | None:
    action = (service.get("action") or {}).get("networkConnectionAction") or {}
    address = (action.get("remoteIpDetails") or {}).get("ipAddressV4")
    try:
        return str(IPv4Address(address))
    except ValueError:
        return None


def _resource(resource: Mapping[str, Any]) -> str:
    kind = str(resource.get("resourceType") or "unknown resource")
    find = _NAMES.get(kind)
    try:
        name = find(resource) if find is not None else None
    except (AttributeError, IndexError, KeyError, TypeError):
        name = None  # the finding is worth telling without it
    return f"{kind} {name}" if name else kind


# Kind of resource -> where a finding has its name.
_NAMES: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "AccessKey": lambda resource: resource["accessKeyDetails"]["userName"],
    "Container": lambda resource: resource["containerDetails"]["name"],
    "ECSCluster": lambda resource: resource["ecsClusterDetails"]["name"],
    "EKSCluster": lambda resource: resource["eksClusterDetails"]["name"],
    "Instance": lambda resource: resource["instanceDetails"]["instanceId"],
    "Lambda": lambda resource: resource["lambdaDetails"]["functionName"],
    "RDSDBInstance": lambda resource: resource["rdsDbInstanceDetails"]["dbInstanceIdentifier"],
    "S3Bucket": lambda resource: resource["s3BucketDetails"][0]["name"],
}
