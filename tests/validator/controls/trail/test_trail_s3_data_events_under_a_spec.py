"""Control trail-s3-data-events, where a spec says more: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case(
        "fail", "another bucket left out", "trail.tf", '\\["everything-config', '["customer-data", "everything-config'
    ),
    Case("pass", "one left out less", "trail.tf", '\\["everything-config-111122223333", ', "["),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_trail_s3_data_events_under_a_spec(case: Case) -> None:
    assert verdict("trail-s3-data-events", case) == case.verdict
