"""The one command line: what it refuses before a command runs, although it converts only what needs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from guardline.cli import app


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["validate"], "Missing argument 'SOURCE...'"),
        (["generate"], "Missing argument 'SPEC'"),
        (["validate", "plan.json", "--fail-on", "nothing"], "--fail-on"),
        (["validate", "plan.json", "--practice", "x"], "--practice"),
        (["validate", "plan.json", "--nonsense"], "No such option"),
        (["validat", "plan.json"], "No such command 'validat'. Did you mean 'validate'?"),
        (["xyz"], "No such command 'xyz'."),
    ],
)
def test_what_is_missing_or_of_another_type_is_refused(arguments: list[str], words: str) -> None:
    answer = CliRunner().invoke(app, arguments)
    assert answer.exit_code == 2
    assert words in answer.output


def test_what_is_of_its_type_already_is_passed_on(tmp_path: Path) -> None:
    """A text stays a text, a path becomes one."""
    answer = CliRunner().invoke(app, ["validate", str(tmp_path / "none.json"), "--spec", str(tmp_path / "none.yaml")])
    assert answer.exit_code == 2
    assert "none.yaml" in answer.output
