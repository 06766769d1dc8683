"""Control finding-response, where a spec says more: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "an action less", "response.tf", '\\["isolate-instance", "stop-instance"\\]', '["isolate-instance"]'),
    Case(
        "fail",
        "an action more",
        "response.tf",
        '\\["block-public-bucket"\\]',
        '["block-public-bucket", "stop-instance"]',
    ),
    Case("fail", "from severity 8", "response.tf", "min_severity = 5", "min_severity = 8"),
    Case(
        "fail",
        "nothing spared",
        "response.tf",
        'never        = \\["bucket/\\*-website", "user/break-glass-\\*"\\]',
        "never = []",
    ),
    Case("fail", "only with a tag", "response.tf", "opt_in_tags  = \\[\\]", 'opt_in_tags = ["x"]'),
    Case("fail", "one an hour", "response.tf", "rate_limit   = 10", "rate_limit = 1"),
    Case("fail", "one at once", "response.tf", "concurrency  = 5", "concurrency = 1"),
    Case("pass", "six at once", "response.tf", "concurrency  = 5", "concurrency = 6"),
    Case("fail", "a rule from severity 9", "response.tf", '\\[">=", 5\\]', '[">=", 9]'),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_finding_response_under_a_spec(case: Case) -> None:
    assert verdict("finding-response", case) == case.verdict
