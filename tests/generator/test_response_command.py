"""`guardline response`: what findings would set off, and undoing through the function."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from guardline.cli import app
from guardline.generator import package
from guardline.localaws import LocalAws
from guardline.spec.findings import families
from guardline.validator.semantics.finding_samples import finding as sample
from tests.support.clients import client
from tests.support.responding import Responding, about_buckets, about_instance, about_key

SPEC = """\
version: 1
name: small
home_region: eu-west-1
regions: {{not_opted_in: rest}}
account: {{id: "111122223333"}}
response:
  alerts: {{email: [soc@example.com]}}
  remediate: {remediate}
"""
ACT = (
    "{mode: act, min_severity: 4, actions: [stop-instance, disable-access-key, block-public-bucket], "
    "never: [user/break-glass-*]}"
)


def simulate(tmp_path: Path, findings: Any, remediate: str = ACT) -> tuple[int, list[str]]:
    spec, file = tmp_path / "guardline.yaml", tmp_path / "findings.json"
    spec.write_text(SPEC.format(remediate=remediate), encoding="utf-8")
    file.write_text(json.dumps(findings), encoding="utf-8")
    result = CliRunner().invoke(app, ["response", "simulate", str(file), "--spec", str(spec)])
    return result.exit_code, result.output.splitlines()


TAGGED = {"resourceType": "Instance", "instanceDetails": {
    "instanceId": "i-0b", "tags": [{"key": "guardline-response", "value": "off"}]}}  # fmt: skip


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (about_instance("i-0a"), ["alert people", "stop instance/i-0a"]),
        (about_instance("i-0b", resource=TAGGED),
         ["alert people", "not stop-instance on instance/i-0b: its tag guardline-response=off leaves it to people"]),
        (about_instance("i-0a", severity=3.9), ["nothing: it is not severe enough for the function"]),
        (about_instance("i-0a", service={"additionalInfo": {"sample": True}}),
         ["alert people", "nothing more: it is a sample finding"]),
        (about_key("deploy", "AKIA0"), ["alert people", "disable user/deploy/AKIA0"]),
        (about_key("break-glass-1", "AKIA0"),
         ["alert people", ("not disable-access-key on user/break-glass-1/AKIA0: the settings say never to touch "
          "user/break-glass-*")]),
        (about_buckets("letters"), ["alert people", "block public access to bucket/letters"]),
        (about_instance("i-0a", type="AttackSequence:EC2/CompromisedInstanceGroup"), ["alert people"]),
    ],
)  # fmt: skip
def test_what_a_finding_would_set_off(tmp_path: Path, event: dict[str, Any], said: list[str]) -> None:
    code, lines = simulate(tmp_path, event)
    assert (code, [line.strip() for line in lines[1:-1]]) == (0, said)


def test_every_finding_type_has_an_answer(tmp_path: Path) -> None:
    code, lines = simulate(tmp_path, [sample(kind, 9) for kind in families()])
    assert code == 0
    assert sum(line.strip() == "alert people" for line in lines) == len(families())


def test_in_mode_notify_people_alone_are_alerted(tmp_path: Path) -> None:
    _, lines = simulate(tmp_path, about_instance("i-0a"), "{mode: notify}")
    assert lines[-1] == "1 findings: 0 would be answered, 1 go to people alone, 0 are below the least severity."


def test_what_a_finding_names_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    _, lines = simulate(tmp_path, about_buckets("a\x1b[2Jb"))
    assert "\x1b" not in "".join(lines)


@pytest.mark.parametrize("text", ["{mode: stop}", "null"])
def test_without_a_function_there_is_nothing_to_simulate(tmp_path: Path, text: str) -> None:
    assert simulate(tmp_path, about_instance("i-0a"), text)[0] == 2


@pytest.mark.environments
def test_undo_goes_through_the_function(aws: LocalAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    responding = Responding(aws, monkeypatch, actions=["stop-instance"])
    variables = responding.variables()
    archive = package.packed(package.source()).encode("utf-8", "surrogateescape")
    client(aws, "lambda").create_function(
        FunctionName="small-guardduty-response", Runtime="python3.13", Timeout=60, Code={"ZipFile": archive},
        Role="arn:aws:iam::123456789012:role/acting", Handler="responder.handler.handle",
        Environment={"Variables": variables},
    )  # fmt: skip
    instance = responding.instance()
    record = responding.handle(about_instance(instance))["outcomes"][0]["record"]
    assert responding.state(instance) == "stopped"
    spec = tmp_path / "guardline.yaml"
    spec.write_text(SPEC.format(remediate=ACT), encoding="utf-8")
    undo = ["response", "undo", "--spec", str(spec)]
    done = CliRunner().invoke(app, [*undo, record])
    assert (done.exit_code, done.output) == (0, f"instance/{instance} was started again\n")
    assert responding.state(instance) == "running"
    again = CliRunner().invoke(app, [*undo, record])
    assert (again.exit_code, "undone already" in again.output) == (1, True)
    nowhere = CliRunner().invoke(app, [*undo, record, "--region", "eu-west-2"])
    assert (nowhere.exit_code, "cannot be called" in nowhere.output) == (2, True)
