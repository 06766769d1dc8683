"""The stub as Terraform starts it itself: the version constraint, the lock file and the end of the process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from guardline.localaws import LocalAws
from tests.support.stubprovider import managed
from tests.support.terraform_runs import terraform

CONFIGURATION = """\
terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = "{version}"
    }}
  }}
}}

provider "aws" {{
  region = "eu-west-1"
}}

resource "aws_sns_topic" "x" {{
  region = "us-west-2"
  name   = "x"
}}
"""


@pytest.mark.environments
@pytest.mark.terraform
def test_terraform_installs_starts_and_ends_it(tmp_path: Path, aws: LocalAws) -> None:
    mirror = managed.install(tmp_path / "mirror")
    root = tmp_path / "root"
    root.mkdir()
    init = ("init", "-no-color", "-input=false", f"-plugin-dir={mirror}")
    (root / "main.tf").write_text(CONFIGURATION.format(version=">= 7.0"))
    terraform(root, *init, check=False)
    assert not (root / ".terraform.lock.hcl").exists()

    (root / "main.tf").write_text(CONFIGURATION.format(version=">= 6.0, < 7.0"))
    terraform(root, *init)
    assert f'version     = "{managed.VERSION}"' in (root / ".terraform.lock.hcl").read_text()
    variables = aws.environment()
    terraform(root, "apply", "-auto-approve", "-no-color", variables=variables)
    state = (root / "terraform.tfstate").read_text()
    assert '"arn": "arn:aws:sns:us-west-2:123456789012:x"' in state
    assert "No changes." in terraform(root, "plan", "-no-color", variables=variables)
    assert running(mirror) == []


def running(mirror: Path) -> list[str]:
    """The command lines of running programs that mention a folder."""
    shown = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True, timeout=30).stdout
    return [line for line in shown.splitlines() if str(mirror) in line]


def test_nobody_starts_it_by_hand() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.stubprovider.managed"],
        cwd=managed.ROOT,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{managed.ROOT}:{managed.ROOT}/generator:{managed.ROOT}/validator",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "run `terraform`" in done.stderr
