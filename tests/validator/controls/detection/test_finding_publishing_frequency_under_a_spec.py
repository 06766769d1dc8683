"""Control finding-publishing-frequency, where a spec says more: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "every six hours", "regions.tf", '"FIFTEEN_MINUTES"', '"SIX_HOURS"'),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_finding_publishing_frequency_under_a_spec(case: Case) -> None:
    assert verdict("finding-publishing-frequency", case) == case.verdict
