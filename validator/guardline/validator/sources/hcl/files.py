"""The Terraform files of folders, parsed: from the cache where they are known, else in parallel."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from guardline.spec import regular, signals
from guardline.spec.faults import fault
from guardline.validator.endings import SOURCE
from guardline.validator.sources.hcl.bounds import Bounds
from guardline.validator.sources.hcl.cache import Cache, decode, encode
from guardline.validator.sources.hcl.merge import is_override, merge
from guardline.validator.sources.hcl.parse import BYTES_PER_FILE, grammar, parse
from guardline.validator.sources.hcl.syntax import Block, Body, HclError

PARALLEL_BYTES = 64 * 1024
"""Less than this is parsed sooner than processes start."""


class Folder(msgspec.Struct, frozen=True):
    """What a folder holds.

    Attributes:
        blocks: override files applied, each block with its file.
        errors: of its files.
        files: how many it has.
    """

    blocks: list[Block]
    errors: list[HclError]
    files: int


class _File(msgspec.Struct, frozen=True):
    """A file as its folder lists it, and its path as shown to people."""

    entry: os.DirEntry[str]
    shown: str


def _terraform_files(folder: Path, shown: str) -> list[_File]:
    """The folder's Terraform files, sorted. Of ``x.tofu`` and ``x.tf`` OpenTofu takes the former, and so do we."""
    with os.scandir(folder) as entries:  # no Path for each: it would take longer than to read the file
        found = {
            entry.name: entry
            for entry in entries
            if entry.name.endswith(SOURCE) and not entry.name.startswith((".", "#")) and not entry.name.endswith("~")
        }
    shadowed = {name.replace(".tofu", ".tf") for name in found if name.endswith((".tofu", ".tofu.json"))}
    before = "" if shown == "." else f"{shown.rstrip('/')}/"
    return [_File(found[name], before + name) for name in sorted(found.keys() - shadowed)]


def read_folders(folders: Iterable[Path], bounds: Bounds, cache: Cache) -> dict[Path, Folder]:
    """Parse the files of several folders."""
    found: dict[Path, Folder] = {}
    listed: dict[Path, list[_File]] = {}
    for folder in folders:
        shown = bounds.shown(folder)
        try:
            listed[folder] = _terraform_files(folder, shown)
        except OSError as error:
            found[folder] = Folder([], [HclError(shown, None, f"cannot be listed: {error.strerror}")], 0)
    bodies = _parsed([file for files in listed.values() for file in files], bounds, cache)
    return found | {folder: _assembled(files, bodies) for folder, files in listed.items()}


def _assembled(files: list[_File], bodies: dict[str, Body | HclError]) -> Folder:
    blocks: list[Block] = []
    overrides: list[Block] = []
    errors: list[HclError] = []
    for file in files:
        body = bodies[file.entry.path]
        if isinstance(body, HclError):
            errors.append(body)
            continue
        (overrides if is_override(file.entry.name) else blocks).extend(_placed(body, file.shown))
        errors.extend(
            HclError(file.shown, attribute.line, f"{name} = ... stands outside every block")
            for name, attribute in body.attributes.items()
        )
    merged, more = merge(blocks, overrides) if overrides else (blocks, [])
    return Folder(merged, [*errors, *more], len(files))


def _placed(body: Body, file: str) -> Iterator[Block]:
    return (Block(block.type, block.labels, block.line, block.end, block.body, file) for block in body.blocks)


def _parsed(files: list[_File], bounds: Bounds, cache: Cache) -> dict[str, Body | HclError]:
    """By path."""
    found: dict[str, Body | HclError] = {}
    todo: dict[str, Task] = {}
    for file in files:
        path, data = file.entry.path, _bytes(file, bounds)
        if isinstance(data, HclError):
            found[path] = data
            continue
        kept = cache.get(data, is_json=_is_json(path))
        if kept is not None:
            found[path] = kept
        else:
            todo[path] = (path, data, file.shown)
    for path, result in _fresh(list(todo.values())):
        _, data, shown = todo[path]
        if isinstance(result, HclError):
            found[path] = result
            continue
        cache.put(data, result, is_json=_is_json(path))
        found[path] = decode(result) or HclError(shown, None, "nested too deeply to be read")
    return found


def _is_json(path: str) -> bool:
    return path.endswith(".json")


Task = tuple[str, bytes, str]


def _fresh(tasks: list[Task]) -> Iterator[tuple[str, bytes | HclError]]:
    """Parse files, in several processes where that pays."""
    workers = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, len(tasks))
    size = sum(len(data) for _, data, _ in tasks)
    # A fork shares the grammar, and is safe while this is the only thread; elsewhere a process starts from nothing and
    # runs the main module again, which is harmless for the command and not for whatever else uses guardline.
    forks = sys.platform == "linux" and threading.active_count() == 1
    pays = workers > 1 and size >= PARALLEL_BYTES and threading.current_thread() is threading.main_thread()
    if not pays or not (forks or "guardline.cli" in sys.modules):
        yield from map(_one, tasks)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    grammar("\n")  # built once, before the processes begin
    tasks.sort(key=lambda task: len(task[1]), reverse=True)  # the largest first, so that none is left over at the end
    context = multiprocessing.get_context("fork" if forks else "spawn")
    executor = ProcessPoolExecutor(workers, context, signals.end_when_asked)
    try:
        with signals.waiting():  # one that comes while a process begins would leave it behind
            futures = [executor.submit(_one, task) for task in tasks]
        for task, future in zip(tasks, futures, strict=True):
            try:
                yield future.result()
            except BrokenProcessPool:
                yield task[0], HclError(task[2], None, "the process that parses it was killed; run again")
    except BaseException:
        for worker in multiprocessing.active_children():
            worker.kill()
        # Without waiting: the thread that reads the answer of one that was killed just then waits for ever.
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()


def _one(task: Task) -> tuple[str, bytes | HclError]:
    path, data, shown = task
    try:
        return path, encode(parse(data, shown))
    except HclError as error:
        return path, error
    except UnicodeEncodeError:  # what JSON writes as "\\ud800"
        return path, HclError(shown, None, "holds half of a character, which no text in UTF-8 can")
    except Exception as error:  # noqa: BLE001 - one of two guards: a fault costs this file, and is named
        return path, HclError(shown, None, f"cannot be read: {fault(error)}")


def _bytes(file: _File, bounds: Bounds) -> bytes | HclError:
    entry, shown = file.entry, file.shown
    if entry.is_symlink() and not bounds.admits(Path(entry.path)):  # the folder itself was asked about before
        return HclError(shown, None, f"a link to outside {bounds.shown(bounds.limit)}, so it is not read")
    try:
        return regular.read(entry.path, BYTES_PER_FILE)
    except regular.NotRegularError as error:
        return HclError(shown, None, f"{error.strerror}, so it is not read")
    except OSError as error:
        return HclError(shown, None, f"cannot be read: {error.strerror}")
