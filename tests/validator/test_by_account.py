"""`--out DIR`: a result for each account and an index; and sources named by a pattern."""

from __future__ import annotations

import json
from operator import itemgetter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from guardline.cli import app
from guardline.validator.by_account import INDEX
from tests.support.source_trees import write

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
RESULT, INDEX_SCHEMA = (json.loads((SCHEMAS / f"{name}.schema.json").read_text()) for name in ("result", "index"))
DETECTOR = 'resource "aws_guardduty_detector" "d" {\n  enable = %s\n}\n'
ACCOUNTS = {"111122223333": "true", "444455556666": "false", "777788889999": "true"}


def root(account: str, enable: str) -> str:
    pinned = f'  region = "eu-west-1"\n  allowed_account_ids = ["{account}"]\n'
    return f'provider "aws" {{\n{pinned}}}\n{DETECTOR % enable}'


@pytest.fixture
def roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for account, enable in ACCOUNTS.items():
        write(tmp_path / "roots" / account, {"main.tf": root(account, enable)})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def validate(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["validate", "--no-cache", "--as-of", "2026-11-30", *arguments])
    return done.exit_code, done.output


def data(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_each_account_has_a_result_and_the_index_names_the_worst_first(roots: Path) -> None:
    code, _ = validate("roots/*", "--whole", "--format", "json=whole.json", "--out", "results")
    whole, index = data(roots / "whole.json"), data(roots / "results" / INDEX)
    jsonschema.validate(index, INDEX_SCHEMA)
    assert [entry["account"] for entry in index["accounts"]] == ["444455556666", "111122223333", "777788889999"]
    assert (index["exit_code"], index["coverage"]) == (code, whole["summary"]["coverage"])
    assert index["sources"] == whole["sources"]
    cells: list[Any] = []
    for entry in index["accounts"]:
        part = data(roots / "results" / entry["file"])
        jsonschema.validate(part, RESULT)
        assert {cell["account"] for cell in part["cells"]} == {entry["account"]}
        assert [account["id"] for account in part["scope"]["accounts"]] == [entry["account"]]
        for verdict in ("pass", "fail", "undetermined"):
            assert (
                entry[verdict]
                == part["summary"][verdict]
                == sum(cell["verdict"] == verdict and cell["in_coverage"] for cell in part["cells"])
            )
        assert (entry["exit_code"], entry["coverage"]) == (part["exit_code"], part["summary"]["coverage"])
        cells += part["cells"]
    assert sorted(cells, key=itemgetter("id")) == sorted(whole["cells"], key=itemgetter("id"))


@pytest.mark.usefixtures("roots")
def test_a_part_is_a_result_like_any_other() -> None:
    validate("roots/*", "--whole", "--out", "results")
    shown = CliRunner().invoke(app, ["report", "results/444455556666.json", "--format", "terminal"])
    assert "cells of 1 account" in shown.output
    code, text = validate(
        "roots/444455556666", "--whole", "--against", "results/444455556666.json", "--only-new", "--format", "terminal"
    )
    assert code == 0, text


def test_what_is_new_in_an_account_is_told_there(roots: Path) -> None:
    validate("roots/*", "--whole", "--format", "json=before.json")
    write(roots / "roots" / "777788889999", {"main.tf": root("777788889999", "false")})
    validate("roots/*", "--whole", "--against", "before.json", "--only-new", "--out", "results")
    index = data(roots / "results" / INDEX)
    assert {entry["account"]: entry["exit_code"] for entry in index["accounts"]} == {
        "111122223333": 0, "444455556666": 0, "777788889999": 1
    }  # fmt: skip
    jsonschema.validate(data(roots / "results" / "777788889999.json"), RESULT)


def test_what_was_not_read_stands_in_every_part(roots: Path) -> None:
    write(roots / "roots" / "broken", {"main.tf": "resource {"})
    code, _ = validate("roots/*", "--whole", "--out", "results")
    assert code == 2
    index = data(roots / "results" / INDEX)
    assert len(index["errors"]) == 1
    assert {entry["exit_code"] for entry in index["accounts"]} == {2}
    for entry in index["accounts"]:
        part = data(roots / "results" / entry["file"])
        assert (len(part["errors"]), part["exit_code"]) == (1, 2)


def test_an_account_of_unknown_id_has_a_file_too(roots: Path) -> None:
    write(roots / "own", {"main.tf": f'provider "aws" {{\n  region = "eu-west-1"\n}}\n{DETECTOR % "true"}'})
    validate("own", "--whole", "--out", "results")
    (entry,) = data(roots / "results" / INDEX)["accounts"]
    assert (entry["account"], entry["file"]) == (None, "unknown.json")
    assert len(data(roots / "results" / "unknown.json")["cells"]) > 10


def test_a_folder_that_cannot_be_written_is_said(roots: Path) -> None:
    (roots / "results").write_text("a file")
    code, text = validate("roots/*", "--whole", "--out", "results")
    assert (code, "--out results" in text, "Traceback" in text) == (2, True, False)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("roots/*",), 3),
        (("roots/4*", "roots/7*"), 2),
        (("roots/4*", "roots/444455556666"), 1),  # once
        (("**/1111*",), 1),
        (("roots/111122223333",), 1),
    ],
)
def test_a_pattern_names_what_it_matches(roots: Path, names: tuple[str, ...], expected: int) -> None:
    validate(*names, "--format", "json=found.json")
    assert len(data(roots / "found.json")["sources"]) == expected


def test_a_name_that_is_there_is_no_pattern(roots: Path) -> None:
    write(roots / "roots" / "[1]", {"main.tf": root("111122223333", "true")})
    validate("roots/[1]", "--format", "json=found.json")
    assert [source["path"] for source in data(roots / "found.json")["sources"]] == ["roots/[1]"]


@pytest.mark.usefixtures("roots")
def test_a_pattern_that_matches_nothing_is_refused() -> None:
    code, text = validate("plans/**/*.json")
    assert (code, "plans/**/*.json: no file or folder matches this pattern" in text) == (2, True)
