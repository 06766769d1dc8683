"""The roots that a change touches (``--changed REF``): those of which a file differs from the commit.

A root is touched by a file of its own folder, of a local module that it calls, of what stands below these (templates,
policies), by its spec, its waivers, its variables and the project's own options; by any file that its source names,
and by what a link on the way to one leads to. A file whose path the source makes of something else counts by its
ending. Where it cannot be known, the root counts as touched. The files are compared as they lie in the working folder,
by the ids that git has of the commit's: git itself reads none of them, so that no filter of the repository runs. Of
what git does not track only Terraform source counts.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path, PurePosixPath
from stat import S_ISLNK, S_ISREG
from typing import TYPE_CHECKING

from msgspec.structs import replace

from guardline.spec import regular
from guardline.validator import base_branch, settings
from guardline.validator.endings import SOURCE
from guardline.validator.output import UsageError
from guardline.validator.paths import shown
from guardline.validator.run import Request
from guardline.validator.waivers import file as waivers

if TYPE_CHECKING:
    from guardline.validator.sources.hcl.file_paths import Read

_AUTOMATIC = (".tfvars", ".tfvars.json")
_NO_NAME = re.compile(rb"[^\w+@.-]+|\.{2,}")
_NO_PATH = re.compile(rb"[\s\"']+")
_LINKS = 40
"""So many links on one way are a circle, as for Linux."""


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
        self._same: set[str] = set()

    def name(self, path: Path) -> str | None:
        """A file's name, from the root of the tree; None: it lies outside."""
        absolute = Path(os.path.normpath(path.absolute()))
        inside = absolute.is_relative_to(self.tree)
        return absolute.relative_to(self.tree).as_posix() if inside else None

    def changed(self, names: Iterable[str]) -> bool:
        """Whether one of the files differs, a link on the way to one, or what it leads to."""
        for name in names:
            folders: set[str] = set()
            if any(step is None or self._differs(step) for step in self._way(name, folders)):
                return True
            self._same |= folders
        return False

    def _way(self, name: str, folders: set[str]) -> Iterator[str | None]:
        """A file, the links on the way to it and what they lead to; None: that is outside the tree, or not known.

        Args:
            name: the file.
            folders: gets the folders that links lead to. What is below one is looked at once.
        """
        pending = [name]
        while pending:
            links, end = self._followed(each := pending.pop())
            yield from (each, *links)
            if end is None:
                yield None
            elif links:
                yield end
                if end not in folders and end not in self._same and (self.tree / end).is_dir():
                    folders.add(end)
                    pending += self.below(end)

    def _followed(self, name: str) -> tuple[list[str], str | None]:
        """The links on the way to a file, and where the way ends; None where that is outside the tree, or nowhere."""
        place, left, links = self.tree, deque(PurePosixPath(name).parts), list[str]()
        while left:
            part = left.popleft()
            place = place.parent if part == ".." else place / part
            if not place.is_symlink():
                continue
            if len(links) == _LINKS or not place.is_relative_to(self.tree):
                return links, None
            links.append(place.relative_to(self.tree).as_posix())
            target = place.readlink()
            place = Path(target.anchor or place.parent)
            left.extendleft(reversed(target.parts[bool(target.anchor) :]))
        return links, place.relative_to(self.tree).as_posix() if place.is_relative_to(self.tree) else None

    def _differs(self, name: str) -> bool:
        if name not in self._known:
            self._known[name] = self._then.get(name) != _id_of(self.tree / name, self._then.get(name, ""))
        return self._known[name]

    def below(self, folder: str, ending: str = "") -> Iterator[str]:
        """The files below a folder whose name ends so."""
        inside = "" if folder == "." else f"{folder}/"
        for place in range(bisect_left(self._sorted, inside), len(self._sorted)):
            name = self._sorted[place]
            if not name.startswith(inside):
                return
            if name.endswith(ending):
                yield name

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._names)

    def anywhere(self, ending: str) -> bool:
        """Whether some file differs whose name ends so, or some link: it may be on the way to one."""
        return self.changed(self.below(".", ending)) or any(
            self._differs(name)
            for name in self._names
            if self._then.get(name, "").startswith(base_branch.LINK) or (self.tree / name).is_symlink()
        )

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
        for word in {word.strip(b".") for word in _NO_NAME.split(text) if b"." in word}:
            yield from self._by_name.get(word, ())
        for word in {part for path in _NO_PATH.split(text) if b"/" in path for part in path.split(b"/")}:
            yield from self._by_name.get(word, ())
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
            return base_branch.LINK + base_branch.blob_id(os.fsencode(path.readlink()), like)
        if S_ISREG(status.st_mode):
            data = regular.read(path, base_branch.LARGEST)
        else:
            return None
    except OSError:
        return None
    return base_branch.blob_id(data, like)


