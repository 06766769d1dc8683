"""Watching GuardDuty itself: rules in every region, and queries over the trail."""

from __future__ import annotations

from guardline.generator.root import Billed, Part, Root
from guardline.generator.text import markdown
from guardline.spec.accounts import accounts
from guardline.spec.practices.tamper import Tamper


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
    exempt = [arn.replace("::*:", f"::{root.account_id}:") for arn in exempt_roles(root)]
    queries = asked.queries and root.duty in ("account", "management")
    return Part(
        values={
            "alarm": asked.alarm,
            "exempt": exempt,
            "triage": _triage(root),
            "queries": _queries(root, asked) if queries else None,
        },
        region={"tamper": "local.tamper"} if asked.alarm else {},
        outputs={"tamper_workgroup": ("Where the queries over the trail are.", "module.tamper_queries.workgroup")}
        if queries
        else {},
        assumed=_assumed(asked, exempt),
        billed=_billed(root, asked, queries=queries),
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


def _triage(root: Root) -> list[str]:
    """Patterns of the ARNs of those whose work it is to archive findings."""
    access, name = root.spec.access, root.spec.name
    if access is None or access.mode != "create":
        return []
    role = f"arn:{root.spec.partition}:iam::{root.account_id}:role/"
    if access.kind == "roles":
        return [f"{role}{name}-guardduty-administrator", f"{role}{name}-guardduty-responder"]
    # https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
    return [f"{role}aws-reserved/sso.amazonaws.com/*AWSReservedSSO_{name}-gd-{part}_*" for part in ("admin", "triage")]


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


def _billed(root: Root, asked: Tamper, *, queries: bool) -> tuple[Billed, ...]:
    home = (root.spec.home_region,)
    athena = (
        Billed("Amazon Athena", "queries over the trail", "TB scanned", "https://aws.amazon.com/athena/pricing/", home),
        Billed(
            "Amazon S3", "results, for 30 days", "GB-month stored, requests", "https://aws.amazon.com/s3/pricing/", home
        ),
    )
    return athena if queries else ()
