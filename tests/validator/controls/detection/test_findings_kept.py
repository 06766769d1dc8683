"""Control findings-kept: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "kept for 90 days", "export.tf", "retention_days = 365", "retention_days = 90"),
    Case("pass", "kept longer", "export.tf", "retention_days = 365", "retention_days = 366"),
    Case(
        "fail",
        "a key that does not rotate",
        "modules/findings-bucket/main.tf",
        "enable_key_rotation     = true",
        "enable_key_rotation = false",
    ),
    Case(
        "fail", "no versions", "modules/bucket/main.tf", '^resource "aws_s3_bucket_versioning" "this" \\{.*?^\\}\\n', ""
    ),
    Case(
        "fail",
        "no export",
        "modules/publishing-destination/main.tf",
        '^resource "aws_guardduty_publishing_destination" "this" \\{.*?^\\}\\n',
        "",
    ),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_findings_kept(case: Case) -> None:
    assert verdict("findings-kept", case) == case.verdict
