"""Control alerts-protected: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case("fail", "a topic in plain", "modules/alert-topic/main.tf", "^  kms_master_key_id[^\\n]*\\n", ""),
    Case(
        "fail",
        "a key that does not rotate",
        "modules/alert-topic/main.tf",
        "enable_key_rotation     = true",
        "enable_key_rotation = false",
    ),
    Case(
        "fail",
        "plain HTTP",
        "modules/alert-topic/main.tf",
        '^  statement \\{\\n    sid       = \\"DenyPlainHttp\\".*?^  \\}\\n',
        "",
    ),
    Case(
        "fail",
        "a bus for everybody",
        "modules/event-bus/main.tf",
        '"arn:\\$\\{var.partition\\}:iam::\\$\\{var.account_id\\}:root"',
        '"*"',
    ),
    Case(
        "fail",
        "a queue in plain",
        "modules/event-rules/main.tf",
        "sqs_managed_sse_enabled   = true",
        "sqs_managed_sse_enabled = false",
    ),
    Case(
        "fail",
        "a queue that keeps an hour",
        "modules/event-rules/main.tf",
        "message_retention_seconds = 1209600",
        "message_retention_seconds = 3600",
    ),
    Case(
        "pass",
        "a queue that keeps a day",
        "modules/event-rules/main.tf",
        "message_retention_seconds = 1209600",
        "message_retention_seconds = 86400",
    ),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_alerts_protected(case: Case) -> None:
    assert verdict("alerts-protected", case) == case.verdict
