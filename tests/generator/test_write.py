"""Files: only ours are touched, all of them change or none does, and nothing of the user's is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import pytest

from guardline.generator.changes import MARK, Folder, compare
from guardline.generator.lock import locked
from guardline.generator.manifest import MANIFEST, RefusedError
from guardline.generator.write import STAGING, write
from guardline.spec import signals

HEAD = f"# {MARK}\n"
OLD = {"a.tf": f"{HEAD}a = 1\n", "b.tf": f"{HEAD}b = 1\n", "in/c.tf": f"{HEAD}c = 1\n"}
NEW = {"a.tf": f"{HEAD}a = 2\n", "in/c.tf": f"{HEAD}c = 2\n", "d.tf": f"{HEAD}d = 2\n"}


def folder(path: Path, files: Mapping[str, str]) -> Folder:
    return Folder(path, "a test", {PurePosixPath(name): text for name, text in files.items()})


def tree(path: Path) -> dict[str, str]:
    """Every file of a folder but the manifest; whatever was left beside them shows."""
    files = (file for file in path.rglob("*") if file.is_file() and file.name != str(MANIFEST))
    return {file.relative_to(path).as_posix(): file.read_bytes().decode() for file in files}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with the old files, as a first run left them, and a file of the user's."""
    root = tmp_path / "root"
    write([folder(root, OLD)])
    (root / "mine.tf").write_text("mine = 1\n")
    return root


USER = {"mine.tf": "mine = 1\n"}


def test_new_files_appear_old_ones_change_and_what_is_no_longer_generated_goes(root: Path) -> None:
    changes = write([folder(root, NEW)])
    assert tree(root) == {**NEW, **USER}
    assert {str(change.path): change.new is None for change in changes} == {
        "a.tf": False, "b.tf": True, "d.tf": False, "in/c.tf": False,
    }  # fmt: skip
    assert set(json.loads((root / MANIFEST).read_text())["files"]) == set(NEW)


def test_a_rerun_touches_nothing(root: Path) -> None:
    before = {file: (file.stat().st_mtime_ns, file.stat().st_ino) for file in root.rglob("*")}
    assert write([folder(root, OLD)]) == ()
    assert {file: (file.stat().st_mtime_ns, file.stat().st_ino) for file in root.rglob("*")} == before


def test_folders_emptied_by_removals_go_but_not_the_users(root: Path) -> None:
    (root / "in" / "notes.txt").write_text("mine\n")
    write([folder(root, {"a.tf": OLD["a.tf"]})])
    assert tree(root) == {"a.tf": OLD["a.tf"], "in/notes.txt": "mine\n", **USER}
    (root / "in" / "notes.txt").unlink()
    write([folder(root, OLD)])
    write([folder(root, {"a.tf": OLD["a.tf"]})])
    assert not (root / "in").exists()


def test_an_edit_by_hand_is_refused_with_a_diff_and_nothing_is_written(root: Path) -> None:
    (root / "in/c.tf").write_text(f"{HEAD}c = 'mine'\n")
    before = tree(root)
    with pytest.raises(RefusedError, match=r"edited by hand") as refused:
        write([folder(root, NEW)])
    assert "-c = 'mine'\n+c = 2\n" in str(refused.value)
    assert "--force" in str(refused.value)
    assert tree(root) == before
    write([folder(root, NEW)], force=True)
    assert tree(root) == {**NEW, **USER}


def test_an_edit_of_a_file_that_is_no_longer_generated_is_kept_even_with_force(root: Path) -> None:
    (root / "b.tf").write_text(f"{HEAD}b = 'mine'\n")
    before = tree(root)
    for force in (False, True):
        with pytest.raises(RefusedError, match=r"no longer generated, but edited by hand: .*b\.tf"):
            write([folder(root, NEW)], force=force)
    assert tree(root) == before


def test_a_file_of_the_users_is_never_overwritten_even_with_force(root: Path) -> None:
    (root / "d.tf").write_text("d = 'mine'\n")
    before = tree(root)
    for force in (False, True):
        with pytest.raises(RefusedError, match=r"d\.tf is in the way"):
            write([folder(root, NEW)], force=force)
    assert tree(root) == before


