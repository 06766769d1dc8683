"""Control tamper-queries: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case(
        "fail",
        "no queries",
        "modules/tamper-queries/main.tf",
        '^resource "aws_athena_named_query" "this" \\{.*?^\\}\\n',
        "",
    ),
    Case("fail", "another bucket", "tamper.tf", "module.trail.bucket_name", '"elsewhere"'),
    Case(
        "fail",
        "results in plain",
        "modules/tamper-queries/main.tf",
        "^      encryption_configuration \\{.*?^      \\}\\n",
        "",
    ),
    Case(
        "fail",
        "clients decide",
        "modules/tamper-queries/main.tf",
        "enforce_workgroup_configuration    = true",
        "enforce_workgroup_configuration = false",
    ),
    Case(
        "pass",
        "another description",
        "modules/tamper-queries/main.tf",
        "Questions about who changed GuardDuty",
        "Who changed GuardDuty",
    ),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_tamper_queries(case: Case) -> None:
    assert verdict("tamper-queries", case) == case.verdict
