"""Texts to files, so that nothing is lost: only our own files are touched, and all of them change or none does.

A manifest in each folder says which files are ours and what they held when they were written. A generated file that
differs from it was edited by hand. New texts are first written beside the old files, then the manifest says what is
coming, then the files are renamed and the manifest is settled: an error on the way is undone, and after a power cut
the next run knows both the old and the new texts as its own.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from guardline.generator.changes import Change, Folder, compare, read, refuse_edited
from guardline.generator.manifest import Manifest

_TEMPORARY = (".guardline-", ".tmp")


@dataclass(frozen=True)
class _Step:
    """One rename or removal, and what undoes it."""

    target: Path
    old: str | None
    temporary: Path | None


def write(folders: Sequence[Folder], *, force: bool = False) -> tuple[Change, ...]:
    """Bring folders in step with what is generated for them.

    Args:
        folders: made where they are not there.
        force: overwrite generated files that were edited by hand.

    Returns:
        What was changed.

    Raises:
        RefusedError: something of the user's would be lost; nothing was written.
        OSError: a file cannot be written; what was changed before it was changed back.
    """
    changes = compare(folders)
    refuse_edited(changes, force=force)
    staged: list[Path] = []
    try:
        steps = list(_stage(folders, changes, staged))
        _commit(steps)
    finally:
        for temporary in staged:
            temporary.unlink(missing_ok=True)
    _sweep(folders, changes)
    return changes


def _stage(folders: Sequence[Folder], changes: Sequence[Change], staged: list[Path]) -> Iterator[_Step]:
    """Write everything that is new beside its target; only then is the first target touched."""
    opening: list[_Step] = []
    middle: list[_Step] = []
    closing: list[_Step] = []
    for folder in folders:
        mine = [change for change in changes if change.folder == folder.path]
        old = read(folder.path / folder.manifest)
        final = Manifest.of(folder.purpose, folder.files, folder.holds).text() if folder.files else None
        if mine:
            coming = Manifest.read(folder.path, old, folder.manifest).expecting(
                folder.purpose, {change.path: change.new for change in mine if change.new is not None}
            )
            opening.append(_step(folder.path / folder.manifest, old, coming.text(), staged))
            middle += [_step(folder.path / change.path, change.old, change.new, staged) for change in mine]
            closing.append(_step(folder.path / folder.manifest, coming.text(), final, staged))
        elif old != final:
            closing.append(_step(folder.path / folder.manifest, old, final, staged))
    yield from (*opening, *middle, *closing)


def _step(target: Path, old: str | None, new: str | None, staged: list[Path]) -> _Step:
    return _Step(target, old, None if new is None else _beside(target, new, staged))


def _commit(steps: Sequence[_Step]) -> None:
    done: list[_Step] = []
    try:
        for step in steps:
            done.append(step)
            if step.temporary is None:
                step.target.unlink(missing_ok=True)
            else:
                step.temporary.replace(step.target)
    except BaseException:
        for step in reversed(done):
            _undo(step)
        raise


def _undo(step: _Step) -> None:
    if step.old is None:
        step.target.unlink(missing_ok=True)
    elif read(step.target) != step.old:
        again: list[Path] = []
        _beside(step.target, step.old, again).replace(step.target)


def _beside(target: Path, text: str, staged: list[Path]) -> Path:
    """Write a text beside its target, note it among the staged ones, and return where."""
    target.parent.mkdir(parents=True, exist_ok=True)
    prefix, suffix = _TEMPORARY
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=prefix, suffix=suffix)
    staged.append(Path(name))
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode("utf-8", "surrogateescape"))
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(_mode(target))
    return Path(name)


def _mode(target: Path) -> int:
    """The permissions a target has, or those that a new file gets here."""
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _sweep(folders: Sequence[Folder], changes: Sequence[Change]) -> None:
    """Take away what a killed run left beside the files, and folders that removals emptied."""
    prefix, suffix = _TEMPORARY
    for parent in {(folder.path / path).parent for folder in folders for path in folder.files}:
        for leftover in parent.glob(f"{prefix}*{suffix}"):
            leftover.unlink(missing_ok=True)
    emptied = {(change.folder, parent) for change in changes if change.new is None for parent in change.path.parents}
    for folder, inner in sorted(emptied, key=lambda each: len(each[1].parts), reverse=True):
        if (folder / inner).is_dir() and not any((folder / inner).iterdir()):
            (folder / inner).rmdir()