def test_a_generated_file_without_a_manifest_counts_as_edited_unless_it_is_the_same(root: Path) -> None:
    (root / MANIFEST).unlink()
    assert write([folder(root, OLD)]) == ()
    (root / MANIFEST).unlink()
    with pytest.raises(RefusedError, match=r"edited by hand"):
        write([folder(root, {**OLD, "a.tf": NEW["a.tf"]})])


def test_an_edit_undone_and_a_file_deleted_by_hand_are_put_back(root: Path) -> None:
    (root / "a.tf").unlink()
    assert [str(change.path) for change in write([folder(root, OLD)])] == ["a.tf"]
    assert tree(root) == {**OLD, **USER}


class Fault:
    """Lets the first n renames pass, and does something at the next one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, passes: int, act: Callable[[], None]) -> None:
        made = 0
        real = Path.replace

        def replace(path: Path, target: Path) -> Path:
            nonlocal made
            made += 1
            if made == passes + 1:
                act()
            return real(path, target)

        monkeypatch.setattr(Path, "replace", replace)


def full() -> None:
    raise OSError(28, "No space left on device", "a.tf")


RENAMES = 5
"""The manifest twice, and three files."""


@pytest.mark.parametrize("passes", range(RENAMES))
def test_a_run_that_fails_half_way_leaves_the_old_tree(
    root: Path, monkeypatch: pytest.MonkeyPatch, passes: int
) -> None:
    before, manifest = tree(root), (root / MANIFEST).read_text()
    with monkeypatch.context() as patched:
        Fault(patched, passes, full)
        with pytest.raises(OSError, match="No space left") as raised:
            write([folder(root, NEW)])
    assert raised.value.filename == "a.tf"
    assert tree(root) == before
    assert (root / MANIFEST).read_text() == manifest
    write([folder(root, NEW)])
    assert tree(root) == {**NEW, **USER}


def test_the_fault_is_injected_at_every_rename(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Fault(monkeypatch, RENAMES, full)
    write([folder(root, NEW)])
    Fault(monkeypatch, RENAMES - 1, full)
    with pytest.raises(OSError, match="No space left"):
        write([folder(root, OLD)])


def test_new_folders_of_a_run_that_fails_go_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Fault(monkeypatch, 3, full)
    with pytest.raises(OSError, match="No space left"):
        write([folder(root, {**OLD, "new/deep/x.tf": NEW["a.tf"], "zz.tf": NEW["a.tf"]})])
    assert sorted(each.name for each in root.iterdir()) == sorted(["a.tf", "b.tf", "in", "mine.tf", str(MANIFEST)])


@pytest.fixture
def heeded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Signals as a run of the command has them: none is lost in a callback around a fork."""
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)}
    signals.heed()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("passes", range(RENAMES))
