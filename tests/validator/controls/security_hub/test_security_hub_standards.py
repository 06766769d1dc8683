"""Control security-hub-standards: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "a standard less", "security-hub.tf", '^ +"nist-800-53/v/5.0.0",\\n', ""),
    Case(
        "pass",
        "a standard more",
        "security-hub.tf",
        '^( +)"nist-800-53/v/5.0.0",\\n',
        '      "nist-800-53/v/5.0.0",\n      "pci-dss/v/4.0.1",\n',
    ),
    Case(
        "fail",
        "new controls stay off",
        "modules/security-hub/main.tf",
        "auto_enable_controls      = true",
        "auto_enable_controls = false",
    ),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_security_hub_standards(case: Case) -> None:
    assert verdict("security-hub-standards", case) == case.verdict
