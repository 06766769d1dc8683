"""Where a practice's logs go: the fields that flow logs and DNS logs share, and the rules across them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from guardline.spec.block import MODE, Block, Mode
from guardline.spec.modes import check_mode
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.values import LOG_GROUP_DAYS, BucketName, KmsKey, StreamName, Whole

# What belongs to one destination alone.
_OF = {"bucket": ("s3",), "object_lock": ("s3",), "stream": ("firehose",), "retention_days": ("s3", "cloudwatch-logs")}
KEYS = ("destination", "bucket", "stream", "kms_key", "object_lock")


class ObjectLock(Block):
    """Locks each object of a bucket for a time. It can only be set when the bucket is made."""

    mode: Literal["governance", "compliance"] = Field(
        description="governance: those with s3:BypassGovernanceRetention may still delete. compliance: nobody may, "
        "not even the account's root."
    )
    days: Whole = Field(ge=1, le=36500, description="How long each object is locked.")


def check_lock(raw: Raw, *practice: str) -> Iterator[Finding]:
    """A locked object cannot be deleted when its time has come."""
    kept, locked = raw.at(*practice, "retention_days"), raw.at(*practice, "object_lock", "days")
    if isinstance(kept, int) and isinstance(locked, int) and locked > kept:
        yield (*practice, "object_lock", "days"), f"the files are to be deleted after {kept} days, and cannot be"


class Delivered(Block):
    """A practice that writes logs."""

    mode: Mode = Field(default="create", description=MODE)
    destination: Literal["s3", "cloudwatch-logs", "firehose"] = Field(
        default="s3",
        description="s3: one bucket in the home region. cloudwatch-logs: a log group in each region. "
        "firehose: a delivery stream that each region has already (`stream`).",
    )
    retention_days: Whole = Field(
        default=365,
        ge=1,
        le=36500,
        description="Days until the logs are deleted; a log group takes only the periods that CloudWatch Logs offers.",
    )
    bucket: BucketName | None = Field(
        default=None, description="With destination s3: name of the bucket to create; left out, one is made up."
    )
    stream: StreamName | None = Field(
        default=None,
        description="With destination firehose: the name of the delivery stream, the same in every covered region.",
    )
    kms_key: KmsKey | None = Field(
        default=None,
        description="create: a key of its own encrypts the logs (with cloudwatch-logs, one in each region). "
        "An ARN: that key in the home region encrypts the bucket. Left out, the key is AWS's.",
    )
    object_lock: ObjectLock | None = Field(
        default=None, description="With destination s3: locks the logs against deletion. Set it before the first apply."
    )


def check_destination(raw: Raw, practice: str, *create: str) -> Iterator[Finding]:
    """The mistakes about a practice's mode and destination.

    Args:
        raw: the spec's data.
        practice: its key.
        create: more keys that belong to mode create alone.
    """
    yield from check_mode(raw, practice, create=(*KEYS, *create))
    yield from check_lock(raw, practice)
    if not isinstance(raw.at(practice), dict) or (raw.at(practice, "mode") or "create") != "create":
        return
    destination = raw.at(practice, "destination") or "s3"
    if destination not in ("s3", "cloudwatch-logs", "firehose"):
        return
    for key, destinations in _OF.items():
        if raw.at(practice, key) is not None and destination not in destinations:
            yield (practice, key), f"`{key}` belongs to destination {' or '.join(destinations)}, not {destination}"
    if destination == "firehose" and raw.at(practice, "stream") is None:
        yield (practice, "destination"), "firehose needs `stream`: the delivery stream's name in every covered region"
    days = raw.at(practice, "retention_days")
    if destination == "cloudwatch-logs" and isinstance(days, int) and days not in LOG_GROUP_DAYS:
        yield (practice, "retention_days"), f"CloudWatch Logs offers {', '.join(map(str, LOG_GROUP_DAYS))} days"
    yield from _key(raw, practice, destination)


def _key(raw: Raw, practice: str, destination: str) -> Iterator[Finding]:
    key = raw.text(practice, "kms_key")
    if key is None:
        return
    if destination == "firehose":
        yield (practice, "kms_key"), "the delivery stream encrypts what it takes: leave it out"
    elif destination == "cloudwatch-logs" and key != "create":
        yield (practice, "kms_key"), "a log group needs a key of its own region: say `create`, or leave it out"
    else:
        yield from at_home(raw, practice, "kms_key")


def at_home(raw: Raw, *path: str) -> Iterator[Finding]:
    """A key encrypts what is in its own region: the buckets are in the home region."""
    parts = (raw.text(*path) or "").split(":")
    home = raw.text("home_region")
    if len(parts) > 5 and parts[2] == "kms" and home is not None and parts[3] != home:
        yield path, f"the key is in {parts[3]}, and the bucket it encrypts in the home region, {home}"
