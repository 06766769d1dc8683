"""What the spec's `dns_logs` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.expectations.requirement import PracticeRequirements, declared, left_out, wanted

if TYPE_CHECKING:
    from guardline.spec.model import Spec

CONTROLS = ("dns-query-logs", "dns-resolver")


def asks(spec: Spec, _path: Path) -> PracticeRequirements:
    """What is asked of DNS query logs, and of the resolver that VPCs hand out."""
    asked = spec.dns_logs
    if asked is None:
        return left_out(1, "DNS query logs", "the spec has no dns_logs", key="dns_logs")
    if asked.mode == "off":
        return left_out(1, "DNS query logs", asked.reason or "", CONTROLS, key="dns_logs", approver=asked.approved_by)
    if asked.mode == "reference":
        return declared(f"{asked.arn}, owned by {asked.owner}", CONTROLS)
    return wanted(*CONTROLS)
