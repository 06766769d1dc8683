"""Practices that are switched off: what is written for them, and what real Terraform makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guardline.generator.baseline import Baseline
from guardline.generator.leaving import MADE
from guardline.localaws import LocalAws
from guardline.spec.load import SpecError, load
from guardline.spec.model import LeavingPractice
from guardline.validator.demo import override
from tests.support.terraform_runs import terraform

Make = Callable[..., Path]
HOME = "us-gov-west-1"
SPEC = """\
version: 1
name: leaving
partition: aws-us-gov
home_region: us-gov-west-1
terraform: {{aws_provider: {provider}}}
account: {{id: "123456789012"}}
"""
OFF = """\
trail: {mode: off, reason: the organization has one}
flow_logs: {mode: off, reason: another team does}
"""


def files(spec: Path) -> dict[str, str]:
    return {str(path): text for folder in Baseline.of(spec).folders for path, text in folder.files.items()}


def test_every_practice_that_may_leave_is_known_to_both() -> None:
    assert set(LeavingPractice.__args__) == set(MADE)  # type: ignore[attr-defined]  # of typing's Literal


@pytest.mark.parametrize(("provider", "region"), [(5, "module.us_gov_east_1"), (6, 'module.region["us-gov-east-1"]')])
def test_what_is_forgotten_gets_a_name_that_nothing_declares(environment: Make, provider: int, region: str) -> None:
    leaving = "leaving: {flow_logs: forget, trail: destroy}\n"
    written = files(environment(SPEC.format(provider=provider) + OFF + leaving))
    text = written["leaving.tf"]
    assert "removed {\n  from = module.trail\n\n  lifecycle {\n    destroy = true\n" in text
    assert "removed {\n  from = module.flow_log_bucket\n\n  lifecycle {\n    destroy = false\n" in text
    assert f"from = {region}.module.flow_logs[0]\n  to   = module.flow_logs_us_gov_east_1\n" in text
    assert "removed {\n  from = module.flow_logs_us_gov_east_1\n\n  lifecycle {\n    destroy = false\n" in text
    assert 'required_version = ">= 1.6, >= 1.7"' in written["versions.tf"]
    assert "`trail` leaves and is destroyed. Lost: the trail, its key" in written["README.md"]
    assert "`flow_logs` leaves and is forgotten" in written["README.md"]


def test_what_is_still_created_cannot_leave(environment: Make) -> None:
    with pytest.raises(SpecError, match=r"leaving.trail: trail is still created: switch it off"):
        load(environment(SPEC.format(provider=6) + "leaving: {trail: forget}\n"))


@pytest.mark.environments(minutes=5)
def test_terraform_lets_go_and_aws_keeps(environment: Make, aws: LocalAws) -> None:
    spec = environment(SPEC.format(provider=5))
    folder = spec.parent

    def run(*arguments: str) -> str:
        return terraform(folder, *arguments, variables=aws.environment(HOME))

    def applied() -> dict[str, Any]:
        Baseline.of(spec).write()
        override.write(folder)
        run("init", "-no-color", "-input=false")
        run("plan", "-no-color", "-input=false", "-out=p")
        shown = json.loads(run("show", "-json", "p"))
        run("apply", "-no-color", "-input=false", "p")
        return {each["address"]: each["change"]["actions"] for each in shown["resource_changes"]}

    def there() -> tuple[int, int]:
        import boto3

        signed = {"region_name": HOME, "aws_access_key_id": "local", "aws_secret_access_key": "local"}
        ec2 = boto3.client("ec2", endpoint_url=aws.url, **signed)
        trails = boto3.client("cloudtrail", endpoint_url=aws.url, **signed).list_trails()["Trails"]
        return len(ec2.describe_flow_logs()["FlowLogs"]), len(trails)

    applied()
    before = there()
    assert before == (1, 1)
    spec.write_text(spec.read_text() + OFF + "leaving: {flow_logs: forget, trail: forget}\n")
    actions = applied()
    assert {tuple(each) for each in actions.values()} == {("no-op",), ("forget",)}
    assert there() == before
    assert {tuple(each) for each in applied().values()} == {("no-op",)}
