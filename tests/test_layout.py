"""The frame: one namespace from two roots, typed parts, imports that point one way, and locks free of this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HALVES = ("generator", "validator")
PARTS = sorted(
    part for half in HALVES for part in (ROOT / half / "guardline").iterdir() if part.is_dir() and part.name[0] != "_"
)
LONGEST_FILE = 400  # lines; a longer file holds more than one idea


def sources() -> list[Path]:
    """Every Python file of the two halves."""
    return sorted(file for half in HALVES for file in (ROOT / half).rglob("*.py"))


@pytest.mark.parametrize("half", HALVES)
def test_both_halves_are_portions_of_one_namespace(half: str) -> None:
    """An `__init__.py` here would hide the other half from every import."""
    assert (ROOT / half / "guardline").is_dir()
    assert not (ROOT / half / "guardline" / "__init__.py").exists()


def test_the_parts_are_the_four_that_the_design_names() -> None:
    assert [part.relative_to(ROOT).as_posix() for part in PARTS] == [
        "generator/guardline/generator",
        "generator/guardline/spec",
        "validator/guardline/localaws",
        "validator/guardline/validator",
    ]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_each_part_is_a_typed_package(part: Path) -> None:
    assert (part / "__init__.py").is_file()
    assert (part / "py.typed").is_file()


@pytest.mark.parametrize("file", sources(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_files_are_short_and_documented(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    assert not text or text.startswith(('"""', 'r"""')), "a module begins by saying what it is for"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the two halves and of pyproject.toml, to break imports in."""
    folder = tmp_path_factory.mktemp("tree")
    for half in HALVES:
        shutil.copytree(ROOT / half, folder / half, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    """Check the import contracts of a tree."""
    # -S leaves out site's .pth files, and with them the editable install: only `tree` may answer for `guardline`.
    site = Path(pytest.__file__).parents[1]
    path = [*(str(tree / half) for half in HALVES), str(site)]
    code = f"import sys; sys.path[:0] = {path!r}; from importlinter import cli; cli.lint_imports_command()"
    command = [sys.executable, "-S", "-c", code, "--no-cache"]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=60, check=False)


def test_imports_point_one_way(copy: Path) -> None:
    result = lint_imports(copy)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("validator/guardline/validator/model/value.py", "import guardline.generator"),
        ("validator/guardline/validator/model/estate.py", "from guardline.validator import report"),
        ("validator/guardline/validator/controls/__init__.py", "import guardline.validator.sources"),
        ("validator/guardline/validator/sources/__init__.py", "import guardline.validator.controls"),
        ("validator/guardline/validator/sources/__init__.py", "import guardline.validator.reporters"),
        ("validator/guardline/validator/reporters/__init__.py", "import guardline.validator.sources"),
        ("generator/guardline/generator/__init__.py", "import guardline.validator"),
        ("generator/guardline/spec/__init__.py", "import guardline.generator"),
        ("generator/guardline/spec/__init__.py", "import guardline.validator"),
        ("validator/guardline/localaws/__init__.py", "import guardline.spec"),
    ],
)
def test_an_import_against_the_grain_is_caught(copy: Path, file: str, line: str) -> None:
    """Each arrow of the architecture, turned round: the contracts must say so."""
    target = copy / file
    good = target.read_text(encoding="utf-8")
    target.write_text(f"{good}\n{line}\n", encoding="utf-8")
    try:
        result = lint_imports(copy)
    finally:
        target.write_text(good, encoding="utf-8")
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout


@pytest.mark.parametrize("name", ["dev", "checkov", "c7n-left", "uv"])
def test_locks_pin_and_hash_everything_and_name_no_registry(name: str) -> None:
    lock = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host|@ file", lock)
    entries = re.split(r"\n(?=\S)", lock.strip())
    packages = [entry for entry in entries if not entry.startswith("#")]
    assert packages
    assert [entry.split()[0] for entry in packages if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_lock_covers_what_the_project_asks_for() -> None:
    """Direct dependencies are all locked, the build backend too: an install then never resolves anything by itself."""
    lock = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", lock, flags=re.MULTILINE))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("[project.scripts]", 1)[0]
    wanted = set(re.findall(r'"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?>=', project.split("[project]", 1)[1]))
    assert {"hatchling", "typer", "moto"} <= wanted
    assert sorted(wanted - locked) == []


def test_checkov_stays_out_of_the_project_environment() -> None:
    """Its bc-python-hcl2 overwrites the `hcl2` package that reads Terraform here."""
    lock = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    assert not re.search(r"^(checkov|bc-python-hcl2)==", lock, flags=re.MULTILINE)
