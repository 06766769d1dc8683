"""Texts to files, so that nothing is lost: only our own files are touched, and all of them change or none does.

A manifest in each folder says which files are ours and what they held when they were written. A generated file that
differs from it was edited by hand. New texts are first written to a folder of ours beside the files, where they disturb
nobody. Then the files are renamed into place: first the manifest, which says what is coming, then the files, then the
manifest as it stays. That takes a few milliseconds, and a process of its own does it, so that a killed run does not
leave it half done. An error on the way is undone. Where the machine itself stops, the next run knows both the old and
the new texts as its own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from guardline.generator.apart import run_apart
from guardline.generator.changes import Change, Folder, compare, read, refuse_edited
from guardline.generator.manifest import Manifest

STAGING = ".guardline-staging"
"""The folder, beside the files, that holds what is about to be renamed; a killed run's is the next one's to remove."""


@dataclass(frozen=True)
class _Step:
    """One file that changes, and the copies of its texts that are renamed to change it, or to change it back."""

    target: Path
    old: Path | None
    new: Path | None

    def do(self) -> None:
        if self.new is None:
            self.target.unlink(missing_ok=True)
            return
        try:
            self.new.replace(self.target)
        except FileNotFoundError:
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self.new.replace(self.target)

    def undo(self) -> None:
        if self.old is None:
            self.target.unlink(missing_ok=True)
        else:
            self.old.replace(self.target)


def write(folders: Sequence[Folder], *, force: bool = False) -> tuple[Change, ...]:
    """Bring folders in step with what is generated for them. The caller holds them: `guardline.generator.lock`.

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
    _clear(folders)
    try:
        steps = [_staged(number, change) for number, change in enumerate(_in_order(folders, changes))]
        if steps:
            run_apart(lambda: _finish(folders, changes, steps))
    finally:
        _clear(folders)
    return changes


def _in_order(folders: Sequence[Folder], changes: Sequence[Change]) -> Iterator[Change]:
    """The changes of files between those of the manifests: what is coming is said first, what is there last."""
    closing: list[Change] = []
    for folder in folders:
        mine = [change for change in changes if change.folder == folder.path]
        old = read(folder.path / folder.manifest)
        final = (
            Manifest.of(folder.purpose, folder.files, folder.holds, folder.templates).text() if folder.files else None
        )
        if mine:
            texts = {change.path: change.new for change in mine if change.new is not None}
            coming = Manifest.read(folder.path, old, folder.manifest).expecting(folder.purpose, texts).text()
            yield Change(folder.path, folder.manifest, old, coming, edited=False)
            closing.append(Change(folder.path, folder.manifest, coming, final, edited=False))
        elif old != final:
            closing.append(Change(folder.path, folder.manifest, old, final, edited=False))
    yield from changes
    yield from closing


def _staged(number: int, change: Change) -> _Step:
    """Write both texts of a change beside its target."""
    target = change.folder / change.path
    staging = change.folder / STAGING
    staging.mkdir(parents=True, exist_ok=True)
    mode = _mode(target)
    old = None if change.old is None else _copy(staging / f"{number}.old", change.old, mode, durable=False)
    new = None if change.new is None else _copy(staging / f"{number}.new", change.new, mode, durable=True)
    return _Step(target, old, new)


def _copy(path: Path, text: str, mode: int, *, durable: bool) -> Path:
    with path.open("xb") as file:
        file.write(text.encode("utf-8", "surrogateescape"))
        if durable:
            file.flush()
            os.fsync(file.fileno())
    path.chmod(mode)
    return path


def _mode(target: Path) -> int:
    """The permissions a target has, or those that a new file gets here."""
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _finish(folders: Sequence[Folder], changes: Sequence[Change], steps: Sequence[_Step]) -> None:
    done: list[_Step] = []
    try:
        for step in steps:
            done.append(step)
            step.do()
    except OSError:
        for step in reversed(done):
            step.undo()
        _remove_emptied([change for change in changes if change.old is None])
        raise
    finally:
        _clear(folders)
    _remove_emptied([change for change in changes if change.new is None])


def _clear(folders: Sequence[Folder]) -> None:
    """Take away the copies, also those that a killed run left."""
    for folder in folders:
        staging = folder.path / STAGING
        if staging.is_symlink():
            staging.unlink()
        elif staging.is_dir():
            shutil.rmtree(staging)


def _remove_emptied(removed: Sequence[Change]) -> None:
    """Take away the folders that removals emptied."""
    emptied = {(change.folder, parent) for change in removed for parent in change.path.parents}
    for folder, inner in sorted(emptied, key=lambda each: len(each[1].parts), reverse=True):
        if (folder / inner).is_dir() and not any((folder / inner).iterdir()):
            (folder / inner).rmdir()
