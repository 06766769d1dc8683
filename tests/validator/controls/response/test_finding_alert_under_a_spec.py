"""Control finding-alert, where a spec says more: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "from severity 7", "alerts.tf", '\\{ "numeric" = \\[">=", 4\\] \\}', '{ "numeric" = [">=", 7] }'),
    Case("pass", "from severity 1", "alerts.tf", '\\{ "numeric" = \\[">=", 4\\] \\}', '{ "numeric" = [">=", 1] }'),
    Case("fail", "somebody else", "alerts.tf", "soc@example.com", "nobody@example.com"),
    Case("pass", "somebody more", "alerts.tf", '"soc@example.com"', '"soc@example.com", "more@example.com"'),
    Case(
        "undetermined",
        "an address that is known only after apply",
        "alerts.tf",
        '\\["soc@example.com"\\]',
        "{ soc = module.event_bus.arn }",
    ),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_finding_alert_under_a_spec(case: Case) -> None:
    assert verdict("finding-alert", case) == case.verdict
