"""What an action is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..finding import Finding
from ..settings import Settings


@dataclass(frozen=True)
class Outcome:
    """What came of an action.

    Attributes:
        action: its name.
        done: what was done, or why not, as a sentence for people.
        failed: whether it is to be tried again.
    """

    action: str
    done: str
    failed: bool = False


class Action(Protocol):
    """Does one thing about a finding, and may be called again for the same finding."""

    def __call__(self, finding: Finding, settings: Settings, before: Sequence[Outcome]) -> Outcome:
        """Do it.

        Args:
            finding: the finding.
            settings: the function's settings.
            before: what came of the actions before it.
        """
        ...
