"""Control flow-logs-kept: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "kept for a month", "flow-logs.tf", "retention_days  = 365", "retention_days = 30"),
    Case("pass", "kept longer", "flow-logs.tf", "retention_days  = 365", "retention_days = 366"),
    Case("fail", "without its key", "flow-logs.tf", "^  own_key[^\\n]*\\n", ""),
    Case(
        "fail",
        "a key that does not rotate",
        "modules/log-bucket/main.tf",
        "enable_key_rotation     = true",
        "enable_key_rotation = false",
    ),
    Case("fail", "suspended versions", "modules/bucket/main.tf", 'status = "Enabled"', 'status = "Suspended"'),
    Case("fail", "ACLs", "modules/bucket/main.tf", '"BucketOwnerEnforced"', '"ObjectWriter"'),
    Case(
        "undetermined",
        "ownership not declared",
        "modules/bucket/main.tf",
        '^resource "aws_s3_bucket_ownership_controls" "this" \\{.*?^\\}\\n',
        "",
    ),
    Case("fail", "plain HTTP", "modules/bucket/main.tf", "^  statement \\{.*?^  \\}\\n", ""),
    Case(
        "fail", "log delivery may only read", "modules/log-bucket/main.tf", '\\["s3:PutObject"\\]', '["s3:GetObject"]'
    ),
    Case(
        "undetermined",
        "a bucket that is not here",
        "flow-logs.tf",
        "module.flow_log_bucket.arn",
        '"arn:aws:s3:::elsewhere"',
    ),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_flow_logs_kept(case: Case) -> None:
    assert verdict("flow-logs-kept", case) == case.verdict
