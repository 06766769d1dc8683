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
