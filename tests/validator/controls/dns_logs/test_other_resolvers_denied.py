"""Control other-resolvers-denied: rules that are known, and those of network ACLs that are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.judging import report
from tests.support.weakened import Case, everyday, verdict
from tests.validator.controls.detection.test_plans_on_request import HEAD, ROOT

ASKED = f"{HEAD}dns_logs: {{deny_other_resolvers: {{allow: [10.0.0.0/8], first_rule: 20}}}}\n"


def rules(*given: tuple[str, str, str]) -> str:
    """Rules of (action, protocol, range), numbered from 20."""
    return "".join(
        f"""
resource "aws_network_acl_rule" "r{place}" {{
  network_acl_id = "acl-0a1b2c3d4e5f60718"
  egress         = true
  rule_number    = {20 + place}
  rule_action    = "{action}"
  protocol       = "{protocol}"
  {"ipv6_cidr_block" if ":" in cidr else "cidr_block"} = "{cidr}"
  from_port      = 53
  to_port        = 53
}}
"""
        for place, (action, protocol, cidr) in enumerate(given)
    )


ALLOWED = (("allow", "tcp", "10.0.0.0/8"), ("allow", "udp", "10.0.0.0/8"))
DENIED = tuple(("deny", protocol, cidr) for cidr in ("0.0.0.0/0", "::/0") for protocol in ("6", "17"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((*ALLOWED, *DENIED), "pass"),
        ((*ALLOWED, ("deny", "-1", "0.0.0.0/0"), ("deny", "-1", "::/0")), "pass"),
        ((*ALLOWED, *DENIED[1:]), "fail"),
        (DENIED, "fail"),
        ((("allow", "udp", "192.0.2.0/24"), *ALLOWED, *DENIED), "fail"),
        ((), "fail"),
    ],
)
def test_rules_that_are_known(given: tuple[tuple[str, str, str], ...], expected: str, tmp_path: Path) -> None:
    found = report(
        tmp_path,
        {"main.tf": ROOT + rules(*given), "guardline.yaml": ASKED},
        spec=tmp_path / "guardline.yaml",
        controls=frozenset({"other-resolvers-denied"}),
        regions="us-east-1",
    )
    assert [row.verdict.value for row in found.rows] == [expected]


MODULE = "modules/other-resolvers/main.tf"
CASES = (
    Case("undetermined", "as generated"),
    Case("undetermined", "what comes in", MODULE, "egress          = true", "egress = false"),
    Case(
        "undetermined",
        "another port",
        MODULE,
        "from_port       = 53\n  to_port         = 53",
        "from_port = 54\n  to_port = 54",
    ),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_rules_of_network_acls_that_are_unknown(case: Case) -> None:
    assert verdict("other-resolvers-denied", case) == case.verdict
