"""What the spec's `flow_logs` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.expectations.asked import FlowLogging
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

SETTINGS, STORE, NEW_VPCS = "flow-logs-settings", "flow-logs-kept", "new-vpc-alert"
CONTROLS = ("vpc-flow-logs", "vpc-inventory", SETTINGS, STORE)


def asks(spec: Spec, _path: Path) -> PracticeRequirements:
    """What is asked of VPC flow logs."""
    from guardline.spec.practices.flow_logs import FlowLogFiles

    asked = spec.flow_logs
    fields = PracticeRequirements(fields={"traffic": asked.traffic, "flow_log_scope": asked.scope})
    if asked.mode == "off":
        return fields + left_out(
            1, "VPC flow logs", asked.reason or "", CONTROLS, key="flow_logs", approver=asked.approved_by
        )
    if asked.mode == "reference":
        return fields + declared(f"{asked.arn}, owned by {asked.owner}", CONTROLS[:2])
    files = asked.files or FlowLogFiles()
    logging = FlowLogging(
        asked.destination,
        asked.stream,
        asked.format,
        asked.aggregation_seconds,
        files.format,
        files.hive_partitions,
        files.hourly,
    )
    made = PracticeRequirements(fields={"flow_logging": logging}) + wanted(SETTINGS) + kept(STORE, delivered(asked))
    alerts = spec.response is not None and spec.response.alerts is not None
    return fields + made + (wanted(NEW_VPCS) if alerts else PracticeRequirements())
