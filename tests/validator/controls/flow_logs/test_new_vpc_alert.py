"""Control new-vpc-alert: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "default VPCs alone", "alerts.tf", '\\["CreateVpc", "CreateDefaultVpc"\\]', '["CreateDefaultVpc"]'),
    Case(
        "pass",
        "one call more",
        "alerts.tf",
        '\\["CreateVpc", "CreateDefaultVpc"\\]',
        '["CreateVpc", "CreateDefaultVpc", "CreateSubnet"]',
    ),
    Case("fail", "rules off", "modules/event-rules/main.tf", '"ENABLED"', '"DISABLED"'),
    Case("undetermined", "nobody subscribes", "alerts.tf", '\\["soc@example.com"\\]', "[]"),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_new_vpc_alert(case: Case) -> None:
    assert verdict("new-vpc-alert", case) == case.verdict
