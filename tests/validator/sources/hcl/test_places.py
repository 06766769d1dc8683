"""Which account and region a resource works in: its provider, followed through modules."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.validator.model.guardduty import Detector
from tests.support.source_trees import by_address, estate


def test_providers_through_modules(tmp_path: Path) -> None:
    """Default inheritance, passed aliases, renamed ones, for_each (OpenTofu), and a resource's own region."""
    found = estate(
        tmp_path,
        {
            "main.tf": """
locals { regions = { w = "eu-west-1", s = "ap-south-1" } }
provider "aws" { region = "us-east-1" }
provider "aws" {
  alias  = "west"
  region = local.regions.w
}
provider "aws" {
  alias    = "by"
  for_each = local.regions
  region   = each.value
}
module "inherits" {
  source = "./m"
}
module "passed" {
  source    = "./m"
  providers = { aws = aws.west }
}
module "each" {
  source    = "./m"
  for_each  = local.regions
  providers = { aws = aws.by[each.key] }
}
resource "aws_guardduty_detector" "own" {
  for_each = toset(["eu-north-1", "eu-west-3"])
  region   = each.key
}
resource "aws_guardduty_detector" "lost" {
  provider = aws.nowhere
}
""",
            "m/main.tf": 'module "inner" {\n  source = "../inner"\n  providers = { aws.second = aws }\n}\n',
            "inner/main.tf": 'resource "aws_guardduty_detector" "d" {\n  provider = aws.second\n}\n',
        },
    )
    places = {address: detector.location.region for address, detector in by_address(found, Detector).items()}
    regions = {address: region.known_or(region.reason or "") for address, region in places.items()}
    assert regions == {
        "module.inherits.module.inner.aws_guardduty_detector.d": "us-east-1",
        "module.passed.module.inner.aws_guardduty_detector.d": "eu-west-1",
        'module.each["w"].module.inner.aws_guardduty_detector.d': "eu-west-1",
        'module.each["s"].module.inner.aws_guardduty_detector.d': "ap-south-1",
        'aws_guardduty_detector.own["eu-north-1"]': "eu-north-1",
        'aws_guardduty_detector.own["eu-west-3"]': "eu-west-3",
        "aws_guardduty_detector.lost": "provider aws.nowhere is not configured",
    }


def test_accounts(tmp_path: Path) -> None:
    found = estate(
        tmp_path,
        """
provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}
provider "aws" {
  alias  = "audit"
  region = "us-east-1"
  assume_role { role_arn = "arn:aws:iam::444455556666:role/x" }
}
provider "aws" {
  alias   = "other"
  region  = "us-east-1"
  profile = "p"
}
resource "aws_guardduty_detector" "a" {}
resource "aws_guardduty_detector" "b" { provider = aws.audit }
resource "aws_guardduty_detector" "c" { provider = aws.other }
""",
    )
    assert [detector.location.account.id for detector in found.all(Detector)] == ["111122223333", "444455556666", None]
    assert [account.key for account in found.accounts] == ["-", "111122223333", "444455556666"]


def test_of_several_roles_the_last_one_is_the_account(tmp_path: Path) -> None:
    found = estate(
        tmp_path,
        """
variable "later" {}
provider "aws" {
  region = "us-east-1"
  assume_role { role_arn = "arn:aws:iam::111122223333:role/hop" }
}
provider "aws" {
  alias  = "chained"
  region = "us-east-1"
  assume_role { role_arn = "arn:aws:iam::111122223333:role/hop" }
  assume_role { role_arn = "arn:aws:iam::444455556666:role/last" }
}
provider "aws" {
  alias  = "later"
  region = "us-east-1"
  assume_role { role_arn = "arn:aws:iam::111122223333:role/hop" }
  assume_role { role_arn = var.later }
}
provider "aws" {
  alias  = "other"
  region = "us-east-1"
  assume_role { role_arn = "arn:aws:iam::444455556666:role/hop" }
  assume_role { role_arn = var.later }
}
resource "aws_guardduty_detector" "one" {}
resource "aws_guardduty_detector" "chained" { provider = aws.chained }
resource "aws_guardduty_detector" "later" { provider = aws.later }
resource "aws_guardduty_detector" "other" { provider = aws.other }
""",
    )
    accounts = {address: detector.location.account for address, detector in by_address(found, Detector).items()}
    ids = {address.rpartition(".")[2]: account.id for address, account in accounts.items()}
    assert ids == {"one": "111122223333", "chained": "444455556666", "later": None, "other": None}
    # Other roles before an unknown one are other credentials.
    assert len({account.key for account in accounts.values()}) == 4


def test_a_role_that_is_assumed_in_a_dynamic_block(tmp_path: Path) -> None:
    """Written only where an account is given: those that have none, or none known, are told apart."""
    found = estate(
        tmp_path,
        """
variable "audit" { default = "444455556666" }
variable "archive" { default = "" }
variable "later" {}
provider "aws" { region = "us-east-1" }
provider "aws" {
  alias  = "audit"
  region = "us-east-1"
  dynamic "assume_role" {
    for_each = var.audit == "" ? [] : [var.audit]
    content { role_arn = "arn:aws:iam::${assume_role.value}:role/x" }
  }
}
provider "aws" {
  alias  = "archive"
  region = "us-east-1"
  dynamic "assume_role" {
    for_each = var.archive == "" ? [] : [var.archive]
    content { role_arn = "arn:aws:iam::${assume_role.value}:role/x" }
  }
}
provider "aws" {
  alias  = "later"
  region = "us-east-1"
  dynamic "assume_role" {
    for_each = var.later == "" ? [] : [var.later]
    content { role_arn = "arn:aws:iam::${assume_role.value}:role/x" }
  }
}
resource "aws_guardduty_detector" "own" {}
resource "aws_guardduty_detector" "audit" { provider = aws.audit }
resource "aws_guardduty_detector" "archive" { provider = aws.archive }
resource "aws_guardduty_detector" "later" { provider = aws.later }
""",
    )
    keys = {address: detector.location.account.key for address, detector in by_address(found, Detector).items()}
    assert keys["aws_guardduty_detector.audit"] == "444455556666"
    assert keys["aws_guardduty_detector.own"] == keys["aws_guardduty_detector.archive"]
    assert keys["aws_guardduty_detector.later"] not in (keys["aws_guardduty_detector.own"], "444455556666")


@pytest.mark.parametrize("attribute", ["id", "name", "region"])
@pytest.mark.parametrize(
    ("argument", "region"),
    [
        ("", "eu-west-1"),
        ('name = "us-east-1"', "us-east-1"),
        ("name = null", "eu-west-1"),
        ("name = var.later", None),
        ('region = "us-east-1"', "us-east-1"),
        ("region = var.later", None),
        ('endpoint = "ec2.us-east-1.amazonaws.com"', None),
    ],
)
def test_a_data_source_may_name_another_region_than_its_provider(
    tmp_path: Path, attribute: str, argument: str, region: str | None
) -> None:
    found = estate(
        tmp_path,
        f"""
variable "later" {{}}
provider "aws" {{ region = "eu-west-1" }}
data "aws_region" "named" {{
  {argument}
}}
provider "aws" {{
  alias  = "named"
  region = data.aws_region.named.{attribute}
}}
resource "aws_guardduty_detector" "d" {{ provider = aws.named }}
""",
    )
    (detector,) = found.all(Detector)
    assert detector.location.region.known_or(None) == region
