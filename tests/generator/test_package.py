"""The response function's package: the same bytes everywhere, and what is beside it."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from guardline.generator import package
from guardline.generator.baseline import Baseline
from guardline.generator.changes import MARK, Change, Folder, compare
from guardline.generator.render import render_modules
from guardline.generator.responder.actions import ACTIONS
from guardline.generator.write import write

MODULE = PurePosixPath("response-function")


def archive(files: dict[PurePosixPath, str]) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(files[MODULE / package.ARCHIVE].encode("utf-8", "surrogateescape")))


def test_the_archive_holds_what_is_beside_it() -> None:
    files = render_modules(5, "alias")
    beside = {str(path.relative_to(MODULE)): text for path, text in files.items() if path.suffix == ".py"}
    packed = archive(files)
    assert {name: packed.read(name).decode() for name in packed.namelist()} == beside
    assert "responder/handler.py" in beside
    assert all(MARK in text.partition("\n")[0] for text in beside.values())


def test_the_archive_knows_no_time_no_machine_and_no_compression() -> None:
    for entry in archive(render_modules(6, "argument")).infolist():
        assert (entry.date_time, entry.create_system, entry.compress_type) == ((1980, 1, 1, 0, 0, 0), 3, 0)
    files = {PurePosixPath("b.py"): "x\n", PurePosixPath("a.py"): "y\n"}
    assert package.packed(files) == package.packed(dict(reversed(files.items())))


def test_the_function_runs_from_its_archive_alone(tmp_path: Path) -> None:
    archive(render_modules(5, "alias")).extractall(tmp_path)
    program = "import responder.handler as h\ntry: h.handle({}, None)\nexcept h.settings.SettingsError as e: print(e)"
    run = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path[:0] = ['.']\n{program}"],
        cwd=tmp_path, env={}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert run.stdout.strip() == "the variable TOPIC_ARN is missing"


def test_the_module_offers_the_actions_that_the_function_knows() -> None:
    variables = render_modules(5, "alias")[MODULE / "variables.tf"]
    assert f"contains([{', '.join(repr(name) for name in ACTIONS)}], name)".replace("'", '"') in variables


def test_bytes_are_written_read_and_compared(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "a test", {package.ARCHIVE: package.packed(dict(package.source()))})
    write([folder])
    assert (tmp_path / package.ARCHIVE).read_bytes().startswith(b"PK\x03\x04")
    assert compare([folder]) == ()
    (tmp_path / package.ARCHIVE).write_bytes(b"PK\x00edited")
    (change,) = compare([folder])
    assert change.edited
    assert change.diff("modules") == "Binary file modules/responder.zip differs\n"


@pytest.mark.parametrize("old", [None, "text\n"])
def test_a_text_s_diff_is_still_a_diff(old: str | None) -> None:
    change = Change(Path(), PurePosixPath("a.tf"), old, "new\n", edited=False)
    assert change.diff("root").startswith("--- ")


def test_a_spec_s_function_is_written(tmp_path: Path) -> None:
    spec = tmp_path / "guardline.yaml"
    spec.write_text(
        "version: 1\nname: here\npartition: aws-cn\nhome_region: cn-north-1\naccount: {id: '111122223333'}\n"
        "response: {alerts: {email: [a@example.com]}, remediate: {}}\n"
    )
    Baseline.of(spec).write()
    assert zipfile.is_zipfile(tmp_path / "modules" / "response-function" / "responder.zip")
    assert Baseline.of(spec).compare() == ()
