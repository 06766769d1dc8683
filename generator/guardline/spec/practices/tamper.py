"""The spec's `tamper` block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from guardline.spec.block import Block, Mode, owner_rules
from guardline.spec.guarded_calls import GLOBAL_REGIONS
from guardline.spec.modes import check_mode
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding, covers
from guardline.spec.regions import REST
from guardline.spec.values import BucketName, Flag, Text

_OWN = ("alarm", "queries", "scp", "deny_regions", "exempt_roles", "trail_bucket", "targets")

# What fits twice into an event pattern beside the names of the calls; each ARN with quotes, comma and account.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
_MOST = 420


def _exempt(value: str) -> str:
    if not re.fullmatch(r"arn:aws[a-z-]*:iam::([0-9]{12}|\*):role/[\w+=,.@/-]{1,512}", value, re.ASCII):
        raise ValueError(
            "must be the ARN of a role, like arn:aws:iam::111122223333:role/NAME; * may stand for the account"
        )
    return value


def _target(value: str) -> str:
    # https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html
    if not re.fullmatch(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|[0-9]{12}", value):
        raise ValueError(
            "must be the id of a root, a unit or an account, like r-ab12, ou-ab12-11111111 or 111122223333"
        )
    return value


ExemptRole = Annotated[str, AfterValidator(_exempt), Field(json_schema_extra={"pattern": "^arn:aws[a-z-]*:iam::"})]
Target = Annotated[str, AfterValidator(_target), Field(json_schema_extra={"pattern": "^(r-|ou-|[0-9]{12}$)"})]


class Tamper(Block):
    """Watching GuardDuty itself: an alarm on calls that weaken it, questions to the trail, policies that forbid it."""

    model_config = ConfigDict(json_schema_extra=owner_rules)

    mode: Mode = Field(
        default="create",
        description="create: Guardline writes it. reference: another team watches (owner). off: not wanted (reason).",
    )
    alarm: Flag = Field(
        default=True,
        description="A rule in every region that raises an alert on calls that weaken GuardDuty or its records.",
    )
    queries: Flag = Field(default=True, description="A table over the trail, and queries about who changed GuardDuty.")
    scp: Flag = Field(
        default=False,
        description="A service control policy that denies these calls to all but `exempt_roles`: attached in an "
        "organization, else only printed as an output.",
    )
    deny_regions: Flag = Field(
        default=False, description="A service control policy that denies every region which is not covered."
    )
    exempt_roles: tuple[ExemptRole, ...] = Field(
        default=(), description="The roles that deploy; left out, the one that Terraform assumes."
    )
    targets: tuple[Target, ...] = Field(
        default=(), description="Where the policies are attached; left out, at the organization's root."
    )
    trail_bucket: BucketName | None = Field(
        default=None, description="With a trail that another team owns: the bucket of its logs, for the queries."
    )
    owner: Text | None = Field(default=None, description="With mode reference: who watches.")
    reason: Text | None = Field(default=None, description="With mode off: why.")
    approved_by: Text | None = Field(default=None, description="With mode off: who accepted that.")


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields."""
    yield from check_mode(raw, "tamper", create=_OWN, arn=False)
    if not isinstance(raw.at("tamper"), dict) or (raw.at("tamper", "mode") or "create") != "create":
        return
    yield from _trail(raw)
    yield from _exempted(raw)
    yield from _global_region(raw)
    if raw.at("tamper", "alarm") is not False and not raw.at("response", "alerts"):
        yield ("tamper", "alarm"), "needs `response.alerts`: who receives the alarm; or set `alarm: false`"
    policies = raw.at("tamper", "scp") is True or raw.at("tamper", "deny_regions") is True
    if raw.at("tamper", "targets") and not (policies and raw.at("organization")):
        yield (
            ("tamper", "targets"),
            "belongs to `scp` or `deny_regions` under an organization: nothing is attached here",
        )


def _global_region(raw: Raw) -> Iterator[Finding]:
    """Denying the global region cuts off parts of services that have no other, so that it is confirmed."""
    if raw.at("tamper", "deny_regions") is not True:
        return
    partition = raw.at("partition") or "aws"
    home = GLOBAL_REGIONS.get(partition) if isinstance(partition, str) else None
    for path, entry in raw.items("regions", "exclude"):
        name = raw.text(*path, "region")
        left_out = name == home or (name == REST and home is not None and not _is_named(raw, home))
        if left_out and isinstance(entry, dict) and entry.get("deny_global_region") is not True:
            yield (
                (*path, "region"),
                (
                    f"global services work in {home}, and `tamper.deny_regions` would deny it: cover it, or say "
                    "`deny_global_region: true` here"
                ),
            )


def _is_named(raw: Raw, region: str) -> bool:
    """Whether a line of its own names the region, so that `rest` is not about it."""
    left_out = {raw.text(*path, "region") for key in ("exclude", "retiring") for path, _ in raw.items("regions", key)}
    return region in left_out or covers(raw, region)


def _trail(raw: Raw) -> Iterator[Finding]:
    mode = raw.at("trail", "mode") or "create"
    bucket = raw.at("tamper", "trail_bucket")
    queries = raw.at("tamper", "queries") is not False
    for name in ("alarm", "queries"):
        if mode == "off" and raw.at("tamper", name) is not False:
            yield (
                ("tamper", name),
                "needs a trail, and trail.mode is off: without one no call is recorded, and none reaches EventBridge",
            )
    if mode == "reference" and queries and bucket is None:
        yield ("tamper", "queries"), "needs `trail_bucket`, the bucket of the referenced trail; or say `queries: false`"
    if bucket is not None and (mode != "reference" or not queries):
        yield ("tamper", "trail_bucket"), "is for queries over a trail of mode reference; leave it out"


def _exempted(raw: Raw) -> Iterator[Finding]:
    partition = raw.at("partition") or "aws"
    for path, entry in raw.items("tamper", "exempt_roles"):
        parts = entry.split(":") if isinstance(entry, str) else []
        if len(parts) > 1 and parts[0] == "arn" and parts[1].startswith("aws") and parts[1] != partition:
            yield path, f"the ARN is in partition {parts[1]}, but the spec's is {partition}"
    length = sum(len(entry) + 14 for _, entry in raw.items("tamper", "exempt_roles") if isinstance(entry, str))
    if length > _MOST:
        yield (
            ("tamper", "exempt_roles"),
            f"are too long together by {length - _MOST} characters: EventBridge takes patterns of 2,048; name fewer",
        )
    deploying = raw.at("terraform", "provider", "assume_role", "role_arn")
    alarms = raw.at("tamper") is not None and raw.at("tamper", "mode") in (None, "create")
    alarms = alarms and raw.at("tamper", "alarm") is not False  # only what raises an alarm has patterns
    if alarms and not length and isinstance(deploying, str) and len(deploying) + 14 > _MOST:
        words = (
            f"is too long for `tamper`, which exempts it, by {len(deploying) + 14 - _MOST} characters: EventBridge "
            "takes patterns of 2,048; take a role with a shorter path, or name others in tamper.exempt_roles"
        )
        yield ("terraform", "provider", "assume_role", "role_arn"), words
    assumed = raw.at("terraform", "provider", "assume_role") or raw.at("organization", "deploy_role")
    if raw.at("tamper", "scp") is True and not raw.at("tamper", "exempt_roles") and not assumed:
        yield (
            ("tamper", "scp"),
            "needs `exempt_roles` or terraform.provider.assume_role: else Terraform could change GuardDuty no more",
        )