def _common(request: Request, files: _Files) -> Iterator[str]:
    """What every root is judged by."""
    paths = [*request.variable_files, *([request.waivers] if request.waivers else []), *_options(files.tree)]
    if request.spec is not None:
        paths += [request.spec, request.spec.parent / waivers.NAME]
        with suppress(OSError):
            text = regular.read(request.spec, base_branch.YAML)
            paths += [request.spec.parent / named for named in base_branch.texts(text)]  # its lists, and the inventory
    return (name for path in paths if (name := files.name(path)) is not None)


def _options(tree: Path) -> Iterator[Path]:
    """Where the file of the project's options is, or may have been: as `settings.read` looks for it."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        yield folder / settings.NAME
        if folder == tree or (folder / settings.NAME).is_file():
            return


def _is_touched(root: Path, files: _Files, request: Request) -> bool:
    from guardline.validator.sources.hcl.syntax import HclError

    if (link := files.name(root)) is None:
        raise UsageError(f"--changed: {root} is not in the git tree {files.tree} of the working folder")
    try:
        return files.changed([link]) or _reaches(root, files, request)
    except (HclError, OSError):
        return True


def _reaches(root: Path, files: _Files, request: Request) -> bool:
    """Whether what changed is something that the root reads, or may read.

    Raises:
        HclError, OSError: something of it cannot be read.
    """
    from guardline.validator.sources.hcl import file_paths
    from guardline.validator.sources.hcl.cache import Cache
    from guardline.validator.sources.hcl.config import load
    from guardline.validator.sources.hcl.variables import Inputs, workspace

    inputs = Inputs(
        request.variable_files, request.variables, os.environ, request.workspace or workspace(root, os.environ)
    )
    found = load(root, request.tree, cache=None if request.cache else Cache(None), inputs=inputs)
    if found.errors or found.missing:
        return True
    text = _values(request)
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
    for read in {read for module in found.modules.values() for read in file_paths.reads(module, found.root)}:
        if _reads_changed(read, files):
            return True
        if read.is_template:
            for path in _templates(read, files):
                inside = regular.read(path, base_branch.LARGEST)
                if file_paths.unknown_in_template(inside) and files.anywhere(""):
                    return True
                text += inside + b"\n"
    return files.changed(files.named(text))


def _values(request: Request) -> bytes:
    """The values of variables from elsewhere: they may name files."""
    given = [*request.variables.values(), *(text for name, text in os.environ.items() if name.startswith("TF_VAR_"))]
    files = [regular.read(path, base_branch.LARGEST) for path in request.variable_files if path.is_file()]
    return b"\n".join([*(os.fsencode(f'"{each}"') for each in given), *files, b""])


def _reads_changed(read: Read, files: _Files) -> bool:
    """Whether a file that a function reads, or may read, differs."""
    if read.path is None:
        return files.anywhere(read.ending or "")
    name = files.name(read.path)
    if name is None:
        return False  # nothing outside the tree is read
    return files.changed((name,) if read.ending is None else (name, *files.below(name, read.ending)))


def _templates(read: Read, files: _Files) -> Iterator[Path]:
    """The templates that a function may read."""
    found = (
        [read.path] if read.path is not None else [files.tree / each for each in files.below(".", read.ending or "")]
    )
    return (path for path in found if path.is_file() and files.name(path) is not None)
