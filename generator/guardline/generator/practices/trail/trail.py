"""The CloudTrail trail, in a bucket of its own, the log archive account's or another team's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from guardline.generator.existing import inventory
from guardline.generator.hcl import hcl
from guardline.generator.log_destination import written
from guardline.generator.markdown import markdown
from guardline.generator.practices.trail import bucket
from guardline.generator.root import Billed, Import, Part, Root
from guardline.spec.accounts import accounts
from guardline.spec.inventory import Trail as Existing
from guardline.spec.practices.trail import Trail

_KINDS = {"all": "S3 object events", "read": "S3 object reads", "write": "S3 object writes"}
MOST_LEFT_OUT = 400
"""Buckets left out by themselves; all selectors of a trail have room for 500 values:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html."""
_PRICING = "https://aws.amazon.com/cloudtrail/pricing/"


def part(root: Root) -> Part:
    """What the trail adds to the root.

    Raises:
        InventoryError: an inventory cannot be read.
    """
    asked = root.spec.trail
    if asked.mode == "reference":
        arn, owner = markdown(asked.arn or ""), markdown(asked.owner or "")
        return Part(assumed=(f"The trail {arn} is owned by {owner}; nothing here makes or changes it.",))
    if asked.mode == "off":
        return Part(assumed=(f"No trail is asked for: {markdown(asked.reason or '')}",))
    return Part(
        values={"arguments": _arguments(root, asked)},
        outputs={"trail_arn": ("The trail that records every region.", "module.trail.arn"), **_policy(asked)},
        assumed=(*_assumed(root, asked), *_twice(root)),
        billed=tuple(_billed(root, asked)),
        imports=_imports(root),
        absent=tuple(_absent(root, asked)),
    )


def _there(root: Root) -> tuple[Existing, ...]:
    """The trails of the home region that the inventory lists."""
    found = inventory(root)
    home = found.regions.get(root.spec.home_region) if found is not None else None
    return home.trails if home is not None else ()


def _imports(root: Root) -> tuple[Import, ...]:
    """A trail of this name in the home region is adopted: AWS has one of a name there."""
    return tuple(
        Import("module.trail.aws_cloudtrail.this", root.import_id(trail.arn, root.spec.home_region))
        for trail in _there(root)
        if trail.name == root.spec.name
    )


def _twice(root: Root) -> Iterator[str]:
    """A second record of the same management events is billed; the first is free."""
    found = inventory(root)
    trails = [trail for region in (found.regions.values() if found is not None else ()) for trail in region.trails]
    for trail in trails:
        if trail.logging and trail.multi_region and trail.name != root.spec.name:
            yield (
                f"The trail {markdown(trail.arn)} records every region already, so that management events are billed. "
                "Say `trail: {mode: reference}` if it will do."
            )


def _absent(root: Root, asked: Trail) -> Iterator[str]:
    if not _imports(root):
        yield f"the trail {root.spec.name} in {root.spec.home_region}"
    if _has_bucket(root, asked):
        yield from bucket.absent(root, asked)
    if asked.cloudwatch_logs is not None:
        yield f"the log group {root.spec.name}/trail in {root.spec.home_region}"
        yield f"the role {root.spec.name}-trail-to-log-group"


def _has_bucket(root: Root, asked: Trail) -> bool:
    """Whether the bucket is made beside the trail."""
    return asked.log_archive is None and bucket.keeper(root.spec) is None


def _policy(asked: Trail) -> dict[str, tuple[str, str]]:
    if asked.log_archive is None:
        return {}
    what = "What the policy of the log archive's bucket must allow, so that the trail can write there."
    return {"trail_bucket_policy": (what, "module.trail.bucket_policy")}


def _arguments(root: Root, asked: Trail) -> dict[str, str]:
    """What the module gets; its defaults are left out."""
    arguments = {
        "region": hcl(root.spec.home_region),
        "partition": "local.partition",
        "account_id": "local.account_id",
        "name": hcl(root.spec.name),
    }
    if root.duty == "management" and root.spec.organization is not None:
        arguments["organization_id"] = hcl(root.spec.organization.id)
    keeper = bucket.keeper(root.spec)
    if keeper is not None:
        arguments |= bucket.elsewhere(root, keeper)
    elif asked.log_archive is None:
        arguments |= bucket.named(root, asked)
    else:
        there = asked.log_archive.model_dump(include={"bucket", "prefix"}, exclude_none=True)
        arguments |= {"log_archive": written(there), **bucket.key(asked)}
    if asked.s3_data_events != "all":
        arguments["s3_data_events"] = hcl(sorted(asked.kinds))
    for name, values in (("excluded_buckets", _left_out(root, asked)), ("insights", asked.insights)):
        if values:
            arguments[name] = hcl(sorted(set(values)))
    if _has_bucket(root, asked):
        arguments |= bucket.kept(root, asked)
    if asked.cloudwatch_logs is not None:
        days = asked.cloudwatch_logs.retention_days
        arguments["log_group"] = written({"name": f"{root.spec.name}/trail", "retention_days": days})
        if root.dns_suffix != "amazonaws.com":
            arguments["dns_suffix"] = hcl(root.dns_suffix)
    return arguments


def _left_out(root: Root, asked: Trail) -> tuple[str, ...]:
    """The buckets whose object events are left out beside the trail's own: those named, and those that receive logs."""
    if not asked.kinds:
        return ()
    own = _log_buckets(root, asked) if asked.exclude_log_buckets else ()
    keeper = bucket.keeper(root.spec)
    # The access logs of the trail's bucket, which the module leaves out where they are beside the trail.
    logs = (replace(root, account_id=keeper).bucket_name(None, "access-logs"),) if keeper and asked.access_logs else ()
    return tuple(sorted({*asked.excluded_buckets, *own, *logs}))


