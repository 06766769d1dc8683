"""The spec's `guardduty` block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from guardline.spec import catalogue
from guardline.spec.block import MODE, Block, Mode, mode_rules
from guardline.spec.features import FEATURES, ON_REQUEST, ON_REQUEST_FROM
from guardline.spec.log_destination import ObjectLock, check_lock
from guardline.spec.modes import check_mode
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.values import Arn, BucketName, Flag, Text, Whole


class RuntimeMonitoring(Block):
    """Runtime Monitoring and who installs its agents."""

    enabled: Flag = Field(default=True, description="The plan itself; off, the agents are off as well.")
    eks_addon: Flag = Field(default=True, description="GuardDuty manages the agent of EKS clusters.")
    ecs_fargate_agent: Flag = Field(default=True, description="GuardDuty manages the agent of ECS tasks on Fargate.")
    ec2_agent: Flag = Field(default=True, description="GuardDuty manages the agent of EC2 instances.")


def _runtime(value: Any) -> Any:
    """Read `true` and `false` as everything on and everything off, and an off plan's unnamed agents as off."""
    agents = FEATURES[-1].agent_keys
    if isinstance(value, bool):
        return {"enabled": value} | dict.fromkeys(agents, value)
    if isinstance(value, dict) and value.get("enabled") is False:
        return dict.fromkeys(agents, False) | value
    return value


class Features(Block):
    """GuardDuty's protection plans. Each is declared, on or off, in every region that offers it."""

    s3_data_events: Flag = Field(default=True, description="S3 Protection.")
    eks_audit_logs: Flag = Field(default=True, description="EKS Protection.")
    ebs_malware_protection: Flag = Field(default=True, description="Malware Protection for EC2.")
    rds_login_events: Flag = Field(default=True, description="RDS Protection.")
    lambda_network_logs: Flag = Field(default=True, description="Lambda Protection.")
    runtime_monitoring: Annotated[
        RuntimeMonitoring, BeforeValidator(_runtime, json_schema_input_type=bool | RuntimeMonitoring)
    ] = Field(
        default_factory=RuntimeMonitoring, description="Runtime Monitoring: true, false, or its agents one by one."
    )

    ai_protection: Flag | None = Field(
        default=None,
        description="AI Protection, with `terraform.aws_provider: 6`; left out, it stays as AWS sets it: on, where a "
        "detector is new.",
    )
    ai_analyst: Flag | None = Field(
        default=None,
        description="The AI analyst, with `terraform.aws_provider: 6`; left out, it stays as AWS sets it: off, where a "
        "detector is new. An organization has no setting of it for its members.",
    )

    def states(self) -> dict[str, bool]:
        """Feature name (``S3_DATA_EVENTS``, ...) -> wanted on, in the canonical order."""
        return {plan.name: _on(getattr(self, plan.key)) for plan in FEATURES}

    def on_request(self) -> dict[str, bool]:
        """Feature name (``AI_PROTECTION``, ...) -> wanted on, of those that are declared because the spec says so."""
        asked = {name: getattr(self, key) for name, key in ON_REQUEST.items()}
        return {name: on for name, on in asked.items() if on is not None}

    def agents(self) -> dict[str, bool]:
        """Runtime Monitoring's agent (``EKS_ADDON_MANAGEMENT``, ...) -> wanted on, in the canonical order."""
        plan = FEATURES[-1]
        return {
            name: getattr(self.runtime_monitoring, key) for name, key in zip(plan.agents, plan.agent_keys, strict=True)
        }


def _on(state: bool | RuntimeMonitoring) -> bool:
    return state.enabled if isinstance(state, RuntimeMonitoring) else state


class Existing(Block):
    """A bucket and a key that are there already, e.g. in a log-archive account; their owner lets GuardDuty in."""

    bucket_arn: Arn = Field(description="The bucket, e.g. arn:aws:s3:::NAME.")
    kms_key_arn: Arn = Field(description="The key that encrypts the findings; AWS wants it in the bucket's region.")


