"""Control dns-logs-settings: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case(
        "fail",
        "to a bucket",
        "modules/dns-logs/main.tf",
        "destination_arn = local.destination_arn",
        'destination_arn = "arn:aws:s3:::elsewhere"',
    ),
    Case(
        "undetermined",
        "a configuration that is not here",
        "modules/dns-logs/main.tf",
        "aws_route53_resolver_query_log_config.this.id",
        '"rqlc-0123456789abcdef0"',
    ),
    Case(
        "undetermined",
        "no link while the VPCs are unknown",
        "modules/dns-logs/main.tf",
        '^resource "aws_route53_resolver_query_log_config_association" "this" \\{.*?^\\}\\n',
        "",
    ),
    Case(
        "undetermined",
        "no policy for log delivery",
        "modules/dns-logs/main.tf",
        '^resource "aws_cloudwatch_log_resource_policy" "this" \\{.*?^\\}\\n',
        "",
    ),
    Case("fail", "a listing by tags", "modules/dns-logs/main.tf", '"owner-id"', '"tag:logged"'),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_dns_logs_settings(case: Case) -> None:
    assert verdict("dns-logs-settings", case) == case.verdict
