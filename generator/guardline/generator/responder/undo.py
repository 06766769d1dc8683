"""Undoes what was done: what a record says the thing was like, it becomes again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .actions import ACTIONS
from .actions.action import Target
from .clients import Clients
from .records import Records


def undo(record: str, records: Records, clients_of: Callable[[Mapping[str, Any]], Clients]) -> str:
    """Undo what a record says was done.

    Args:
        record: its id.
        records: the table of records.
        clients_of: the record -> clients in its account and region.

    Returns:
        What was done, as a sentence.

    Raises:
        NoRecordError: there is none, or nothing to undo.
        BusyError: another run is at it.
    """
    claim, known = records.claim_undo(record)
    target = Target(known["kind"], known["name"], known["part"])
    try:
        done = ACTIONS[known["action"]].undo(clients_of(known), target, claim.before or {})
    except Exception:
        records.undo_failed(claim)
        raise
    records.end(claim, "undone", done)
    return done
