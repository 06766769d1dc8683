"""Control flow-logs-settings: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "rejected traffic alone", "flow-logs.tf", '"ALL"', '"REJECT"'),
    Case("fail", "every ten minutes", "flow-logs.tf", "aggregation_seconds = 60", "aggregation_seconds = 600"),
    Case("fail", "files as plain text", "flow-logs.tf", '"parquet"', '"plain-text"'),
    Case("fail", "without hourly prefixes", "flow-logs.tf", "hourly = true", "hourly = false"),
    Case("fail", "to a log group", "modules/flow-logs/main.tf", "var.destination$", '"cloud-watch-logs"'),
    Case("fail", "a listing by tags", "modules/flow-logs/main.tf", '"owner-id"', '"tag:logged"'),
    Case(
        "undetermined",
        "no flow log while the VPCs are unknown",
        "modules/flow-logs/main.tf",
        '^resource "aws_flow_log" "this" \\{.*?^\\}\\n',
        "",
    ),
    Case("pass", "another name of the local", "flow-logs.tf", "# The flow logs", "# These flow logs"),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_flow_logs_settings(case: Case) -> None:
    assert verdict("flow-logs-settings", case) == case.verdict
