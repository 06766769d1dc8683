"""Modules that Terraform fetched count where they are what the call asks for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from guardline.validator.control import Status
from guardline.validator.sources.hcl.fetched import Fetched
from tests.support.judging import row

ROOT = 'provider "aws" {\n  region = "us-east-1"\n}\nmodule "g" {\n  source = "SOURCE"\nVERSION}\n'
DETECTOR = 'resource "aws_guardduty_detector" "d" {\n  enable = true\n}\n'
HOST = "registry.terraform.io"

SAME = [
    ("acme/gd/aws", f"{HOST}/acme/gd/aws"),
    ("acme/gd/aws", "registry.opentofu.org/acme/gd/aws"),
    ("acme/gd/aws", "acme/gd/aws"),
    ("acme/gd/aws//modules/d", f"{HOST}/acme/gd/aws//modules/d"),
    ("app.terraform.io/acme/gd/aws", "app.terraform.io/acme/gd/aws"),
    ("github.com/acme/gd?ref=v1", "git::https://github.com/acme/gd.git?ref=v1"),
    ("github.com/acme/gd//d?ref=v1", "git::https://github.com/acme/gd.git//d?ref=v1"),
    ("git@github.com:acme/gd.git", "git::ssh://git@github.com/acme/gd.git"),
    ("git::https://example.com/gd.git?ref=v1&depth=1", "git::https://example.com/gd.git?depth=1&ref=v1"),
    ("/opt/modules/gd", "file:///opt/modules/gd"),
    ("gd.s3.amazonaws.com/d.zip", "s3::https://s3.amazonaws.com/gd/d.zip"),
]
OTHER = [
    ("acme/gd/aws", f"{HOST}/other/gd/aws"),
    ("acme/gd/aws//modules/d", f"{HOST}/acme/gd/aws"),
    ("app.terraform.io/acme/gd/aws", f"{HOST}/acme/gd/aws"),
    ("git::https://example.com/gd.git?ref=v2", "git::https://example.com/gd.git?ref=v1"),
    ("github.com/acme/gd", f"{HOST}/acme/gd/aws"),
]


@pytest.mark.parametrize(
    ("source", "recorded", "outdated"), [(*each, False) for each in SAME] + [(*each, True) for each in OTHER]
)
def test_sources(source: str, recorded: str, outdated: bool) -> None:
    assert Fetched(Path(), recorded).is_outdated(source, None) is outdated


@pytest.mark.parametrize(
    ("admits", "version", "outdated"),
    [
        ("1.2.0", "1.2.0", False),
        ("= 1.2.0", "1.2.1", True),
        ("2.0.0", "1.2.0", True),
        ("~> 1.0", "1.9.4", False),
        ("~> 1.0", "2.0.0", True),
        ("~> 1.2.0", "1.3.0", True),
        ("~> 1", "3.0.0", False),
        (">= 1.0, < 2.0", "1.9.0", False),
        (">= 1.0, < 2.0", "2.0.0", True),
        ("> 1.0, != 1.2.0", "1.2.0", True),
        ("<= 1.2", "1.2.0", False),
        ("1.3.0-beta", "1.3.0-beta", False),
        ("latest", "1.2.0", False),
    ],
)
def test_versions(admits: str, version: str, outdated: bool) -> None:
    assert Fetched(Path(), "a/b/c", version).is_outdated("a/b/c", admits) is outdated


@pytest.mark.parametrize(
    ("source", "version", "verdict"),
    [
        ("acme/gd/aws", '  version = "1.2.0"\n', Status.PASS),
        ("acme/gd/aws", '  version = "~> 1.0"\n', Status.PASS),
        ("acme/gd/aws", "", Status.PASS),
        ("acme/gd/aws", '  version = "2.0.0"\n', Status.UNDETERMINED),
        ("other/gd/aws", '  version = "1.2.0"\n', Status.UNDETERMINED),
    ],
)
def test_what_lies_there_from_before_is_not_what_will_be_built(
    tmp_path: Path, source: str, version: str, verdict: Status
) -> None:
    record = [{"Key": "g", "Source": f"{HOST}/acme/gd/aws", "Version": "1.2.0", "Dir": ".terraform/modules/g"}]
    files = {
        "main.tf": ROOT.replace("SOURCE", source).replace("VERSION", version),
        ".terraform/modules/modules.json": json.dumps({"Modules": record}),
        ".terraform/modules/g/main.tf": DETECTOR,
    }
    found = row(tmp_path, files, "detector-enabled", "us-east-1")
    assert found.verdict is verdict
    assert verdict is Status.PASS or "is not what terraform fetched before: run terraform get" in found.reason
