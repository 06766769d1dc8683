"""Control trail-kept: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "kept for a year", "trail.tf", "retention_days     = 2555", "retention_days = 366"),
    Case("pass", "kept longer", "trail.tf", "retention_days     = 2555", "retention_days = 3000"),
    Case("fail", "no lock", "trail.tf", "^  object_lock[^\\n]*\\n", ""),
    Case("fail", "locked for a month", "trail.tf", "days = 365 ", "days = 30 "),
    Case("pass", "locked harder", "trail.tf", '"GOVERNANCE"', '"COMPLIANCE"'),
    Case("fail", "archived after a day", "trail.tf", "archive_after_days = 90", "archive_after_days = 1"),
    Case("fail", "a key of one region", "trail.tf", "^  multi_region_key[^\\n]*\\n", ""),
    Case(
        "pass",
        "no key of the trail, but one of the bucket",
        "modules/trail/main.tf",
        "^  kms_key_id                    = [^\\n]*\\n",
        "",
    ),
    Case(
        "fail",
        "a public bucket",
        "modules/bucket/main.tf",
        "block_public_policy     = true",
        "block_public_policy = false",
    ),
    Case(
        "pass",
        "never deleted",
        "modules/bucket/main.tf",
        '^resource "aws_s3_bucket_lifecycle_configuration" "this" \\{.*?^\\}\\n',
        "",
    ),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_trail_kept(case: Case) -> None:
    assert verdict("trail-kept", case) == case.verdict
