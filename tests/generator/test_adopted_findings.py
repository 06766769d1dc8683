"""An account whose detector has lists, rules, an export and the older EKS plan: all adopted, nothing made twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from guardline.cli import app
from guardline.generator.baseline import Baseline
from guardline.localaws import LocalAws
from guardline.validator.demo import override
from tests.support.clients import client
from tests.support.terraform_runs import terraform

# The two regions of GovCloud make the smallest environment that covers a whole partition.
HOME, OTHER = "us-gov-west-1", "us-gov-east-1"
RULE = "old-scanner"
OFF = {"mode": "off", "reason": "not looked at here"}


class Account:
    """The home region's detector, as somebody set it up by hand."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.guardduty: Any = client(aws, "guardduty", HOME)
        self.detector: str = self.guardduty.create_detector(
            Enable=True,
            Features=[
                {
                    "Name": "EKS_RUNTIME_MONITORING",
                    "Status": "ENABLED",
                    "AdditionalConfiguration": [{"Name": "EKS_ADDON_MANAGEMENT", "Status": "ENABLED"}],
                },
                {
                    "Name": "RDS_LOGIN_EVENTS",
                    "Status": "ENABLED",
                    "AdditionalConfiguration": [{"Name": "RDS_DATA_RISK", "Status": "ENABLED"}],
                },
            ],
        )["DetectorId"]
        on = {"DetectorId": self.detector}
        location = "https://s3.us-gov-west-1.amazonaws.com/theirs/list.txt"
        listed = {"Format": "TXT", "Location": location, "Activate": True}
        self.trusted = self.guardduty.create_ip_set(**on, Name="offices", **listed)["IpSetId"]
        self.threat = self.guardduty.create_threat_intel_set(**on, Name="old-feed", **listed)["ThreatIntelSetId"]
        criteria = {"Criterion": {"type": {"Eq": ["Recon:EC2/Portscan"]}}}
        self.guardduty.create_filter(**on, Name=RULE, Action="ARCHIVE", Rank=1, FindingCriteria=criteria)
        self.destination = self._export()

    def _export(self) -> str:
        s3: Any = client(self.aws, "s3", HOME)
        kms: Any = client(self.aws, "kms", HOME)
        s3.create_bucket(Bucket="theirs", CreateBucketConfiguration={"LocationConstraint": HOME})

        def policy(*actions: str) -> str:
            principal = {"Service": "guardduty.amazonaws.com"}
            return json.dumps(
                {"Statement": {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*"}}
            )

        s3.put_bucket_policy(Bucket="theirs", Policy=policy("s3:GetBucketLocation", "s3:PutObject"))
        key = kms.create_key(Policy=policy("kms:GenerateDataKey"))["KeyMetadata"]["Arn"]
        made = self.guardduty.create_publishing_destination(
            DetectorId=self.detector,
            DestinationType="S3",
            DestinationProperties={"DestinationArn": "arn:aws-us-gov:s3:::theirs", "KmsKeyArn": key},
        )
        return str(made["DestinationId"])


def spec(folder: Path, account: str, provider: int) -> Path:
    """A spec that asks for everything the detector has, and names the inventory."""
    path = folder / "guardline.yaml"
    asked = {
        "version": 1,
        "name": "old",
        "partition": "aws-us-gov",
        "home_region": HOME,
        "terraform": {"aws_provider": provider},
        "account": {"id": account},
        "inventory": "inventory.json",
        "guardduty": {"export": {}, "disable_legacy_eks_runtime": True},
        "trail": OFF,
        "flow_logs": OFF,
        "trusted_ips": {"file": "ours.txt"},
        "threat_ips": [{"name": "feed", "file": "feed.txt"}],
        "suppression": [
            {
                "name": "scanner",
                "reason": "approved scanner",
                "until": "2099-12-31",
                "match": {"type": ["Recon:EC2/Portscan"], "resource.instanceDetails.tags.value": ["scanner"]},
            }
        ],
    }
    path.write_text(yaml.safe_dump(asked, sort_keys=False), encoding="utf-8")
    (folder / "ours.txt").write_text("198.51.100.7\n", encoding="utf-8")
    (folder / "feed.txt").write_text("192.0.2.1\n", encoding="utf-8")
    return path


@pytest.fixture
def existing(aws: LocalAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Account:
    """The account, with its inventory in `tmp_path`."""
    for name, value in aws.environment(HOME).items():
        monkeypatch.setenv(name, value)
    account = Account(aws)
    arguments = ["init", str(tmp_path), "--name", "old", "--home-region", HOME, "--owner", "x", "--discover"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    return account


@pytest.mark.parametrize("provider", [5, 6])
def test_what_hangs_on_a_detector_gets_import_blocks(tmp_path: Path, existing: Account, provider: int) -> None:
    path = spec(tmp_path, existing.aws.account, provider)
    text = {str(name): text for each in Baseline.of(path).folders for name, text in each.files.items()}["imports.tf"]
    region = "module.us_gov_west_1." if provider == 5 else f'module.region["{HOME}"].'
    rules = "module.suppression_us_gov_west_1." if provider == 5 else f'module.suppression["{HOME}"].'
    end = "" if provider == 5 else f"@{HOME}"
    for to, name in {
        f"{region}module.trusted_ip_list[0].aws_guardduty_ipset.this": existing.trusted,
        f'{region}module.threat_ip_lists[0].aws_guardduty_threatintelset.this["old-feed"]': existing.threat,
        f"{region}module.publishing_destination[0].aws_guardduty_publishing_destination.this": existing.destination,
        f"{rules}aws_guardduty_filter.scanner": RULE,
    }.items():
        assert f'  to = {to}\n  id = "{existing.detector}:{name}{end}"\n' in text


@pytest.mark.environments(minutes=4)  # two minutes, of which the provider waits most for the buckets' lifecycles
def test_adopting_makes_nothing_twice_and_settles(tmp_path: Path, existing: Account) -> None:
    path = spec(tmp_path, existing.aws.account, 5)
    Baseline.of(path).write()
    override.write(tmp_path)

    def run(*arguments: str) -> str:
        return terraform(tmp_path, *arguments, variables=existing.aws.environment(HOME))

    def plan() -> dict[str, dict[str, Any]]:
        run("plan", "-no-color", "-input=false", "-out=p")
        return {each["address"]: each["change"] for each in json.loads(run("show", "-json", "p"))["resource_changes"]}

    run("init", "-no-color", "-input=false")
    first = plan()
    assert len([change for change in first.values() if "importing" in change]) == 5
    assert [address for address, change in first.items() if "delete" in change["actions"]] == []
    run("apply", "-no-color", "-input=false", "p")
    assert {address: change["actions"] for address, change in plan().items() if change["actions"] != ["no-op"]} == {}

    on = {"DetectorId": existing.detector}
    guardduty = existing.guardduty
    assert guardduty.list_ip_sets(**on)["IpSetIds"] == [existing.trusted]
    assert guardduty.get_ip_set(**on, IpSetId=existing.trusted)["Name"] == "old-trusted"
    assert guardduty.list_threat_intel_sets(**on)["ThreatIntelSetIds"] == [existing.threat]
    assert guardduty.list_filters(**on)["FilterNames"] == [RULE]
    described = guardduty.describe_publishing_destination(**on, DestinationId=existing.destination)
    assert described["DestinationProperties"]["DestinationArn"].startswith("arn:aws-us-gov:s3:::old-findings-")
    features = {each["Name"]: each for each in guardduty.get_detector(**on)["Features"]}
    assert (features["EKS_RUNTIME_MONITORING"]["Status"], features["RUNTIME_MONITORING"]["Status"]) == (
        "DISABLED",
        "ENABLED",
    )
    assert features["RDS_LOGIN_EVENTS"]["AdditionalConfiguration"][0]["Name"] == "RDS_DATA_RISK"
