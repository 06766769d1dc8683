"""GuardDuty's IAM actions by who may use them, and the calls that weaken it. Standard library, read on first use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
PARTS = ("read", "respond", "administer")


@cache
def actions() -> Mapping[str, tuple[str, ...]]:
    """Heading -> names of actions, sorted, e.g. ``DeleteDetector``; every action stands under exactly one.

    ``read`` changes nothing. ``respond`` is what triage needs. ``administer`` changes what GuardDuty looks at and
    tells. ``end`` stops the detection or breaks its administration, which is left to the role that deploys. ``agents``
    is what the agents of Runtime Monitoring do.
    """
    data = _data("guardduty_actions.json")
    return {name: tuple(data[name]) for name in (*PARTS, "end", "agents")}


@cache
def weakening() -> tuple[str, ...]:
    """Calls that stop GuardDuty, break its administration, hide findings, blind it by lists, or cut its evidence."""
    return tuple(_data("guardduty_actions.json")["weaken"])


@cache
def global_actions() -> tuple[str, ...]:
    """Actions, or patterns of them, whose one endpoint stands in a region that has nothing to do with the caller's."""
    return tuple(_data("service_control.json")["global_actions"])


def kept_from_all() -> tuple[str, ...]:
    """The actions that a service control policy against tampering denies to all but the deploying role."""
    changing = ("UpdateDetector", "UpdateMemberDetectors", "UpdateOrganizationConfiguration")
    guardduty = sorted({*actions()["end"], *changing})
    return (*(f"guardduty:{name}" for name in guardduty), "organizations:LeaveOrganization")


@cache
def _data(name: str) -> Mapping[str, Any]:
    data: Mapping[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return data
