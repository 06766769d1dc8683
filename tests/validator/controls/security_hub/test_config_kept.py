"""Control config-kept: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "kept for a month", "config.tf", "retention_days = 365", "retention_days = 30"),
    Case(
        "fail", "AWS Config may only read", "modules/config-bucket/main.tf", '\\["s3:PutObject"\\]', '["s3:GetObject"]'
    ),
    Case(
        "fail",
        "AWS Config may write elsewhere only",
        "modules/config-bucket/main.tf",
        r'"\$\{local.arn\}/AWSLogs/\$\{var.account_id\}/Config/\*"',
        '"arn:aws:s3:::other/*"',
    ),
    Case(
        "fail",
        "AWS Config is denied",
        "modules/config-bucket/main.tf",
        r'sid       = "ConfigChecksTheBucket"\n.*?identifiers = \["config.amazonaws.com"\]\n    \}\n.*?\n    \}\n',
        'effect = "Deny"\nactions = ["s3:*"]\nresources = ["${local.arn}/*"]\n'
        'principals {\ntype = "*"\nidentifiers = ["*"]\n}\n',
    ),
    Case(
        "fail",
        "no channel",
        "modules/config-recorder/main.tf",
        '^resource "aws_config_delivery_channel" "this" \\{.*?^\\}\\n',
        "",
    ),
    Case("undetermined", "a bucket that is not here", "config.tf", "module.config_bucket.name", '"elsewhere"'),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_config_kept(case: Case) -> None:
    assert verdict("config-kept", case) == case.verdict
