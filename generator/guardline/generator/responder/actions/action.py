"""What an action is: one file each, so that a new one touches no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..clients import Clients
from ..finding import Finding


class LeftToPeopleError(Exception):
    """The action cannot or must not be taken here; the text says why."""


@dataclass(frozen=True)
class Target:
    """What an action is taken on.

    Attributes:
        kind: ``instance``, ``user``, ``role`` or ``bucket``.
        name: the instance's id, or the name.
        part: what of it, e.g. the id of a user's access key.
    """

    kind: str
    name: str
    part: str = ""

    def __str__(self) -> str:
        """As records and people name it."""
        return "/".join(filter(None, (self.kind, self.name, self.part)))


@dataclass(frozen=True)
class Seen:
    """What a target is like now.

    Attributes:
        tags: its tags.
        before: all that changing it and undoing that need, as plain JSON.
        already: why nothing is left to do, or None.
    """

    tags: Mapping[str, str]
    before: Mapping[str, Any] = field(default_factory=dict)
    already: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of an action.

    Attributes:
        action: its name.
        done: what was done, or why not, as a sentence for people.
        failed: whether it is to be tried again.
        record: the record that `guardline response undo` takes, where something was changed.
    """

    action: str
    done: str
    failed: bool = False
    record: str | None = None


class Action(Protocol):
    """Does one thing about a finding. `act` and `undo` may be called again after they ended half-way."""

    @property
    def name(self) -> str:
        """Its name in the settings."""
        ...

    @property
    def verb(self) -> str:
        """What it does, e.g. ``stop``."""
        ...

    def targets(self, finding: Finding) -> tuple[Target, ...]:
        """What it would be taken on.

        Raises:
            LeftToPeopleError: the finding names nothing that it can be taken on.
        """
        ...

    def look(self, clients: Clients, target: Target, finding: Finding) -> Seen:
        """Read what the target is like; nothing is changed.

        Raises:
            LeftToPeopleError: it must not, or cannot, be taken on this target.
        """
        ...

    def act(self, clients: Clients, target: Target, before: Mapping[str, Any]) -> str:
        """Do it, and say what was done as a sentence."""
        ...

    def undo(self, clients: Clients, target: Target, before: Mapping[str, Any]) -> str:
        """Bring back what there was before, and say so as a sentence."""
        ...
