"""Stops the instance that a finding is about. Its memory is lost, its volumes stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..clients import Clients
from ..finding import Finding
from . import instances
from .action import LeftToPeopleError, Seen, Target


class StopInstance:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StopInstances.html."""

    name = "stop-instance"
    verb = "stop"

    def targets(self, finding: Finding) -> tuple[Target, ...]:
        """See `Action`."""
        return instances.targets(finding)

    def look(self, clients: Clients, target: Target, finding: Finding) -> Seen:  # noqa: ARG002 - the Protocol's signature
        """See `Action`."""
        instance = instances.describe(clients, target)
        state = instance["State"]["Name"]
        before = {"state": state}
        if state in ("stopping", "stopped"):
            return Seen(instances.tags(instance), before, already=f"{target} is {state} already")
        if (group := instances.scaling_group(instance)) is not None:
            raise LeftToPeopleError(
                f"{target} belongs to the Auto Scaling group {group}, which ends a stopped instance, and the evidence "
                "with it; detach it first"
            )
        if instance.get("RootDeviceType") == "instance-store":
            raise LeftToPeopleError(f"{target} runs from an instance store and cannot be stopped, only ended")
        return Seen(instances.tags(instance), before)

    def act(self, clients: Clients, target: Target, before: Mapping[str, Any]) -> str:  # noqa: ARG002 - the Protocol's
        """See `Action`."""
        clients.client("ec2").stop_instances(InstanceIds=[target.name])
        return f"{target} was stopped"

    def undo(self, clients: Clients, target: Target, before: Mapping[str, Any]) -> str:
        """See `Action`."""
        if before["state"] not in ("pending", "running"):
            return f"{target} was {before['state']} before and stays so"
        clients.client("ec2").start_instances(InstanceIds=[target.name])
        return f"{target} was started again"
