"""``# guardline:ignore CONTROL owner=... approver=... until=... REASON`` in Terraform source.

It is about the block that it stands in, or else the next one: a resource, or a module call and all that it makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from guardline.validator.report import WaiverNote
from guardline.validator.waivers.written import Place, Policy, Written, day, faults

MARK = "guardline:ignore"
_COMMENT = re.compile(rf"^[ \t]*(?:#|//)[ \t]*{MARK}\b[ \t]*(.*)$")
_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|(\S+))')
_NAMES = {"owner": "owner", "approver": "approver", "until": "expires", "ticket": "ticket"}
_REQUIRED = ("control", "reason", "owner", "approver", "expires")


def read(text: str, shown: str, policy: Policy, as_of: date) -> tuple[tuple[Written, ...], tuple[WaiverNote, ...]]:
    """The comments of a file that waive, and a note for each that means to and does not.

    Args:
        text: the file's text.
        shown: its name, as evidence names it.
        policy: what the team allows.
        as_of: the day of the run.
    """
    kept, notes = list[Written](), list[WaiverNote]()
    if MARK not in text:
        return (), ()
    lines = text.splitlines()
    blocks = list(_blocks(lines))
    for number, line in enumerate(lines, start=1):
        found = _COMMENT.match(line)
        if found is None:
            continue
        where, given = f"{shown}:{number}", _fields(found[1])
        wrong = list(faults(given, policy, as_of, _REQUIRED))
        block = next(((first, last) for first, last in blocks if last >= number), None)
        if block is None:
            wrong.append("no block follows it")
        expires = day(given.get("expires"))
        if wrong or block is None or expires is None:
            notes.append(WaiverNote(where, given.get("control") or None, "malformed", "; ".join(wrong)))
            continue
        kept.append(
            Written(
                where,
                given["control"],
                given["reason"],
                given["owner"],
                given["approver"],
                expires,
                ticket=given.get("ticket"),
                block=Place(shown, *block),
            )
        )
    return tuple(kept), tuple(notes)


def _fields(text: str) -> dict[str, str]:
    """The control, the fields by name, and the rest as the reason."""
    control, _, rest = text.strip().partition(" ")
    given = {"control": control}
    for found in _FIELD.finditer(rest):
        name = str(found[1])
        given[_NAMES.get(name, name)] = found[2] or found[3] or ""
    given["reason"] = " ".join(_FIELD.sub(" ", rest).split())
    return given


def _blocks(lines: list[str]) -> Iterator[tuple[int, int]]:
    """First and last line of each outermost block, as `terraform fmt` lays them out: both at the margin."""
    first = None
    for number, line in enumerate(lines, start=1):
        if first is None and re.match(r"[A-Za-z_][^=#]*\{", line):
            first = number
            if line.rstrip().endswith("}"):
                yield first, number
                first = None
        elif first is not None and line.startswith("}"):
            yield first, number
            first = None
