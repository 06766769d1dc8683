"""``waivers.yaml``: the waivers of a project, each with its line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from guardline.validator.report import WaiverNote
from guardline.validator.waivers.written import Policy, Written, day, faults

NAME = "waivers.yaml"
"""Its name beside a spec."""
LARGEST = 1 << 20
FIRST = "a file of waivers begins with `version: 1` and `waivers:`, a list"


def read(text: str, shown: str, policy: Policy, as_of: date) -> tuple[tuple[Written, ...], tuple[WaiverNote, ...]]:
    """The waivers that keep the rules, and a note for each that does not.

    Args:
        text: the file's text.
        shown: its name for people.
        policy: what the team allows.
        as_of: the day of the run.
    """
    from guardline.spec.tree import read as parse  # YAML is loaded where there is some

    tree = parse(text)
    notes = [WaiverNote(f"{shown}:{line}", None, "malformed", message) for (line, _), message in tree.mistakes]
    data = tree.data
    listed = data.get("waivers") if isinstance(data, dict) else None
    if not isinstance(data, dict) or data.get("version") != 1 or not isinstance(listed, list | None):
        return (), tuple(notes or [WaiverNote(f"{shown}:1", None, "malformed", FIRST)])
    notes += [
        WaiverNote(f"{shown}:{tree.place((key,))[0]}", None, "malformed", f"unknown key `{key}`")
        for key in data
        if key not in ("version", "waivers")
    ]
    kept = list[Written]()
    for number, given in enumerate(listed or ()):
        where = f"{shown}:{tree.place(('waivers', number))[0]}"
        control = given.get("control") if isinstance(given, dict) else None
        named = control if isinstance(control, str) else None
        wrong = (
            list(faults(given, policy, as_of)) if isinstance(given, dict) else ["must be a mapping of keys to values"]
        )
        if wrong:
            notes.append(WaiverNote(where, named, "malformed", "; ".join(wrong)))
        else:
            kept += _written(given, where)
    return tuple(kept), tuple(notes)


def _written(given: dict[str, str], where: str) -> Iterator[Written]:
    expires = day(given["expires"])
    if expires is not None:
        yield Written(
            where,
            given["control"],
            given["reason"],
            given["owner"],
            given["approver"],
            expires,
            day(given["created"]),
            given.get("ticket"),
            given.get("compensating_control"),
            given.get("scope") or {},  # type: ignore[arg-type]  # `faults` saw that it is a mapping of texts
        )
