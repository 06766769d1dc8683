"""Specs for the generator's tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.spec import catalogue

COVERED = ("eu-south-1", "eu-west-1", "us-east-1")
SPEC = """\
version: 1
name: golden
home_region: eu-west-1
contacts: {{owner: security@example.com}}
terraform:
  aws_provider: {provider}
  backend:
    s3: {{bucket: golden-state, key: guardline/golden, region: eu-west-1}}
  provider:
    assume_role: {{role_arn: "arn:aws:iam::111122223333:role/terraform", external_id: golden}}
    default_tags: {{owner: security, note: "a ${{literal}} %{{text}} with \\"quotes\\"\\nand a second line"}}
regions:
  opted_in: [eu-south-1]
  not_opted_in: rest
  retiring: [{{region: sa-east-1, mode: {retiring}}}]
  exclude:
{excluded}
account: {{id: "111122223333"}}
guardduty:
  features:
    lambda_network_logs: false
    runtime_monitoring: {{eks_addon: true, ecs_fargate_agent: false, ec2_agent: true}}
  disable_legacy_eks_runtime: true
  export: {{bucket: golden-findings, retention_days: 400}}
flow_logs:
  traffic: REJECT
  retention_days: 90
  bucket: golden-flow-logs
  kms_key: create
  format: "${{version}} ${{vpc-id}} ${{srcaddr}} ${{dstaddr}} ${{action}}"
  aggregation_seconds: 60
  files: {{format: parquet, hive_partitions: true, hourly: true}}
dns_logs:
  destination: cloudwatch-logs
  retention_days: 90
  kms_key: create
  deny_other_resolvers: {{allow: [10.0.0.0/8], first_rule: 30}}
trail:
  bucket: golden-trail
  kms_key: create-multi-region
  s3_data_events: write
  excluded_buckets: [golden-flow-logs]
  insights: [ApiCallRateInsight]
  retention_days: 400
  archive_after_days: 30
  object_lock: {{mode: governance, days: 30}}
  cloudwatch_logs: {{retention_days: 30}}
trusted_ips: {{file: trusted-ips.txt}}
threat_ips: [{{name: partner-feed, file: threat-ips.txt}}]
suppression:
  - name: scanner
    reason: "an approved ${{scanner}}, TICKET-12"
    until: 2999-12-31
    match: {{type: [Recon:EC2/Portscan], resource.instanceDetails.tags.value: ["${{tag}}", scanner]}}
  - name: office
    reason: sign-ins from the office
    until: 2999-12-31
    match:
      type: [UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B, Recon:IAMUser/MaliciousIPCaller]
      service.action.awsApiCallAction.remoteIpDetails.ipAddressV4: 198.51.100.7
      severity: {{less_than: 7}}
"""
THREATS = "192.0.2.0/28\n"
LIST = "# ours\n198.51.100.7   # scanner\n203.0.113.0/28\n"


def spec_text(provider: int = 5, retiring: str = "forget") -> str:
    """A spec that covers three regions and uses every field that shows in the Terraform."""
    names = [each.name for each in catalogue.regions("aws") if each.default_enabled]
    left_out = [name for name in names if name not in (*COVERED, "sa-east-1")]
    lines = (
        f"    - {{region: {name}, reason: denied by policy | SCP, approved_by: CISO, until: 2999-12-31}}"
        for name in left_out
    )
    return SPEC.format(provider=provider, retiring=retiring, excluded="\n".join(lines))


@pytest.fixture
def environment(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder with a spec and its list, and gives the spec's path."""

    def make(text: str | None = None, name: str = "env", **options: object) -> Path:
        folder = tmp_path / "project" / "environments" / name
        folder.mkdir(parents=True, exist_ok=True)
        spec = folder / "guardline.yaml"
        spec.write_text(spec_text(**options) if text is None else text, encoding="utf-8")  # type: ignore[arg-type]  # named options of spec_text
        (folder / "trusted-ips.txt").write_text(LIST, encoding="utf-8")
        (folder / "threat-ips.txt").write_text(THREATS, encoding="utf-8")
        return spec

    return make
