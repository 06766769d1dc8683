"""Security Hub and AWS Config that an account has already: adopted, or refused with advice; nothing is made twice."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from guardline.cli import app
from guardline.generator.baseline import Baseline
from guardline.localaws import LocalAws
from guardline.validator.demo import override
from tests.support.clients import client
from tests.support.terraform_runs import terraform

HOME, OTHER = "us-gov-west-1", "us-gov-east-1"
FSBP = f"arn:aws-us-gov:securityhub:{HOME}::standards/aws-foundational-security-best-practices/v/1.0.0"
OFF = "trail: {mode: off, reason: not looked at here}\nflow_logs: {mode: off, reason: not looked at here}\n"
ASKED = "security_hub: {}\nconfig: {recorder_name: default, service_linked_role: exists}\n"


@pytest.fixture
def account(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> LocalAws:
    """An account with a hub, a standard, an aggregator and a recorder in the home region."""
    for name, value in aws.environment(HOME).items():
        monkeypatch.setenv(name, value)
    hub, config = client(aws, "securityhub", HOME), client(aws, "config", HOME)
    hub.enable_security_hub(EnableDefaultStandards=False)
    hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": FSBP}])
    hub.create_finding_aggregator(RegionLinkingMode="ALL_REGIONS")
    client(aws, "s3", HOME).create_bucket(Bucket="other-config", CreateBucketConfiguration={"LocationConstraint": HOME})
    role = f"arn:aws-us-gov:iam::{aws.account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "other-config"})
    return aws


def guardline(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def discovered(folder: Path, asked: str) -> Path:
    done = guardline("init", folder, "--name", "old", "--home-region", HOME, "--owner", "x", "--discover")
    assert done.exit_code == 0, done.output
    spec = folder / "guardline.yaml"
    spec.write_text(spec.read_text().replace("aws_provider: 6", "aws_provider: 5") + "\n" + OFF + asked)
    return spec


@pytest.mark.usefixtures("account")
def test_what_is_there_gets_import_blocks(tmp_path: Path) -> None:
    spec = discovered(tmp_path / "env", ASKED)
    files = {path.name: text for folder in Baseline.of(spec).folders for path, text in folder.files.items()}
    here = "module.us_gov_west_1.module"
    standard = "aws-foundational-security-best-practices/v/1.0.0"
    for resource in (
        "security_hub[0].aws_securityhub_account.this",
        f'security_hub[0].aws_securityhub_standards_subscription.this["{standard}"]',
        "security_hub[0].aws_securityhub_finding_aggregator.this[0]",
        "config[0].aws_config_configuration_recorder.this",
        "config[0].aws_config_configuration_recorder_status.this",
        "config[0].aws_config_delivery_channel.this",
    ):
        assert f"to = {here}.{resource}\n" in files["imports.tf"]
    assert files["imports.tf"].count("import {") == 6
    assert f"a Security Hub hub in {OTHER}" in files["README.md"]
    assert "finding aggregator" not in files["README.md"].partition("absent")[2]


@pytest.mark.usefixtures("account")
def test_a_recorder_of_another_name_is_refused_with_advice(tmp_path: Path) -> None:
    spec = discovered(tmp_path / "env", "config: {}\n")
    done = guardline("generate", spec)
    assert done.exit_code == 2
    assert f"config: {HOME} has the recorder default, which AWS does not rename" in done.output
    assert re.search(r"guardline.yaml:\d+:\d+", done.output)
    assert "Traceback" not in done.output


@pytest.mark.long  # minutes; the everyday tests read the import blocks, and test_adoption.py applies such
def test_adopting_destroys_nothing_and_settles(tmp_path: Path, account: LocalAws) -> None:
    spec = discovered(tmp_path / "env", ASKED)
    Baseline.of(spec).write()
    override.write(spec.parent)

    def run(*arguments: str) -> str:
        return terraform(spec.parent, *arguments, variables=account.environment(HOME))

    def plan() -> dict[str, dict[str, Any]]:
        run("plan", "-no-color", "-input=false", "-out=p")
        return {each["address"]: each["change"] for each in json.loads(run("show", "-json", "p"))["resource_changes"]}

    run("init", "-no-color", "-input=false")
    first = plan()
    assert len([change for change in first.values() if "importing" in change]) == 6
    assert not [address for address, change in first.items() if "delete" in change["actions"]]
    run("apply", "-no-color", "-input=false", "p")
    assert {tuple(change["actions"]) for change in plan().values()} == {("no-op",)}
    config = client(account, "config", HOME)
    assert config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"][0]["recording"]
    (channel,) = config.describe_delivery_channels()["DeliveryChannels"]
    assert channel["s3BucketName"] == f"old-config-{account.account}"
