"""The base branch (``--base REF|DIR``), from which is read what the change itself must not decide; and a commit to
compare with (``--against git:REF``, ``--changed REF``).

A REF is read from git's objects, never checked out: hooks, filters, text conversion, the file-system monitor and the
transports are off, so that nothing of the repository runs. https://git-scm.com/docs/git-cat-file: without ``--filters``
and ``--textconv`` the bytes come as they are stored.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import NamedTuple

from guardline.validator.endings import SOURCE

LARGEST = 256 << 20
"""Bytes of what a spec names, all together; lists of addresses are the largest, with 35 MB each."""
YAML = 256 << 10
"""Bytes of a spec, as `guardline.spec.load` takes them."""
_LIMIT = 30
_FILES = ("100644", "100755")  # no links, no submodules
_LINK, _SUBMODULE = "120000", "160000"
SUBMODULE, LINK = "submodule ", "link "
"""What stands before the id of one."""
_OFF = ("core.hooksPath=/dev/null", "core.fsmonitor=false", "core.attributesFile=/dev/null", "protocol.allow=never")


class BaseError(Exception):
    """The base branch cannot be read; the message says why."""


class BaseTree:
    """The files of the base branch, found by where they are now.

    Args:
        folder: where they are; for a commit, an empty folder that they are written to as they are asked for.
        now: the root of the tree that is judged, or None.
        commit: the commit that they are read from; None: they are in `folder` already.
    """

    def __init__(self, folder: Path, now: Path | None, commit: str | None = None) -> None:
        self._folder, self._now, self._commit = folder, now, commit
        self._listed: dict[PurePosixPath, Mapping[str, tuple[str, int]]] = {}
        self._links: dict[str, str] = {}
        self._submodules: dict[str, str] = {}

    def file(self, path: Path) -> Path | None:
        """The same file in the base branch, with the files that it names beside it; None: there is none.

        Raises:
            BaseError: git cannot read it, or it is too large.
        """
        for name in self._names(path):
            if self._commit is not None:
                self._write(name)
            if (found := self._folder / name).is_file():
                return found
        return None

    def write_source(self) -> None:
        """Write the Terraform source of the commit: each folder that holds some, with all that lies below it.

        Links come last, so that nothing is written through one; what reads the source follows none out of the tree.

        Raises:
            BaseError: git cannot read it, or it is too large.
        """
        entries = self._entries(PurePosixPath())
        folders = {PurePosixPath(name).parent for name in (*entries, *self._links) if name.endswith(SOURCE)}
        wanted = [name for name in entries if not folders.isdisjoint(PurePosixPath(name).parents)]
        self._written(wanted, entries)
        if not self._links or self._now is None:
            return
        for name, target in zip(self._links, _blobs(self._now, list(self._links.values())), strict=True):
            place = self._folder / name
            if target and b"\0" not in target and not os.path.lexists(place) and not is_linked(self._folder, name):
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to(os.fsdecode(target))

    def ids(self) -> Mapping[str, str]:
        """The files, links and submodules of the commit: path -> the id of its contents."""
        files = {name: blob for name, (blob, _) in self._entries(PurePosixPath()).items()}
        return files | {name: f"{LINK}{blob}" for name, blob in self._links.items()} | self._submodules

    def _names(self, path: Path) -> Iterator[PurePosixPath]:
        """What the file may be called there: from the root of the tree; in a bare folder also by what the user said."""
        absolute = Path(os.path.normpath(path.absolute()))
        if self._now is not None and absolute.is_relative_to(self._now):
            yield PurePosixPath(absolute.relative_to(self._now).as_posix())
        if self._commit is None:
            if not path.is_absolute() and ".." not in path.parts:
                yield PurePosixPath(path.as_posix())
            yield PurePosixPath(path.name)

    def _write(self, name: PurePosixPath) -> None:
        """Write a file of the commit, and those of its folder that it names: a spec names its lists."""
        entries = self._entries(name.parent)
        if str(name) not in entries:
            return
        (content,) = self._written([str(name)], entries)
        said = texts(content) if name.suffix in (".yaml", ".yml") else ()
        named = (os.path.normpath(name.parent / text) for text in said)
        self._written([each for each in dict.fromkeys(named) if each in entries and each != str(name)], entries)

    def _entries(self, folder: PurePosixPath) -> Mapping[str, tuple[str, int]]:
        """Name -> blob and size, of the regular files below a folder of the commit."""
        if self._now is None or self._commit is None:
            return {}
        if folder not in self._listed:
            below = [] if folder == PurePosixPath() else ["--", f"{folder}/"]
            listed = _git(self._now, "ls-tree", "-r", "-z", "-l", "--full-tree", self._commit, *below)
            found = dict[str, tuple[str, int]]()
            for line in listed.split(b"\0")[:-1]:
                entry, _, name = line.partition(b"\t")
                mode, _, blob, size = entry.decode().split()
                if mode in _FILES:
                    found[os.fsdecode(name)] = (blob, int(size))
                elif mode == _LINK:
                    self._links[os.fsdecode(name)] = blob
                elif mode == _SUBMODULE:
                    self._submodules[os.fsdecode(name)] = f"{SUBMODULE}{blob}"
            self._listed[folder] = found
        return self._listed[folder]

    def _written(self, names: Sequence[str], entries: Mapping[str, tuple[str, int]]) -> list[bytes]:
        size = sum(entries[name][1] for name in names)
        if size > LARGEST:
            raise BaseError(f"{', '.join(names)}: {size:,} bytes are more than is read")
        if not names or self._now is None:
            return []
        contents = _blobs(self._now, [entries[name][0] for name in names])
        for name, content in zip(names, contents, strict=True):
            target = self._folder / name
            if is_linked(self._folder, name):
                raise BaseError(f"{name} is not read: a link is in its place, or on the way to it")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        return contents


def is_linked(folder: Path, name: str | Path) -> bool:
    """Whether a symbolic link is in the place of a file below a folder, or on the way to it: what is written there may
    go anywhere."""
    return any((folder / each).is_symlink() for each in (Path(name), *Path(name).parents) if each != Path())


def texts(content: bytes) -> Iterator[str]:
    """Every text in a YAML file: some may name files."""
    from guardline.spec.tree import read

    left: list[object] = [read(content.decode(errors="replace")).data] if len(content) <= YAML else []
    while left:
        value = left.pop()
        if isinstance(value, str) and value and "\0" not in value:
            yield value
        elif isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list):
            left += value


@contextmanager
def opened(base: str, spec: Path) -> Iterator[BaseTree]:
    """Open the base branch.

    Args:
        base: a folder, or a git commit, branch or tag. A name that is both is the commit: a change can bring a folder.
        spec: the spec of now, whose tree the base is one of.

    Raises:
        BaseError: it is neither, or a folder that the change itself could have written.
    """
    _refuse_no_name(base)
    now, folder = _root(spec), Path(base)
    is_path = base.startswith(("/", "./", "../")) or base in (".", "..")
    commit = None if is_path or now is None else _commit(now, base)
    if now is not None and commit is not None:
        with _copied(now, commit) as (tree, _):
            yield tree
        return
    if not folder.is_dir():
        raise BaseError("is neither a folder nor a commit that git knows here; in CI, fetch the base branch first")
    if now is not None and _root(folder / "guardline.yaml") == now:
        raise BaseError("is a folder of the tree that is judged, so the change itself may have written it")
    yield BaseTree(folder, now)


@contextmanager
def at_commit(name: str, folder: Path) -> Iterator[tuple[BaseTree, Path, Path]]:
    """Open a commit of the git tree that a folder is in.

    Args:
        name: a git commit, branch or tag.
        folder: the folder.

    Returns:
        Its files, the root of the git tree, and the folder that stands for it.

    Raises:
        BaseError: there is no such commit, or the folder is in no git tree.
    """
    now = tree_of(folder)
    with _copied(now, commit_of(name, now)) as (tree, copy):
        yield tree, now, copy


def tree_of(folder: Path) -> Path:
    """The git tree that a folder is in.

    Raises:
        BaseError: it is in none.
    """
    now = _root(folder / "x")
    if now is None:
        raise BaseError(f"{folder} is in no git tree")
    return now


def commit_of(name: str, tree: Path) -> str:
    """The id of a commit.

    Raises:
        BaseError: git knows none of that name.
    """
    _refuse_no_name(name)
    if (commit := _commit(tree, name)) is None:
        raise BaseError("is no commit that git knows here; in CI, fetch the base branch first")
    return commit


def files_of(commit: str, tree: Path) -> Mapping[str, str]:
    """The files, links and submodules of a commit: path below the root of the tree -> the id of its contents.

    Raises:
        BaseError: git cannot read it.
    """
    return BaseTree(tree, tree, commit).ids()


def listed(tree: Path) -> tuple[list[str], list[str]]:
    """The files of a git tree that git tracks now, and those that it neither tracks nor ignores.

    Raises:
        BaseError: git cannot say.
    """
    tracked, new = (
        _git(tree, "ls-files", "-z", *which) for which in (("--cached",), ("--others", "--exclude-standard"))
    )
    return [os.fsdecode(each) for each in tracked.split(b"\0") if each], [
        os.fsdecode(each) for each in new.split(b"\0") if each
    ]


def _refuse_no_name(name: str) -> None:
    if name.startswith("-") or not name or not name.isprintable() or re.search(r"[\s:\\]", name):
        raise BaseError("is neither a folder nor the name of a commit, branch or tag")


@contextmanager
def _copied(now: Path, commit: str) -> Iterator[tuple[BaseTree, Path]]:
    with TemporaryDirectory(prefix="guardline-base-") as empty:
        (Path(empty) / ".git").mkdir()  # the tree's root, for paths that a spec gives
        yield BaseTree(Path(empty), now, commit), Path(empty)


class History(NamedTuple):
    """What git knows of a file.

    Attributes:
        commit: the last one that changed it.
        authors: who wrote its commits, the last one first.
        changed: it is no more as in the last commit of the tree.
    """

    commit: str
    authors: tuple[str, ...]
    changed: bool


def history(path: Path, content: bytes) -> History | None:
    """Who wrote a file, or None: it is in no git tree, or in no commit yet.

    Args:
        path: the file.
        content: what it holds now.

    Raises:
        BaseError: git cannot be run, or refuses.
    """
    tree = _root(path)
    if tree is None or _commit(tree, "HEAD") is None:
        return None
    name = Path(os.path.normpath(path.absolute())).relative_to(tree).as_posix()
    log = _git(tree, "log", "--no-show-signature", "--format=%H%x09%an", "HEAD", "--", name)
    commits = [line.partition("\t") for line in log.decode(errors="replace").splitlines()]
    if not commits:
        return None
    blob = _git(tree, "rev-parse", "--verify", "--quiet", "--end-of-options", f"HEAD:{name}").decode().strip()
    authors = tuple(dict.fromkeys(author for _, _, author in commits))
    return History(commits[0][0], authors, blob_id(content, blob) != blob)


def blob_id(content: bytes, like: str) -> str:
    """The id that git gives a file of this content.

    Args:
        content: what the file holds; of a link, where it leads.
        like: another id of the same tree: its length says by which hash.

    Source: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
    """
    digest = hashlib.sha256 if len(like.removeprefix(LINK)) == 64 else hashlib.sha1
    return digest(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _root(path: Path) -> Path | None:
    """The git tree that a file is in."""
    here = Path(os.path.normpath(path.absolute())).parent
    return next((parent for parent in (here, *here.parents) if (parent / ".git").exists()), None)


def _commit(tree: Path, name: str) -> str | None:
    try:
        found = _git(tree, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except BaseError:
        return None
    return found.decode().strip()


def _blobs(tree: Path, wanted: Sequence[str]) -> list[bytes]:
    """The contents of blobs, by their ids."""
    answer = _git(tree, "cat-file", "--batch", given="".join(f"{blob}\n" for blob in wanted).encode())
    found, at = list[bytes](), 0
    for blob in wanted:
        end = answer.index(b"\n", at)
        head = answer[at:end].split()
        if len(head) != 3:
            raise BaseError(f"git has no object {blob}: fetch the base branch whole")
        size = int(head[2])
        found.append(answer[end + 1 : end + 1 + size])
        at = end + 1 + size + 1
    return found


def _git(tree: Path, *arguments: str, given: bytes = b"") -> bytes:
    """What git answers.

    Raises:
        BaseError: there is no git, or it fails.
    """
    options = [part for each in _OFF for part in ("-c", each)]
    command = ["git", *options, "--no-pager", "--no-replace-objects", "--literal-pathspecs", *arguments]
    known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    quiet = {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        # Objects that are missing are fetched from nowhere; older versions of git know the second alone.
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "LC_ALL": "C",
    }
    try:
        done = subprocess.run(  # noqa: S603 - a list, no shell
            command, cwd=tree, env=known | quiet, input=given, capture_output=True, check=False, timeout=_LIMIT
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BaseError(f"git cannot be run: {error}") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise BaseError(f"git: {said[0] if said else f'exit {done.returncode}'}")
    return done.stdout
