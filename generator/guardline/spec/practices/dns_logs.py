"""The spec's `dns_logs` block."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ConfigDict, Field

from guardline.spec.block import Block, mode_rules
from guardline.spec.log_destination import Delivered, check_destination
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.values import Arn, Ipv4Range, Text, Whole

MOST_ALLOWED = 6
"""How many ranges may be let through: each takes two of the 20 rules that a network ACL has unless AWS grants more."""


class OtherResolvers(Block):
    """Denies DNS to any other resolver: outbound port 53, TCP and UDP, in every network ACL of the account's VPCs.

    The Amazon resolver is not affected: network ACLs do not filter it.
    """

    allow: tuple[Ipv4Range, ...] = Field(
        default=(),
        max_length=MOST_ALLOWED,
        description="Ranges that may be asked all the same, e.g. resolvers of your own network.",
    )
    first_rule: Whole = Field(
        default=20,
        ge=1,
        le=32000,
        description="The number of the first rule. Lower numbers win, and a number in use already is refused by AWS.",
    )


class DnsLogs(Delivered):
    """Resolver query logs of every VPC the account owns: your own record; GuardDuty reads its own copy."""

    model_config = ConfigDict(json_schema_extra=mode_rules)

    deny_other_resolvers: OtherResolvers | None = Field(
        default=None, description="Denies DNS to any other resolver; left out, nothing is denied."
    )
    arn: Arn | None = Field(default=None, description="With mode reference: where the existing logs go.")
    owner: Text | None = Field(default=None, description="With mode reference: who owns them.")
    reason: Text | None = Field(default=None, description="With mode off: why.")
    approved_by: Text | None = Field(default=None, description="With mode off: who accepted that.")


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields."""
    yield from check_destination(raw, "dns_logs", "deny_other_resolvers")
    allowed = [value for _, value in raw.items("dns_logs", "deny_other_resolvers", "allow")]
    for index, value in enumerate(allowed):
        if value in allowed[:index]:
            yield ("dns_logs", "deny_other_resolvers", "allow", index), f"{value} is there already"
