"""Which action answers which finding: Guardline's own choice, and a spec's changes to it. Standard library only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from guardline.spec.findings import families

if TYPE_CHECKING:
    from guardline.spec.practices.response import Remediate

ACTIONS: tuple[str, ...] = (
    "isolate-instance",
    "stop-instance",
    "disable-access-key",
    "revoke-role-sessions",
    "block-public-bucket",
)
"""The actions that change something, in the order in which one finding's are taken."""

_DATA = Path(__file__).parent / "data" / "playbooks.json"


@dataclass(frozen=True)
class Playbook:
    """What answers findings of some types.

    Attributes:
        types: finding types, in which ``*`` stands for any text.
        actions: the actions, none where people alone decide.
        min_severity: the least severity that is answered.
    """

    types: tuple[str, ...]
    actions: tuple[str, ...]
    min_severity: int


def matches(pattern: str, finding_type: str) -> bool:
    """Whether a finding type is one of a pattern's, e.g. ``Backdoor:EC2/*``."""
    # Brackets mean nothing in finding types, and a pattern with one is refused.
    return fnmatchcase(finding_type, pattern)


@cache
def _seed() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    known = json.loads(_DATA.read_text(encoding="utf-8"))["playbooks"]
    return tuple((tuple(each["types"]), tuple(each["actions"])) for each in known)


def playbooks(asked: Remediate) -> tuple[Playbook, ...]:
    """A spec's playbooks, then Guardline's own; the first that matches a finding decides. The last matches all.

    Args:
        asked: the spec's block; an action that it does not name is left out everywhere.
    """
    enabled = set(asked.actions)
    own = [
        Playbook(each.types, tuple(each.actions), each.min_severity or asked.min_severity) for each in asked.playbooks
    ]
    seed = [
        Playbook(types, tuple(name for name in actions if name in enabled), asked.min_severity)
        for types, actions in _seed()
    ]
    return (*own, *_shortened(seed))


def _shortened(seed: list[Playbook]) -> list[Playbook]:
    """Without the lines that say what the last one says: they would only take room in the function's settings."""
    return [each for each in seed if each.actions or each.types == ("*",)]


def least(asked: Remediate) -> int:
    """The least severity that any playbook answers."""
    return min(each.min_severity for each in playbooks(asked))


def answers(asked: Remediate) -> Mapping[str, tuple[str, ...]]:
    """Every active finding type -> the actions that answer it; none where people alone decide."""
    lines = playbooks(asked)
    return {kind: _first(lines, kind).actions for kind in families()}


def _first(lines: tuple[Playbook, ...], kind: str) -> Playbook:
    return next(each for each in lines if any(matches(pattern, kind) for pattern in each.types))


def by_family(asked: Remediate) -> Mapping[str, tuple[str, ...]]:
    """Every family of finding types -> the actions that answer some of its types."""
    found: dict[str, set[str]] = {family: set() for family in families().values()}
    for kind, actions in answers(asked).items():
        found[families()[kind]].update(actions)
    return {family: tuple(name for name in ACTIONS if name in actions) for family, actions in found.items()}
