"""What the function that answers findings does, as its settings say, beside what the spec asks of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

import msgspec

from guardline.spec.findings import families
from guardline.validator.expectations.asked import Answers


class Settings(msgspec.Struct, frozen=True):
    """The settings of Guardline's function.

    Attributes:
        mode: ``notify``, ``dry-run`` or ``act``.
        answers: finding type -> the actions that answer it, if there are some.
        severities: finding type -> the least severity that is answered.
        never, opt_out_tags, opt_in_tags: what it leaves alone.
        rate_limit: the most actions in an hour; None where it is not said.
    """

    mode: str
    answers: Mapping[str, tuple[str, ...]]
    severities: Mapping[str, float] = msgspec.field(default_factory=dict)
    never: frozenset[str] = frozenset()
    opt_out_tags: frozenset[str] = frozenset()
    opt_in_tags: frozenset[str] = frozenset()
    rate_limit: int | None = None


def settings(text: str) -> Settings | None:
    """Read the function's settings; None where they are not Guardline's."""
    try:
        given = json.loads(text)
        lines = [_Line(each["types"], each["actions"], each.get("min_severity", 0)) for each in given["playbooks"]]
        first = {kind: _first(lines, kind) for kind in families()}
        rate = given.get("rate_limit")
        return Settings(
            mode=str(given["mode"]),
            answers={kind: tuple(map(str, line.actions)) for kind, line in first.items() if line.actions},
            severities={kind: float(line.min_severity) for kind, line in first.items()},
            never=frozenset(map(str, given.get("never", ()))),
            opt_out_tags=frozenset(map(str, given.get("opt_out_tags", ()))),
            opt_in_tags=frozenset(map(str, given.get("opt_in_tags", ()))),
            rate_limit=None if rate is None else int(rate),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


class _Line(NamedTuple):
    types: Sequence[str]
    actions: Sequence[str]
    min_severity: float


def _first(lines: list[_Line], kind: str) -> _Line:
    found = (line for line in lines if any(fnmatchcase(kind, pattern) for pattern in line.types))
    return next(found, _Line((), (), 0))


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


def other_answers(found: Settings, asked: Answers) -> str | None:
    """How the function answers otherwise than the spec says, beyond its mode; None where it does not.

    Args:
        found: the function's settings.
        asked: what the spec asks for.
    """
    for kind, (actions, severity) in asked.playbooks.items():
        if more := sorted(set(found.answers.get(kind, ())) - set(actions)):
            return f"the function answers {kind} by {', '.join(more)}, which the spec does not name"
        if actions and found.severities.get(kind) != severity:
            return (
                f"the function answers {kind} from severity {found.severities.get(kind):g} up; the spec says {severity}"
            )
    # Its own roles are among what it never touches, whatever the spec names.
    never = {each for each in found.never if each in asked.never or not each.startswith("role/")}
    for what, here, there in (
        ("never touches", never, asked.never),
        ("leaves alone what has the tag", found.opt_out_tags, asked.opt_out_tags),
        ("is only for what has the tag", found.opt_in_tags, asked.opt_in_tags),
    ):
        if here != there:
            ours, theirs = (", ".join(sorted(each)) or "nothing" for each in (here, there))
            return f"the function {what} {ours}; the spec says {theirs}"
    if found.rate_limit != asked.rate_limit:
        return f"the function takes {found.rate_limit} actions an hour at most; the spec says {asked.rate_limit}"
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
