"""What Lambda calls."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from . import finding as findings
from . import settings
from .actions import ACTIONS, Outcome


class ResponseError(Exception):
    """Something is to be tried again: Lambda does that, and keeps the event where it helps no more."""


def handle(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer one finding.

    Args:
        event: as EventBridge brings it.
        _context: Lambda's own.

    Returns:
        The finding's id, and what came of each action.

    Raises:
        FindingError: the event is no finding.
        SettingsError: the function was not set up.
        ResponseError: an action failed; the others were carried out.
    """
    set_up = settings.read(os.environ)
    unknown = [name for name in set_up.actions if name not in ACTIONS]
    if unknown:
        raise settings.SettingsError(f"no such action: {', '.join(unknown)}; there are {', '.join(ACTIONS)}")
    finding = findings.read(event)
    outcomes: list[Outcome] = []
    for name in set_up.actions:
        try:
            outcomes.append(ACTIONS[name](finding, set_up, tuple(outcomes)))
        except Exception as error:  # noqa: BLE001 - whatever fails, the next action still has its turn; it is raised below
            outcomes.append(Outcome(name, f"{name} failed: {error}", failed=True))
    answer = {
        "finding": finding.id,
        "type": finding.type,
        "severity": finding.severity,
        "account": finding.account,
        "region": finding.region,
        "outcomes": [{"action": each.action, "done": each.done, "failed": each.failed} for each in outcomes],
    }
    print(json.dumps(answer))
    failed = [each.done for each in outcomes if each.failed]
    if failed:
        raise ResponseError("; ".join(failed))
    return answer
