"""`guardline init` for whoever begins: what is asked, what is refused, and what is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from guardline.cli import app
from guardline.spec.load import load
from guardline.spec.model import Spec
from guardline.spec.schema import schema

GIVEN = {"--name": "prod", "--account": "111122223333", "--home-region": "eu-west-1", "--owner": "soc@example.com"}


def init(folder: Path, given: dict[str, str], typed: str | None = None) -> Result:
    options = [each for pair in given.items() for each in pair]
    return CliRunner().invoke(app, ["init", str(folder), *options], input=typed)


def test_all_that_is_missing_is_said_at_once(tmp_path: Path) -> None:
    answer = init(tmp_path / "env", {"--name": "prod", "--home-region": "eu-west-1"})
    assert answer.exit_code == 2
    assert "--account, --owner are missing" in answer.output
    assert not (tmp_path / "env").exists()


def test_it_asks_again_after_an_answer_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guardline.generator.init.at_a_terminal", lambda: True)
    answer = init(tmp_path / "env", {}, "eu-west-9\neu-west-1\nP ROD\nprod\n12\n111122223333\nsoc@example.com\n")
    assert answer.exit_code == 0, answer.output
    assert "eu-west-9 is not a region that AWS enables by default; did you mean `eu-west-3`?" in answer.output
    assert "must be 3 to 24 lower-case letters" in answer.output
    assert "must be the 12 digits of an AWS account" in answer.output
    spec = load(tmp_path / "env" / "guardline.yaml")
    assert (spec.name, spec.home_region) == ("prod", "eu-west-1")


@pytest.mark.parametrize(("folder", "offered"), [("e3", False), ("shop", True)])
def test_a_folder_lends_its_name_where_that_can_be_used(
    folder: str, offered: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guardline.generator.init.at_a_terminal", lambda: True)
    given = {key: value for key, value in GIVEN.items() if key != "--name"}
    answer = init(tmp_path / folder, given, "\n" if offered else "prod\n")
    assert answer.exit_code == 0, answer.output
    assert (f"Name of the environment [{folder}]: " in answer.output) is offered
    assert load(tmp_path / folder / "guardline.yaml").name == (folder if offered else "prod")


def test_an_editor_finds_the_schema(tmp_path: Path) -> None:
    assert init(tmp_path / "env", GIVEN).exit_code == 0
    first = (tmp_path / "env" / "guardline.yaml").read_text().splitlines()[0]
    name = first.removeprefix("# yaml-language-server: $schema=")
    assert json.loads((tmp_path / "env" / name).read_text()) == schema()


def uncommented(text: str) -> str:
    """The spec with every choice taken."""
    lines = text.splitlines()
    return "\n".join(
        line[1:] if (line.startswith("#") and line[1:2].isalpha()) or line[:3] == "#  " else line for line in lines
    )


def test_every_practice_is_there_to_be_chosen(tmp_path: Path) -> None:
    """Each choice loads when its line is uncommented, and none of the practices is left out."""
    assert init(tmp_path / "env", GIVEN).exit_code == 0
    spec = tmp_path / "env" / "guardline.yaml"
    text = uncommented(spec.read_text())
    spec.write_text(text)
    for name in ("trusted-ips.txt", "threat-ips.txt"):
        (tmp_path / "env" / name).write_text(f"{9 if 'threat' in name else 1}.1.1.1\n")
    load(spec)
    written: dict[str, Any] = yaml.safe_load(text)
    of_course = {"flow_logs", "trail", "partition", "organization", "inventory", "leaving", "fan_out"}
    assert set(Spec.model_fields) - of_course - {"block_public_buckets"} <= set(written)
