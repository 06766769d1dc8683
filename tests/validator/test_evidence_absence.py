"""What is not there has a line too: the list it is missing from, the last of its kind, or the spec's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from guardline.validator.control import Status
from guardline.validator.model.resource import Origin
from guardline.validator.report import Row
from guardline.validator.run import Request, run
from tests.support.source_trees import write

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
DETECTOR = 'resource "aws_guardduty_detector" "d" {\n}\n'
FAN = """
provider "aws" { region = "eu-west-1" }
locals {
  everywhere = concat(local.regions, var.more)
  regions    = ["eu-west-1", "us-east-1"] # <--
}
variable "more" { default = [] }
module "regional" {
  source   = "./regional"
  for_each = toset(local.everywhere)
  region   = each.key
}
"""
REGIONAL = {
    "regional/main.tf": 'variable "region" {}\nresource "aws_guardduty_detector" "d" {\n  region = var.region\n}\n'
}
ALIASES = """
provider "aws" { region = "eu-west-1" }
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
module "eu" { source = "./regional" }
module "us" { # <--
  source    = "./regional"
  providers = { aws = aws.us }
}
"""


def line_of(mark: str, text: str) -> int:
    (found,) = (number for number, line in enumerate(text.splitlines(), 1) if mark in line)
    return found


def rows(root: Path, files: dict[str, str], control: str = "detector-enabled", spec: Path | None = None) -> list[Row]:
    write(root, files)
    request = Request((str(root),), date(2026, 11, 25), spec=spec, controls=frozenset({control}), whole=True)
    return list(run(request, datetime(2026, 11, 25, tzinfo=UTC)).rows)


def absence(root: Path, files: dict[str, str], control: str, region: str | None) -> Origin:
    (row,) = (row for row in rows(root, files, control) if row.region == region)
    assert row.verdict is Status.FAIL
    (origin,) = row.evidence
    assert origin.absent
    return origin


def test_a_region_is_missing_from_the_list_that_the_others_come_from(tmp_path: Path) -> None:
    origin = absence(tmp_path, {"main.tf": FAN, **REGIONAL}, "detector-enabled", "sa-east-1")
    assert (origin.address, origin.file, origin.line) == ("local.regions", "main.tf", line_of("<--", FAN))


@pytest.mark.parametrize("file", ["terraform.tfvars", "variables.tf"])
def test_the_list_may_be_a_variable(file: str, tmp_path: Path) -> None:
    main = FAN.replace('["eu-west-1", "us-east-1"]', "var.regions")
    declared = 'variable "regions" {\n  default = %s\n}\n'
    regions = '["eu-west-1", "us-east-1"]'
    given = {
        "terraform.tfvars": {"variables.tf": declared % "[]", "terraform.tfvars": f"\n\nregions = {regions}\n"},
        "variables.tf": {"variables.tf": declared % regions},
    }[file]
    origin = absence(tmp_path, {"main.tf": main, **given, **REGIONAL}, "detector-enabled", "sa-east-1")
    assert (origin.address, origin.line) == ("var.regions", 3 if file == "terraform.tfvars" else 2)
    assert origin.file is not None
    assert origin.file.endswith(file)


def test_a_list_that_is_made_is_told_by_its_for_each(tmp_path: Path) -> None:
    main = FAN.replace('["eu-west-1", "us-east-1"]', 'jsondecode(file("r.json"))')
    files = {"main.tf": main, "r.json": '["eu-west-1", "us-east-1"]', **REGIONAL}
    origin = absence(tmp_path, files, "detector-enabled", "sa-east-1")
    assert (origin.address, origin.line) == ("module.regional", 10)


def test_a_list_of_resources_needs_no_module(tmp_path: Path) -> None:
    main = FAN[: FAN.index("module")] + (
        'resource "aws_guardduty_detector" "d" {\n  for_each = toset(local.everywhere)\n  region = each.key\n}\n'
    )
    origin = absence(tmp_path, {"main.tf": main}, "detector-enabled", "sa-east-1")
    assert (origin.address, origin.line) == ("local.regions", line_of("<--", FAN))


def test_a_region_without_a_call_is_missing_from_its_provider_and_not_from_another_regions_call(tmp_path: Path) -> None:
    main = ALIASES[: ALIASES.index('module "us"')]
    origin = absence(tmp_path, {"main.tf": main, "regional/main.tf": DETECTOR}, "detector-enabled", "us-east-1")
    assert (origin.address, origin.line) == ("provider.aws.us", 5)


def test_a_region_without_a_provider_is_missing_from_the_root(tmp_path: Path) -> None:
    files = {"main.tf": ALIASES, "regional/main.tf": DETECTOR}
    origin = absence(tmp_path, files, "detector-enabled", "sa-east-1")
    assert (origin.address, origin.line) == ("provider.aws", 2)


OPTIONAL = 'variable "on" {}\nresource "aws_guardduty_detector" "d" {\n  count = var.on ? 1 : 0\n}\n'


@pytest.mark.parametrize(
    ("inner", "on", "mark"),
    [
        (OPTIONAL, "on = false # here", "# here"),
        (OPTIONAL.replace("var.on ?", "local.on ?") + "locals {\n  on = var.on\n}\n", "on = false # here", "# here"),
    ],
)
def test_what_leaves_a_region_out_is_the_argument_of_its_own_call(
    inner: str, on: str, mark: str, tmp_path: Path
) -> None:
    main = ALIASES.replace('"./regional" }', '"./regional"\n  on = true\n}').replace("# <--", f"\n  {on}")
    origin = absence(tmp_path, {"main.tf": main, "regional/main.tf": inner}, "detector-enabled", "us-east-1")
    assert (origin.address, origin.file, origin.line) == ("module.us", "main.tf", line_of(mark, main))


def test_what_leaves_a_region_out_may_be_the_resource_itself(tmp_path: Path) -> None:
    inner = DETECTOR.replace("{\n", "{\n  count = 0\n")
    origin = absence(tmp_path, {"main.tf": ALIASES, "regional/main.tf": inner}, "detector-enabled", "us-east-1")
    assert (origin.address, origin.line) == ("module.us.aws_guardduty_detector.d", 2)


@pytest.mark.parametrize("none", ["count = 0", "for_each = toset([])", "count = var.on ? 1 : 0"])
def test_what_leaves_a_region_out_may_be_a_call_that_makes_no_instance(none: str, tmp_path: Path) -> None:
    main = ALIASES.replace("# <--", f"\n  {none}") + 'variable "on" {\n  default = false # off\n}\n'
    files = {"main.tf": main, "regional/main.tf": DETECTOR}
    origin = absence(tmp_path, files, "detector-enabled", "us-east-1")
    assert origin.line == line_of("# off" if "var" in none else none, main)
    files = {
        "main.tf": main,
        "regional/main.tf": 'module "inner" {\n  source = "../inner"\n}\n',
        "inner/main.tf": DETECTOR,
    }
    assert absence(tmp_path, files, "detector-enabled", "us-east-1").line == origin.line


def test_what_is_nowhere_is_missing_from_the_provider(tmp_path: Path) -> None:
    files = {"main.tf": ALIASES, "regional/main.tf": 'resource "aws_vpc" "v" {\n}\n'}
    assert absence(tmp_path, files, "detector-enabled", "us-east-1").line == 5
    (row,) = rows(tmp_path, files, "trail-multi-region")  # a trail has no region: no provider's line is its own
    assert (row.verdict, row.evidence) == (Status.FAIL, ())


def test_with_a_spec_its_line_is_the_last_resort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    spec = tmp_path / "guardline.yaml"
    spec.write_text(
        "version: 1\nname: demo\nhome_region: eu-west-1\ncontacts: {owner: a@example.com}\n"
        'account: {id: "111122223333"}\nregions: {not_opted_in: rest}\ntrusted_ips:\n  file: ips.txt\n',
        encoding="utf-8",
    )
    (tmp_path / "ips.txt").write_text("8.8.8.8\n", encoding="utf-8")
    for control, line in (("trusted-ip-list", 7), ("detector-enabled", 6)):
        found = rows(tmp_path, {"main.tf": PROVIDER}, control, spec)
        (origin,) = found[0].evidence
        assert (found[0].verdict, origin.file, origin.line) == (Status.FAIL, "guardline.yaml", line)


def test_what_hides_things_is_shown(tmp_path: Path) -> None:
    """Undetermined because of a part that is not at hand: the line is that part's."""
    gone = PROVIDER + 'module "gone" {\n  source = "x/y/aws"\n}\n'
    (row,) = (row for row in rows(tmp_path, {"main.tf": gone}) if row.region == "us-east-1")
    assert (row.verdict, row.evidence[0].address, row.evidence[0].line) == (Status.UNDETERMINED, "module.gone", 4)
    for_each = PROVIDER + (
        'data "aws_regions" "all" {}\nresource "aws_guardduty_detector" "d" {\n'
        "  for_each = toset(data.aws_regions.all.names)\n  region = each.key\n}\n"
    )
    (row,) = (row for row in rows(tmp_path, {"main.tf": for_each}) if row.region == "us-east-1")
    assert (row.verdict, row.evidence[0].line) == (Status.UNDETERMINED, 6)


