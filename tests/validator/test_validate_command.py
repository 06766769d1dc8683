"""`guardline validate` as people run it: exit codes, messages, files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from guardline.spec import regular
from guardline.validator.load_sources import Choices, read
from guardline.validator.sources.plan.load import Hints
from tests.support.plans import PLANS, change, plan, resource

PLAN = PLANS / "references-plan.json"


def validate(
    *arguments: object, cwd: Path | None = None, data: bytes | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "guardline.cli", "validate", *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    done = subprocess.run(command, capture_output=True, input=data, cwd=cwd, env=environment, check=False, timeout=60)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def junk(folder: Path) -> dict[str, tuple[Path, str]]:
    """Sources that cannot be read, and a word of what must be said about each."""
    files = {
        "empty": (b"", "empty"),
        "truncated": (PLAN.read_bytes()[:5000], "not valid JSON"),
        "later": (PLAN.read_bytes().replace(b'"format_version":"1.2"', b'"format_version":"2.0"', 1), "2.0"),
        "binary": (bytes(range(256)) * 10, "binary"),
        "saved": (b"PK\x03\x04" + b"\0" * 100, "--terraform-dir"),
        "state": (b'{"format_version":"1.0","values":{}}', "state"),
        "result": (b'{"schema":"guardline/result/v1"}', "result"),
        "list": (b"[1]", "not the shape"),
        "other": (b'{"a":1}', "neither"),
    }
    found: dict[str, tuple[Path, str]] = {}
    for name, (data, says) in files.items():
        (folder / name).write_bytes(data)
        found[name] = (folder / name, says)
    (folder / "folder").mkdir()
    found["folder"] = (folder / "folder", "without Terraform")
    found["missing"] = (folder / "nowhere.json", "No such file")
    return found


def test_bad_sources_say_what_is_wrong_and_write_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name, (path, says) in junk(tmp_path).items():
        done = validate(path, "--format", f"json={out / 'r.json'}")
        assert done.returncode == 2, name
        assert says in done.stderr, (name, done.stderr)
        assert path.name in done.stderr, name
        assert "Traceback" not in done.stderr, name
        assert done.stdout == "", name
    assert list(out.iterdir()) == []


def test_a_file_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: str, _at_most: int) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(regular, "read", refuse)  # a mode of 0 keeps nobody out who is root, as in many CI jobs
    found = read([str(PLAN)], Choices(Hints()))
    assert (found.after, [error.message for error in found.errors]) == (None, ["cannot be read: Permission denied"])


def test_the_rest_is_reported_and_nothing_is_claimed_to_be_absent(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    done = validate(PLAN, bad, "--format", "json")
    assert done.returncode == 2
    result = json.loads(done.stdout)
    assert result["errors"][0]["source"].endswith("bad.json")
    trail = next(cell for cell in result["cells"] if cell["control"] == "trail-multi-region")
    assert trail["verdict"] == "undetermined"


def test_standard_input() -> None:
    done = validate("-", "--format", "json", data=PLAN.read_bytes())
    assert done.returncode == 1
    assert json.loads(done.stdout)["sources"][0]["path"] == "-"


def test_exit_codes(tmp_path: Path) -> None:
    good = tmp_path / "good.json"
    good.write_bytes(
        plan([change("aws_guardduty_detector.d", {"enable": True})], [resource("aws_guardduty_detector", "d")])
    )
    only = (good, "--regions", "us-east-1", "--control", "detector-enabled", "--format", "json")
    assert validate(*only).returncode == 0
    assert validate(PLAN, "--control", "detector-enabled").returncode == 1
    assert (
        validate(PLAN, "--control", "vpc-inventory", "--whole").returncode == 0
    )  # an info fail decides only if asked to
    assert validate(PLAN, "--control", "vpc-inventory", "--whole", "--fail-on", "info").returncode == 1
    errored = PLANS / "regressions-plan-errored.json"
    assert validate(errored).returncode == 3
    assert validate(errored, "--allow-undetermined").returncode == 3  # nothing is known, and that cannot be allowed
    targeted = PLANS / "references-plan-targeted.json"
    assert validate(targeted).returncode == 3
    assert validate(targeted, "--allow-undetermined").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--control", "detector-enabeld"], "did you mean detector-enabled"),
        (["--practice", "11"], "10"),
        (["--regions", "eu-west-9"], "did you mean"),
        (["--format", "jsn"], "did you mean json"),
        (["--format", "json="], "path after ="),
        (["--format", "json", "--format", "markdown"], "cannot both"),
        (["--format", "json=/nowhere/x.json"], "does not exist"),
        (["--account", "aws=123"], "12 digits"),
        (["--as-of", "tomorrow"], "2026-01-31"),
        (["--source-dir", "/nowhere"], "no such folder"),
        (["--spec", "/nowhere.yaml"], "nowhere.yaml"),
        (["--fail-on", "loud"], "loud"),
    ],
)
def test_bad_usage(arguments: list[str], says: str) -> None:
    done = validate(PLAN, *arguments)
    assert done.returncode == 2
    assert says in done.stderr.replace("│", "").replace("\n", " ")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_files_are_written_whole_and_the_report_still_goes_to_standard_output(tmp_path: Path) -> None:
    formats = [
        "--format",
        f"json={tmp_path / 'r.json'}",
        "--format",
        f"html={tmp_path / 'r.html'}",
        "--format",
        "terminal",
    ]
    done = validate(PLAN, *formats)
    assert json.loads((tmp_path / "r.json").read_text())["schema"] == "guardline/result/v1"
    assert "detector-enabled" in (tmp_path / "r.html").read_text()
    assert "us-east-1" in done.stdout
    assert "\x1b[" not in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "r.json"]


def test_paths_are_relative_to_the_git_root(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "plan.json").write_bytes(PLAN.read_bytes())
    done = validate("plan.json", "--format", "json", cwd=tmp_path / "a")
    assert json.loads(done.stdout)["sources"][0]["path"] == "a/plan.json"


def test_a_sensitive_value_is_shown_nowhere(tmp_path: Path) -> None:
    mark = "MARKED-SECRET"
    data = plan(
        [change("aws_flow_log.f", {"vpc_id": mark, "traffic_type": "ALL"})],
        [resource("aws_flow_log", "f")],
        variables={"secret": {"value": mark}},
    ).replace(b'"after_unknown": {}', b'"after_unknown": {}, "after_sensitive": {"vpc_id": true}')
    (tmp_path / "plan.json").write_bytes(data)
    for name in ("terminal", "json", "markdown", "html"):
        done = validate(tmp_path / "plan.json", "--format", name)
        assert mark not in done.stdout + done.stderr, name
