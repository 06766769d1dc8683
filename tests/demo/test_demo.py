"""The demo as people run it: real Terraform, from the spec to nothing left."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ORDER = (
    "generate",
    "init",
    "plan",
    "validate the plan",
    "apply",
    "plan again",
    "validate what is there",
    "a finding in ",
    "disable the detector of",
    "plan the broken region",
    "validate the broken region",
    "restore",
    "write the reports",
    "destroy",
    "look for what is left",
)


def run_demo(folder: Path, *options: str, timeout: int = 300) -> subprocess.CompletedProcess[str]:
    """Run the command in an environment whose AWS credentials must not be used."""
    real = {"AWS_PROFILE": "production", "AWS_ACCESS_KEY_ID": "AKIAREAL", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    command = (sys.executable, "-m", "guardline.cli", "demo", "demo", *options)
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **real},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def held(answer: subprocess.CompletedProcess[str], folder: Path, regions: int) -> None:
    """Every step has held, and what the demo leaves for people is right."""
    assert answer.returncode == 0, answer.stdout + answer.stderr
    steps = re.findall(r"^ *[\d.]+ s  ([^:\n]+)", answer.stdout, re.MULTILINE)
    assert [step for step in steps if step.startswith(ORDER)] == steps[: len(ORDER)]
    assert len(steps) == len(ORDER) + 1
    for expected in (
        "plan again: nothing to do",
        f"resources made in {regions} regions",
        "look for what is left: nothing",
        "is stopped, people are alerted, the undo starts it again",
        "the alert: GuardDuty, high: Backdoor:EC2/C&CActivity.B in account ",
        "was started again",
        "cells fail, all of them in ",
        "demo/report.html",
    ):
        assert expected in answer.stdout
    assert f"{regions} regions" in answer.stdout
    # Coverage is 1.0 before and after apply: as many cells pass as there are.
    for passes, cells in re.findall(r"validate (?:the plan|what is there): (\d+) of (\d+) cells pass", answer.stdout):
        assert passes == cells != "0"
    assert (folder / "demo" / "report.html").read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html")
    assert json.loads((folder / "demo" / "terraform.tfstate").read_text(encoding="utf-8"))["resources"] == []
    assert not list((folder / "demo").glob("modules-broken*"))


@pytest.mark.spine
def test_the_whole_path_in_two_regions(tmp_path: Path) -> None:
    answer = run_demo(tmp_path, "--regions", "us-east-1,eu-west-1", timeout=900)
    held(answer, tmp_path, regions=2)
    broken = json.loads((tmp_path / "demo" / "plan-broken.json").read_text(encoding="utf-8"))
    changed = [each for each in broken["resource_changes"] if each["change"]["actions"] != ["no-op"]]
    assert [each["type"] for each in changed if each["mode"] == "managed"] == ["aws_guardduty_detector"]


@pytest.mark.all_regions
def test_the_whole_path_in_every_region(tmp_path: Path) -> None:
    held(run_demo(tmp_path, "--regions", "all", timeout=2400), tmp_path, regions=34)


@pytest.mark.parametrize(
    ("options", "words"),
    [(("--regions", "eu-west-11"), "did you mean"), (("--regions", "af-south-1"), "enabled by default")],
)
def test_a_wrong_region_is_refused_before_anything_is_made(
    tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    answer = run_demo(tmp_path, *options)
    assert answer.returncode == 2
    assert words in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_the_demos_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "mine.tf").write_text("# mine\n", encoding="utf-8")
    answer = run_demo(tmp_path, "--regions", "us-east-1")
    assert answer.returncode == 2
    assert "not empty" in answer.stderr
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["mine.tf"]
