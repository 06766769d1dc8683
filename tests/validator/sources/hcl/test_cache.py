"""The cache gives what the parser gave, and never more than that."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.validator.sources.hcl import files as reading
from guardline.validator.sources.hcl.cache import Cache, decode, encode
from guardline.validator.sources.hcl.config import Configuration, load
from guardline.validator.sources.hcl.parse import parse
from guardline.validator.sources.hcl.syntax import Body
from tests.support.source_trees import write

FILES = {
    "main.tf": 'locals {\n  a = { x = [1, "b", null], y = "é${var.z}" }\n}\n',
    "x.tf.json": '{"locals": {"b": 1.5}}',
}


def locals_of(configuration: Configuration) -> dict[str, object]:
    return {name: each.value for name, each in configuration.modules[()].locals.items()}


def entries(cache: Path) -> list[Path]:
    return sorted(path for path in cache.glob("*/*") if path.is_file())


@pytest.fixture
def unparsed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, Path], bool]:
    """Whether a root is read without parsing anything."""

    def unparsed(root: Path, cache: Path) -> bool:
        parsed: list[str] = []

        def count(data: bytes, file: str) -> Body:
            parsed.append(file)
            return parse(data, file)

        monkeypatch.setattr(reading, "parse", count)
        load(root, cache=Cache(cache))
        return not parsed

    return unparsed


def test_a_second_run_does_not_parse(tmp_path: Path, unparsed: Callable[[Path, Path], bool]) -> None:
    root, cache = write(tmp_path / "root", FILES), tmp_path / "cache"
    first = locals_of(load(root, cache=Cache(cache)))
    assert unparsed(root, cache)
    assert locals_of(load(root, cache=Cache(cache))) == first
    (root / "main.tf").write_text("locals {\n  a = 2\n}\n")
    assert not unparsed(root, cache)


@pytest.mark.parametrize("damage", ["short", "flipped", "moved", "pipe", "folder", "huge"])
def test_a_damaged_entry_is_made_anew(tmp_path: Path, damage: str, unparsed: Callable[[Path, Path], bool]) -> None:
    root, cache = write(tmp_path / "root", FILES), tmp_path / "cache"
    first = locals_of(load(root, cache=Cache(cache)))
    one, other = entries(cache)
    data = one.read_bytes()
    match damage:
        case "short":
            one.write_bytes(data[:10])
        case "flipped":
            one.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        case "moved":  # an entry of another file, rightly sealed
            one.write_bytes(other.read_bytes())
        case "pipe":
            one.unlink()
            os.mkfifo(one)
        case "folder":
            one.unlink()
            one.mkdir()
        case "huge":
            os.truncate(one, 20 << 30)
    assert locals_of(load(root, cache=Cache(cache))) == first
    assert unparsed(root, cache) == (damage not in ("pipe", "folder"))


def test_entries_tell_nothing_of_the_source(tmp_path: Path) -> None:
    """A password in a provider block is in no file of the cache, nor are names."""
    root, cache = (
        write(tmp_path / "root", {"main.tf": 'provider "aws" {\n  secret_key = "planted-literal"\n}\n'}),
        tmp_path / "cache",
    )
    load(root, cache=Cache(cache))
    kept = [path.read_bytes() for path in cache.rglob("*") if path.is_file()]
    assert len(kept) == 2
    assert not any(word in each for word in (b"planted", b"literal", b"secret_key", b"provider") for each in kept)


@pytest.mark.parametrize("loose", ["key for others", "folder for others", "key is a link", "key is short"])
def test_a_cache_that_others_can_read_or_write_is_not_used(tmp_path: Path, loose: str) -> None:
    root, cache = write(tmp_path / "root", FILES), tmp_path / "cache"
    load(root, cache=Cache(cache))
    assert (cache / "key").stat().st_mode & 0o777 == 0o600
    for entry in entries(cache):
        entry.unlink()
    match loose:
        case "key for others":
            (cache / "key").chmod(0o640)
        case "folder for others":
            cache.chmod(0o777)
        case "key is a link":
            (cache / "key").rename(tmp_path / "key")
            (cache / "key").symlink_to(tmp_path / "key")
        case "key is short":
            (cache / "key").write_bytes(b"short")
    load(root, cache=Cache(cache))
    assert entries(cache) == []


@pytest.mark.parametrize("where", ["inside", "inside by a link", "relative", "working tree"])
def test_there_is_no_cache_in_a_tree_that_is_judged(
    tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pull request could bring its own entries, key and all: a false pass."""
    root = write(tmp_path / "root", FILES)
    there = root / "cache"
    match where:
        case "inside":
            monkeypatch.setenv("XDG_CACHE_HOME", str(there))
        case "inside by a link":
            there.mkdir()
            (tmp_path / "link").symlink_to(there)
            monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "link"))
        case "relative":
            monkeypatch.chdir(tmp_path)
            there = tmp_path / "cache"
            monkeypatch.setenv("XDG_CACHE_HOME", "cache")
        case "working tree":
            monkeypatch.chdir(root)
            monkeypatch.setenv("XDG_CACHE_HOME", str(there))
            root = write(tmp_path / "other", FILES)
    load(root)
    assert [path for path in there.rglob("*") if path.is_file()] == []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "outside"))
    load(root)
    assert len(entries(tmp_path / "outside" / "guardline" / "hcl")) == 2


def test_a_worker_that_is_killed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path / "root", {f"f{n}.tf": f'locals {{\n  v{n} = "{n}"\n}}\n' for n in range(8)})

    def die(_data: bytes, file: str) -> Body:
        if file == "f3.tf":
            os.kill(os.getpid(), signal.SIGKILL)
        return parse(_data, file)

    monkeypatch.setattr(reading, "PARALLEL_BYTES", 0)
    monkeypatch.setattr(reading, "parse", die)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr("threading.active_count", lambda: 1)
    errors = {error.file: error.message for error in load(root, cache=Cache(None)).errors}
    assert errors["f3.tf"] == "the process that parses it was killed; run again"


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    root = write(tmp_path / "root", FILES)
    assert locals_of(load(root, cache=Cache(tmp_path / "file" / "cache"))) == locals_of(load(root, cache=Cache(None)))


def test_errors_keep_the_name_of_their_file(tmp_path: Path) -> None:
    """Two files of the same bytes are two files; an error is no entry."""
    root = write(
        tmp_path / "root", {"a.tf": "locals {", "b.tf": "locals {", "c.tf": "locals {\n}\n", "d.tf": "locals {\n}\n"}
    )
    for _ in range(2):
        found = load(root, cache=Cache(tmp_path / "cache"))
        assert [error.file for error in found.errors] == ["a.tf", "b.tf"]


def test_files_are_parsed_in_parallel_as_in_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"f{n}.tf": f'locals {{\n  v{n} = "{n}"\n}}\n' for n in range(20)} | {"bad.tf": "locals {\n  x = \n}\n"}
    root = write(tmp_path / "root", files)
    alone = load(root, cache=Cache(None))
    monkeypatch.setattr(reading, "PARALLEL_BYTES", 0)
    together = load(root, cache=Cache(None))
    assert locals_of(together) == locals_of(alone)
    assert list(map(str, together.errors)) == list(map(str, alone.errors)) != []


def test_a_tree_survives_the_cache() -> None:
    body = parse(FILES["main.tf"].encode(), "main.tf")
    assert decode(encode(body)) == body
