"""Control access-separated, where a spec says more: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case(
        "fail",
        "a role more",
        "access.tf",
        '^    "arn:aws:iam::111122223333:role/soc",\\n',
        '    "arn:aws:iam::111122223333:role/soc",\n    "arn:aws:iam::111122223333:role/interns",\n',
    ),
    Case("fail", "anybody", "access.tf", "arn:aws:iam::111122223333:role/analysts", "*"),
    Case(
        "fail",
        "another account",
        "access.tf",
        "arn:aws:iam::111122223333:role/security-engineers",
        "arn:aws:iam::999999999999:role/security-engineers",
    ),
    Case(
        "fail",
        "a service beside the people",
        "modules/access-roles/main.tf",
        '^    principals \\{\n      type        = "AWS"',
        '    principals {\n      type = "Service"\n      identifiers = ["ec2.amazonaws.com"]\n    }\n\n'
        '    principals {\n      type        = "AWS"',
    ),
    Case("fail", "no boundary", "modules/access-roles/main.tf", "^  permissions_boundary[^\\n]*\\n", ""),
    Case("pass", "a second factor more", "access.tf", "mfa                  = false", "mfa = true"),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_access_separated_under_a_spec(case: Case) -> None:
    assert verdict("access-separated", case) == case.verdict
