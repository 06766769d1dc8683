"""What the demo insists on: each step can fail, and says how."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.generator.baseline import Baseline
from guardline.localaws import LocalAws
from guardline.validator.demo import breaking
from guardline.validator.demo.environment import choose, prepare
from guardline.validator.demo.leftovers import leftovers
from tests.support.clients import client
from tests.support.trail_buckets import open_to_cloudtrail


def test_leftovers_of_every_kind_are_found(aws: LocalAws) -> None:
    regions = ("eu-west-1", "us-east-1")
    assert leftovers(aws.environment(), regions) == ()
    s3 = client(aws, "s3", "us-east-1")
    s3.create_bucket(Bucket="left")
    open_to_cloudtrail(s3, "left")
    client(aws, "cloudtrail", "us-east-1").create_trail(Name="left", S3BucketName="left", IsMultiRegionTrail=True)
    guardduty = client(aws, "guardduty")
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    made = guardduty.create_ip_set(
        DetectorId=detector, Name="left", Format="TXT", Location="s3://left/x.txt", Activate=True
    )
    ec2 = client(aws, "ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination="arn:aws:s3:::left",
    )
    found = leftovers(aws.environment(), regions)
    assert {each.rsplit(" ", 1)[0] for each in found} == {
        "- bucket",
        "eu-west-1 detector",
        "eu-west-1 ip-set",
        "eu-west-1 flow-log",
        "us-east-1 trail",
    }
    assert f"eu-west-1 ip-set {made['IpSetId']}" in found
    assert len(found) == 5


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A generated root of two regions."""
    folder = tmp_path / "demo"
    Baseline.of(prepare(folder, choose("us-east-1,eu-west-1"), "123456789012")).write()
    return folder


def test_a_break_disables_one_detector_and_can_be_taken_back(root: Path) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    breaking.break_region(root, "eu-west-1")
    made = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file() and path not in before}
    assert breaking.OVERRIDE in made
    assert {path for path in before if path.read_bytes() != before[path]} == set(), "the user's files stay as they are"
    copied, original = (root / name / "guardduty" / "main.tf" for name in (breaking.COPY, "modules"))
    different = [
        (old, new)
        for old, new in zip(
            original.read_text(encoding="utf-8").splitlines(),
            copied.read_text(encoding="utf-8").splitlines(),
            strict=True,
        )
        if old != new
    ]
    assert [(old.split("=")[1], new.split("=")[1]) for old, new in different] == [(" true", " false")]
    breaking.restore(root)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_a_region_that_is_not_there_cannot_be_broken(root: Path) -> None:
    with pytest.raises(breaking.UnbreakableError, match="no module sa_east_1"):
        breaking.break_region(root, "sa-east-1")
