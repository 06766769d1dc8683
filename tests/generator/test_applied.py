"""What is generated, applied to the local AWS: how a region leaves."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from guardline.generator.baseline import Baseline
from guardline.localaws import LocalAws
from guardline.validator.demo import override
from tests.support.terraform_runs import terraform

pytestmark = pytest.mark.terraform
Make = Callable[..., Path]

# Two regions make the smallest environment that covers a whole partition.
STAYS, LEAVES = "us-gov-west-1", "us-gov-east-1"
SPEC = """\
version: 1
name: leaving
partition: aws-us-gov
home_region: us-gov-west-1
terraform: {{aws_provider: 5}}
regions: {regions}
account: {{id: "123456789012"}}
trail: {{mode: off, reason: not looked at here}}
flow_logs: {{mode: off, reason: not looked at here}}
"""
AFTER = f"{{exclude: [{{region: {LEAVES}, reason: left, approved_by: x, until: 2999-01-01}}]}}"


class Root:
    """A generated root on the local AWS."""

    def __init__(self, spec: Path, aws: LocalAws) -> None:
        self.spec, self.folder = spec, spec.parent
        self.variables: Mapping[str, str] = aws.environment(STAYS)

    def generate(self, text: str) -> None:
        self.spec.write_text(text, encoding="utf-8")
        Baseline.of(self.spec).write()
        override.write(self.folder)

    def run(self, *arguments: str) -> str:
        return terraform(self.folder, *arguments, variables=self.variables)

    def apply(self) -> dict[str, list[str]]:
        """Plan and apply; what each resource had to undergo, but for those that stayed as they were."""
        if not (self.folder / ".terraform.lock.hcl").exists():
            self.run("init", "-no-color", "-input=false")
        self.run("plan", "-no-color", "-input=false", "-out=p")
        plan = json.loads(self.run("show", "-json", "p"))
        if any(each["change"]["actions"] != ["no-op"] for each in plan["resource_changes"]):
            self.run("apply", "-no-color", "-input=false", "p")
        changes = {each["address"]: each["change"]["actions"] for each in plan["resource_changes"]}
        return {address: actions for address, actions in changes.items() if actions != ["no-op"]}

    def detectors(self, region: str) -> list[str]:
        """The detectors that AWS itself lists."""
        import boto3

        names = {"region_name": region, "aws_access_key_id": "local", "aws_secret_access_key": "local"}
        client = boto3.client("guardduty", endpoint_url=self.variables["AWS_ENDPOINT_URL"], **names)
        found: list[str] = client.list_detectors()["DetectorIds"]
        return found


@pytest.mark.parametrize(
    ("mode", "action", "left"),
    [
        pytest.param("forget", "forget", 1, marks=pytest.mark.environments(minutes=3)),
        pytest.param("destroy", "delete", 0, marks=pytest.mark.long),
    ],
)
def test_a_region_leaves_and_then_its_provider(
    environment: Make, aws: LocalAws, mode: str, action: str, left: int
) -> None:
    root = Root(environment(""), aws)
    root.generate(SPEC.format(regions="{}"))
    made = root.apply()
    assert set(map(tuple, made.values())) == {("create",)}
    assert [len(root.detectors(region)) for region in (STAYS, LEAVES)] == [1, 1]

    root.generate(SPEC.format(regions=f"{{retiring: [{{region: {LEAVES}, mode: {mode}}}]}}"))
    left_behind = root.apply()
    assert left_behind
    assert {address.split(".")[1] for address in left_behind} == {"us_gov_east_1"}
    assert set(map(tuple, left_behind.values())) == {(action,)}
    assert [len(root.detectors(region)) for region in (STAYS, LEAVES)] == [1, left]

    root.generate(SPEC.format(regions=AFTER))
    assert "us_gov_east_1" not in (root.folder / "providers.tf").read_text()
    assert root.apply() == {}
    root.run("destroy", "-auto-approve", "-no-color", "-input=false")
    assert [len(root.detectors(region)) for region in (STAYS, LEAVES)] == [0, left]
