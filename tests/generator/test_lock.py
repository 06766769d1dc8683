"""One run at a time in a folder."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
from pathlib import Path

import pytest

from guardline.generator.lock import locked
from guardline.generator.manifest import RefusedError


def ignore(_: str) -> None:
    """Says nothing to anybody."""


def test_a_second_run_waits_and_is_told_whom_for(tmp_path: Path) -> None:
    told: list[str] = []
    holder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)

    def tell(sentence: str) -> None:
        told.append(sentence)
        os.close(holder)

    with locked([tmp_path], tell):
        assert told == [f"another run of guardline generate holds {tmp_path}: waiting for it"]


def test_a_second_run_is_refused_after_a_while(tmp_path: Path) -> None:
    with (
        locked([tmp_path], ignore),
        pytest.raises(RefusedError, match=f"another run of guardline generate holds {tmp_path}"),
        locked([tmp_path / "..", tmp_path], ignore, patience=0.05),
    ):
        pass
    with locked([tmp_path], ignore, patience=0):  # free again, and its parent with it
        pass


def test_other_folders_are_free(tmp_path: Path) -> None:
    with locked([tmp_path / "a"], ignore, patience=0), locked([tmp_path / "b"], ignore, patience=0):
        pass


def test_a_folder_that_is_not_there_is_made_and_goes_again_unless_it_is_used(tmp_path: Path) -> None:
    with locked([tmp_path / "made" / "deep"], ignore):
        assert (tmp_path / "made" / "deep").is_dir()
    assert list(tmp_path.iterdir()) == []
    with locked([tmp_path / "made" / "deep"], ignore):
        (tmp_path / "made" / "file").touch()
    assert {each.name for each in tmp_path.rglob("*")} == {"made", "file"}


def test_a_folder_taken_away_while_waited_for_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    holder = os.open(folder, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)

    def tell(_: str) -> None:
        folder.rmdir()
        os.close(holder)

    with locked([folder], tell):
        assert folder.is_dir()
        with pytest.raises(RefusedError), locked([folder], ignore, patience=0):
            pass


def count(file: Path, folders: list[Path]) -> None:
    for _ in range(50):
        with locked(folders, ignore):
            file.write_text(str(int(file.read_text()) + 1))


def test_runs_that_name_folders_in_another_order_neither_meet_nor_wait_for_each_other(tmp_path: Path) -> None:
    folders, file = [tmp_path / "a", tmp_path / "b"], tmp_path / "count"
    file.write_text("0")
    runs = [
        multiprocessing.get_context("spawn").Process(target=count, args=(file, order))
        for order in (folders, folders[::-1])
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join(timeout=60)
        assert run.exitcode == 0
    assert file.read_text() == "100"


def test_a_file_in_the_folders_place_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError) as raised, locked([tmp_path / "file"], ignore):
        pass
    assert raised.value.filename == str(tmp_path / "file")
