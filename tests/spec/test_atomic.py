"""One file, written so that readers see the old one or the new one."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from guardline.spec.atomic import write


def test_a_file_is_replaced_whole_and_as_readable_as_others(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text("old")
    write(path, b"new")
    assert path.read_bytes() == b"new"
    assert [each.name for each in tmp_path.iterdir()] == ["r.json"]
    plain = tmp_path / "plain"
    plain.write_text("")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.json"
    path.write_text("old")

    def refuse(_self: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        write(path, b"new")
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["r.json"]


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(path.read_bytes()))
    reader.start()
    write(path, b"new")
    reader.join(timeout=10)
    assert found == [b"new"]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_what_a_killed_run_left_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / ".r.json.guardline").write_text("half of something longer")
    write(tmp_path / "r.json", b"new")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("r.json", b"new")]


def test_two_runs_at_once_write_one_after_the_other(tmp_path: Path) -> None:
    texts = [bytes([letter]) * 100_000 for letter in b"abcdefgh"]
    threads = [threading.Thread(target=write, args=(tmp_path / "r", text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert (tmp_path / "r").read_bytes() in texts
    assert [each.name for each in tmp_path.iterdir()] == ["r"]


def test_a_pipe_or_a_link_in_the_temporary_files_place_neither_hangs_nor_leads_away(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".r.guardline")
    with pytest.raises(OSError, match="No such device"):
        write(tmp_path / "r", b"new")
    (tmp_path / ".l.guardline").symlink_to("elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        write(tmp_path / "l", b"new")
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_written_piece_by_piece_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    write(path, (piece for piece in (b"one ", b"two")))
    assert path.read_bytes() == b"one two"

    def broken() -> Iterator[bytes]:
        yield b"new"
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write(path, broken())
    assert path.read_bytes() == b"one two"
    assert [each.name for each in tmp_path.iterdir()] == ["r.json"]
