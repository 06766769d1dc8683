"""The page of functions: nothing of Terraform's is forgotten, and the page is what the code says."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from guardline.spec.publish import DOCS
from guardline.validator.sources.hcl.functions import FUNCTIONS, NEVER
from guardline.validator.sources.hcl.functions.page import page
from tests.support.terraform_values import UNKNOWN, of_guardline


def test_the_page_is_current() -> None:
    assert (DOCS / "hcl-functions.md").read_text(encoding="utf-8") == page()


@pytest.mark.terraform
def test_every_function_of_terraform_is_in_the_table(tmp_path: Path) -> None:
    terraform = shutil.which("terraform")
    assert terraform is not None, "this test needs terraform on PATH"
    done = subprocess.run(
        [terraform, "metadata", "functions", "-json"],
        cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    names = {name for name in json.loads(done.stdout)["function_signatures"] if "::" not in name}
    assert len(names) > 100
    assert names - set(FUNCTIONS) - set(NEVER) == set()
    assert set(FUNCTIONS) - names == {"urldecode", "convert"}, "OpenTofu has the one, Terraform 1.15 the other"


@pytest.mark.parametrize("name", sorted(NEVER))
def test_what_only_a_run_can_tell_is_unknown(name: str) -> None:
    assert of_guardline(f'{name}("x")') == UNKNOWN


def test_nothing_is_both() -> None:
    assert not set(FUNCTIONS) & set(NEVER)