def test_ctrl_c_waits_for_the_renames(root: Path, monkeypatch: pytest.MonkeyPatch, passes: int) -> None:
    Fault(monkeypatch, passes, lambda: os.kill(os.getppid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        write([folder(root, NEW)])
    assert tree(root) == {**NEW, **USER}


def test_a_second_folder_that_fails_undoes_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = tmp_path / "modules", tmp_path / "root"
    write([folder(path, OLD) for path in both])
    before = tree(tmp_path)
    with monkeypatch.context() as patched:
        Fault(patched, 7, full)
        with pytest.raises(OSError, match="No space left"):
            write([folder(path, NEW) for path in both])
    assert tree(tmp_path) == before


KILLED = """
import os, signal, sys, time
from pathlib import Path, PurePosixPath
from guardline.generator.changes import Folder
from guardline.generator.lock import locked
from guardline.generator.write import write
root, passes, whom = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
real, made = Path.replace, 0
def replace(path, target):
    global made
    if made == passes:
        os.kill(os.getppid() if whom == "the run" else os.getpid(), signal.SIGKILL)
        time.sleep(0.1)
    made += 1
    return real(path, target)
Path.replace = replace
with locked([root], print):
    write([Folder(root, "a test", {PurePosixPath(name): text for name, text in NEW.items()})])
"""


def run_killed(root: Path, passes: int, whom: str) -> int:
    code = f"NEW = {NEW!r}\n{KILLED}"
    return subprocess.run(
        [sys.executable, "-c", code, str(root), str(passes), whom], check=False, timeout=60, stderr=subprocess.DEVNULL
    ).returncode


@pytest.mark.parametrize("passes", range(RENAMES))
def test_a_run_killed_while_renaming_leaves_the_new_tree(root: Path, passes: int) -> None:
    assert run_killed(root, passes, "the run") == -signal.SIGKILL
    with locked([root], lambda _: None):
        assert tree(root) == {**NEW, **USER}
        assert write([folder(root, NEW)]) == ()


@pytest.mark.parametrize("passes", range(RENAMES))
def test_where_even_the_renaming_is_killed_every_file_is_whole_and_the_next_run_goes_through(
    root: Path, passes: int
) -> None:
    """As when the machine stops; even when the spec has changed again: both texts are known as ours."""
    assert run_killed(root, passes, "the renaming") == 1
    for name, text in tree(root).items():
        if name in OLD or name in NEW:
            assert text in (OLD.get(name), NEW.get(name))
    newer = {name: text + "# again\n" for name, text in NEW.items()}
    write([folder(root, newer)])
    assert tree(root) == {**newer, **USER}


def test_what_a_run_killed_before_renaming_left_is_removed(root: Path) -> None:
    (root / STAGING).mkdir()
    (root / STAGING / "0.new").write_text("half")
    write([folder(root, OLD)])
    assert tree(root) == {**OLD, **USER}


@pytest.mark.parametrize("where", ["a.tf", "in", str(MANIFEST)])
def test_nothing_is_read_or_written_through_a_symbolic_link(root: Path, tmp_path: Path, where: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    target = outside / Path(where).name
    (root / where).rename(target)
    (root / where).symlink_to(target)
    before = tree(outside)
    for force in (False, True):
        with pytest.raises(RefusedError, match=r"symbolic link"):
            write([folder(root, NEW)], force=force)
    assert tree(outside) == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        "[" * 100_000,
        '{"purpose": "x", "files": []}',
        '{"purpose": "x", "files": {"a": 1}}',
        '{"purpose": "x", "files": {"../secret": "0"}}',
        '{"purpose": "x", "files": {"/etc/passwd": "0"}}',
    ],
)
def test_a_damaged_or_hostile_manifest_is_refused(root: Path, text: str) -> None:
    (root.parent / "secret").write_text("x")
    (root / MANIFEST).write_text(text)
    with pytest.raises(RefusedError, match=r"damaged|not in the folder"):
        compare([folder(root, NEW)])
    assert (root.parent / "secret").exists()


def test_a_file_moving_from_one_folder_to_another_at_the_same_place_stays(tmp_path: Path) -> None:
    """As when a root's own modules become shared ones in the same place."""
    write([Folder(tmp_path, "root", {PurePosixPath("modules/x.tf"): OLD["a.tf"]})])
    write([
        Folder(tmp_path / "modules", "modules", {PurePosixPath("x.tf"): OLD["a.tf"]}),
        folder(tmp_path, {"main.tf": OLD["b.tf"]}),
    ])  # fmt: skip
    assert tree(tmp_path) == {"modules/x.tf": OLD["a.tf"], "main.tf": OLD["b.tf"]}


def test_one_place_for_two_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"both"):
        write([folder(tmp_path / "in", {"c.tf": OLD["a.tf"]}), folder(tmp_path, OLD)])


def test_bytes_that_are_no_text_are_shown_as_well_as_can_be(root: Path) -> None:
    (root / "a.tf").write_bytes(HEAD.encode() + b"\xff\xfe\n")
    (change,) = compare([folder(root, OLD)])
    assert change.edited
    change.diff("root").encode("utf-8")


def test_permissions_are_kept_and_new_files_get_the_usual_ones(root: Path) -> None:
    (root / "a.tf").chmod(0o640)
    probe = root / "probe"
    probe.touch()
    write([folder(root, NEW)])
    assert (root / "a.tf").stat().st_mode & 0o777 == 0o640
    assert (root / "d.tf").stat().st_mode == probe.stat().st_mode


@pytest.mark.parametrize("name", ["a.tf", str(MANIFEST)])
def test_a_pipe_in_a_files_place_is_an_error_and_no_wait(root: Path, name: str) -> None:
    (root / name).unlink()
    os.mkfifo(root / name)
    with pytest.raises(OSError, match="is not a regular file"):
        write([folder(root, NEW)])
