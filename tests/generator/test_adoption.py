"""An account that has GuardDuty already: read, adopted, nothing destroyed, nothing made a second time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import jsonschema
import pytest
from typer.testing import CliRunner, Result

from guardline.cli import app
from guardline.generator.baseline import Baseline
from guardline.localaws import LocalAws
from guardline.spec.inventory import Inventory
from guardline.spec.schema import inventory_schema
from guardline.validator.demo import override
from tests.support.terraform_runs import terraform
from tests.support.trail_buckets import open_to_cloudtrail

# The two regions of GovCloud make the smallest environment that covers a whole partition.
HOME, OTHER = "us-gov-west-1", "us-gov-east-1"
OFF = "\ntrail: {mode: off, reason: not looked at here}\nflow_logs: {mode: off, reason: not looked at here}\n"


@pytest.fixture
def account(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> LocalAws:
    """The local AWS, to which the credentials of the environment lead."""
    for name, value in aws.environment(HOME).items():
        monkeypatch.setenv(name, value)
    return aws


def client(service: Any, region: str = HOME) -> Any:
    return boto3.client(service, region_name=region)


def guardline(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def discovered(folder: Path) -> Inventory:
    done = guardline("init", folder, "--name", "old", "--home-region", HOME, "--owner", "x", "--discover")
    assert done.exit_code == 0, done.output
    return Inventory.model_validate_json((folder / "inventory.json").read_bytes())


@pytest.mark.parametrize("provider", [5, 6])
def test_each_existing_detector_gets_an_import_block(tmp_path: Path, account: LocalAws, provider: int) -> None:
    running = client("guardduty").create_detector(Enable=True)["DetectorId"]
    folder = tmp_path / "env"
    found = discovered(folder)
    assert [each.id for each in found.regions[HOME].detectors] == [running]
    assert found.regions[OTHER].detectors == ()
    assert (found.account, found.partition, found.unseen) == (account.account, "aws-us-gov", ())
    spec = folder / "guardline.yaml"
    spec.write_text(spec.read_text().replace("aws_provider: 6", f"aws_provider: {provider}"))
    imports = {str(path): text for each in Baseline.of(spec).folders for path, text in each.files.items()}["imports.tf"]
    address = "module.us_gov_west_1." if provider == 5 else f'module.region["{HOME}"].'
    suffix = "" if provider == 5 else f"@{HOME}"
    assert f"to = {address}module.guardduty[0].aws_guardduty_detector.this\n" in imports
    assert f'id = "{running}{suffix}"\n' in imports
    assert imports.count("import {") == 1


@pytest.mark.environments(minutes=2)
def test_adopting_destroys_nothing_and_settles(tmp_path: Path, account: LocalAws) -> None:
    """One detector runs with a plan switched off by hand, the other is suspended: both are kept and set right."""
    kept = {}
    for region in (HOME, OTHER):
        guardduty = client("guardduty", region)
        kept[region] = guardduty.create_detector(Enable=region == HOME)["DetectorId"]
        off = [{"Name": "RDS_LOGIN_EVENTS", "Status": "DISABLED"}]
        guardduty.update_detector(DetectorId=kept[region], Features=off)
    folder = tmp_path / "env"
    discovered(folder)
    spec = folder / "guardline.yaml"
    spec.write_text(spec.read_text().replace("aws_provider: 6", "aws_provider: 5") + OFF)
    Baseline.of(spec).write()
    override.write(folder)

    def plan() -> dict[str, dict[str, Any]]:
        run("plan", "-no-color", "-input=false", "-out=p")
        shown = json.loads(run("show", "-json", "p"))
        return {each["address"]: each["change"] for each in shown["resource_changes"]}

    def run(*arguments: str) -> str:
        return terraform(folder, *arguments, variables=account.environment(HOME))

    run("init", "-no-color", "-input=false")
    first = plan()
    adopted = {address: change for address, change in first.items() if "importing" in change}
    assert {change["importing"]["id"] for change in adopted.values()} == set(kept.values())
    assert not [address for address, change in first.items() if "delete" in change["actions"]]
    run("apply", "-no-color", "-input=false", "p")
    assert {tuple(change["actions"]) for change in plan().values()} == {("no-op",)}
    for region, detector in kept.items():
        guardduty = client("guardduty", region)
        assert guardduty.list_detectors()["DetectorIds"] == [detector]
        there = guardduty.get_detector(DetectorId=detector)
        assert there["Status"] == "ENABLED"
        assert {"Name": "RDS_LOGIN_EVENTS", "Status": "ENABLED"}.items() <= next(
            feature for feature in there["Features"] if feature["Name"] == "RDS_LOGIN_EVENTS"
        ).items()


@pytest.mark.terraform
@pytest.mark.environments  # half a minute with the real provider
def test_a_logged_vpc_gets_no_second_log_and_still_counts(tmp_path: Path, account: LocalAws) -> None:
    """Planned for real: the plan makes a log for the VPC without one alone, and both pass."""
    client("s3").create_bucket(Bucket="old-logs", CreateBucketConfiguration={"LocationConstraint": HOME})
    logged = client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    client("ec2").create_flow_logs(
        ResourceIds=[logged],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination="arn:aws-us-gov:s3:::old-logs",
    )
    bare = client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    discovered(tmp_path)
    spec = tmp_path / "guardline.yaml"
    spec.write_text(spec.read_text().replace("aws_provider: 6", "aws_provider: 5"))
    Baseline.of(spec).write()
    override.write(tmp_path)
    variables = account.environment(HOME)
    terraform(tmp_path, "init", "-no-color", "-input=false", variables=variables)
    terraform(tmp_path, "plan", "-no-color", "-input=false", "-out=p", variables=variables)
    (tmp_path / "plan.json").write_text(terraform(tmp_path, "show", "-json", "p", variables=variables))
    done = guardline("validate", tmp_path / "plan.json", "--spec", spec, "--format", "json")
    cells = {
        cell["subject_id"]: (cell["verdict"], cell["reason"].partition(":")[0])
        for cell in json.loads(done.stdout)["cells"]
        if cell["control"] == "vpc-flow-logs" and cell["region"] == HOME
    }
    assert cells == {
        logged: ("pass", "declared, not seen"),
        bare: ("pass", "a flow log on the VPC records ALL traffic"),
    }


@pytest.mark.usefixtures("account")
def test_what_aws_does_not_answer_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A denied question must never read as an empty answer."""
    from botocore.client import BaseClient
    from botocore.exceptions import ClientError

    asked = BaseClient._make_api_call

    def deny(self: Any, operation: str, parameters: Any) -> Any:
        if operation == "ListDetectors" and self.meta.region_name == OTHER:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, operation)
        return asked(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", deny)
    done = guardline("init", tmp_path, "--name", "old", "--home-region", HOME, "--owner", "x", "--discover")
    assert done.exit_code == 0
    assert f"{OTHER}: guardduty:ListDetectors: AccessDeniedException" in done.stderr
    found = Inventory.model_validate_json((tmp_path / "inventory.json").read_bytes())
    assert [(each.region, each.operation) for each in found.unseen] == [(OTHER, "guardduty:ListDetectors")]


@pytest.mark.usefixtures("account")
def test_an_existing_trail_is_referenced_and_not_paid_for_twice(tmp_path: Path) -> None:
    client("s3").create_bucket(Bucket="old-trail", CreateBucketConfiguration={"LocationConstraint": HOME})
    open_to_cloudtrail(client("s3"), "old-trail", "aws-us-gov")
    arn = client("cloudtrail").create_trail(Name="old", S3BucketName="old-trail", IsMultiRegionTrail=True)["TrailARN"]
    client("cloudtrail").start_logging(Name="old")
    discovered(tmp_path)
    assert f'trail: {{mode: reference, arn: "{arn}", owner: "x"}}' in (tmp_path / "guardline.yaml").read_text()


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"account": "999999999999"}, "inventory: inventory.json is of account 999999999999, and the spec's is "),
        ({"partition": "aws-cn"}, "inventory: inventory.json is of partition aws-cn, and the spec's is aws-us-gov"),
        ({"schema": "guardline/inventory/v9"}, "is not an inventory (guardline/inventory/v1): schema: "),
        ({"regions": []}, "is not an inventory (guardline/inventory/v1): regions: "),
    ],
)
def test_a_wrong_inventory_is_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    discovered(tmp_path)
    file = tmp_path / "inventory.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    done = guardline("generate", tmp_path / "guardline.yaml")
    assert done.exit_code == 2
    assert "guardline.yaml:" in done.stderr
    assert said in done.stderr


@pytest.mark.usefixtures("account")
def test_a_missing_inventory_is_refused_and_init_brings_it_back(tmp_path: Path) -> None:
    discovered(tmp_path)
    before = (tmp_path / "guardline.yaml").read_text()
    (tmp_path / "inventory.json").unlink()
    assert "does not exist" in guardline("generate", tmp_path / "guardline.yaml").stderr
    assert guardline("init", tmp_path, "--home-region", HOME, "--discover").exit_code == 0
    assert guardline("generate", tmp_path / "guardline.yaml").exit_code == 0
    assert (tmp_path / "guardline.yaml").read_text() == before


@pytest.mark.usefixtures("account")
def test_the_same_account_gives_the_same_inventory_and_the_published_schema_knows_it(tmp_path: Path) -> None:
    first, second = discovered(tmp_path / "one"), discovered(tmp_path / "two")
    assert first.model_dump(exclude={"taken_at"}) == second.model_dump(exclude={"taken_at"})
    jsonschema.validate(json.loads((tmp_path / "one" / "inventory.json").read_text()), inventory_schema())
