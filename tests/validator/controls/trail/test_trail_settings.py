"""Control trail-settings: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "one insight less", "trail.tf", ', "ApiErrorRateInsight"', ""),
    Case("fail", "no copy", "trail.tf", "^  log_group[^\\n]*\\n", ""),
    Case("fail", "a copy for a week", "trail.tf", "retention_days = 90 ", "retention_days = 7 "),
    Case("pass", "a copy for longer", "trail.tf", "retention_days = 90 ", "retention_days = 120 "),
    Case(
        "fail",
        "a copy without the key",
        "modules/trail/main.tf",
        "  kms_key += var\\.kms_key_by_alias[^\\n]*\\n",
        "",
    ),
    Case("fail", "no trail", "modules/trail/main.tf", '^resource "aws_cloudtrail" "this" \\{.*?^\\}\\n', ""),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_trail_settings(case: Case) -> None:
    assert verdict("trail-settings", case) == case.verdict
