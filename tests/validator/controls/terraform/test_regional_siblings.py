"""module-providers and regional-siblings, from real source: only the source tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from guardline.validator.report import Row
from guardline.validator.run import Request, run
from tests.support.plans import change, plan, provider, resource
from tests.support.source_trees import write

REGIONS = ("eu-west-1", "us-east-1", "us-west-2", "ap-south-1", "sa-east-1")


def judged(source: Path, control: str, regions: Sequence[str] = REGIONS, source_dir: Path | None = None) -> list[Row]:
    request = Request(
        (str(source),), date(2026, 11, 25), regions=",".join(regions), controls=frozenset({control}),
        source_dir=source_dir,
    )  # fmt: skip
    return list(run(request, datetime(2026, 11, 25, tzinfo=UTC)).rows)


# -- module-providers ------------------------------------------------------------------------------------------------

CALLS = 'provider "aws" {\n  region = "eu-west-1"\n}\nmodule "a" {\n  source = "./a"\n}\n'
INNER = 'module "b" {\n  source = "../b"\n}\n'


@pytest.mark.parametrize(
    ("of_b", "verdict"),
    [
        ('resource "aws_vpc" "v" {}\n', "pass"),
        ('\n\nprovider "aws" {\n  region = "us-east-1"\n}\n', "fail"),
        ('\n\nprovider "aws" {\n  assume_role {\n    role_arn = "x"\n  }\n}\n', "fail"),
        ('provider "aws" {\n  alias = "west"\n}\n', "pass"),
        ('provider "aws" {\n  version = "~> 5.0"\n}\n', "pass"),
    ],
)
def test_a_called_module_with_a_provider_of_its_own(of_b: str, verdict: str, tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": CALLS, "a/main.tf": INNER, "b/main.tf": of_b})
    (row,) = judged(tmp_path, "module-providers")
    assert (row.verdict.value, row.region, row.subject) == (verdict, None, None)
    if verdict == "fail":
        (origin,) = row.evidence
        assert (origin.address, origin.file, origin.line) == ("module.a.module.b", "b/main.tf", 3)
        assert origin.calls == (("a/main.tf", 1), ("main.tf", 4))


def test_what_terraform_then_refuses_is_said(tmp_path: Path) -> None:
    calls = CALLS.replace('source = "./a"', 'source = "./a"\n  depends_on = [aws_vpc.v]')
    write(tmp_path, {"main.tf": calls, "a/main.tf": 'provider "aws" {\n  region = "us-east-1"\n}\n'})
    (row,) = judged(tmp_path, "module-providers")
    assert row.reason == (
        "module.a configures provider aws itself; Terraform refuses depends_on on the call of module.a"
    )


def test_a_root_that_calls_nothing_is_not_asked(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": 'provider "aws" {\n  region = "eu-west-1"\n}\n'})
    assert judged(tmp_path, "module-providers") == []


# -- regional-siblings -----------------------------------------------------------------------------------------------


def aliases(regions: Sequence[str], call: str) -> str:
    """A provider and a call per region."""
    return "".join(
        f'provider "aws" {{\n  alias  = "{name}"\n  region = "{region}"\n}}\n{call.format(name=name)}'
        for region in regions
        if (name := region.replace("-", "_"))
    )


MODULE = 'module "ebs_{name}" {{\n  source    = "./ebs"\n  providers = {{ aws = aws.{name} }}\n}}\n'
RESOURCE = 'resource "aws_ebs_encryption_by_default" "{name}" {{\n  provider = aws.{name}\n}}\n'
EBS = {"ebs/main.tf": 'resource "aws_ebs_encryption_by_default" "this" {}\n'}
FOR_EACH = """
locals {
  regions = %s
}
module "ebs" {
  source   = "./ebs"
  for_each = toset(local.regions)
  region   = each.key
}
"""
BY_REGION = {
    "ebs/main.tf": 'variable "region" {}\nresource "aws_ebs_encryption_by_default" "this" {\n  region = var.region\n}\n'
}


@pytest.mark.parametrize("left_out", [0, 1, 2])
@pytest.mark.parametrize("kind", ["modules", "resources", "for_each"])
def test_a_region_that_was_left_out(kind: str, left_out: int, tmp_path: Path) -> None:
    regions = REGIONS[: len(REGIONS) - left_out]
    files = {
        "modules": {"main.tf": aliases(regions, MODULE), **EBS},
        "resources": {"main.tf": aliases(regions, RESOURCE)},
        "for_each": {"main.tf": FOR_EACH % str(list(regions)).replace("'", '"'), **BY_REGION},
    }[kind]
    write(tmp_path, files)
    (row,) = judged(tmp_path, "regional-siblings")
    assert row.verdict == ("fail" if left_out else "pass")
    assert row.subject == ("aws_ebs_encryption_by_default" if kind == "resources" else "ebs")
    assert all(region in row.reason for region in REGIONS[len(regions) :])
    assert not any(region in row.reason for region in regions)
    (origin,) = row.evidence
    if kind == "for_each":
        assert (origin.address, origin.line) == ("local.regions", 3)
    else:
        last = [line for line, text in enumerate(files["main.tf"].splitlines(), 1) if text[:4] in ("modu", "reso")][-1]
        assert (origin.file, origin.line) == ("main.tf", last)


def test_what_few_regions_have_is_not_meant_for_all(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": aliases(REGIONS[:2], MODULE), **EBS})
    assert judged(tmp_path, "regional-siblings") == []


def test_what_region_consistency_compares_is_left_to_it(tmp_path: Path) -> None:
    detector = {"ebs/main.tf": EBS["ebs/main.tf"] + 'resource "aws_guardduty_detector" "d" {}\n'}
    write(tmp_path, {"main.tf": aliases(REGIONS[:4], MODULE), **detector})
    assert judged(tmp_path, "regional-siblings") == []
    assert [row.region for row in judged(tmp_path, "region-consistency") if row.verdict == "fail"] == ["sa-east-1"]


def test_a_call_whose_region_is_not_told(tmp_path: Path) -> None:
    unknown = 'variable "r" {}\nprovider "aws" {\n  alias = "x"\n  region = var.r\n}\n' + MODULE.format(name="x")
    write(tmp_path, {"main.tf": aliases(REGIONS[:4], MODULE) + unknown, **EBS})
    (row,) = judged(tmp_path, "regional-siblings")
    assert row.verdict == "undetermined"
    assert "var.r has no value" in row.reason


def test_a_plan_with_its_own_source_tells_it_too(tmp_path: Path) -> None:
    source = write(tmp_path / "source", {"main.tf": aliases(REGIONS[:4], RESOURCE) + CALLS, "a/main.tf": ""})
    providers = {
        "aws": provider(),
        **{f"aws.{region.replace('-', '_')}": {**provider(region), "alias": region.replace("-", "_")}
           for region in REGIONS[:4]},
    }  # fmt: skip
    made = [change("aws_vpc.v", {}, {"id": True})]
    (tmp_path / "plan.json").write_bytes(plan(made, [resource("aws_vpc", "v")], providers))
    (row,) = judged(tmp_path / "plan.json", "regional-siblings", source_dir=source)
    assert (row.verdict.value, "sa-east-1" in row.reason) == ("fail", True)
    (row,) = judged(tmp_path / "plan.json", "module-providers", source_dir=source)
    assert row.verdict == "pass"
    assert judged(tmp_path / "plan.json", "module-providers") == []