class Export(Block):
    """The export of findings, of every region, to one bucket: GuardDuty itself forgets them after 90 days."""

    model_config = ConfigDict(json_schema_extra=mode_rules)

    mode: Mode = Field(default="create", description=MODE)
    bucket: BucketName | None = Field(
        default=None, description="Name of the bucket to create; left out, one is made up."
    )
    retention_days: Whole | None = Field(
        default=None, ge=90, le=36500, description="Days until exported findings are deleted; left out, they are kept."
    )
    object_lock: ObjectLock | None = Field(
        default=None, description="Locks exported findings against deletion. Set it before the first apply."
    )
    existing: Existing | None = Field(default=None, description="Export to this bucket instead of creating one.")
    arn: Arn | None = Field(default=None, description="With mode reference: the bucket that the findings go to.")
    owner: Text | None = Field(default=None, description="With mode reference: who owns the export.")
    reason: Text | None = Field(default=None, description="With mode off: why.")
    approved_by: Text | None = Field(default=None, description="With mode off: who accepted that.")


class GuardDuty(Block):
    """The detector of every covered region."""

    finding_publishing_frequency: Literal["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"] = Field(
        default="FIFTEEN_MINUTES", description="How often updates to known findings are published."
    )
    features: Features = Field(default_factory=Features, description="The protection plans.")
    disable_legacy_eks_runtime: Flag = Field(
        default=False,
        description="For accounts that had EKS Runtime Monitoring, which Runtime Monitoring replaced: switch it off "
        "before Runtime Monitoring goes on, for AWS refuses both.",
    )
    export: Export | None = Field(default=None, description="The export of findings; left out, there is none.")


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields."""
    for key in ON_REQUEST.values():
        if isinstance(raw.at("guardduty", "features", key), bool) and raw.at("terraform", "aws_provider") == 5:
            yield ("guardduty", "features", key), f"AWS provider 5 does not know it; {ON_REQUEST_FROM} and newer do"
    path = ("guardduty", "features", "runtime_monitoring")
    if raw.at(*path, "enabled") is False:
        for agent in ("eks_addon", "ecs_fargate_agent", "ec2_agent"):
            if raw.at(*path, agent) is True:
                yield (*path, agent), "an agent cannot be managed while runtime_monitoring is not enabled"
    yield from check_mode(raw, *_EXPORT, create=("bucket", "retention_days", "object_lock", "existing"))
    yield from check_lock(raw, *_EXPORT)
    yield from _export(raw)


_EXPORT = ("guardduty", "export")
_BUCKET = re.compile(r"arn:[a-z-]+:s3:::[a-z0-9.-]{3,63}")
_KEY = re.compile(r"arn:[a-z-]+:kms:([a-z0-9-]+):[0-9]{12}:key/[A-Za-z0-9-]+")


def _export(raw: Raw) -> Iterator[Finding]:
    """What AWS refuses: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_exportfindings.html."""
    existing = (*_EXPORT, "existing")
    if raw.at(*existing) is not None:
        for key in ("bucket", "retention_days", "object_lock"):
            if raw.at(*_EXPORT, key) is not None:
                yield (*_EXPORT, key), f"`{key}` is of a bucket that is created, and `existing` names one that is there"
    for where, pattern, like in (
        ((*_EXPORT, "arn"), _BUCKET, "a bucket, like arn:aws:s3:::NAME"),
        ((*existing, "bucket_arn"), _BUCKET, "a bucket, like arn:aws:s3:::NAME"),
        ((*existing, "kms_key_arn"), _KEY, "a KMS key, like arn:aws:kms:eu-west-1:111122223333:key/ID (no alias)"),
    ):
        arn = raw.text(*where)
        if arn is None or not arn.startswith("arn:aws"):
            continue
        partition = raw.at("partition") or "aws"
        if not pattern.fullmatch(arn):
            yield where, f"must be the ARN of {like}"
        elif arn.split(":")[1] != partition:
            yield where, f"the ARN is in partition {arn.split(':')[1]}, but the spec's is {partition}"
    key_arn = _KEY.fullmatch(raw.text(*existing, "kms_key_arn") or "")
    home = catalogue.region(key_arn[1]) if key_arn else None
    if home is not None and not home.default_enabled:
        message = (
            f"{home.name}, where key and bucket are, is an opt-in region: AWS exports no findings of other regions to "
            "one; name a bucket and key in a region that AWS enables by default"
        )
        yield (*existing, "kms_key_arn"), message
