"""Control security-hub-enabled, where a spec says more: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "for each standard", "security-hub.tf", "SECURITY_CONTROL", "STANDARD_CONTROL"),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_security_hub_enabled_under_a_spec(case: Case) -> None:
    assert verdict("security-hub-enabled", case) == case.verdict
