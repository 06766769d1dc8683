"""The Terraform files of folders, parsed: from the cache where they are known, else in parallel."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from guardline.validator.sources.hcl.bounds import Bounds
from guardline.validator.sources.hcl.cache import Cache, decode, encode
from guardline.validator.sources.hcl.merge import is_override, merge
from guardline.validator.sources.hcl.parse import BYTES_PER_FILE, grammar, parse
from guardline.validator.sources.hcl.syntax import Block, Body, HclError

ENDINGS = (".tofu", ".tofu.json", ".tf", ".tf.json")

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


def terraform_files(folder: Path) -> list[Path]:
    """The folder's Terraform files, sorted. Of ``x.tofu`` and ``x.tf`` OpenTofu takes the former, and so do we."""
    names = {
        path.name
        for path in folder.iterdir()
        if path.name.endswith(ENDINGS) and not path.name.startswith((".", "#")) and not path.name.endswith("~")
    }
    shadowed = {name.replace(".tofu", ".tf") for name in names if name.endswith((".tofu", ".tofu.json"))}
    return [folder / name for name in sorted(names - shadowed)]


def read_folders(folders: Iterable[Path], bounds: Bounds, cache: Cache) -> dict[Path, Folder]:
    """Parse the files of several folders."""
    found: dict[Path, Folder] = {}
    listed: dict[Path, list[Path]] = {}
    for folder in folders:
        try:
            listed[folder] = terraform_files(folder)
        except OSError as error:
            found[folder] = Folder([], [HclError(bounds.shown(folder), None, f"cannot be listed: {error.strerror}")], 0)
    bodies = _parsed([path for paths in listed.values() for path in paths], bounds, cache)
    return found | {folder: _assembled(paths, bodies, bounds) for folder, paths in listed.items()}


def _assembled(paths: list[Path], bodies: dict[Path, Body | HclError], bounds: Bounds) -> Folder:
    blocks: list[Block] = []
    overrides: list[Block] = []
    errors: list[HclError] = []
    for path in paths:
        body = bodies[path]
        if isinstance(body, HclError):
            errors.append(body)
            continue
        shown = bounds.shown(path)
        (overrides if is_override(path.name) else blocks).extend(_placed(body, shown))
        errors.extend(
            HclError(shown, attribute.line, f"{name} = ... stands outside every block")
            for name, attribute in body.attributes.items()
        )
    merged, more = merge(blocks, overrides) if overrides else (blocks, [])
    return Folder(merged, [*errors, *more], len(paths))


def _placed(body: Body, file: str) -> Iterator[Block]:
    return (Block(block.type, block.labels, block.line, block.end, block.body, file) for block in body.blocks)


def _parsed(paths: list[Path], bounds: Bounds, cache: Cache) -> dict[Path, Body | HclError]:
    found: dict[Path, Body | HclError] = {}
    todo: dict[Path, bytes] = {}
    for path in paths:
        data = _bytes(path, bounds)
        if isinstance(data, HclError):
            found[path] = data
            continue
        kept = cache.get(data, is_json=_is_json(path))
        if kept is not None:
            found[path] = kept
        else:
            todo[path] = data
    for path, result in _fresh([(path, data, bounds.shown(path)) for path, data in todo.items()]):
        if isinstance(result, HclError):
            found[path] = result
            continue
        cache.put(todo[path], result, is_json=_is_json(path))
        found[path] = decode(result) or HclError(bounds.shown(path), None, "nested too deeply to be read")
    return found


def _is_json(path: Path) -> bool:
    return path.name.endswith(".json")


Task = tuple[Path, bytes, str]


def _fresh(tasks: list[Task]) -> Iterator[tuple[Path, bytes | HclError]]:
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

    grammar("\n")  # built once, before the processes begin
    tasks.sort(key=lambda task: len(task[1]), reverse=True)  # the largest first, so that none is left over at the end
    with multiprocessing.get_context("fork" if forks else "spawn").Pool(workers) as pool:
        yield from pool.imap_unordered(_one, tasks, chunksize=1)


def _one(task: Task) -> tuple[Path, bytes | HclError]:
    path, data, shown = task
    try:
        return path, encode(parse(data, shown))
    except HclError as error:
        return path, error


def _bytes(path: Path, bounds: Bounds) -> bytes | HclError:
    shown = bounds.shown(path)
    if path.is_symlink() and not bounds.admits(path):  # the folder itself was asked about before
        return HclError(shown, None, f"a link to outside {bounds.shown(bounds.limit)}, so it is not read")
    try:
        if not path.is_file():
            return HclError(shown, None, "not a regular file")
        if path.stat().st_size > BYTES_PER_FILE:
            return HclError(shown, None, f"larger than {BYTES_PER_FILE // 2**20} MiB, so it is not read")
        return path.read_bytes()
    except OSError as error:
        return HclError(shown, None, f"cannot be read: {error.strerror}")
