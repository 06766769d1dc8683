"""What is read of an instance, for the actions on instances."""

from __future__ import annotations

from typing import Any

from ..clients import Clients
from ..finding import Finding
from .action import LeftToPeopleError, Target

_GROUP = "aws:autoscaling:groupName"


def targets(finding: Finding) -> tuple[Target, ...]:
    """The instance that a finding is about.

    Raises:
        LeftToPeopleError: it is about something else.
    """
    resource = finding.detail.get("resource") or {}
    instance = str((resource.get("instanceDetails") or {}).get("instanceId") or "")
    # Findings about a cluster may name the node they were seen on; others run there, too.
    if resource.get("resourceType") != "Instance" or not instance.startswith("i-"):
        raise LeftToPeopleError("the finding is about no instance")
    return (Target("instance", instance),)


def describe(clients: Clients, target: Target) -> dict[str, Any]:
    """The instance.

    Raises:
        LeftToPeopleError: it is gone.
    """
    found = clients.client("ec2").describe_instances(Filters=[{"Name": "instance-id", "Values": [target.name]}])
    for reservation in found["Reservations"]:
        for instance in reservation["Instances"]:
            if instance["State"]["Name"] in ("shutting-down", "terminated"):
                break
            return dict(instance)
    raise LeftToPeopleError("there is no such instance any more")


def tags(thing: dict[str, Any]) -> dict[str, str]:
    """Tags as EC2 lists them."""
    return {tag["Key"]: tag["Value"] for tag in thing.get("Tags", [])}


def scaling_group(instance: dict[str, Any]) -> str | None:
    """The Auto Scaling group that the instance belongs to."""
    return tags(instance).get(_GROUP)
