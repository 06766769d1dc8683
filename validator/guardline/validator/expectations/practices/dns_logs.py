"""What the spec's `dns_logs` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from guardline.validator.expectations.asked import Resolvers
from guardline.validator.expectations.requirement import (
    PracticeRequirements,
    declared,
    delivered,
    kept,
    left_out,
    wanted,
)

if TYPE_CHECKING:
    from guardline.spec.model import Spec

SETTINGS, STORE, RESOLVERS = "dns-logs-settings", "dns-logs-kept", "other-resolvers-denied"
CONTROLS = ("dns-query-logs", "dns-resolver", SETTINGS)


def asks(spec: Spec, _path: Path) -> PracticeRequirements:
    """What is asked of DNS query logs, and of the resolver that VPCs hand out."""
    asked = spec.dns_logs
    if asked is None:
        return left_out(1, "DNS query logs", "the spec has no `dns_logs`", key="dns_logs")
    if asked.mode == "off":
        return left_out(1, "DNS query logs", asked.reason or "", CONTROLS, key="dns_logs", approver=asked.approved_by)
    if asked.mode == "reference":
        return declared(f"{asked.arn}, owned by {asked.owner}", CONTROLS[:2])
    fields: dict[str, Any] = {"queries_to": asked.destination, "query_stream": asked.stream}
    whole = wanted(*CONTROLS) + kept(STORE, delivered(asked))
    if (denied := asked.deny_other_resolvers) is not None:
        fields["resolvers"] = Resolvers(denied.allow, denied.first_rule)
        whole += wanted(RESOLVERS)
    return whole + PracticeRequirements(fields=fields)
