"""Sample events: findings, calls that tamper with the detection, new VPCs, and findings in Security Hub.

Shapes: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-guardduty.html,
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html and
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-integration-types.html.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from guardline.spec.guarded_calls import GuardedCalls
from guardline.validator.semantics.callers import Caller, some_role
from guardline.validator.semantics.finding_samples import ACCOUNT, REGION, finding, partition

Event = dict[str, Any]
Harm = Literal[
    "stops detection", "breaks administration", "hides findings", "blinds by lists", "cuts evidence", "lifts guards"
]


@dataclass(frozen=True)
class Call:
    """An API call that weakens the detection or its records.

    Attributes:
        service: the prefix of its event source, e.g. ``guardduty``.
        name: the event name, e.g. ``DeleteDetector``.
        harm: what an intruder gains.
        request: the telling request parameters, as CloudTrail records them.
    """

    service: str
    name: str
    harm: Harm
    request: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @cached_property
    def request_text(self) -> str:
        """What it asks for, as JSON."""
        return json.dumps(self.request, sort_keys=True)

    def __str__(self) -> str:
        return f"{self.service}:{self.name}"


_DETECTOR = {"detectorId": "00guardlinesample"}


def _calls(service: str, harm: Harm, *names: str, **request: Any) -> tuple[Call, ...]:
    return tuple(Call(service, name, harm, request) for name in names)


# GuardDuty's own calls: the least that an alarm on tampering has to match.
GUARDDUTY_CALLS: tuple[Call, ...] = (
    *_calls("guardduty", "stops detection", "DeleteDetector", "StopMonitoringMembers", **_DETECTOR),
    *_calls("guardduty", "stops detection", "UpdateDetector", **_DETECTOR, enable=False),
    *_calls("guardduty", "stops detection", "UpdateMemberDetectors", "UpdateOrganizationConfiguration", **_DETECTOR),
    *_calls("guardduty", "stops detection", "DeleteMalwareProtectionPlan", "UpdateMalwareProtectionPlan"),
    *_calls("guardduty", "breaks administration", "DisassociateFromAdministratorAccount", **_DETECTOR),
    *_calls("guardduty", "breaks administration", "DisassociateFromMasterAccount", **_DETECTOR),
    *_calls("guardduty", "breaks administration", "DisassociateMembers", "DeleteMembers", **_DETECTOR),
    *_calls("guardduty", "breaks administration", "DisableOrganizationAdminAccount"),
    *_calls("guardduty", "hides findings", "CreateFilter", "UpdateFilter", **_DETECTOR, action="ARCHIVE"),
    *_calls("guardduty", "hides findings", "ArchiveFindings", **_DETECTOR),
    *_calls("guardduty", "blinds by lists", "CreateIPSet", "UpdateIPSet", **_DETECTOR, activate=True),
    *_calls("guardduty", "blinds by lists", "DeleteIPSet", "DeleteThreatIntelSet", **_DETECTOR),
    *_calls("guardduty", "blinds by lists", "UpdateThreatIntelSet", **_DETECTOR, activate=False),
    *_calls("guardduty", "cuts evidence", "DeletePublishingDestination", "UpdatePublishingDestination", **_DETECTOR),
)
# What a call on records, alerts and guards does, by the group of `guardline.spec.guarded_calls`.
_HARMS: Mapping[str, Harm] = {
    "record": "cuts evidence",
    "delivery": "hides findings",
    "storage": "cuts evidence",
    "access": "lifts guards",
}


def calls_on(guarded: GuardedCalls, name: str = "") -> tuple[Call, ...]:
    """The calls of one entry of the list of guarded calls.

    Args:
        guarded: the entry.
        name: the resource that they are about, as the request names it; "" for any.
    """
    request = {guarded.parameter: [name] if guarded.kind == "alarm" else name} if guarded.parameter and name else {}
    # CloudTrail adds the API's version to Lambda's: https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
    names = [f"{each}20150331v2" if guarded.versioned else each for each in guarded.names]
    return tuple(Call(guarded.service, each, _HARMS[guarded.group], request) for each in names)


def finding_event(kind: str, severity: float, account: str = ACCOUNT, region: str = REGION) -> Event:
    """The event of one GuardDuty finding; arguments as of `finding_samples.finding`."""
    return _event("aws.guardduty", "GuardDuty Finding", finding(kind, severity, account, region), account, region)


def call_event(call: Call, account: str = ACCOUNT, region: str = REGION, caller: Caller | None = None) -> Event:
    """The event of an API call that succeeded. It exists only while a trail logs.

    Args:
        call: the call.
        account, region: where it is made.
        caller: who makes it; a role that no rule knows, unless one is given.
    """
    detail = {
        "eventVersion": "1.09",
        "userIdentity": (caller or some_role(account, region)).identity,
        "eventTime": "2026-01-01T00:00:00Z",
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.name,
        "awsRegion": region,
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.0",
        "requestParameters": dict(call.request),
        "responseElements": None,
        "requestID": "22guardlinesample",
        "eventID": "33guardlinesample",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
        **(caller.session if caller is not None else {}),
    }
    return _event(f"aws.{call.service}", "AWS API Call via CloudTrail", detail, account, region)


def security_hub_event(kind: str, severity: float, account: str = ACCOUNT, region: str = REGION) -> Event:
    """The event of a GuardDuty finding that Security Hub imported; arguments as of `finding_samples.finding`."""
    product = f"arn:{partition(region)}:securityhub:{region}::product/aws/guardduty"
    label, normalized = _label(severity)
    imported = {
        "SchemaVersion": "2018-10-08",
        "Id": finding(kind, severity, account, region)["arn"],
        "ProductArn": product,
        "ProductName": "GuardDuty",
        "CompanyName": "Amazon",
        "Region": region,
        "GeneratorId": f"arn:{partition(region)}:guardduty:{region}:{account}:detector/00guardlinesample",
        "AwsAccountId": account,
        "Types": [f"TTPs/{kind.replace(':', '/').replace('/', '-', 1)}"],
        "Severity": {"Product": severity, "Label": label, "Normalized": normalized},
        "Title": "A sample finding",
        "ProductFields": {"aws/guardduty/service/archived": "false", "aws/securityhub/ProductName": "GuardDuty"},
        "Resources": [{"Type": "AwsEc2Instance", "Id": f"arn:{partition(region)}:ec2:{region}:{account}:instance/i-0"}],
        "RecordState": "ACTIVE",
        "WorkflowState": "NEW",
        "Workflow": {"Status": "NEW"},
    }
    resources = [f"{product}/{imported['Id']}"]
    detail = {"findings": [imported]}
    return _event("aws.securityhub", "Security Hub Findings - Imported", detail, account, region, resources)


def _label(severity: float) -> tuple[str, int]:
    """ASFF's label, and the least normalized score that Security Hub gives it."""
    steps = ((9.0, ("CRITICAL", 90)), (7.0, ("HIGH", 70)), (4.0, ("MEDIUM", 40)))
    return next((label for least, label in steps if severity >= least), ("LOW", 1))


def _event(
    source: str, kind: str, detail: dict[str, Any], account: str, region: str, resources: list[str] | None = None
) -> Event:
    return {
        "version": "0",
        "id": "44guardlinesample",
        "detail-type": kind,
        "source": source,
        "account": account,
        "time": "2026-01-01T00:10:00Z",
        "region": region,
        "resources": resources or [],
        "detail": detail,
    }
