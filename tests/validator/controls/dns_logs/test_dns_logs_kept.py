"""Control dns-logs-kept: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "kept for a month", "dns-logs.tf", "retention_days = 365", "retention_days = 30"),
    Case("pass", "kept for ever", "dns-logs.tf", "retention_days = 365", "retention_days = 0"),
    Case("fail", "without a key", "dns-logs.tf", "own_key = true", "own_key = false"),
    Case(
        "fail",
        "a key that does not rotate",
        "modules/log-group/main.tf",
        "enable_key_rotation     = true",
        "enable_key_rotation = false",
    ),
    Case(
        "fail",
        "to a bucket",
        "modules/dns-logs/main.tf",
        "destination_arn = local.destination_arn",
        'destination_arn = "arn:aws:s3:::elsewhere"',
    ),
    Case(
        "undetermined",
        "a log group that is not here",
        "modules/dns-logs/main.tf",
        "destination_arn = local.destination_arn",
        'destination_arn = "arn:aws:logs:eu-west-1:111122223333:log-group:elsewhere"',
    ),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_dns_logs_kept(case: Case) -> None:
    assert verdict("dns-logs-kept", case) == case.verdict
