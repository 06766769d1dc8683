"""The values of resources: their types, nested blocks, policies, and what is sensitive."""

from __future__ import annotations

from pathlib import Path

from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.ec2 import VpcInventory
from guardline.validator.model.guardduty import Detector, IpList
from guardline.validator.sources.hcl.config import load
from guardline.validator.sources.hcl.load import blocks
from tests.support.source_trees import by_address, estate, reading

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'


def test_dynamic_blocks_are_written_out(tmp_path: Path) -> None:
    found = estate(
        tmp_path,
        PROVIDER
        + """
resource "aws_guardduty_detector" "d" {}
resource "aws_guardduty_detector_feature" "f" {
  for_each    = { S3_DATA_EVENTS = [], RUNTIME_MONITORING = ["EKS_ADDON_MANAGEMENT", "EC2_AGENT_MANAGEMENT"] }
  detector_id = aws_guardduty_detector.d.id
  name        = each.key
  status      = "ENABLED"
  dynamic "additional_configuration" {
    for_each = each.value
    iterator = agent
    content {
      name   = agent.value
      status = agent.key == 0 ? "ENABLED" : "DISABLED"
    }
  }
}
""",
    )
    (detector,) = found.all(Detector)
    (runtime,) = detector.features["RUNTIME_MONITORING"]
    agents = {name: on.get() for name, on in runtime.agents.items()}
    assert agents == {"EKS_ADDON_MANAGEMENT": True, "EC2_AGENT_MANAGEMENT": False}
    assert detector.features["S3_DATA_EVENTS"][0].enabled.get()
    assert detector.features["S3_DATA_EVENTS"][0].origin.line == 6


def test_an_inventory_is_judged_by_its_arguments(tmp_path: Path) -> None:
    found = estate(
        tmp_path,
        """
provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}
data "aws_caller_identity" "me" {}
data "aws_vpcs" "own" {
  filter {
    name   = "owner-id"
    values = [data.aws_caller_identity.me.account_id]
  }
}
data "aws_vpcs" "some" {
  tags = { team = "x" }
}
""",
    )
    inventories = by_address(found, VpcInventory)
    assert inventories["data.aws_vpcs.own"].every_own.get() is True
    assert inventories["data.aws_vpcs.some"].every_own.get() is False
    assert not inventories["data.aws_vpcs.own"].ids.is_known


def test_values_have_the_providers_types(tmp_path: Path) -> None:
    found = estate(
        tmp_path,
        PROVIDER
        + """
resource "aws_cloudtrail" "t" {
  name                          = 7
  s3_bucket_name                = aws_s3_bucket.b.id
  is_multi_region_trail         = "true"
  enable_logging                = var.on
  include_global_service_events = "perhaps"
  kms_key_id                    = aws_kms_key.k.arn
}
variable "on" { default = "false" }
resource "aws_s3_bucket" "b" { bucket = "logs" }
resource "aws_kms_key" "k" {}
""",
    )
    (trail,) = found.all(Trail)
    assert (trail.name.get(), trail.multi_region.get(), trail.logging.get()) == ("7", True, False)
    assert "true or false is required" in (trail.global_events.reason or "")
    assert trail.encrypted.get() is True
    assert trail.bucket.get().address == "aws_s3_bucket.b"


def test_an_ip_list_with_its_text(tmp_path: Path) -> None:
    found = estate(
        tmp_path,
        {
            "main.tf": PROVIDER
            + """
resource "aws_guardduty_detector" "d" {}
resource "aws_s3_object" "list" {
  bucket  = "lists"
  key     = "trusted.txt"
  content = file("${path.module}/trusted.txt")
}
resource "aws_guardduty_ipset" "trusted" {
  activate    = true
  detector_id = aws_guardduty_detector.d.id
  format      = "TXT"
  location    = "https://s3.amazonaws.com/${aws_s3_object.list.bucket}/${aws_s3_object.list.key}"
  name        = "trusted"
}
""",
            "trusted.txt": "192.0.2.0/24\n",
        },
    )
    (ip_list,) = found.all(IpList)
    assert ip_list.content.get() == "192.0.2.0/24\n"
    assert ip_list.detector.get().address == "aws_guardduty_detector.d"


def test_policies_are_text(tmp_path: Path) -> None:
    found = reading(
        tmp_path,
        {
            "main.tf": PROVIDER
            + """
data "aws_partition" "p" {}
data "aws_region" "r" {}
data "aws_iam_policy_document" "d" {
  statement {
    sid       = "Read"
    actions   = ["guardduty:Get*"]
    resources = ["arn:${data.aws_partition.p.partition}:guardduty:${data.aws_region.r.name}::*"]
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["true"]
    }
  }
}
data "aws_iam_policy_document" "unknown" {
  statement {
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.b.arn]
  }
}
resource "aws_s3_bucket" "b" {}
resource "aws_iam_policy" "made" { policy = data.aws_iam_policy_document.d.json }
resource "aws_iam_policy" "written" { policy = jsonencode({ Statement = [] }) }
resource "aws_iam_policy" "unknown" { policy = data.aws_iam_policy_document.unknown.json }
"""
        },
    )
    assert not found.errors
    read = blocks(load(tmp_path), {"aws_iam_policy"}).blocks
    policies = {block.name: block.tree.text("policy") for block in read.of("aws_iam_policy")}
    assert policies["written"].get() == '{"Statement":[]}'
    made = policies["made"].get() or ""
    assert '"Resource": "arn:aws:guardduty:eu-west-1::*"' in made
    assert '"aws:SecureTransport": "true"' in made
    assert "aws_s3_bucket.b.arn is known only after apply" in (policies["unknown"].reason or "")


def test_sensitive_values_show_themselves_nowhere(tmp_path: Path) -> None:
    found = reading(
        tmp_path,
        PROVIDER + 'variable "s" {\n  default = "hunter2"\n  sensitive = true\n}\n'
        'resource "aws_vpc" "v" {\n  cidr_block = upper("x${var.s}")\n}\n',
    ).blocks
    (vpc,) = found.of("aws_vpc")
    text = vpc.tree.text("cidr_block").get()
    assert text == "XHUNTER2"
    assert f"{text} {text!r}" == "(sensitive) (sensitive)"
