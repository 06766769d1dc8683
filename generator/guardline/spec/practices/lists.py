"""The spec's IP lists."""

from __future__ import annotations

from pydantic import Field

from guardline.spec.block import Block
from guardline.spec.values import BucketName, InsidePath


class TrustedIps(Block):
    """The trusted IP list of every detector: GuardDuty makes no findings for these addresses."""

    file: InsidePath = Field(description="A text file beside the spec: one public IPv4 address or CIDR a line.")
    bucket: BucketName | None = Field(
        default=None, description="Name of the bucket to create; left out, one is made up."
    )
