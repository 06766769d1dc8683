"""The spec's `flow_logs` block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from guardline.spec.block import Block, mode_rules
from guardline.spec.log_destination import Delivered, check_destination
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.values import WHOLE, Arn, Flag, LogFormat, Text


class FlowLogFiles(Block):
    """With destination s3: how the files are written."""

    format: Literal["plain-text", "parquet"] = Field(
        default="plain-text", description="parquet is smaller and faster to query, and billed for the conversion."
    )
    hive_partitions: Flag = Field(
        default=False, description="Prefixes that Hive and Athena read as partitions, like aws-region=eu-west-1."
    )
    hourly: Flag = Field(default=False, description="A prefix for each hour; else for each day.")


class FlowLogs(Delivered):
    """VPC flow logs for every VPC the account owns: your own record; GuardDuty reads its own copy."""

    model_config = ConfigDict(json_schema_extra=mode_rules)

    traffic: Literal["ALL", "ACCEPT", "REJECT"] = Field(default="ALL", description="The traffic recorded.")
    scope: Literal["vpc", "subnets"] = Field(
        default="vpc", description="vpc: a log on each VPC. subnets: referenced logs on all subnets count as well."
    )
    format: LogFormat | None = Field(
        default=None,
        description="The fields of a record, in AWS's words: `${version} ${vpc-id} ${srcaddr} ...`; left out, AWS's "
        "default fields.",
    )
    aggregation_seconds: Annotated[Literal[60, 600], WHOLE] = Field(
        default=600, description="The longest time that a record sums up; instances on Nitro always use 60 or less."
    )
    files: FlowLogFiles | None = Field(default=None, description="With destination s3: how the files are written.")
    arn: Arn | None = Field(default=None, description="With mode reference: where the existing logs go.")
    owner: Text | None = Field(default=None, description="With mode reference: who owns them.")
    reason: Text | None = Field(default=None, description="With mode off: why.")
    approved_by: Text | None = Field(default=None, description="With mode off: who accepted that.")


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields."""
    yield from check_destination(raw, "flow_logs", "format", "aggregation_seconds", "files")
    creates = (raw.at("flow_logs", "mode") or "create") == "create"
    if raw.at("flow_logs", "scope") == "subnets" and creates:
        yield ("flow_logs", "scope"), "`subnets` belongs to mode reference: what Guardline creates is a log on each VPC"
    destination = raw.text("flow_logs", "destination")
    if raw.at("flow_logs", "files") is not None and creates and destination in ("cloudwatch-logs", "firehose"):
        yield ("flow_logs", "files"), f"`files` belongs to destination s3, not {destination}"
