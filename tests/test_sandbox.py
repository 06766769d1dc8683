"""`make sandbox` says what it would do, and does nothing that is not confirmed."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from guardline.generator.baseline import Baseline
from tests import sandbox

ACCOUNT = "111122223333"


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any command would fail the test."""

    def run(*arguments: Any, **_: Any) -> None:
        raise AssertionError(arguments)

    monkeypatch.setattr(subprocess, "run", run)


@pytest.mark.usefixtures("nothing_runs")
def test_costs_time_and_commands_are_said_and_nothing_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert sandbox.main([]) == 0
    said = capsys.readouterr().out
    assert said.index("Costs:") < said.index("Time:") < said.index("would run")
    for words in ("generate", " apply ", "validate ", "-detailed-exitcode", "EMPTY", " destroy "):
        assert words in said
    assert "Nothing was done" in said


@pytest.mark.usefixtures("nothing_runs")
@pytest.mark.parametrize(("confirm", "caller"), [("444455556666", ACCOUNT), (ACCOUNT, "444455556666")])
def test_another_account_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], confirm: str, caller: str
) -> None:
    monkeypatch.setattr(sandbox, "_caller", lambda: caller)
    assert sandbox.main(["--account", ACCOUNT, "--confirm", confirm]) == 2
    assert "nothing was done" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("breaks", "how"),
    [
        ("apply", subprocess.CalledProcessError(1, "terraform")),
        ("apply", subprocess.TimeoutExpired("terraform", 7200)),
        ("show", subprocess.CalledProcessError(1, "terraform")),
    ],
    ids=["apply fails", "apply takes too long", "show fails"],
)
def test_what_was_applied_is_destroyed_though_a_step_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaks: str, how: Exception
) -> None:
    ran: list[tuple[str, ...]] = []

    def run(step: tuple[str, ...], **_: Any) -> subprocess.CompletedProcess[bytes]:
        ran.append(step)
        if breaks in step:
            raise how
        return subprocess.CompletedProcess(step, 0, b"{}")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(sandbox, "WORK", tmp_path)
    assert not sandbox.run("minimal", sandbox.spec_of("minimal", ACCOUNT, ["eu-west-1"], None))
    did = [next(word for word in step[1:] if word[0] != "-") for step in ran]
    between = [] if breaks == "apply" else ["plan", "validate"]
    assert did == ["generate", "init", "apply", *between, "show", "destroy"]


@pytest.mark.parametrize("email", [None, "soc@example.com"])
@pytest.mark.parametrize("environment", sandbox.ENVIRONMENTS)
def test_its_spec_locks_denies_and_acts_on_nothing(tmp_path: Path, environment: str, email: str | None) -> None:
    content = sandbox.spec_of(environment, ACCOUNT, ["eu-west-1", "us-east-1"], email)
    for file in (sandbox.ROOT / "environments" / environment).glob("*.txt"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    spec = tmp_path / "guardline.yaml"
    spec.write_text(yaml.safe_dump(content), encoding="utf-8")
    baseline = Baseline.of(spec)
    baseline.write()
    text = "\n".join(path.read_text() for path in tmp_path.glob("*.tf"))
    assert "object_lock" not in text
    assert "service_control" not in text
    assert "other_resolvers" not in text
    response = baseline.spec.response
    assert response is None or (response.remediate is not None and response.remediate.mode == "notify")
    assert (baseline.spec.response is not None) is (environment == "everything" and email is not None)


def test_buckets_are_found_in_every_module_of_a_state() -> None:
    def bucket(name: str, mode: str = "managed") -> dict[str, Any]:
        return {"type": "aws_s3_bucket", "mode": mode, "values": {"bucket": name}}

    state = {
        "resources": [bucket("one"), bucket("theirs", "data")],
        "child_modules": [{"child_modules": [{"resources": [bucket("two")]}]}],
    }
    assert list(sandbox.buckets(state)) == ["one", "two"]


def test_what_is_to_be_kept_is_not_destroyed_and_the_rest_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(subprocess, "run", lambda step, **_: ran.append(step))
    monkeypatch.setattr(sandbox, "WORK", tmp_path)
    assert sandbox.run("minimal", sandbox.spec_of("minimal", ACCOUNT, ["eu-west-1"], None), keep=True)
    assert not any({"destroy", "show"} & set(step) for step in ran)
    said = capsys.readouterr().out
    assert "to do later: EMPTY" in said
    assert " destroy " in said
