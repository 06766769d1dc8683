"""The spec's `flow_logs` block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import ConfigDict, Field

from guardline.spec.block import MODE, Block, Mode, mode_rules
from guardline.spec.modes import check_mode
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.values import Arn, BucketName, Text, Whole


class FlowLogs(Block):
    """VPC flow logs for every VPC the account owns: your own record; GuardDuty reads its own copy."""

    model_config = ConfigDict(json_schema_extra=mode_rules)

    mode: Mode = Field(default="create", description=MODE)
    destination: Literal["s3"] = Field(default="s3", description="Where they go.")
    traffic: Literal["ALL", "ACCEPT", "REJECT"] = Field(default="ALL", description="The traffic recorded.")
    scope: Literal["vpc", "subnets"] = Field(
        default="vpc", description="vpc: a log on each VPC. subnets: referenced logs on all subnets count as well."
    )
    retention_days: Whole = Field(default=365, ge=1, le=36500, description="Days until the logs are deleted.")
    bucket: BucketName | None = Field(
        default=None, description="Name of the bucket to create; left out, one is made up."
    )
    arn: Arn | None = Field(default=None, description="With mode reference: where the existing logs go.")
    owner: Text | None = Field(default=None, description="With mode reference: who owns them.")
    reason: Text | None = Field(default=None, description="With mode off: why.")


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields."""
    yield from check_mode(raw, "flow_logs", create=("bucket",))
    if raw.at("flow_logs", "scope") == "subnets" and (raw.at("flow_logs", "mode") or "create") == "create":
        yield ("flow_logs", "scope"), "`subnets` belongs to mode reference: what Guardline creates is a log on each VPC"