@pytest.mark.parametrize("spec", [True, False])
def test_every_fail_has_a_line(spec: bool, tmp_path: Path) -> None:
    """From the source, and whether or not there is a spec, nothing fails without a place to look."""
    write(tmp_path, {"main.tf": ALIASES, "regional/main.tf": 'resource "aws_vpc" "v" {\n}\n'})
    file = tmp_path / "guardline.yaml"
    file.write_text(
        "version: 1\nname: demo\nhome_region: eu-west-1\ncontacts: {owner: a@example.com}\n"
        'account: {id: "111122223333"}\nregions: {not_opted_in: rest}\n',
        encoding="utf-8",
    )
    request = Request((str(tmp_path),), date(2026, 11, 25), spec=file if spec else None)
    found = run(request, datetime(2026, 11, 25, tzinfo=UTC)).rows
    failed = [row for row in found if row.verdict in (Status.FAIL, Status.UNDETERMINED)]
    assert len(failed) > 100
    lineless = {row.control for row in failed if not row.evidence or not row.evidence[0].line}
    # Without a spec, nothing says where the trail of an account would be written.
    assert lineless == (set() if spec else {control for control in lineless if control.startswith("trail-")})
    assert spec or "trail-multi-region" in lineless


def test_of_several_roots_the_one_that_has_the_list_is_shown(tmp_path: Path) -> None:
    write(tmp_path / "net", {"main.tf": PROVIDER + 'resource "aws_vpc" "v" {\n}\n'})
    write(tmp_path / "guard", {"main.tf": FAN, **REGIONAL})
    request = Request((str(tmp_path / "net"), str(tmp_path / "guard")), date(2026, 11, 25))
    found = run(request, datetime(2026, 11, 25, tzinfo=UTC)).rows
    (row,) = (row for row in found if row.control == "detector-enabled" and row.region == "sa-east-1")
    assert (row.verdict, row.evidence[0].address) == (Status.FAIL, "local.regions")
