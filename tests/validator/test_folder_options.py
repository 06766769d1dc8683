"""The options of `guardline validate` that say how a folder of Terraform is read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.source_trees import write

MAIN = """
provider "aws" { region = "eu-west-1" }
variable "on" {
  type    = bool
  default = false
}
resource "aws_guardduty_detector" "d" {
  enable = var.on || terraform.workspace == "prod"
}
"""


def detector(root: Path, *arguments: str, **environment: str) -> str:
    """The verdict of `detector-enabled` in the one region touched."""
    done = subprocess.run(
        [sys.executable, "-m", "guardline.cli", "validate", str(root), "--regions", "touched", "--format", "json",
         "--control", "detector-enabled", *arguments],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    result: dict[str, Any] = json.loads(done.stdout)
    (cell,) = result["cells"]
    verdict: str = cell["verdict"]
    return verdict


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "root", {"main.tf": MAIN})


def test_the_workspace_is_given_taken_from_the_environment_or_as_selected(root: Path) -> None:
    assert detector(root) == "fail"
    assert detector(root, TF_WORKSPACE="prod") == "pass"
    assert detector(root, "--workspace", "prod", TF_WORKSPACE="test") == "pass"
    write(root, {".terraform/environment": "prod\n"})
    assert detector(root) == "pass"
    assert detector(root, TF_WORKSPACE="test") == "fail"
    assert detector(root, "--workspace", "default") == "fail"


def test_a_selected_workspace_that_leads_outside_is_not_read(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("prod", encoding="utf-8")
    (root / ".terraform").mkdir()
    (root / ".terraform" / "environment").symlink_to(tmp_path / "secret")
    assert detector(root) == "fail"


def test_variables_in_terraforms_precedence(root: Path, tmp_path: Path) -> None:
    on, off = ({"TF_VAR_on": word} for word in ("true", "false"))
    assert detector(root, **on) == "pass"
    write(root, {"terraform.tfvars": "on = false\n"})
    assert detector(root, **on) == "fail"
    write(root, {"terraform.tfvars.json": '{"on": "true"}'})
    assert detector(root, **off) == "pass"
    write(root, {"a.auto.tfvars": "on = false\n"})
    assert detector(root) == "fail"
    write(root, {"b.auto.tfvars.json": '{"on": true}'})
    assert detector(root) == "pass"
    given = write(tmp_path / "given", {"x.tfvars": "on = false\n"}) / "x.tfvars"
    assert detector(root, "--var-file", str(given)) == "fail"
    assert detector(root, "--var-file", str(given), "--var", "on=true") == "pass"


def test_no_cache_keeps_nothing(root: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert detector(root, "--no-cache", XDG_CACHE_HOME=str(kept)) == "fail"
    assert not kept.exists()
    assert detector(root, XDG_CACHE_HOME=str(kept)) == "fail"
    assert [path for path in kept.rglob("*") if path.is_file()]
