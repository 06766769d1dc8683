"""The machine fails: streams that are closed or full, signals, folders that go away. No traceback, and never exit 1."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "guardline.cli"]
DETECTOR = 'provider "aws" {\n  region = "us-east-1"\n}\nresource "aws_guardduty_detector" "é" {\n  enable = true\n}\n'
FORMATS = ("terminal", "json", "markdown", "html", "sarif", "junit", "github", "gitlab", "ocsf")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "main.tf").write_text(DETECTOR, encoding="utf-8")
    return tmp_path


def shell(line: str, root: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    script = line.replace("guardline", " ".join(COMMAND))
    done = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        timeout=60,
        cwd=root,
        check=False,
        env={**os.environ, **environment},
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    assert b"fails here" not in done.stderr, done.stderr.decode()
    assert b"Exception ignored" not in done.stderr, done.stderr.decode()
    return done


@pytest.mark.parametrize("form", FORMATS)
def test_a_reader_that_goes_away_ends_the_run_quietly(root: Path, form: str) -> None:
    done = shell(f"guardline validate . --whole --format {form} | true; exit ${{PIPESTATUS[0]}}", root)
    assert done.stderr == b""
    assert done.returncode == 1  # other regions have no detector: the report's own exit code


@pytest.mark.parametrize("arguments", ["--help", "regions", "controls", "controls trail-encrypted"])
def test_so_do_other_commands(root: Path, arguments: str) -> None:
    done = shell(f"guardline {arguments} | true; exit ${{PIPESTATUS[0]}}", root)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_standard_output_is_said(root: Path, form: str) -> None:
    done = shell(f"guardline validate . --format {form} > /dev/full", root)
    assert done.returncode == 2
    assert b"standard output cannot be written: No space left on device" in done.stderr


def test_a_full_file_is_named(root: Path) -> None:
    done = shell("guardline validate . --format json=/dev/full", root)
    assert done.returncode == 2
    assert b"/dev/full cannot be written: No space left on device" in done.stderr


def test_closed_streams(root: Path) -> None:
    assert shell("guardline validate . >&-", root).returncode == 2
    assert shell("guardline validate . --whole 2>&-", root).returncode == 1
    assert shell("guardline validate - <&-", root).returncode == 2
    assert shell("guardline validate nowhere 2>&-", root).returncode == 2


@pytest.mark.parametrize("form", FORMATS)
def test_a_stream_that_cannot_encode_the_report_gets_it_in_ascii(root: Path, form: str) -> None:
    done = shell(f"guardline validate . --whole --format {form}", root, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.returncode == 1, done.stderr
    assert done.stdout.isascii()
    assert done.stdout


def test_a_working_folder_that_is_gone(root: Path) -> None:
    (root / "gone").mkdir()
    for what in (".", str(root), "validate --help"):
        done = shell(
            f"cd gone && rmdir ../gone && guardline validate {what}; code=$?; mkdir -p {root}/gone; exit $code", root
        )
        assert done.returncode in (0, 1, 2), done
    assert b"working folder" in shell(f"cd gone && rmdir ../gone && guardline validate {root}", root).stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after", [0.05, 0.3, 0.8])
def test_signals_end_a_run_with_its_workers(tmp_path: Path, number: signal.Signals, after: float) -> None:
    for index in range(40):
        (tmp_path / f"f{index}.tf").write_text(f"locals {{\n  a{index} = [{'1, ' * 4000}]\n}}\n")
    run = subprocess.Popen(
        [*COMMAND, "validate", ".", "--no-cache"],
        cwd=tmp_path,
        start_new_session=True,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    time.sleep(after)
    run.send_signal(number)
    _, said = run.communicate(timeout=30)
    # Before Python has run a line of ours, the signal has its usual effect.
    assert run.returncode in (128 + number, -number, 3, 1), said
    assert b"Exception ignored" not in said
    deadline = time.monotonic() + 10
    while _members(run.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _members(run.pid) == []


def _members(group: int) -> list[str]:
    """The processes of a group that still run."""
    found = subprocess.run(
        ["ps", "-o", "pid=,stat=", "-g", str(group)], capture_output=True, text=True, check=False
    ).stdout
    return [line for line in found.splitlines() if "Z" not in line]
