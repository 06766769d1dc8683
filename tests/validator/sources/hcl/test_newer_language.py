"""Terraform 1.15 and OpenTofu: what is known of them is read, and the rest is named and undetermined."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.validator.control import Status
from guardline.validator.sources.hcl.config import load
from guardline.validator.sources.hcl.variables import Inputs
from tests.support.judging import report, row
from tests.support.source_trees import write

PROVIDER = 'provider "aws" {\n  region = "us-east-1"\n}\n'
DETECTOR = 'resource "aws_guardduty_detector" "d" {\n  enable = true\n}\n'
CONST = 'variable "where" {\n  type = string\n  const = true\n  default = "./mod"\n}\n'


def detector(tmp_path: Path, files: dict[str, str] | str) -> Status:
    return row(tmp_path, files, "detector-enabled", "us-east-1").verdict


@pytest.mark.parametrize(
    "source",
    [
        "var.where",
        '"${var.where}"',
        "local.where",
        'var.where == "./mod" ? "./mod" : null',
        'convert("./mod", string)',
    ],
)
def test_a_source_of_const_variables_and_locals(tmp_path: Path, source: str) -> None:
    main = PROVIDER + CONST + 'locals {\n  where = "./${basename(var.where)}"\n}\n'
    main += f'module "m" {{\n  source = {source}\n}}\n'
    assert detector(tmp_path, {"main.tf": main, "mod/main.tf": DETECTOR}) is Status.PASS


def test_a_const_variable_is_passed_on_to_a_module(tmp_path: Path) -> None:
    files = {
        "main.tf": PROVIDER + 'module "outer" {\n  source = "./outer"\n  where = "../mod"\n}\n',
        "outer/main.tf": CONST + 'module "inner" {\n  source = var.where\n}\n',
        "mod/main.tf": DETECTOR,
    }
    assert detector(tmp_path, files) is Status.PASS


def test_the_value_given_is_the_source(tmp_path: Path) -> None:
    root = write(tmp_path, {"main.tf": CONST + 'module "m" {\n  source = var.where\n}\n', "other/main.tf": DETECTOR})
    found = load(root, inputs=Inputs(values={"where": "./other"}))
    assert [module.folder.name for module in found.modules.values()] == [root.name, "other"]


def test_an_unknown_source_is_named_and_undetermined(tmp_path: Path) -> None:
    main = PROVIDER + 'variable "where" {}\nmodule "m" {\n  source = var.where\n}\n'
    found = row(tmp_path, main, "detector-enabled", "us-east-1")
    assert found.verdict is Status.UNDETERMINED
    assert "module.m: its source is unknown: var.where has no value" in found.reason


def test_an_unknown_source_is_read_where_init_recorded_it(tmp_path: Path) -> None:
    record = '{"Modules": [{"Key": "m", "Source": "./mod", "Dir": "mod"}]}'
    files = {
        "main.tf": PROVIDER + 'variable "where" {}\nmodule "m" {\n  source = var.where\n}\n',
        ".terraform/modules/modules.json": record,
        "mod/main.tf": DETECTOR,
    }
    assert detector(tmp_path, files) is Status.PASS


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [
        ('convert("true", bool)', Status.PASS),
        ('convert("false", bool)', Status.FAIL),
        ('contains(convert(["a"], set(string)), "a")', Status.PASS),
        ('convert({ on = "true" }, object({ on = bool, more = optional(string, "x") })).on', Status.PASS),
        ("convert(aws_vpc.v.id, string) != null", Status.UNDETERMINED),
        ("try(convert([], bool), false)", Status.FAIL),
    ],
)
def test_convert(tmp_path: Path, expression: str, verdict: Status) -> None:
    vpc = 'resource "aws_vpc" "v" {\n  cidr_block = "10.0.0.0/16"\n}\n'
    main = PROVIDER + vpc + DETECTOR.replace("true", expression)
    assert detector(tmp_path, main) is verdict


@pytest.mark.parametrize(
    ("lifecycle", "verdict"),
    [
        ("enabled = true", Status.PASS),
        ("enabled = false", Status.FAIL),
        ("enabled = var.on", Status.UNDETERMINED),
        ("prevent_destroy = true", Status.PASS),
        ("resurrected = true", Status.UNDETERMINED),
    ],
)
def test_the_lifecycle_says_whether_there_is_one(tmp_path: Path, lifecycle: str, verdict: Status) -> None:
    block = f"  lifecycle {{\n    {lifecycle}\n  }}\n}}\n"
    of_resource = PROVIDER + 'variable "on" {}\n' + DETECTOR.removesuffix("}\n") + block
    of_module = PROVIDER + 'variable "on" {}\nmodule "m" {\n  source = "./mod"\n' + block
    assert detector(tmp_path / "resource", of_resource) is verdict
    assert detector(tmp_path / "module", {"main.tf": of_module, "mod/main.tf": DETECTOR}) is verdict


def test_what_is_not_enabled_is_null(tmp_path: Path) -> None:
    off = 'resource "aws_vpc" "v" {\n  cidr_block = "10.0.0.0/16"\n  lifecycle {\n    enabled = false\n  }\n}\n'
    assert detector(tmp_path, PROVIDER + off + DETECTOR.replace("true", "aws_vpc.v == null")) is Status.PASS


@pytest.mark.parametrize("inner", ["", "edition = tofu2027", "experiments = [a]"])
def test_another_language_is_named_and_nothing_is_claimed(tmp_path: Path, inner: str) -> None:
    found = report(tmp_path, PROVIDER + DETECTOR + f"language {{\n  {inner}\n}}\n", regions="us-east-1")
    assert not [each for each in found.rows if each.verdict in (Status.PASS, Status.FAIL)]
    (reason,) = {each.reason for each in found.rows if each.control == "detector-enabled"}
    assert "the language block" in reason
    assert "main.tf:7" in reason


def test_a_language_block_of_compatible_versions_changes_nothing(tmp_path: Path) -> None:
    language = 'language {\n  compatible_with {\n    opentofu = ">= 1.12"\n  }\n}\n'
    assert detector(tmp_path, PROVIDER + DETECTOR + language) is Status.PASS


@pytest.mark.parametrize(("edition", "verdict"), [("TF2021", Status.PASS), ("TF2030", Status.UNDETERMINED)])
def test_the_edition_that_terraform_names(tmp_path: Path, edition: str, verdict: Status) -> None:
    text = PROVIDER + DETECTOR + f"terraform {{\n  language = {edition}\n}}\n"
    found = row(tmp_path / "hcl", text, "detector-enabled", "us-east-1")
    assert found.verdict is verdict
    assert verdict is Status.PASS or "the edition of the language in" in found.reason
    files = {"main.tf": PROVIDER + DETECTOR, "terraform.tf.json": f'{{"terraform": {{"language": "{edition}"}}}}'}
    assert detector(tmp_path / "json", files) is verdict


def test_import_blocks_in_modules_are_read(tmp_path: Path) -> None:
    imported = 'import {\n  to = aws_guardduty_detector.d\n  id = "12abc34d567e8fa901bc2d34e56789f0"\n}\n'
    files = {"main.tf": PROVIDER + 'module "m" {\n  source = "./mod"\n}\n', "mod/main.tf": DETECTOR + imported}
    assert detector(tmp_path, files) is Status.PASS
