"""GuardDuty's IAM actions by who may use them. Standard library only, read on first use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "guardduty_actions.json"
PARTS = ("read", "respond", "administer")


@cache
def actions() -> Mapping[str, tuple[str, ...]]:
    """Heading -> names of actions, sorted, e.g. ``DeleteDetector``; every action stands under exactly one.

    ``read`` changes nothing. ``respond`` is what triage needs. ``administer`` changes what GuardDuty looks at and tells.
    ``end`` stops the detection or breaks its administration, which is left to the role that deploys. ``agents`` is what
    the agents of Runtime Monitoring do.
    """
    data: Mapping[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return {name: tuple(data[name]) for name in (*PARTS, "end", "agents")}
