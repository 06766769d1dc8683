"""The wheel: what it holds, and that it works where nothing of this tree is at hand."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HALVES = ("generator/guardline", "validator/guardline")
EMPTY_PLAN = """{"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [], "complete": true,
 "configuration": {"provider_config": {"aws": {"name": "aws",
                                               "expressions": {"region": {"constant_value": "us-east-1"}}}}}}
"""

pytestmark = pytest.mark.wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree."""
    folder = tmp_path_factory.mktemp("dist")
    # Offline and without build isolation: the lock holds the build backend.
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a fresh environment that holds the wheel and its core dependencies only, as locked."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = (folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    subprocess.run([*map(str, pip), str(wheel), "--constraint", str(constraints(folder))], check=True)
    return folder / "bin"


def constraints(folder: Path) -> Path:
    """The lock's pins without hashes: a wheel just built has no hash to require."""
    lock = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    pins = [line.removesuffix("\\").strip() for line in lock.splitlines() if line[:1].isalnum()]
    path = folder / "constraints.txt"
    path.write_text("\n".join(pins), encoding="utf-8")
    return path


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command away from the tree, with nothing of it on the path."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, timeout=120, check=False)


def test_the_wheel_holds_every_file_of_the_parts_and_nothing_else(wheel: Path) -> None:
    """Templates, data and py.typed marks travel with the code."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *HALVES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = {line.split("/", 1)[1] for line in listed.stdout.splitlines() if (ROOT / line).is_file()}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == wanted
    assert {"guardline/spec/py.typed", "guardline/validator/py.typed", "guardline/cli.py"} <= held
    assert any(name.startswith("guardline/spec/data/") for name in held)
    assert any(name.startswith("guardline/generator/templates/") for name in held)


def test_the_wheel_says_its_licence_and_its_extras(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode())
        assert any(entry.endswith("licenses/LICENSE") for entry in archive.namelist())
    assert metadata["License-Expression"] == "Apache-2.0"
    assert {"demo", "dev"} <= set(metadata.get_all("Provides-Extra", []))


def test_the_command_helps(installed: Path, tmp_path: Path) -> None:
    answer = run(installed / "guardline", "--help", folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "validate" in answer.stdout
    assert "generate" in answer.stdout


def test_validate_works_without_any_extra(installed: Path, tmp_path: Path) -> None:
    """An empty plan is the worst case of coverage, not a good one."""
    (tmp_path / "plan.json").write_text(EMPTY_PLAN, encoding="utf-8")
    outputs = ("--format", "terminal", "--format", "json=result.json", "--format", "html=report.html")
    answer = run(installed / "guardline", "validate", "plan.json", "--whole", *outputs, folder=tmp_path)
    assert answer.returncode == 1, answer.stderr
    assert "detector" in answer.stdout
    assert (tmp_path / "result.json").stat().st_size
    assert (tmp_path / "report.html").stat().st_size


def test_generate_works_without_any_extra(installed: Path, tmp_path: Path) -> None:
    source = Path(__file__).parent / "bench" / "environment"
    for file in source.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    answer = run(installed / "guardline", "generate", "guardline.yaml", "--out", "root", folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert list((tmp_path / "root").glob("*.tf"))


def test_the_demo_says_which_extra_it_needs(installed: Path, tmp_path: Path) -> None:
    answer = run(installed / "guardline", "demo", "out", folder=tmp_path)
    assert answer.returncode == 2
    assert "guardline[demo]" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_parts_are_typed_for_those_who_import_them(installed: Path, tmp_path: Path) -> None:
    """mypy, run from here on a program that uses the installed wheel, must see its types and find a planted mistake."""
    (tmp_path / "user.py").write_text(
        "from guardline.validator.model.value import known\nfrom guardline.spec.catalogue import partitions\n"
        "reveal_type(partitions())\nwrong: str = known(1).get()\n",
        encoding="utf-8",
    )
    python = f"--python-executable={installed / 'python'}"
    answer = run(sys.executable, "-m", "mypy", "--config-file=", python, "user.py", folder=tmp_path)
    assert "tuple[str, ...]" in answer.stdout, answer.stdout + answer.stderr
    assert "user.py:4: error: Incompatible types in assignment" in answer.stdout
