"""The spec's `trail` block."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ConfigDict, Field

from guardline.spec.block import MODE, Block, Mode, mode_rules
from guardline.spec.modes import check_mode
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.values import BucketName, Text, TrailArn


class Trail(Block):
    """The CloudTrail trail: all regions, validated, encrypted, with every S3 object event. Your own record, too."""

    model_config = ConfigDict(json_schema_extra=mode_rules)

    mode: Mode = Field(default="create", description=MODE)
    bucket: BucketName | None = Field(
        default=None, description="Name of the bucket to create; left out, one is made up."
    )
    arn: TrailArn | None = Field(default=None, description="With mode reference: the existing trail.")
    owner: Text | None = Field(default=None, description="With mode reference: who owns it.")
    reason: Text | None = Field(default=None, description="With mode off: why.")


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields."""
    yield from check_mode(raw, "trail", create=("bucket",))
