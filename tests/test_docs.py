"""What the documentation says can be done: its links lead somewhere, its commands and its example spec are accepted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from guardline.cli import COMMANDS, app
from guardline.generator.render import MODULES

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)


def blocks(page: str, language: str = "") -> list[str]:
    """The fenced blocks of a page in one language."""
    return [body for kind, body in FENCE.findall(TEXTS[page]) if kind == language]


@pytest.mark.parametrize("page", TEXTS)
def test_links_lead_to_files_that_exist(page: str) -> None:
    targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", FENCE.sub("", TEXTS[page]))
    folder = (ROOT / page).parent
    assert [target for target in targets if not (folder / target).exists()] == []


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    ci = re.findall(r"\bmake ([a-z]+)", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    told = [name for text in TEXTS.values() for name in re.findall(r"(?:`|^)make ([a-z-]+)", text, flags=re.MULTILINE)]
    assert {"demo", "test"} <= set(told)
    assert {"lint", "test", "wheel", "checkov", "spine"} <= set(ci)
    assert sorted({*told, *(name for name in ci if name != "target")} - targets) == []


@cache
def help_of(*path: str) -> str:
    """What a command says of itself, on a wide terminal without colours."""
    answer = subprocess.run(
        [sys.executable, "-m", "guardline.cli", *path, "--help"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
    )
    return answer.stdout


@pytest.mark.parametrize(
    "line", sorted({line for page in TEXTS for line in re.findall(r"guardline \w+ [^`\n]*", "\n".join(blocks(page)))})
)
def test_commands_of_the_examples_take_the_options_shown(line: str) -> None:
    words = line.split("#", 1)[0].split()[1:3]
    command = words[0]
    options = set(re.findall(r"(?<= )--[a-z-]+", line.split("#", 1)[0]))
    assert command in COMMANDS
    path = words if COMMANDS[command].function == "app" else [command]
    shown = help_of(*path)
    assert sorted(option for option in options if not re.search(rf"{option}\b", shown)) == []


def test_every_command_is_in_the_readme() -> None:
    assert [name for name in COMMANDS if f"guardline {name}" not in TEXTS["README.md"] and name != "demo"] == []
    assert "make demo" in TEXTS["README.md"]


def test_the_example_spec_works_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an empty folder, with nothing beside it; and its source is judged as the page says."""
    (example,) = blocks("README.md", "yaml")
    monkeypatch.chdir(tmp_path)
    Path("guardline.yaml").write_text(example, encoding="utf-8")
    written = CliRunner().invoke(app, ["generate", "guardline.yaml"])
    assert written.exit_code == 0, written.output
    judge = ["validate", ".", "--spec", "guardline.yaml"]
    assert "that is exit code 3" in TEXTS["README.md"]
    assert CliRunner().invoke(app, judge).exit_code == 3
    assert CliRunner().invoke(app, [*judge, "--allow-undetermined"]).exit_code == 0


def test_the_readme_never_promises_compliance() -> None:
    """Evidence supports a requirement; it does not make anyone compliant."""
    said = re.sub(r"never calls anything compliant|never \"?compliant\"?", "", TEXTS["README.md"])
    assert "complian" not in said.lower()


def test_the_changelog_names_the_version_or_has_it_ahead() -> None:
    version = re.search(
        r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert version
    assert f"## [{version[1]}]" in TEXTS["CHANGELOG.md"] or "## [Unreleased]" in TEXTS["CHANGELOG.md"]


def test_the_page_on_generate_lists_every_module() -> None:
    told = re.findall(
        r"^\| `([a-z-]+)` \| (.*) \|$", TEXTS["docs/generate.md"].partition("| module |")[2], re.MULTILINE
    )
    assert dict(told) == MODULES
