"""The spec's `trail` block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import ConfigDict, Field

from guardline.spec.block import MODE, Block, Mode, mode_rules
from guardline.spec.log_destination import ObjectLock, at_home, check_lock
from guardline.spec.modes import check_mode
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.values import LOG_GROUP_DAYS, BucketName, Flag, KeyPrefix, Text, TrailArn, TrailKey, Whole

_BUCKET_OF_ITS_OWN = ("bucket", "bucket_in", "retention_days", "archive_after_days", "object_lock", "access_logs")


class LogArchive(Block):
    """A bucket that exists already, usually of a log archive account; its policy must let this trail in."""

    bucket: BucketName = Field(description="Its name.")
    owner: Text = Field(description="Who owns it and looks after it.")
    prefix: KeyPrefix | None = Field(default=None, description="The folder in it that the trail writes to.")


class CloudWatchLogs(Block):
    """A copy of the trail in CloudWatch Logs, in the home region: searched at once, and billed once more."""

    retention_days: Whole = Field(default=90, description="Days until the copy is deleted.")


class Trail(Block):
    """The CloudTrail trail: all regions, validated, encrypted, with S3 object events. Your own record."""

    model_config = ConfigDict(json_schema_extra=mode_rules)

    mode: Mode = Field(default="create", description=MODE)
    bucket: BucketName | None = Field(
        default=None, description="Name of the bucket to create; left out, one is made up."
    )
    bucket_in: Literal["management", "log-archive"] = Field(
        default="management",
        description="In which account of an organization the trail's bucket and key are made. management: beside the "
        "trail. log-archive: in `organization.log_archive_account`, by a root that is applied before the trail's. It "
        "is chosen for a new trail.",
    )
    log_archive: LogArchive | None = Field(
        default=None, description="Instead of a bucket of its own: one that another team keeps."
    )
    kms_key: TrailKey = Field(
        default="create",
        description="create: a key of its own. create-multi-region: one that can be replicated to other regions. "
        "An ARN: that key, whose policy must let CloudTrail encrypt for this trail.",
    )
    s3_data_events: Literal["all", "read", "write", "none"] = Field(
        default="all", description="Which S3 object events are recorded. They are billed by number."
    )
    excluded_buckets: tuple[BucketName, ...] = Field(
        default=(), description="Buckets whose object events are left out, e.g. those that receive logs."
    )
    exclude_log_buckets: Flag = Field(
        default=True,
        description="Whether the buckets of flow logs, DNS query logs and AWS Config that are made here are left out "
        "as well: each delivery to them would be a billed event.",
    )
    access_logs: Flag = Field(
        default=False,
        description="Whether S3's server access logs, in a bucket of their own, say who reads the trail's bucket, and "
        "the findings' bucket of the same account: the trail cannot record its own.",
    )
    insights: tuple[Literal["ApiCallRateInsight", "ApiErrorRateInsight"], ...] = Field(
        default=(), description="What CloudTrail Insights looks for in management events; billed by number analysed."
    )
    retention_days: Whole | None = Field(
        default=None, ge=1, le=36500, description="Days until log files are deleted; left out, they are kept."
    )
    archive_after_days: Whole | None = Field(
        default=None, ge=1, le=36500, description="Days until log files move to S3 Glacier; left out, they do not."
    )
    object_lock: ObjectLock | None = Field(default=None, description="Locks log files against deletion.")
    cloudwatch_logs: CloudWatchLogs | None = Field(
        default=None, description="A copy in CloudWatch Logs; left out, there is none."
    )
    arn: TrailArn | None = Field(default=None, description="With mode reference: the existing trail.")
    owner: Text | None = Field(default=None, description="With mode reference: who owns it.")
    reason: Text | None = Field(default=None, description="With mode off: why.")
    approved_by: Text | None = Field(default=None, description="With mode off: who accepted that.")

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of S3 object event that are asked for: ``read``, ``write``."""
        return frozenset({"all": ("read", "write"), "none": ()}.get(self.s3_data_events, (self.s3_data_events,)))


_CREATE = tuple(name for name in Trail.model_fields if name not in ("mode", "arn", "owner", "reason", "approved_by"))


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields."""
    yield from check_mode(raw, "trail", create=_CREATE)
    if not isinstance(raw.at("trail"), dict):
        return
    if raw.at("trail", "log_archive") is not None:
        for key in _BUCKET_OF_ITS_OWN:
            if raw.at("trail", key) is not None:
                yield ("trail", key), f"`{key}` is of a bucket made here, and `log_archive` names another team's"
    else:
        yield from at_home(raw, "trail", "kms_key")
        if raw.at("trail", "bucket_in") == "log-archive" and raw.at("organization", "log_archive_account") is None:
            yield ("trail", "bucket_in"), "name the account in `organization.log_archive_account`, or leave this out"
    yield from _days(raw)
    if raw.at("trail", "s3_data_events") == "none" and raw.at("trail", "excluded_buckets"):
        yield ("trail", "excluded_buckets"), "no S3 object events are recorded, so there is nothing to leave out"


def _days(raw: Raw) -> Iterator[Finding]:
    kept, archived = (
        value if isinstance(value, int) else None
        for value in (raw.at("trail", "retention_days"), raw.at("trail", "archive_after_days"))
    )
    if kept is not None and archived is not None and archived >= kept:
        yield ("trail", "archive_after_days"), f"the files are deleted after {kept} days: archive them before that"
    yield from check_lock(raw, "trail")
    days = raw.at("trail", "cloudwatch_logs", "retention_days")
    if isinstance(days, int) and days not in LOG_GROUP_DAYS:
        where = ("trail", "cloudwatch_logs", "retention_days")
        yield where, f"CloudWatch Logs offers {', '.join(map(str, LOG_GROUP_DAYS))} days"
