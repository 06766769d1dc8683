"""A practice that another team looks after: what is not seen passes on the declaration, a fault that is seen fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.validator.report import Row
from tests.support.judging import rows

SPEC = """\
version: 1
name: reviewed
home_region: eu-west-1
contacts: {owner: security@example.com}
regions: {not_opted_in: rest}
account: {id: "111122223333"}
dns_logs: {mode: reference, arn: "arn:aws:s3:::queries", owner: network}
flow_logs: {mode: reference, arn: "arn:aws:s3:::flows", owner: network}
access: {mode: reference, owner: identity, administrators: [admins]}
"""
PROVIDER = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
"""
VPC = """
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}
"""
RESOLVER = """
resource "aws_vpc_dhcp_options" "o" {
  domain_name_servers = ["SERVER"]
}
resource "aws_vpc_dhcp_options_association" "a" {
  vpc_id          = aws_vpc.v.id
  dhcp_options_id = aws_vpc_dhcp_options.o.id
}
"""
UNKNOWN = RESOLVER.replace('["SERVER"]', "[var.s]") + 'variable "s" {}'
LOG = """
resource "aws_flow_log" "f" {
  vpc_id       = aws_vpc.v.id
  traffic_type = "REJECT"
}
"""
QUERY_LOG = """
resource "aws_route53_resolver_query_log_config_association" "q" {
  provider                     = aws.us
  resource_id                  = aws_vpc.v.id
  resolver_query_log_config_id = "rqlc-1"
}
provider "aws" {
  alias               = "us"
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}
"""
SUBNETS = """
resource "aws_subnet" "s" {
  vpc_id = aws_vpc.v.id
}
"""
POLICY = """
resource "aws_iam_policy" "p" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "ACTION", Resource = "*" }] })
}
"""
SCOPED = SPEC.replace("owner: network}\naccess", "owner: network, scope: subnets}\naccess")


def of_subjects(tmp_path: Path, text: str, control: str, spec: str = SPEC) -> list[Row]:
    (tmp_path / "guardline.yaml").write_text(spec)
    found = rows(tmp_path / "root", PROVIDER + text, control, spec=tmp_path / "guardline.yaml", cache=False)
    return [row for row in found if row.subject is not None]


@pytest.mark.parametrize(
    ("control", "text", "verdict", "says"),
    [
        ("dns-resolver", VPC + RESOLVER.replace("SERVER", "8.8.8.8"), "fail", "8.8.8.8"),
        ("dns-resolver", VPC + RESOLVER.replace("SERVER", "AmazonProvidedDNS"), "pass", "keep the Amazon resolver"),
        ("dns-resolver", VPC.replace("}", "  enable_dns_support = false\n}"), "fail", "enable_dns_support"),
        ("dns-resolver", VPC + UNKNOWN, "pass", "declared, not seen"),
        ("dns-query-logs", VPC, "pass", "declared, not seen"),
        ("dns-query-logs", VPC + QUERY_LOG, "fail", "planned for us-east-1"),
        ("vpc-flow-logs", VPC + LOG, "fail", "REJECT traffic only"),
        ("vpc-flow-logs", VPC + LOG.replace("REJECT", "ALL"), "pass", "records ALL"),
        ("vpc-flow-logs", VPC, "pass", "declared, not seen"),
        ("vpc-flow-logs", VPC + SUBNETS, "pass", "declared, not seen"),
        ("access-least-privilege", POLICY.replace("ACTION", "guardduty:*"), "fail", "grants guardduty:*"),
        ("access-least-privilege", POLICY.replace("ACTION", "guardduty:Get*"), "pass", "no wildcard"),
    ],
)  # fmt: skip
def test_a_fault_that_is_seen_outweighs_the_declaration(
    tmp_path: Path, control: str, text: str, verdict: str, says: str
) -> None:
    (row,) = of_subjects(tmp_path, text, control)
    assert (row.verdict.value, says in row.reason) == (verdict, True), row.reason


def test_subnets_without_a_log_may_have_that_of_others(tmp_path: Path) -> None:
    (row,) = of_subjects(tmp_path, VPC + SUBNETS, "vpc-flow-logs", SCOPED)
    assert (row.verdict.value, "declared, not seen" in row.reason) == ("pass", True)
