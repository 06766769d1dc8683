"""From source to an estate: instances, and what is said where they cannot be told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from guardline.validator.model.ec2 import FlowLog, Vpc
from guardline.validator.model.guardduty import Detector
from guardline.validator.sources.adapt import READS, adapt
from guardline.validator.sources.hcl.config import load
from guardline.validator.sources.hcl.load import blocks
from guardline.validator.sources.plan.load import load as load_plan
from tests.support.source_trees import by_address, estate, reading, watched

DATA = Path(__file__).parents[3] / "data"
PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'


@pytest.fixture
def references(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA / "references", tmp_path / "root"))


def test_the_reference_case(references: Path) -> None:
    found = adapt(blocks(load(references), READS).blocks, "aws")
    logs = by_address(found, FlowLog)
    covered = {watched(log): log.traffic.get() for log in logs.values() if log.traffic.get() == "ALL"}
    assert set(covered) == {
        "aws_vpc.root", 'aws_vpc.many["a"]', 'aws_vpc.many["b.c"]', "aws_vpc.cnt[0]", "aws_vpc.cnt[1]",
    }  # fmt: skip
    rejected = {watched(log) for log in logs.values() if log.traffic.get() == "REJECT"}
    assert rejected == {
        "module.plain.aws_vpc.x", 'module.m["us-east-1"].aws_vpc.x', 'module.m["eu.west"].aws_vpc.x',
    }  # fmt: skip
    assert set(covered) | rejected == set(by_address(found, Vpc))
    detectors = by_address(found, Detector)
    off = {address for address, detector in detectors.items() if not detector.enabled.get()}
    assert off == {
        "module.plain.aws_guardduty_detector.s",
        'module.m["us-east-1"].aws_guardduty_detector.s',
        'module.m["eu.west"].aws_guardduty_detector.s',
    }
    regions = {address: detector.location.region.get() or "" for address, detector in detectors.items()}
    assert regions["aws_guardduty_detector.fmt"] == "ap-south-1"
    assert sorted(regions.values()) == ["ap-south-1"] * 3 + ["eu-west-1"] * 4 + ["us-east-1"] * 2
    assert found.incomplete is None
    assert not found.missing


def test_the_plan_refines_the_source(references: Path) -> None:
    """Whatever both know of a thing is the same, and both have the same things."""
    source = adapt(blocks(load(references), READS).blocks, "aws")
    plan = load_plan((DATA / "plans" / "references-plan.json").read_bytes()).after
    for kind in (Detector, FlowLog, Vpc):
        ours, theirs = by_address(source, kind), by_address(plan, kind)
        assert set(ours) == set(theirs)
        for address, resource in ours.items():
            other = theirs[address]
            assert resource.location.region == other.location.region or not other.location.region.is_known, address
            if isinstance(resource, FlowLog) and isinstance(other, FlowLog) and other.resource.is_known:
                assert resource.resource.get().address == other.resource.get().address, address
            if isinstance(resource, Detector) and isinstance(other, Detector):
                assert resource.enabled == other.enabled, address
                assert set(resource.features) == set(other.features), address


def test_one_call_with_a_log_and_one_without(tmp_path: Path) -> None:
    """The same module twice is two things; an argument that is passed never gives way to the default."""
    found = estate(
        tmp_path,
        {
            "main.tf": PROVIDER
            + 'module "a" {\n  source = "./m"\n}\nmodule "b" {\n  source = "./m"\n  logs = true\n}\n'
            'module "off" {\n  source = "./m"\n  count = 0\n}\n',
            "m/main.tf": 'variable "logs" {\n  default = false\n}\nresource "aws_vpc" "v" {\n}\n'
            'resource "aws_flow_log" "l" {\n  count = var.logs ? 1 : 0\n  vpc_id = aws_vpc.v.id\n}\n',
        },
    )
    assert set(by_address(found, Vpc)) == {"module.a.aws_vpc.v", "module.b.aws_vpc.v"}
    assert {address: watched(log) for address, log in by_address(found, FlowLog).items()} == {
        "module.b.aws_flow_log.l[0]": "module.b.aws_vpc.v"
    }


def test_what_is_not_there_is_said_by_name(tmp_path: Path) -> None:
    found = reading(
        tmp_path,
        {
            "main.tf": PROVIDER
            + """
data "aws_vpcs" "all" {}
resource "aws_flow_log" "f" {
  for_each = toset(data.aws_vpcs.all.ids)
  vpc_id   = each.key
}
module "unknown" {
  source = "./m"
  count  = length(data.aws_vpcs.all.ids)
}
module "gone" {
  source  = "terraform-aws-modules/vpc/aws"
}
""",
            "m/main.tf": 'resource "aws_cloudtrail" "t" {\n}\n',
        },
    ).blocks
    why = "data.aws_vpcs.all.ids is read from AWS when planning"
    assert found.missing["aws_flow_log"] == f"aws_flow_log.f: its for_each is unknown: {why}"
    assert found.missing["aws_cloudtrail"] == f"module.unknown: its count is unknown: {why}"
    assert found.incomplete == (
        "module.gone (terraform-aws-modules/vpc/aws) is not at hand: run terraform get (or init), which puts it "
        "under .terraform/modules and runs no provider"
    )


def test_instances_come_in_the_order_of_their_keys(tmp_path: Path) -> None:
    found = estate(
        tmp_path,
        PROVIDER + 'resource "aws_vpc" "m" {\n  for_each = { c = 1, a = 2, b = 3 }\n}\n'
        'resource "aws_vpc" "n" {\n  count = 11\n}\n',
    )
    names = [address.partition("[")[2] for address in by_address(found, Vpc)]
    assert names == ['"a"]', '"b"]', '"c"]', *(f"{index}]" for index in range(11))]
