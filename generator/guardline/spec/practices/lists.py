"""The spec's IP lists."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from guardline.spec.block import Block
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.values import BucketName, InsidePath, Slug

MOST_THREAT_LISTS = 6
"""In an account and region: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_limits.html."""


class TrustedIps(Block):
    """The trusted IP list of every detector: GuardDuty makes no findings for these addresses."""

    file: InsidePath = Field(
        description="A file beside the spec: one public IPv4 address or CIDR a line, or a format of feeds."
    )
    bucket: BucketName | None = Field(
        default=None, description="Name of the bucket to create for all lists; left out, one is made up."
    )


class ThreatIps(Block):
    """A threat list of every detector: GuardDuty makes findings for these addresses."""

    name: Slug = Field(description="The list's name, which its findings show after the environment's.")
    file: InsidePath = Field(
        description="A file beside the spec: one public IPv4 address or CIDR a line, or a format of feeds."
    )


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields."""
    lists = list(raw.items("threat_ips"))
    if len(lists) > MOST_THREAT_LISTS:
        yield ("threat_ips",), f"names {len(lists)} lists; AWS takes at most {MOST_THREAT_LISTS} in a region"
    names: set[str] = set()
    for path, _ in lists:
        name = raw.text(*path, "name")
        if name is not None and name in names:
            yield (*path, "name"), f"{name} is the name of another threat list; each needs its own"
        elif name is not None:
            names.add(name)
