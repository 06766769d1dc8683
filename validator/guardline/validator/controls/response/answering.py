"""What the function that answers findings does, as its settings say, beside what the spec asks of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase

import msgspec

from guardline.spec.findings import families


class Settings(msgspec.Struct, frozen=True):
    """The settings of Guardline's function.

    Attributes:
        mode: ``notify``, ``dry-run`` or ``act``.
        answers: finding type -> the actions that answer it, if there are some.
    """

    mode: str
    answers: Mapping[str, tuple[str, ...]]


def settings(text: str) -> Settings | None:
    """Read the function's settings; None where they are not Guardline's."""
    try:
        given = json.loads(text)
        lines = [(tuple(each["types"]), tuple(map(str, each["actions"]))) for each in given["playbooks"]]
        mode = str(given["mode"])
        answers = {kind: _first(lines, kind) for kind in families()}
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return Settings(mode, {kind: actions for kind, actions in answers.items() if actions})


def _first(lines: list[tuple[tuple[str, ...], tuple[str, ...]]], kind: str) -> tuple[str, ...]:
    found = (actions for types, actions in lines if any(fnmatchcase(kind, pattern) for pattern in types))
    return next(found, ())


def shortfall(found: Settings, mode: str | None, answers: Mapping[str, tuple[str, ...]]) -> str | None:
    """How the function falls short of what is asked; None where it does not.

    Args:
        found: the function's settings.
        mode: the mode that the spec asks for, or None without a spec.
        answers: finding type -> the actions that the spec asks for.
    """
    if found.mode == "dry-run" and mode != "dry-run":
        return "the function is in dry-run, so it changes nothing" + (f"; the spec says {mode}" if mode else "")
    if mode in ("act", "dry-run") and found.mode != mode:
        return f"the function is in mode {found.mode}; the spec says {mode}"
    for kind, asked in answers.items():
        missing = [name for name in asked if name not in found.answers.get(kind, ())]
        if missing:
            return f"the function does not answer {kind} by {', '.join(missing)}, as the spec says"
    return None


def said(found: Settings) -> str:
    """Which families have an automatic action, and which have none, as half a sentence."""
    acted: dict[str, dict[str, None]] = {}
    for kind, actions in found.answers.items():
        acted.setdefault(families()[kind], {}).update(dict.fromkeys(actions))
    if found.mode == "notify" or not acted:
        return "no automatic action: it alerts people"
    answered = "; ".join(f"{family}: {', '.join(actions)}" for family, actions in sorted(acted.items()))
    if found.mode == "dry-run":
        return f"no automatic action: it is in dry-run, and would answer {answered}"
    none = sorted(set(families().values()) - set(acted))
    return f"automatic action for {answered}; no automatic action for {', '.join(none)}"
