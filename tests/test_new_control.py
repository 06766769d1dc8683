"""A new control, begun as CONTRIBUTING says, runs at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import new_control

ROOT = Path(__file__).parents[1]
ID = "sample-question"
LEFT = shutil.ignore_patterns("__pycache__", "node_modules")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A repository with what a control needs."""
    for folder in ("generator", "validator", "tests/support", "tests/validator/controls"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=LEFT)
    for file in ("pyproject.toml", "tests/conftest.py"):
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / "docs").mkdir()
    return tmp_path


def test_a_control_that_was_begun_runs_green(copy: Path) -> None:
    written = new_control.begin(copy, ID, "flow-logs")
    new_control.tidy(copy, written)
    paths = os.pathsep.join(str(copy / each) for each in ("generator", "validator", ""))
    tests = [new_control.TESTS / "flow_logs" / "test_sample_question.py", new_control.TESTS / "test_catalogue.py"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    listed = subprocess.run(
        [sys.executable, "-m", "guardline.cli", "controls", ID],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"{ID}: GuardDuty is on" in listed.stdout, listed.stderr


@pytest.mark.parametrize(
    ("control", "practice", "says"),
    [
        ("sample-question", "flowlogs", "is none of: detection,"),
        ("Sample", "flow-logs", "two or more words in lower case"),
        ("vpc-flow-logs", "tamper", "exists already"),
        ("lambda-network-logs", "detection", "exists already"),
    ],
)
def test_what_cannot_be_begun_is_said_and_changes_nothing(control: str, practice: str, says: str, copy: Path) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*.py")}
    with pytest.raises(new_control.ScaffoldError, match=says):
        new_control.begin(copy, control, practice)
    assert {path: path.read_bytes() for path in copy.rglob("*.py")} == before
