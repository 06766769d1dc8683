"""Control response-acts: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "may not isolate", "response.tf", 'actions            = \\["isolate-instance", ', "actions = ["),
    Case(
        "fail", "no policy", "modules/response-role/main.tf", '^resource "aws_iam_role_policy" "this" \\{.*?^\\}\\n', ""
    ),
    Case(
        "fail",
        "a whole account may take the role",
        "modules/response-role/main.tf",
        '^    condition \\{\\n      test     = \\"ArnEquals\\".*?^    \\}\\n',
        "",
    ),
    Case(
        "undetermined",
        "everybody but some role",
        "modules/response-role/main.tf",
        'test     = "ArnEquals"',
        'test     = "ArnNotEquals"',
    ),
    Case(
        "fail",
        "another role",
        "response.tf",
        'name               = "everything-guardduty-response-acting"',
        'name = "another"',
    ),
    Case("pass", "another description", "modules/response-role/main.tf", "Acts on findings", "Acts upon findings"),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_response_acts(case: Case) -> None:
    assert verdict("response-acts", case) == case.verdict
