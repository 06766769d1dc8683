"""Watching GuardDuty itself: rules in every region, and queries over the trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guardline.generator.practices.access import set_name
from guardline.generator.root import Billed, Part, Root
from guardline.generator.text import markdown
from guardline.generator.watched import Watched
from guardline.spec.accounts import accounts
from guardline.spec.actions import RECORD_CALLS, weakening
from guardline.spec.practices.tamper import Tamper

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


def part(root: Root) -> Part:
    """What watching adds to the root.

    Raises:
        ListError: the organization's file of members cannot be read.
    """
    asked = root.spec.tamper
    if asked is None:
        return Part()
    if asked.mode == "reference":
        return Part(assumed=(f"Calls that weaken GuardDuty are watched by {markdown(asked.owner or '')}.",))
    if asked.mode == "off":
        return Part(assumed=(f"Nobody is asked to watch GuardDuty itself: {markdown(asked.reason or '')}",))
    exempt = _exempt_here(root)
    queries = asked.queries and root.duty in ("account", "management")
    return Part(
        values=_queries(root, asked) if queries else None,
        outputs={"tamper_workgroup": ("Where the queries over the trail are.", "module.tamper_queries.workgroup")}
        if queries
        else {},
        assumed=_assumed(asked, exempt),
        absent=_absent(root) if queries else (),
        billed=_billed(root) if queries else (),
    )


def exempt_roles(root: Root) -> tuple[str, ...]:
    """The ARNs of the roles that deploy, ``*`` for any account: as the spec says, else the one Terraform assumes."""
    spec = root.spec
    if spec.tamper is not None and spec.tamper.exempt_roles:
        return tuple(sorted(set(spec.tamper.exempt_roles)))
    if root.role is None:
        return ()
    arn = str(root.role["role_arn"])
    return (arn if spec.organization is None else arn.replace(f"::{root.account_id}:", "::*:"),)


def watched(root: Root) -> Mapping[str, Watched]:
    """The calls that raise an alarm in every region, by the end of a rule's name."""
    asked = root.spec.tamper
    if asked is None or asked.mode != "create" or not asked.alarm:
        return {}
    return {
        "tamper-guardduty": Watched(
            description="Calls that weaken GuardDuty",
            pattern=_weakening_guardduty(root),
            paths=PATHS,
            message=f"GuardDuty was weakened: {_TOLD}",
        ),
        "tamper-record": Watched(
            description="Calls that weaken what records and carries the findings",
            pattern=_weakening_the_record(root),
            paths=PATHS,
            message=f"What records or carries findings was weakened: {_TOLD}",
        ),
    }


def _weakening_guardduty(root: Root) -> dict[str, Any]:
    """Refused calls as well: an attempt is worth knowing."""
    exempt = _exempt_here(root)
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
    return {"detail-type": [CALL], "detail": {**_somebody_else(_exempt_here(root)), "$or": calls}}


def _somebody_else(but: Any) -> dict[str, Any]:
    """Callers other than these roles. A user and the root user have no session issuer, and are somebody else, too."""
    if not but:
        return {}
    return {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": [{"exists": False}, {"anything-but": but}]}}}}


def _exempt_here(root: Root) -> list[str]:
    return [arn.replace("::*:", f"::{root.account_id}:") for arn in exempt_roles(root)]


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


def _queries(root: Root, asked: Tamper) -> dict[str, object]:
    organization = root.spec.organization
    everyone = [account.id for account in accounts(root.spec, root.spec_path)]
    return {
        "trail_bucket": asked.trail_bucket,
        "organization_id": organization.id if organization is not None else None,
        "accounts": sorted(set(everyone)),
        "regions": sorted(state.name for state in root.states),
        "bucket": root.bucket_name(None, "query-results"),
    }


def _assumed(asked: Tamper, exempt: list[str]) -> tuple[str, ...]:
    if not asked.alarm:
        return ()
    heard = "EventBridge hears of calls only while the trail logs; a call is told minutes after it was made."
    if exempt:
        return (heard, f"Calls by {', '.join(markdown(arn) for arn in exempt)} raise no alarm: that is who deploys.")
    return (heard, "The spec names no role that deploys, so that Terraform's own changes raise the alarm as well.")


def _absent(root: Root) -> tuple[str, ...]:
    return (
        f"the bucket {root.bucket_name(None, 'query-results')}",
        f"the Athena workgroup {root.spec.name}-tamper",
        f"the Glue database {root.spec.name.replace('-', '_')}_cloudtrail",
    )


def _billed(root: Root) -> tuple[Billed, ...]:
    home = (root.spec.home_region,)
    athena, s3 = "https://aws.amazon.com/athena/pricing/", "https://aws.amazon.com/s3/pricing/"
    return (
        Billed("Amazon Athena", "queries over the trail", "TB scanned", athena, home),
        Billed("Amazon S3", "results of queries, for 30 days", "GB-month stored; requests", s3, home),
    )
