"""What to compare with (``--against OLD``): a stored result, or a plan, a folder or a commit that is judged first.

A plan or a folder is judged by the same options as the source of now, its spec too. Of a commit, spec and waivers are
those of that commit, so that the comparison is with what a run there would have said.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from contextlib import chdir
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from guardline.spec import regular
from guardline.validator import base_branch, stored
from guardline.validator.output import UsageError
from guardline.validator.report import KEPT, Report
from guardline.validator.run import Request, run
from guardline.validator.waivers import file as waivers

if TYPE_CHECKING:
    from guardline.validator.sources.hcl.config import Configuration

GIT = "git:"
MODULES = Path(".terraform", "modules")


def earlier(against: str, request: Request, now: datetime) -> Report:
    """The report to compare with.

    Args:
        against: ``--against``: the file of a result or a plan, a folder of Terraform, or ``git:REF``.
        request: what is judged now.
        now: the time of the run.

    Raises:
        UsageError: it cannot be read.
    """
    if against.startswith(GIT):
        return _at_commit(against, request, now)
    try:
        if not Path(against).is_dir():
            return stored.read(Path(against))
    except stored.OtherFileError:
        pass  # a plan, then
    except stored.StoredError as error:
        raise UsageError(f"--against {error}") from None
    except OSError as error:
        raise UsageError(f"--against {against} cannot be read: {error.strerror or error}") from None
    try:
        return _judged(replace(request, sources=(against,), source_dir=None, left_out=()), now)
    except UsageError as error:
        raise UsageError(f"--against {error}") from None


def _judged(request: Request, now: datetime) -> Report:
    """The report of other sources. What the change stops covering is asked of the change alone."""
    found = run(request, now)
    if not found.sources:
        raise UsageError("; ".join(f"{error.file or error.source}: {error.message}" for error in found.errors))
    return replace(found, rows=[row for row in found.rows if row.control != KEPT])


def _at_commit(against: str, request: Request, now: datetime) -> Report:
    here = Path.cwd()
    try:
        with base_branch.at_commit(against.removeprefix(GIT), here) as (tree, root, copy):
            below = {name: _below(name, root) for name in request.sources}
            tree.write_source()
            for name, folder in below.items():
                _copy_modules(Path(name), copy, folder, cache=request.cache)
            there = _there(request, [copy / folder for folder in below.values()], tree, root, copy)
            if not there.sources:
                return run(replace(request, sources=(), source_dir=None), now)  # everything is new
            folder = _working_folder(copy, here.relative_to(root))
            try:
                with chdir(folder):  # so that every path is shown as that of now is
                    return _judged(there, now)
            except UsageError as error:
                raise base_branch.BaseError(str(error).replace(f"{copy}/", "")) from None
    except base_branch.BaseError as error:
        raise UsageError(f"--against {against}: {error}") from None


def _working_folder(copy: Path, here: Path) -> Path:
    """The folder of the copy that stands for the working one.

    Raises:
        BaseError: the commit has a link there.
    """
    if base_branch.is_linked(copy, here):
        raise base_branch.BaseError(f"the working folder {here} is a link there, or below one")
    (copy / here).mkdir(parents=True, exist_ok=True)
    return copy / here


def _there(request: Request, folders: Sequence[Path], tree: base_branch.BaseTree, root: Path, copy: Path) -> Request:
    """The request over the files of the commit. It may lack roots; a spec that it lacks is that of now."""

    def place(path: Path | None) -> Path | None:
        return tree.file(path) if path is not None and _is_below(path, root) else path

    kept = [
        folder
        for folder in folders
        if folder.is_dir() and folder.resolve().is_relative_to(copy.resolve()) and any(folder.glob("*.t*"))
    ]
    if request.spec is not None:
        tree.file(request.waivers or request.spec.parent / waivers.NAME)
    return replace(
        request,
        sources=tuple(map(str, kept)),
        spec=place(request.spec) or (request.spec and request.spec.absolute()),
        waivers=place(request.waivers),
        variable_files=tuple(found for each in request.variable_files if (found := place(each)) is not None),
        tree=copy / _below(request.tree, root) if request.tree is not None else None,
        source_dir=None,
        base=None,
    )


def _below(name: str | Path, root: Path) -> Path:
    """A path, from the root of the git tree.

    Raises:
        UsageError: it is no folder of the tree.
    """
    if not Path(name).is_dir():
        raise UsageError(
            f"--against git:REF compares folders of Terraform, and {name} is none; a plan knows its own before"
        )
    if not _is_below(Path(name), root):
        raise UsageError(f"--against git:REF: {name} is not in the git tree {root} of the working folder")
    return Path(os.path.normpath(Path(name).absolute())).relative_to(root)


def _is_below(path: Path, root: Path) -> bool:
    return Path(os.path.normpath(path.absolute())).is_relative_to(root)


def _copy_modules(now: Path, copy: Path, folder: Path, *, cache: bool) -> None:
    """Give the root of the commit, a folder of the copy, the modules that Terraform fetched for that of now, where both
    call the same ones: git has them not. Without them they are not at hand there, and what they hold is undetermined.
    Nothing is read or written through a link."""
    then, record = copy / folder, MODULES / "modules.json"
    if base_branch.is_linked(now, record) or base_branch.is_linked(copy, folder / record):
        return
    if not (now / record).is_file() or not then.is_dir():
        return
    from guardline.validator.sources.hcl.cache import Cache
    from guardline.validator.sources.hcl.config import load
    from guardline.validator.sources.hcl.syntax import HclError

    try:
        entries = json.loads(regular.read(now / record, base_branch.LARGEST))["Modules"]
        kept = None if cache else Cache(None)
        calls, old = load(now, cache=kept), load(then, cache=kept)
        keys = sorted((str(each["Key"]) for each in entries), key=len)
        same: set[str] = {""}
        for key in keys:
            above = key.rpartition(".")[0]
            if above in same and (_called(calls, key) == _called(old, key) or _is_fetched(above, entries)):
                same.add(key)
    except (HclError, OSError, ValueError, KeyError, TypeError, RecursionError):
        return
    (then / MODULES).mkdir(parents=True, exist_ok=True)
    known = {"Modules": [each for each in entries if each["Key"] in same]}
    (then / record).write_text(json.dumps(known))
    size = 0
    for path in sorted((now / MODULES).rglob("*")):
        if path.is_file() and not path.is_symlink() and ".git" not in path.parts:
            size += path.stat().st_size
            if size > base_branch.LARGEST:
                return
            name = path.relative_to(now)
            if name != record and not base_branch.is_linked(copy, folder / name):
                (then / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, then / name)


def _called(found: Configuration, key: str) -> tuple[str, ...] | None:
    """What a call says of its module: source and version, as they are written."""
    path = tuple(key.split("."))
    module = found.modules.get(path[:-1])
    call = module.calls.get(path[-1]) if module is not None else None
    if call is None:
        return None
    attributes = call.body.attributes
    return tuple(repr(attributes[name].value) if name in attributes else "" for name in ("source", "version"))


def _is_fetched(key: str, entries: list[dict[str, Any]]) -> bool:
    """Whether a module was fetched, so that what it calls is the same where it is."""
    return any(each["Key"] == key and str(each["Dir"]).startswith(str(MODULES)) for each in entries)
