"""What the spec's `flow_logs` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.expectations.requirement import PracticeRequirements, declared, left_out

if TYPE_CHECKING:
    from guardline.spec.model import Spec

CONTROLS = ("vpc-flow-logs", "vpc-inventory")


def asks(spec: Spec, _path: Path) -> PracticeRequirements:
    """What is asked of VPC flow logs."""
    asked = spec.flow_logs
    fields = PracticeRequirements(fields={"traffic": asked.traffic, "flow_log_scope": asked.scope})
    if asked.mode == "off":
        return fields + left_out(
            1, "VPC flow logs", asked.reason or "", CONTROLS, key="flow_logs", approver=asked.approved_by
        )
    if asked.mode == "reference":
        return fields + declared(f"{asked.arn}, owned by {asked.owner}", CONTROLS)
    return fields
