"""Control suppression-documented, where a spec says more: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "another reason", "suppression/main.tf", "TICKET-12", "TICKET-13"),
    Case("fail", "another day", "suppression/main.tf", "until 2099-12-31", "until 2099-12-30"),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_suppression_documented_under_a_spec(case: Case) -> None:
    assert verdict("suppression-documented", case) == case.verdict
