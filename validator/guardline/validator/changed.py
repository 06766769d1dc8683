"""The roots that a change touches (``--changed REF``): those of which a file differs from the commit.

A root is touched by a file of its own folder, of a local module that it calls, of what stands below these (templates,
policies), by its spec, its waivers and its variables; and by any file that its source names. Where it cannot be told,
the root counts as touched. The files are compared as they lie in the working folder, by the ids that git has of the
commit's: git itself reads none of them, so that no filter of the repository runs. Of what git does not track only
Terraform source counts.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from stat import S_ISLNK, S_ISREG

from msgspec.structs import replace

from guardline.spec import regular
from guardline.validator import base_branch
from guardline.validator.endings import SOURCE
from guardline.validator.output import UsageError
from guardline.validator.paths import shown
from guardline.validator.run import Request

_AUTOMATIC = (".tfvars", ".tfvars.json")
_NAME = re.compile(rb"[\w+@-]+(?:\.[\w+@-]+)+")
_PATH = re.compile(rb"[^\s\"'/]*(?:/[^\s\"'/]+)+")


def only(request: Request, commit: str) -> Request:
    """The request for the roots that differ from a commit.

    Args:
        request: what would be judged.
        commit: ``--changed``.

    Raises:
        UsageError: git knows no such commit, or a source is no folder of its tree.
    """
    for name in request.sources:
        if name == "-" or not Path(name).is_dir():
            raise UsageError(f"--changed takes folders of Terraform, and {name} is none")
    try:
        tree = base_branch.tree_of(Path.cwd())
        files = _Files(tree, base_branch.files_of(base_branch.commit_of(commit, tree), tree))
    except base_branch.BaseError as error:
        raise UsageError(f"--changed {commit}: {error}") from None
    if files.changed(_common(request, files)):
        return request
    touched = [name for name in request.sources if _is_touched(Path(name), files, request)]
    left_out = tuple(shown(name) for name in request.sources if name not in touched)
    return replace(request, sources=tuple(touched), left_out=left_out)


class _Files:
    """The files of a git tree, now and at a commit.

    Attributes:
        tree: its root.
        submodules: the folders that other repositories fill, of which git tells nothing here.
    """

    def __init__(self, tree: Path, then: Mapping[str, str]) -> None:
        self.tree, self._then = tree, then
        tracked, new = base_branch.listed(tree)
        self._names = frozenset((*then, *tracked, *(name for name in new if name.endswith(SOURCE))))
        self.submodules = frozenset(name for name, each in then.items() if each.startswith(base_branch.SUBMODULE))
        self._known: dict[str, bool] = {}

    def name(self, path: Path) -> str | None:
        """A file's name, from the root of the tree; None: it lies outside."""
        absolute = Path(os.path.normpath(path.absolute()))
        inside = absolute.is_relative_to(self.tree)
        return absolute.relative_to(self.tree).as_posix() if inside else None

    def changed(self, names: Iterable[str]) -> bool:
        """Whether one of the files differs."""
        return any(self._differs(name) for name in names)

    def _differs(self, name: str) -> bool:
        if name not in self._known:
            self._known[name] = self._then.get(name) != _id_of(self.tree / name, self._then.get(name, ""))
        return self._known[name]

    @cached_property
    def of(self) -> Mapping[str, list[str]]:
        """Folder with source -> its files, and those below it that are of no other such folder."""
        folders = {str(PurePosixPath(each).parent) for each in self._names if each.endswith(SOURCE)}
        found = defaultdict[str, list[str]](list)
        for name in self._names:
            above = next((each for each in map(str, PurePosixPath(name).parents) if each in folders), None)
            if above is not None:
                found[above].append(name)
        return found

    def named(self, text: bytes) -> Iterator[str]:
        """The files, other than source, whose name stands in a text, or whose folder's name stands in a path there."""
        for word in set(_NAME.findall(text)):
            yield from self._by_name.get(word, ())
        for word in {part for path in _PATH.findall(text) for part in path.split(b"/")}:
            yield from self._by_folder.get(word, ())

    @cached_property
    def _by_name(self) -> Mapping[bytes, list[str]]:
        return self._index(lambda path: path.name)

    @cached_property
    def _by_folder(self) -> Mapping[bytes, list[str]]:
        return self._index(lambda path: path.parent.name)

    def _index(self, of: Callable[[PurePosixPath], str]) -> Mapping[bytes, list[str]]:
        found = defaultdict[bytes, list[str]](list)
        for name in self._names:
            if name in self.submodules:
                found[os.fsencode(PurePosixPath(name).name)].append(name)
            elif not name.endswith(SOURCE):
                found[os.fsencode(of(PurePosixPath(name)))].append(name)
        return found


def _id_of(path: Path, like: str) -> str | None:
    """The id that git would give the file, by the kind of hash of another id; None where there is none."""
    try:
        status = path.lstat()
        if S_ISLNK(status.st_mode):
            data = os.fsencode(path.readlink())
        elif S_ISREG(status.st_mode):
            data = regular.read(path, base_branch.LARGEST)
        else:
            return None
    except OSError:
        return None
    return base_branch.blob_id(data, like)


def _common(request: Request, files: _Files) -> Iterator[str]:
    """What every root is judged by."""
    paths = [*request.variable_files, *([request.waivers] if request.waivers else [])]
    if request.spec is not None:
        from guardline.spec.tree import read

        paths += [request.spec, request.spec.parent / "waivers.yaml"]
        try:
            left: list[object] = [read(regular.read(request.spec, base_branch.YAML).decode(errors="replace")).data]
        except OSError:
            left = []
        while left:  # the lists and the inventory that it names
            value = left.pop()
            if isinstance(value, str) and "\0" not in value:
                paths.append(request.spec.parent / value)
            elif isinstance(value, dict | list):
                left += value.values() if isinstance(value, dict) else value
    return (name for path in paths if (name := files.name(path)) is not None)


def _is_touched(root: Path, files: _Files, request: Request) -> bool:
    from guardline.validator.sources.hcl.cache import Cache
    from guardline.validator.sources.hcl.config import load
    from guardline.validator.sources.hcl.syntax import HclError

    link = files.name(root)
    if link is None:
        raise UsageError(f"--changed: {root} is not in the git tree {files.tree} of the working folder")
    try:
        found = load(root, request.tree, cache=None if request.cache else Cache(None))
    except HclError:
        return True
    if found.errors or found.missing:
        return True
    text = b""
    for folder in {module.folder for module in found.modules.values()}:
        name = files.name(folder)
        if name is None or not files.submodules.isdisjoint((name, *map(str, PurePosixPath(name).parents))):
            return True
        if ".terraform" in PurePosixPath(name).parts:
            continue  # fetched: the call says which
        if files.changed(files.of.get(name, ())):
            return True
        for path in sorted(folder.iterdir()):
            if path.name.endswith((*SOURCE, *_AUTOMATIC)):
                text += regular.read(path, base_branch.LARGEST) + b"\n"
    return files.changed((link, *files.named(text)))
