"""Where waivers come from: a file, comments beside resources, and with a base branch only what stands there too.

A change must not waive itself: what it adds is called *proposed*, and waives once it is in the base branch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import msgspec
from msgspec.structs import replace

from guardline.spec import regular
from guardline.validator.base_branch import BaseTree
from guardline.validator.endings import SOURCE
from guardline.validator.paths import shown
from guardline.validator.report import Row, WaiverNote
from guardline.validator.sources.hcl.bounds import Bounds
from guardline.validator.waivers import file, inline
from guardline.validator.waivers.written import Policy, Written

SOURCE_BYTES = 8 << 20
PROPOSED = "is new in this change: it waives once it is in the base branch"


class Collected(msgspec.Struct, frozen=True):
    """What was found.

    Attributes:
        written: waivers that keep the rules.
        notes: what is wrong with others.
    """

    written: tuple[Written, ...] = ()
    notes: tuple[WaiverNote, ...] = ()

    def __add__(self, other: Collected) -> Collected:
        return Collected((*self.written, *other.written), (*self.notes, *other.notes))


def of_file(path: Path, policy: Policy, as_of: date, base: BaseTree | None) -> Collected:
    """The waivers of a file; with a base branch, those that stand there too.

    Raises:
        OSError: the file cannot be read.
        BaseError: the base branch cannot.
    """
    now = _read(path, path, policy, as_of)
    if base is None:
        return now
    there = base.file(path)
    approved = _read(there, path, policy, as_of) if there is not None else Collected()
    known = {_words(each) for each in approved.written}
    proposed = (each for each in now.written if _words(each) not in known)
    notes = (WaiverNote(each.where, each.control, "proposed", PROPOSED) for each in proposed)
    return Collected(approved.written, (*now.notes, *notes))


def _read(path: Path, named: Path, policy: Policy, as_of: date) -> Collected:
    if path == named and not path.exists():
        return Collected()
    text = regular.read(path, file.LARGEST).decode("utf-8-sig", errors="replace")
    return Collected(*file.read(text, shown(named), policy, as_of))


def of_comments(
    rows: Iterable[Row], folders: Sequence[Path], policy: Policy, as_of: date, base: BaseTree | None
) -> Collected:
    """The comments in the source that the evidence points to, and in the folders that are judged.

    Raises:
        BaseError: the base branch cannot be read.
    """
    found = Collected()
    for name, path in _files(rows, folders).items():
        try:
            data = regular.read(path, SOURCE_BYTES)
        except OSError:
            continue  # a stored plan may name files that are not here
        if inline.MARK.encode() not in data:
            continue
        text = data.decode("utf-8-sig", errors="replace")
        here = Collected(*inline.read(text, name, policy, as_of))
        found += here if base is None else _approved(here, text, base.file(path))
    return found


def _approved(here: Collected, text: str, there: Path | None) -> Collected:
    """The comments that the base branch has too, over the same block."""
    old = regular.read(there, SOURCE_BYTES).decode("utf-8-sig", errors="replace") if there is not None else ""
    known = {_in_source(each, old) for each in inline.read(old, "", Policy(longest_days=1 << 20), date.max)[0]}
    kept, notes = list[Written](), list(here.notes)
    for each in here.written:
        if _in_source(each, text) in known:
            kept.append(each)
        else:
            notes.append(WaiverNote(each.where, each.control, "proposed", PROPOSED))
    return Collected(tuple(kept), tuple(notes))


def _in_source(each: Written, text: str) -> tuple[object, str]:
    """The words of a comment, and the head of its block."""
    head = text.splitlines()[each.block.first - 1].strip() if each.block is not None else ""
    return _words(each), head


def _words(each: Written) -> tuple[object, ...]:
    bare = replace(each, where="", block=None)
    return (*(getattr(bare, name) for name in bare.__struct_fields__ if name != "scope"), *sorted(bare.scope.items()))


def _files(rows: Iterable[Row], folders: Iterable[Path]) -> dict[str, Path]:
    """The files to look in, by the name that evidence gives them."""
    names = dict.fromkeys(name for row in rows for name in _named(row) if name.endswith(_SOURCE))
    found = dict[str, Path]()
    for folder in (Path.cwd(), *folders):  # evidence is shown from the tree of the folder that it was read in
        bounds = Bounds.around(folder)
        found |= {name: path for name in names if (path := bounds.base / name).is_file() and bounds.admits(path)}
        if folder in folders:
            listed = (path for path in sorted(folder.resolve().iterdir()) if path.name.endswith(_SOURCE))
            found |= {bounds.shown(path): path for path in listed if bounds.admits(path)}
    return found


_SOURCE = tuple(each for each in SOURCE if not each.endswith(".json"))  # JSON has no comments


def _named(row: Row) -> Iterator[str]:
    for origin in row.evidence[:1]:
        if origin.file is not None:
            yield origin.file
        yield from (file for file, _ in origin.calls)
