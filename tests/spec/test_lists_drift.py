"""`guardline lists drift`: what the regions' lists and their objects are, beside what the spec says, on a local AWS."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from guardline.cli import app
from guardline.localaws import LocalAws
from guardline.spec import catalogue
from tests.support.clients import client

REGIONS = ("eu-west-1", "us-east-1")
BUCKET = "small-lists"
OTX = "Indicator type,Indicator,Description\nIPv4,198.51.100.9,seen\n"
OURS = "198.51.100.7\n203.0.113.0/28\n"


class Account:
    """An account with a detector in each region, and the lists that the spec asks for."""

    def __init__(self, aws: LocalAws, folder: Path) -> None:
        self.aws = aws
        excuse = "reason: x, approved_by: y, until: 2999-01-01"
        others = [r.name for r in catalogue.regions("aws") if r.default_enabled and r.name not in REGIONS]
        self.spec = folder / "guardline.yaml"
        self.spec.write_text(
            "version: 1\nname: small\nhome_region: eu-west-1\naccount: {id: '123456789012'}\n"
            f"regions: {{not_opted_in: rest, exclude: [{', '.join(f'{{region: {n}, {excuse}}}' for n in others)}]}}\n"
            "trusted_ips: {file: ours.txt}\nthreat_ips: [{name: feed, file: feed.csv}]\n",
            encoding="utf-8",
        )
        (folder / "ours.txt").write_text("# ours\n" + OURS, encoding="utf-8")
        (folder / "feed.csv").write_text(OTX, encoding="utf-8")
        place = {"LocationConstraint": "eu-west-1"}
        client(aws, "s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        self.detectors = {name: self.guardduty(name).create_detector(Enable=True)["DetectorId"] for name in REGIONS}

    def guardduty(self, region: str) -> Any:
        return client(self.aws, "guardduty", region)

    def put(self, name: str, text: str) -> str:
        """An object named by its content; its location."""
        key = f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.txt"
        client(self.aws, "s3").put_object(Bucket=BUCKET, Key=key, Body=text.encode())
        return f"https://s3.eu-west-1.amazonaws.com/{BUCKET}/{key}"

    def trusted(self, region: str, text: str = OURS, *, active: bool = True) -> None:
        self.guardduty(region).create_ip_set(
            DetectorId=self.detectors[region], Name="small-trusted", Format="TXT", Location=self.put("trusted", text),
            Activate=active,
        )  # fmt: skip

    def threat(self, region: str, name: str = "small-feed", form: str = "OTX_CSV") -> None:
        self.guardduty(region).create_threat_intel_set(
            DetectorId=self.detectors[region], Name=name, Format=form, Location=self.put(name, OTX), Activate=True
        )

    def drift(self) -> tuple[int, list[str]]:
        result = CliRunner().invoke(app, ["lists", "drift", "--spec", str(self.spec)])
        return result.exit_code, result.output.splitlines()


@pytest.fixture
def account(aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    for name, value in aws.environment("eu-west-1").items():
        monkeypatch.setenv(name, value)
    return Account(aws, tmp_path)


def everything(account: Account) -> None:
    for region in REGIONS:
        account.trusted(region)
        account.threat(region)


def test_what_is_as_the_spec_says(account: Account) -> None:
    everything(account)
    assert account.drift() == (
        0, ["every covered region has the lists that the spec says, active and with the same content"],
    )  # fmt: skip


def inactive(account: Account) -> None:
    account.threat("us-east-1")
    account.trusted("us-east-1", active=False)


def other_content(account: Account) -> None:
    account.threat("us-east-1")
    account.trusted("us-east-1", "198.51.100.7\n192.0.2.1\n")


def other_format(account: Account) -> None:
    account.trusted("us-east-1")
    account.threat("us-east-1", form="STIX")


def one_too_many(account: Account) -> None:
    account.trusted("us-east-1")
    account.threat("us-east-1")
    account.threat("us-east-1", "theirs")


CASES: dict[str, tuple[Callable[[Account], None], str]] = {
    "missing": (lambda account: account.threat("us-east-1"), "the trusted list small-trusted is missing"),
    "inactive": (inactive, "the trusted list small-trusted is INACTIVE, not ACTIVE"),
    "other content": (
        other_content, "the object of the trusted list small-trusted differs from the spec: 1 missing, 1 too many"),
    "other format": (other_format, "the threat list small-feed is declared as STIX; the spec's file is OTX_CSV"),
    "one too many": (one_too_many, "the threat list theirs is not in the spec"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_region_that_differs_is_named(account: Account, case: str) -> None:
    make, line = CASES[case]
    account.trusted("eu-west-1")
    account.threat("eu-west-1")
    make(account)
    assert account.drift() == (1, [f"us-east-1: {line}"])


def test_an_object_that_was_changed_in_its_place_is_not_what_guardduty_uses(account: Account) -> None:
    everything(account)
    key = account.put("trusted", OURS).rpartition("/")[2]
    client(account.aws, "s3").put_object(Bucket=BUCKET, Key=key, Body=f"{OURS}# more\n".encode())
    code, lines = account.drift()
    assert code == 1
    assert [line.split(": ")[0] for line in lines] == list(REGIONS)
    assert all("was changed in its place" in line for line in lines)


def test_what_cannot_be_read_is_no_difference(account: Account) -> None:
    everything(account)
    key = account.put("trusted", OURS).rpartition("/")[2]
    client(account.aws, "s3").delete_object(Bucket=BUCKET, Key=key)
    code, lines = account.drift()
    assert code == 3
    assert len(lines) == len(REGIONS)
    assert all(
        "cannot be determined: what the trusted list small-trusted holds cannot be read" in line for line in lines
    )


def test_no_detector_no_list(account: Account) -> None:
    everything(account)
    account.guardduty("us-east-1").delete_detector(DetectorId=account.detectors["us-east-1"])
    assert account.drift() == (1, ["us-east-1: there is no detector, so no list"])
