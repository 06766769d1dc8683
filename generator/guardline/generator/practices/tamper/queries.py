"""Queries over the trail: who weakened GuardDuty, and who changes it at all."""

from __future__ import annotations

from guardline.generator.markdown import markdown
from guardline.generator.practices.tamper.exempt_roles import exempt_here
from guardline.generator.root import Billed, Part, Root
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
    exempt = exempt_here(root)
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
    delay = "EventBridge receives calls only while the trail logs; an alert comes minutes after the call."
    if exempt:
        return (delay, f"Calls by {', '.join(markdown(arn) for arn in exempt)} raise no alarm: these roles deploy.")
    return (delay, "The spec names no role that deploys, so that Terraform's own changes raise the alarm as well.")


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
