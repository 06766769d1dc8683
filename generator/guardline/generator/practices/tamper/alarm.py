"""Alarms on calls that weaken GuardDuty or its records, in every region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guardline.generator.alert_rules import AlertRule
from guardline.generator.practices.access import set_name
from guardline.generator.practices.tamper.exempt_roles import exempt_here
from guardline.generator.root import Root
from guardline.spec.actions import RECORD_CALLS, weakening

CALL = "AWS API Call via CloudTrail"
PATHS = {
    "who": "$.detail.userIdentity.arn",
    "service": "$.detail.eventSource",
    "call": "$.detail.eventName",
    "region": "$.detail.awsRegion",
    "account": "$.detail.recipientAccountId",
    "when": "$.detail.eventTime",
}
_TOLD = "<who> called <call> of <service> in <region> of account <account> at <when>."


def alert_rules(root: Root) -> Mapping[str, AlertRule]:
    """The calls that raise an alarm in every region, by the end of a rule's name."""
    asked = root.spec.tamper
    if asked is None or asked.mode != "create" or not asked.alarm:
        return {}
    return {
        "tamper-guardduty": AlertRule(
            description="Calls that weaken GuardDuty",
            pattern=_weakening_guardduty(root),
            paths=PATHS,
            message=f"GuardDuty was weakened: {_TOLD}",
        ),
        "tamper-record": AlertRule(
            description="Calls that weaken what records and carries the findings",
            pattern=_weakening_the_record(root),
            paths=PATHS,
            message=f"What records or carries findings was weakened: {_TOLD}",
        ),
    }


def _weakening_guardduty(root: Root) -> dict[str, Any]:
    """Refused calls as well: an attempt is worth knowing."""
    exempt = exempt_here(root)
    # Responders archive findings all day: that is their work, and no alarm.
    triage = _triage(root)
    archiving = _somebody_else({"wildcard": [*exempt, *triage]}) if triage else _somebody_else(exempt)
    prefixes = ("Accept", "Delete", "Disassociate")  # all of these: shorter, and what AWS adds counts, too
    names: list[Any] = [{"prefix": prefix} for prefix in prefixes]
    names += [name for name in weakening() if name != "ArchiveFindings" and not name.startswith(prefixes)]
    return {
        "source": ["aws.guardduty"],
        "detail-type": [CALL],
        "detail": {
            "eventSource": ["guardduty.amazonaws.com"],
            "$or": [{"eventName": names, **_somebody_else(exempt)}, {"eventName": ["ArchiveFindings"], **archiving}],
        },
    }


def _weakening_the_record(root: Root) -> dict[str, Any]:
    own = f"{root.spec.name}-"  # of rules and topics, only those that carry this baseline's events
    calls: list[dict[str, Any]] = [
        {"eventSource": [f"{service}.amazonaws.com"], "eventName": list(names)}
        for service, names in RECORD_CALLS.items()
    ]
    calls += [
        {
            "eventSource": ["events.amazonaws.com"],
            "eventName": ["DeleteRule", "DisableRule"],
            "requestParameters": {"name": [{"prefix": own}]},
        },
        {
            "eventSource": ["events.amazonaws.com"],
            "eventName": ["RemoveTargets"],
            "requestParameters": {"rule": [{"prefix": own}]},
        },
        {
            "eventSource": ["sns.amazonaws.com"],
            "eventName": ["DeleteTopic", "SetTopicAttributes"],
            "requestParameters": {"topicArn": [{"wildcard": f"arn:*:sns:*:{own}*"}]},
        },
    ]
    return {"detail-type": [CALL], "detail": {**_somebody_else(exempt_here(root)), "$or": calls}}


def _somebody_else(but: Any) -> dict[str, Any]:
    """Callers other than these roles. A user and the root user have no session issuer, and are somebody else, too."""
    if not but:
        return {}
    return {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": [{"exists": False}, {"anything-but": but}]}}}}


def _triage(root: Root) -> list[str]:
    """Patterns of the ARNs of those whose work it is to archive findings."""
    access, name = root.spec.access, root.spec.name
    if access is None or access.mode != "create":
        return []
    role = f"arn:{root.spec.partition}:iam::{root.account_id}:role/"
    if access.kind == "roles":
        return [f"{role}{name}-guardduty-administrator", f"{role}{name}-guardduty-responder"]
    # https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
    reserved = f"{role}aws-reserved/sso.amazonaws.com/*AWSReservedSSO_"
    return [f"{reserved}{set_name(root, part)}_*" for part in ("admin", "triage")]