def _log_buckets(root: Root, asked: Trail) -> tuple[str, ...]:
    """The baseline's buckets that receive logs: of every account that the trail records, while selectors have room."""
    spec = root.spec
    logs = (("flow-logs", spec.flow_logs), ("dns-logs", spec.dns_logs), ("config", spec.config))
    made = {
        purpose: asked
        for purpose, asked in logs
        if asked is not None and asked.mode == "create" and getattr(asked, "destination", "s3") == "s3"
    }
    known = accounts(spec, root.spec_path) if root.duty == "management" else ()
    named = len(asked.excluded_buckets)
    owners = [account.id for account in known] if len(known) * len(made) + named <= MOST_LEFT_OUT else []
    return tuple(
        replace(root, account_id=owner).bucket_name(asked.bucket, purpose)
        for owner in owners or [root.account_id]
        for purpose, asked in made.items()
    )


def _assumed(root: Root, asked: Trail) -> list[str]:
    kinds = _KINDS.get(asked.s3_data_events)
    data = f" and {kinds} of all buckets but its own{_others(root, asked)}" if kinds else ", and no S3 object events"
    lines = [f"The trail records management events{data}. GuardDuty does not need it; such events are billed."]
    if asked.log_archive is not None:
        archive, owner = markdown(asked.log_archive.bucket), markdown(asked.log_archive.owner)
        lines.append(f"The bucket {archive}, owned by {owner}, lets this trail in; nothing here makes or changes it.")
    if (keeper := bucket.keeper(root.spec)) is not None:
        name = markdown(replace(root, account_id=keeper).bucket_name(asked.bucket, "trail"))
        lines.append(f"The bucket {name} is the log archive's, account {keeper}: the root trail-bucket makes it first.")
    if asked.kms_key.startswith("arn:"):
        lines.append(f"The policy of the key {markdown(asked.kms_key)} lets CloudTrail encrypt for this trail.")
    return lines


def _others(root: Root, asked: Trail) -> str:
    names = _left_out(root, asked)
    if len(names) > 12:
        return f" and {len(names)} others, most of which receive logs"
    return f" and {', '.join(map(markdown, names))}" if names else ""


def _billed(root: Root, asked: Trail) -> list[Billed]:
    home = (root.spec.home_region,)
    lines = [Billed("AWS CloudTrail", "management events, if another trail records them too", "events", _PRICING)]
    if asked.kinds:
        lines.append(Billed("AWS CloudTrail", _KINDS[asked.s3_data_events], "events", _PRICING))
    if asked.insights:
        lines.append(Billed("AWS CloudTrail", "CloudTrail Insights", "events analysed", _PRICING))
    if _has_bucket(root, asked):
        lines += bucket.billed(root, asked)
    elif asked.log_archive is not None and not asked.kms_key.startswith("arn:"):
        lines.append(bucket.own_key(root))
    if asked.cloudwatch_logs is not None:
        logs = "https://aws.amazon.com/cloudwatch/pricing/"
        lines.append(Billed("Amazon CloudWatch", "a copy of the trail", "GB ingested, GB-month stored", logs, home))
    return lines
