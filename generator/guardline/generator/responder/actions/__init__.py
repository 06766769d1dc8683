"""What may be done about a finding: one file for each action, collected here."""

from __future__ import annotations

from collections.abc import Mapping

from . import notify
from .action import Action, Outcome

ACTIONS: Mapping[str, Action] = {"notify": notify.act}
"""Action, by the name that the settings use. The message to people comes last, with what the others did."""

__all__ = ["ACTIONS", "Action", "Outcome"]
