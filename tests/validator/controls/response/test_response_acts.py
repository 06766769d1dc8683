"""Control response-acts: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

FUNCTION = "modules/response-function/main.tf"
ROLE = "modules/response-role/main.tf"
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
        "fail",
        "everybody but the function",
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
    # The function itself: Lambda assumes its role, and that role the other.
    Case("fail", "Lambda may not run it", FUNCTION, "lambda.amazonaws.com", "events.amazonaws.com"),
    Case("fail", "Lambda may not assume its role", FUNCTION, 'sid     = "LambdaRuns"\n', 'effect = "Deny"\n'),
    Case(
        "fail",
        "the function may not take the role",
        FUNCTION,
        'actions   = \\["sts:AssumeRole"\\]',
        'actions = ["sts:TagSession"]',
    ),
    Case("fail", "the function is denied the role", FUNCTION, 'sid       = "Act"\n', 'effect = "Deny"\n'),
    Case("fail", "it may take another role", FUNCTION, "role/\\$\\{statement.value\\}", "role/another"),
    Case("pass", "it may take every role", FUNCTION, "role/\\$\\{statement.value\\}", "role/*"),
    Case("pass", "the function may do less else", FUNCTION, 'actions   = \\["logs:CreateLogStream", ', "actions = ["),
    Case(
        "undetermined",
        "a role that is elsewhere",
        FUNCTION,
        "role                           = aws_iam_role.this.arn",
        'role = "arn:aws:iam::111122223333:role/elsewhere"',
    ),
    # The role: its trust policy lets the function's role in.
    Case("fail", "nobody may take it", ROLE, 'sid     = "FunctionActs"\n', 'effect = "Deny"\n'),
    Case("fail", "another action", ROLE, '"sts:AssumeRole"', '"sts:TagSession"'),
    Case("undetermined", "whoever has a tag", ROLE, '"aws:PrincipalArn"', '"aws:PrincipalTag/team"'),
    Case(
        "fail",
        "another role may take it",
        ROLE,
        "values   = var.function_role_arns",
        'values = ["arn:aws:iam::111122223333:role/other"]',
    ),
    Case("fail", "of another account", ROLE, "local.function_account\\}:root", "999999999999}:root"),
    Case(
        "pass",
        "by name",
        ROLE,
        "identifiers = \\[.*?\\]\n    \\}\n\n    condition \\{.*?^    \\}\n",
        "identifiers = var.function_role_arns\n    }\n",
    ),
    Case("pass", "another description", "modules/response-role/main.tf", "Acts on findings", "Acts upon findings"),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_response_acts(case: Case) -> None:
    assert verdict("response-acts", case) == case.verdict
