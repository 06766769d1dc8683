"""Chats and webhooks as the generator writes them, judged as source: they reach people, and nothing is left unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from guardline.cli import app
from guardline.generator.baseline import Baseline

SPEC = """\
version: 1
name: ways
home_region: eu-west-1
terraform: {{aws_provider: {provider}}}
account: {{id: "111122223333"}}
regions: {{not_opted_in: rest}}
trail: {{}}
response:
  alerts:
    slack: [{{workspace: T07EA123LEP, channel: C07EZ1ABC23}}]
    webhooks:
      - {{name: pager, format: pagerduty, secret: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:pager-a1b2c3"}}
  remediate: {{mode: act, actions: [stop-instance]}}
tamper: {{}}
"""


@pytest.fixture
def root(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    spec = tmp_path / "guardline.yaml"
    spec.write_text(SPEC.format(provider=request.param), encoding="utf-8")
    Baseline.of(spec).write()
    return tmp_path


def cells(root: Path) -> dict[str, set[str]]:
    """Control -> the verdicts of its cells."""
    asked = ["validate", str(root), "--spec", str(root / "guardline.yaml"), "--practice", "6", "--practice", "7"]
    result: dict[str, Any] = json.loads(CliRunner().invoke(app, [*asked, "--format", "json"]).stdout)
    found: dict[str, set[str]] = {}
    for cell in result["cells"]:
        found.setdefault(cell["control"], set()).add(cell["verdict"])
    return found


@pytest.mark.parametrize("root", [5, 6], indirect=True)
def test_everything_asked_passes(root: Path) -> None:
    found = cells(root)
    assert {"finding-alert", "finding-response", "tamper-alarm"} <= set(found)
    assert set.union(*found.values()) == {"pass"}, found


@pytest.mark.parametrize("root", [6], indirect=True)
def test_a_channel_that_hears_nothing_reaches_nobody(root: Path) -> None:
    channels = root / "modules" / "chat-channels" / "main.tf"
    text = channels.read_text(encoding="utf-8")
    assert text.count("= local.topic_arns") == 2
    channels.write_text(text.replace("= local.topic_arns", "= []"), encoding="utf-8")
    assert cells(root)["finding-alert"] == {"undetermined"}


@pytest.mark.parametrize("root", [5, 6], indirect=True)
@pytest.mark.parametrize(
    ("before", "after"), [("C07EZ1ABC23", "C07EZ1ABC24"), ("T07EA123LEP", "T07EA123LEQ"), ("pagerduty", "opsgenie")]
)
def test_another_channel_or_webhook_than_the_spec_names_is_no_way(root: Path, before: str, after: str) -> None:
    spec = root / "guardline.yaml"
    spec.write_text(spec.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    assert cells(root)["finding-alert"] == {"fail"}


@pytest.mark.parametrize("root", [6], indirect=True)
def test_a_webhook_whose_role_may_not_call_it_is_not_called(root: Path) -> None:
    webhook = root / "modules" / "webhook" / "main.tf"
    text = webhook.read_text(encoding="utf-8")
    assert text.count('"events:InvokeApiDestination"') == 1
    webhook.write_text(text.replace("events:InvokeApiDestination", "events:PutEvents"), encoding="utf-8")
    assert cells(root)["finding-alert"] == {"fail"}
