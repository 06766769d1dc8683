"""The cache gives what the parser gave, and never more than that."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.validator.sources.hcl import files as reading
from guardline.validator.sources.hcl.cache import Cache, decode, encode
from guardline.validator.sources.hcl.config import Configuration, load
from guardline.validator.sources.hcl.parse import parse
from tests.support.source_trees import write

FILES = {
    "main.tf": 'locals {\n  a = { x = [1, "b", null], y = "é${var.z}" }\n}\n',
    "x.tf.json": '{"locals": {"b": 1.5}}',
}


def locals_of(configuration: Configuration) -> dict[str, object]:
    return {name: each.value for name, each in configuration.modules[()].locals.items()}


def test_a_second_run_does_not_parse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, cache = write(tmp_path / "root", FILES), tmp_path / "cache"
    first = locals_of(load(root, cache=Cache(cache)))
    monkeypatch.setattr(reading, "parse", None)
    assert locals_of(load(root, cache=Cache(cache))) == first
    (root / "main.tf").write_text("locals {\n  a = 2\n}\n")
    with pytest.raises(TypeError):  # what is new is parsed
        load(root, cache=Cache(cache))


def test_a_damaged_entry_is_made_anew(tmp_path: Path) -> None:
    root, cache = write(tmp_path / "root", FILES), tmp_path / "cache"
    first = locals_of(load(root, cache=Cache(cache)))
    entries = [path for path in cache.rglob("*") if path.is_file()]
    assert len(entries) == 2
    for entry in entries:
        entry.write_bytes(b"\x93\x01\x02")
    assert locals_of(load(root, cache=Cache(cache))) == first
    assert all(decode(entry.read_bytes()) is not None for entry in entries)


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
