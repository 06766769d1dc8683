"""A stored result gives every format again, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from guardline.cli import app
from guardline.validator import stored
from guardline.validator.report import Report
from guardline.validator.reporters import FORMATS, render
from tests.support.realistic_report import errors_only, many_vpcs, sample
from tests.validator.reporters.test_hostile import HOSTILE, poisoned

REPORTS = {"sample": sample(), "errors": errors_only(), "vpcs": many_vpcs(60)}


def again(found: Report, folder: Path) -> Report:
    path = folder / "result.json"
    text = render(found, "json")
    path.write_text(text if isinstance(text, str) else text.decode(), encoding="utf-8")
    return stored.read(path)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("found", REPORTS.values(), ids=REPORTS)
def test_every_format_is_the_same(found: Report, name: str, tmp_path: Path) -> None:
    assert render(again(found, tmp_path), name) == render(found, name)


def compacted(found: Report, folder: Path) -> Path:
    path = folder / "compact.json"
    path.write_text(str(render(found, "json", compact=True)), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("found", REPORTS.values(), ids=REPORTS)
def test_a_compact_one_gives_every_format_too(found: Report, name: str, tmp_path: Path) -> None:
    assert render(stored.read(compacted(found, tmp_path)), name) == render(found, name)


def test_a_compact_one_without_the_control_of_a_cell_is_not_whole(tmp_path: Path) -> None:
    path = compacted(sample(), tmp_path)
    whole = json.loads(path.read_text())
    lost = whole["catalogue"]["controls"].pop(0)["id"]
    path.write_text(json.dumps(whole))
    with pytest.raises(stored.StoredError, match=f"its catalogue has no control {lost}"):
        stored.read(path)


@pytest.mark.parametrize("text", [text for name, text in HOSTILE.items() if name != "surrogate"])
def test_hostile_names_come_back_as_they_were(text: str, tmp_path: Path) -> None:
    assert render(again(poisoned(text), tmp_path), "json") == render(poisoned(text), "json")


def test_the_command_writes_what_the_run_wrote(tmp_path: Path) -> None:
    root, result = tmp_path / "root", tmp_path / "result.json"
    root.mkdir()
    (root / "main.tf").write_text('provider "aws" {\n  region = "eu-west-1"\n}\nresource "aws_vpc" "v" {}\n')
    outputs = [f"--format={name}={tmp_path / name}" for name in FORMATS if name != "json"]
    first = CliRunner().invoke(app, ["validate", str(root), f"--format=json={result}", *outputs])
    assert first.exit_code == 1, first.output
    texts = {name: (tmp_path / name).read_bytes() for name in FORMATS if name != "json"}
    second = CliRunner().invoke(app, ["report", str(result), *outputs])
    assert (second.exit_code, second.output) == (0, "")
    assert {name: (tmp_path / name).read_bytes() for name in texts} == texts


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not a result of guardline validate --format json"),
        ("[]", "is not a result of guardline validate --format json"),
        ("{}", 'expected "schema": "guardline/result/v1"'),
        ('{"schema": "guardline/result/v2"}', 'expected "schema": "guardline/result/v1"'),
        ('{"schema": "guardline/result/v1"}', "required field"),
        (json.dumps({"format_version": "1.2"}), 'expected "schema"'),
        ('{"schema": ' + 100_000 * "[" + 100_000 * "]" + "}", "is not a result of guardline validate --format json"),
        ('{"schema": "guardline/result/v1", "more": ' + 100_000 * "[" + 100_000 * "]" + "}", "is not a result"),
    ],
    ids=lambda text: text[:60],
)
def test_what_is_no_result_is_said(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(text)
    done = CliRunner().invoke(app, ["report", str(tmp_path / "result.json")])
    assert done.exit_code == 2
    assert says in done.output


@pytest.mark.parametrize(("named", "code"), [(0, 0), (1, 2)])
def test_a_new_cell_that_is_not_there_is_said(named: int, code: int, tmp_path: Path) -> None:
    found = sample()
    ids = (found.rows[0].id, "0123456789abcdef")[: 1 + named]
    path = tmp_path / "result.json"
    again(replace(found, comparison=None), tmp_path)
    whole = json.loads(path.read_text())
    whole["comparison"] = {"against": "old.json", "coverage_before": 50.0, "new": ids, "newly_asked": [], "fixed": []}
    path.write_text(json.dumps(whole))
    done = CliRunner().invoke(app, ["report", str(path), "--format", "markdown"])
    assert (done.exit_code, "0123456789abcdef" in done.output) == (code, bool(named))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["report", str(tmp_path / "nowhere.json")])
    assert done.exit_code == 2
    assert "cannot be read" in done.output
