"""The spec's `security_hub` block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import ConfigDict, Field

from guardline.spec import catalogue
from guardline.spec.block import Block, Mode, owner_rules
from guardline.spec.modes import check_mode
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.values import Flag, Text

Standard = Literal[
    "aws-foundational-security-best-practices",
    "aws-resource-tagging-standard",
    "cis-aws-foundations-benchmark-1.4.0",
    "cis-aws-foundations-benchmark-3.0.0",
    "cis-aws-foundations-benchmark-5.0.0",
    "nist-800-53",
    "nist-800-171",
    "pci-dss-3.2.1",
    "pci-dss-4.0.1",
]

# https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html
STANDARDS: Mapping[Standard, str] = {
    "aws-foundational-security-best-practices": "aws-foundational-security-best-practices/v/1.0.0",
    "aws-resource-tagging-standard": "aws-resource-tagging-standard/v/1.0.0",
    "cis-aws-foundations-benchmark-1.4.0": "cis-aws-foundations-benchmark/v/1.4.0",
    "cis-aws-foundations-benchmark-3.0.0": "cis-aws-foundations-benchmark/v/3.0.0",
    "cis-aws-foundations-benchmark-5.0.0": "cis-aws-foundations-benchmark/v/5.0.0",
    "nist-800-53": "nist-800-53/v/5.0.0",
    "nist-800-171": "nist-800-171/v/2.0.0",
    "pci-dss-3.2.1": "pci-dss/v/3.2.1",
    "pci-dss-4.0.1": "pci-dss/v/4.0.1",
}
"""Standard -> the end of its ARN, after ``standards/``."""

Integration = Literal["macie", "inspector", "firewall-manager"]

SERVICES: Mapping[Integration, str] = {"macie": "macie2", "inspector": "inspector2", "firewall-manager": "fms"}
"""Integration -> the service of the region catalogue that has to be there."""


class SecurityHub(Block):
    """Security Hub in every region, beside GuardDuty, whose findings it receives without further setup."""

    model_config = ConfigDict(json_schema_extra=owner_rules)

    mode: Mode = Field(
        default="create",
        description="create: Guardline writes it. reference: another team has it (owner). off: not asked for (reason).",
    )
    standards: tuple[Standard, ...] = Field(
        default=("aws-foundational-security-best-practices",),
        description="The standards that it checks. They need AWS Config: see `config`.",
    )
    aggregate: Flag = Field(
        default=True, description="Whether the home region shows the findings of all regions, later ones included."
    )
    integrations: tuple[Integration, ...] = Field(
        default=(),
        description="Further services whose findings are to come in, in the regions that offer them. AWS links them to "
        "a hub by itself; nothing is written for them, and `validate` asks for them.",
    )
    findings_per: Literal["control", "standard"] = Field(
        default="control",
        description="control: one finding for a check, whichever standards have it. standard: one for each of them.",
    )
    owner: Text | None = Field(default=None, description="With mode reference: who has it.")
    reason: Text | None = Field(default=None, description="With mode off: why.")
    approved_by: Text | None = Field(default=None, description="With mode off: who accepted that.")


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields."""
    only = ("standards", "aggregate", "integrations", "findings_per")
    yield from check_mode(raw, "security_hub", create=only, arn=False)
    for name in ("standards", "integrations"):
        seen: set[str] = set()
        for path, item in raw.items("security_hub", name):
            if isinstance(item, str) and item in seen:
                yield path, f"{item} is there twice"
            elif isinstance(item, str):
                seen.add(item)
    yield from _offered(raw)
    yield from _needs_config(raw)


def _offered(raw: Raw) -> Iterator[Finding]:
    """What no region of the partition offers cannot be taken in."""
    partition = raw.at("partition") or "aws"
    services: Mapping[Any, str] = SERVICES
    for path, name in raw.items("security_hub", "integrations"):
        service = services.get(name) if isinstance(name, str) else None
        known = catalogue.regions(partition) if isinstance(partition, str) else ()
        if service is not None and known and all(region.services.get(service) is False for region in known):
            yield path, f"no region of {partition} offers {name}"


def _needs_config(raw: Raw) -> Iterator[Finding]:
    """Standards without a recorder have nothing to check, so that it must be said who records."""
    hub = raw.at("security_hub")
    if not isinstance(hub, dict) or (hub.get("mode") or "create") != "create" or hub.get("standards") == []:
        return
    if raw.at("config") is None:
        yield ("security_hub",), "needs `config`: its standards ask AWS Config. If others record, say so by its mode"
