"""Control alerts-watched: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case(
        "fail",
        "no alarm of what is lost",
        "modules/event-rules/main.tf",
        '^resource "aws_cloudwatch_metric_alarm" "undelivered" \\{.*?^\\}\\n',
        "",
    ),
    Case(
        "fail",
        "an alarm that does nothing",
        "modules/event-rules/main.tf",
        "concat\\(var.alarm_topic_arns, aws_sns_topic.undelivered\\[\\*\\].arn\\)",
        "[]",
    ),
    Case(
        "fail",
        "a function without a queue",
        "modules/response-function/main.tf",
        "^  dead_letter_config \\{.*?^  \\}\\n",
        "",
    ),
    Case(
        "fail",
        "no second try",
        "modules/response-function/main.tf",
        "maximum_retry_attempts       = 2",
        "maximum_retry_attempts = 0",
    ),
    Case(
        "pass",
        "one more try",
        "modules/response-function/main.tf",
        "maximum_retry_attempts       = 2",
        "maximum_retry_attempts = 1",
    ),
    Case(
        "fail",
        "no alarm of errors",
        "modules/response-function/main.tf",
        'metric      = "Errors"',
        'metric      = "Invocations"',
    ),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_alerts_watched(case: Case) -> None:
    assert verdict("alerts-watched", case) == case.verdict
