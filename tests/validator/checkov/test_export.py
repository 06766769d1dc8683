"""The checks for checkov: what is written, and what checkov itself says with them."""

from __future__ import annotations

import ast
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from guardline.cli import app
from guardline.validator.checkov.export import content
from guardline.validator.control import Status
from guardline.validator.model.resource import Origin
from tests.support.realistic_report import report, row

ROOT = Path(__file__).parents[3]
CHECKOV = ROOT / ".venv-checkov" / "bin" / "checkov"

# One detector in a module, made twice; one that is suspended, and a region without any.
SOURCE = {
    "main.tf": """\
provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "us"
  region = "us-east-1"
}

module "detector" {
  source   = "./detector"
  for_each = toset(["a"])
}

resource "aws_guardduty_detector" "suspended" {
  provider = aws.us
  enable   = false
}
""",
    "detector/main.tf": """\
resource "aws_guardduty_detector" "this" {
  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}
""",
}


def exported(folder: Path) -> Path:
    """The source, its result and the checks."""
    source = folder / "source"
    for name, text in SOURCE.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    result, checks = folder / "result.json", folder / "checks"
    options = ["--regions", "eu-west-1,us-east-1,eu-central-1", "--whole", "--format", f"json={result}"]
    judged = CliRunner().invoke(app, ["validate", str(source), *options])
    assert judged.exit_code == 1, judged.output
    written = CliRunner().invoke(app, ["checkov", "export", str(checks), "--result", str(result)])
    assert written.exit_code == 0, written.output
    return checks


def test_each_control_has_its_resources_by_address_without_index(tmp_path: Path) -> None:
    found = json.loads((exported(tmp_path) / "guardline_checks.json").read_text())
    enabled = found["controls"]["detector-enabled"]
    assert list(enabled["fails"]) == ["aws_guardduty_detector.suspended"]
    assert "us-east-1" in enabled["fails"]["aws_guardduty_detector.suspended"]
    assert enabled["passes"] == ["module.detector.aws_guardduty_detector.this"]
    assert any(each.startswith("detector-enabled in eu-central-1") for each in found["without_resource"])


def test_what_is_missing_beside_a_resource_is_no_fault_of_it() -> None:
    """Evidence may say where something is absent: that resource is judged by nobody then."""
    beside = Origin("module.network.aws_vpc.this", "network/main.tf", 3, absent=True)
    found = content(report(row("vpc-flow-logs", Status.FAIL, "no flow log", region="eu-west-1", evidence=(beside,))))
    assert found["controls"] == {}
    assert found["without_resource"] == ["vpc-flow-logs in 111122223333, eu-west-1: no flow log"]


def test_the_checks_import_checkov_and_the_standard_library_alone(tmp_path: Path) -> None:
    tree = ast.parse((exported(tmp_path) / "guardline_checks.py").read_text())
    imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
    imported |= {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    assert {each.split(".")[0] for each in imported} == {"json", "os", "re", "checkov"}


def test_what_is_no_result_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    answer = CliRunner().invoke(app, ["checkov", "export", str(tmp_path / "out"), "--result", str(tmp_path / "x.json")])
    assert answer.exit_code == 2
    assert "x.json" in answer.output
    assert not (tmp_path / "out").exists()


def checkov(folder: Path, checks: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The failed and the passed checks of Guardline in checkov's own report."""
    call = [
        str(CHECKOV),
        "-d",
        str(folder),
        "--external-checks-dir",
        str(checks),
        "--framework",
        "terraform",
        "-o",
        "json",
    ]
    done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=300)
    results = json.loads(done.stdout)["results"]
    assert results["parsing_errors"] == []

    def ours(kind: str) -> list[dict[str, Any]]:
        return [each for each in results[kind] if each["check_id"].startswith("GUARDLINE_")]

    return ours("failed_checks"), ours("passed_checks")


@pytest.mark.checkov
def test_checkov_repeats_what_guardline_said(tmp_path: Path) -> None:
    checks = exported(tmp_path)
    fails, passes = checkov(tmp_path / "source", checks)
    failed = {(each["check_id"], each["resource"]) for each in fails}
    passed = {(each["check_id"], each["resource"]) for each in passes}
    assert ("GUARDLINE_DETECTOR_ENABLED", "aws_guardduty_detector.suspended") in failed
    assert any(each == ("GUARDLINE_MISSING", "aws.default") for each in failed)
    assert any(c == "GUARDLINE_DETECTOR_ENABLED" and "aws_guardduty_detector.this" in r for c, r in passed)
    assert not any("aws_guardduty_detector.this" in r for c, r in failed if c == "GUARDLINE_DETECTOR_ENABLED")
    (missing, *_) = [each for each in fails if each["check_id"] == "GUARDLINE_MISSING"]
    assert "detector-enabled in eu-central-1" in missing["check_name"]
