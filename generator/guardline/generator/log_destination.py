"""Where logs go: what flow logs and DNS query logs have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from guardline.generator.hcl import Plain, hcl
from guardline.generator.root import Billed, Root
from guardline.spec.log_destination import Delivered, ObjectLock


@dataclass(frozen=True)
class Destination:
    """Where one practice's logs go.

    Attributes:
        bucket: the bucket to make, if they go to one.
        log_group: the name of each region's log group, if they go there.
        settings: what the `region` module gets: argument -> expression.
        bucket_arguments: what the module of the bucket gets: argument -> expression.
    """

    bucket: str | None
    log_group: str | None
    settings: Mapping[str, str]
    bucket_arguments: Mapping[str, str] = field(default_factory=dict)


def destination(
    root: Root, asked: Delivered, purpose: str, bucket_module: str, *, hive_partitions: bool = False
) -> Destination:
    """Where the logs go.

    Args:
        root: the root.
        asked: the practice's block.
        purpose: what they are, as a part of names, e.g. ``flow-logs``.
        bucket_module: the name in the root of the module that makes the bucket.
        hive_partitions: whether the objects' keys are partitions that Hive and Athena read.
    """
    if asked.destination == "firehose":
        return Destination(None, None, {"stream": hcl(asked.stream)})
    own_key = asked.kms_key == "create"
    if asked.destination == "cloudwatch-logs":
        name = f"{root.spec.name}/{purpose}"
        group = written({"name": name, "retention_days": asked.retention_days, "own_key": own_key})
        return Destination(None, name, {"log_group": group})
    bucket = root.bucket_name(asked.bucket, purpose)
    arguments = {"region": hcl(root.spec.home_region)} if root.argument else {}
    arguments |= {
        "name": hcl(bucket),
        "partition": "local.partition",
        "account_id": "local.account_id",
        "retention_days": hcl(asked.retention_days),
    }
    if hive_partitions:
        arguments["hive_partitions"] = "true"
    if own_key:
        arguments["own_key"] = "true"
    elif asked.kms_key is not None:
        arguments["kms_key"] = written({"arn": asked.kms_key})
    if asked.object_lock is not None:
        arguments["object_lock"] = lock(asked.object_lock)
    return Destination(bucket, None, {"bucket_arn": f"module.{bucket_module}.arn"}, arguments)


def lock(asked: ObjectLock) -> str:
    """The argument `object_lock` of a module that makes a bucket."""
    return written({"mode": asked.mode.upper(), "days": asked.days})


def absent(to: Destination) -> Iterator[str]:
    """What must not be in the account yet."""
    if to.bucket:
        yield f"the bucket {to.bucket}"
    if to.log_group:
        yield f"the log group {to.log_group} in any covered region"


def written(values: Mapping[str, Plain]) -> str:
    """An object on one line; its keys are Terraform's own."""
    return "{ " + ", ".join(f"{key} = {hcl(value)}" for key, value in values.items()) + " }"


def billed(root: Root, asked: Delivered, what: str, *, parquet: bool = False) -> tuple[Billed, ...]:
    """What AWS bills for logs.

    Args:
        root: the root.
        asked: the practice's block.
        what: the logs, e.g. ``flow logs``.
        parquet: whether they are converted.
    """
    home = (root.spec.home_region,)
    cloudwatch = "https://aws.amazon.com/cloudwatch/pricing/"
    lines = [Billed("Amazon CloudWatch", f"{what} delivered (vended logs)", "GB delivered", cloudwatch)]
    if parquet:
        lines.append(Billed("Amazon CloudWatch", f"{what} converted to Parquet", "GB converted", cloudwatch))
    if asked.destination == "s3":
        lines.append(Billed("Amazon S3", f"{what} kept", "GB-month stored", "https://aws.amazon.com/s3/pricing/", home))
    elif asked.destination == "cloudwatch-logs":
        lines.append(Billed("Amazon CloudWatch", f"{what} kept", "GB-month stored", cloudwatch))
    else:
        firehose = "https://aws.amazon.com/firehose/pricing/"
        lines.append(Billed("Amazon Data Firehose", f"{what} taken in by your streams", "GB ingested", firehose))
    if asked.kms_key == "create":
        where = home if asked.destination == "s3" else None
        lines.append(
            Billed("AWS KMS", f"a key for {what}", "key-month, requests", "https://aws.amazon.com/kms/pricing/", where)
        )
    return tuple(lines)
