"""Only regular files are read, and only up to a size."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guardline.spec import regular


@pytest.mark.parametrize("size", [0, 1, 10])
def test_a_regular_file_up_to_the_size(tmp_path: Path, size: int) -> None:
    (tmp_path / "file").write_bytes(b"x" * size)
    assert regular.read(tmp_path / "file", 10) == b"x" * size
    (tmp_path / "link").symlink_to("file")
    assert regular.read(tmp_path / "link", 10) == b"x" * size


def test_a_larger_one_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(20 << 30)
    with pytest.raises(regular.NotRegularError) as raised:
        regular.read(tmp_path / "sparse", 4 << 20)
    assert raised.value.strerror == "is larger than 4 MiB, the most that is read"
    assert raised.value.filename == str(tmp_path / "sparse")


def test_a_file_that_says_it_is_empty_is_bounded_too() -> None:
    assert b"python" in regular.read(Path("/proc/self/cmdline"), 1 << 20)
    with pytest.raises(regular.NotRegularError, match="larger"):
        regular.read(Path("/proc/self/cmdline"), 3)


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "it"
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    else:
        place.symlink_to("/dev/zero")
    with pytest.raises(regular.NotRegularError, match="is not a regular file"):
        regular.read(place, 10)


def test_other_errors_are_the_systems(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        regular.read(tmp_path / "none", 10)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="symbolic links"):
        regular.read(tmp_path / "loop", 10)
