"""Control suppression-scoped, where a spec says more: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case(
        "fail",
        "a type more",
        "suppression/main.tf",
        '\\["Recon:EC2/Portscan"\\]',
        '["Recon:EC2/Portscan", "Recon:EC2/PortProbeUnprotectedPort"]',
    ),
    Case("fail", "a tag more", "suppression/main.tf", '\\["vuln-scanner"\\]', '["vuln-scanner", "web"]'),
    Case(
        "fail",
        "without its severity",
        "suppression/main.tf",
        '    criterion \\{\\n      field     = \\"severity\\".*?    \\}\\n',
        "",
    ),
    Case(
        "undetermined",
        "a tag that is known only after apply",
        "suppression/main.tf",
        '\\["vuln-scanner"\\]',
        "[aws_guardduty_filter.office_console_login.arn]",
    ),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_suppression_scoped_under_a_spec(case: Case) -> None:
    assert verdict("suppression-scoped", case) == case.verdict
