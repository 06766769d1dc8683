"""Alarms on calls that weaken GuardDuty or its records, in every region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guardline.generator.alert_rules import AlertRule, hops
from guardline.generator.practices.access import set_name
from guardline.generator.practices.tamper.exempt_roles import exempt_here
from guardline.generator.root import Root, given_buckets
from guardline.spec.actions import weakening
from guardline.spec.guarded_calls import Group, GuardedCalls, Kind, guarded

CALL = "AWS API Call via CloudTrail"
PATHS = {
    "event": "$.id",
    "who": "$.detail.userIdentity.arn",
    "service": "$.detail.eventSource",
    "call": "$.detail.eventName",
    "region": "$.detail.awsRegion",
    "account": "$.detail.recipientAccountId",
    "when": "$.detail.eventTime",
}
_GROUPS: tuple[Group, ...] = ("record", "delivery", "storage", "access")
_WHERE = "in <region>, account <account>"
_LINES = ("<who> called <call> of <service> at <when>.",)
_STEPS = (
    "Find out whether whoever called it meant to, and was allowed to.",
    "If not: take the credentials away, and see in CloudTrail what else was called with them.",
    "Apply Terraform again, so that everything is as it was.",
)


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
            title=f"GuardDuty was weakened by <call> {_WHERE}",
            lines=_LINES,
            steps=_STEPS,
            severity="critical",
        ),
        **{f"tamper-{group}": _rule_on(root, group) for group in _GROUPS},
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


def _what(root: Root, group: Group) -> str:
    """What the calls of a group are about; of the baseline's own things, those that there are."""
    if group == "record":  # anybody's
        return "trails, recorders, flow logs, query logs, keys or hubs"
    if group == "delivery":
        asked = root.spec.response
        function = asked is not None and asked.remediate is not None
        there = ["rules", *(["bus"] if hops(root) else []), "topics", *(["function"] if function else [])]
        return f"this baseline's {', '.join(there)} or alarms"
    if group == "storage":
        export = root.spec.guardduty.export
        return f"the buckets of logs{' and findings' if export is not None and export.mode == 'create' else ''}"
    there = ["the roles that deploy"] if exempt_here(root) else []
    there += ["the organization's policies"] if root.spec.organization is not None or not there else []
    return ", or ".join(there)


def _rule_on(root: Root, group: Group) -> AlertRule:
    calls = [_one_of(root, each) for each in guarded(group) if each.kind != "role" or exempt_here(root)]
    return AlertRule(
        description=f"Calls on {_what(root, group)}",
        # EventBridge takes `$or` for a field's name where it has one alternative:
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
        pattern={
            "detail-type": [CALL],
            "detail": {**_somebody_else(exempt_here(root)), **({"$or": calls} if len(calls) > 1 else calls[0])},
        },
        paths=PATHS,
        title=f"<call> {_WHERE}",
        lines=(f"This is a call on {_what(root, group)}.", *_LINES),
        steps=_STEPS,
        in_global_region=all(each.in_global_region for each in guarded(group)),
    )


def _one_of(root: Root, calls: GuardedCalls) -> dict[str, Any]:
    """The part of a pattern that matches these calls, on what belongs to this baseline where names say so."""
    names = [{"prefix": name} for name in calls.names] if calls.versioned else list(calls.names)
    matched: dict[str, Any] = {"eventSource": [f"{calls.service}.amazonaws.com"], "eventName": names}
    if calls.kind is not None:
        matched["requestParameters"] = {calls.parameter: _own(root, calls.kind)}
    return matched


def _own(root: Root, kind: Kind) -> list[Any]:
    """What the request parameter holds when a call is about something of this baseline."""
    own = f"{root.spec.name}-"
    if kind in ("topic", "subscription"):
        return [{"wildcard": f"arn:*:sns:*:{own}*"}]
    if kind == "function":  # by name, or by ARN
        return [{"prefix": own}, {"wildcard": f"arn:*:function:{own}*"}]
    if kind == "role":
        return sorted({arn.rpartition("/")[2] for arn in exempt_here(root)})
    if kind == "bucket":
        return [{"prefix": own}, *(name for name in given_buckets(root.spec) if not name.startswith(own))]
    return [{"prefix": own}]


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
