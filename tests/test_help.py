"""Help as people read it on 80 columns, and what the shell completes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from guardline.cli import COMMANDS, app

WITH_COMMANDS = {
    "response": ("simulate", "undo"),
    "suppression": ("preview",),
    "lists": ("check", "explain"),
    "checkov": ("export",),
}
ALL = [[name] for name in COMMANDS] + [[name, each] for name, inner in WITH_COMMANDS.items() for each in inner]


def shown(*arguments: str) -> str:
    answer = CliRunner().invoke(app, [*arguments, "--help"], env={"COLUMNS": "80", "TERM": "dumb"})
    assert answer.exit_code == 0
    return answer.output


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_help_is_clean(command: list[str]) -> None:
    text = shown(*command)
    assert "<bool>" not in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_examples_stand_on_one_line_each() -> None:
    lines = [line.strip() for line in shown("validate").splitlines()]
    begin, end = lines.index("Examples:"), next(n for n, line in enumerate(lines) if line.startswith("Exit codes"))
    examples = [line for line in lines[begin + 1 : end] if line]
    assert len(examples) > 5
    assert all("guardline" in line for line in examples)


def test_brackets_survive() -> None:
    assert "guardline[demo]" in shown("demo")


def completed(typed: str) -> list[str]:
    words = typed.split(" ")
    variables = {"_GUARDLINE_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(words) - 1)}
    code = "from guardline.cli import app; app(prog_name='guardline')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("guardline val", ["validate"]),
        ("guardline validate --control detector", ["detector-enabled"]),
        ("guardline controls trail-enc", ["trail-encrypted"]),
        ("guardline validate --format s", ["sarif"]),
        ("guardline report x.json --format mark", ["markdown"]),
        ("guardline validate --regions tou", ["touched"]),
        ("guardline validate --regions us-east-1,eu-west-", [f"us-east-1,eu-west-{n}" for n in (1, 2, 3)]),
        ("guardline validate --fail-on crit", ["critical"]),
        ("guardline init x --home-region ap-northeast-", ["ap-northeast-1", "ap-northeast-2", "ap-northeast-3"]),
        ("guardline demo --regions thr", ["three"]),
    ],
)
def test_the_shell_completes(typed: str, words: list[str]) -> None:
    assert completed(typed) == words
