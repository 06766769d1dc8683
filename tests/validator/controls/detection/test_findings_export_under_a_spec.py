"""Control findings-export, where a spec says more: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "opt-in regions kept out", "export.tf", "^  opt_in_regions[^\\n]*\\n", ""),
    Case(
        "fail", "GuardDuty may only read", "modules/findings-bucket/main.tf", '\\["s3:PutObject"\\]', '["s3:GetObject"]'
    ),
    Case(
        "fail",
        "no use of the key",
        "modules/findings-bucket/main.tf",
        '\\["kms:GenerateDataKey"\\]',
        '["kms:DescribeKey"]',
    ),
    Case(
        "pass",
        "one call of the key more",
        "modules/findings-bucket/main.tf",
        '\\["kms:GenerateDataKey"\\]',
        '["kms:GenerateDataKey", "kms:DescribeKey"]',
    ),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_findings_export_under_a_spec(case: Case) -> None:
    assert verdict("findings-export", case) == case.verdict
