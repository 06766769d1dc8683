"""Control tamper-alarm, where a spec says more: the generated source, changed in one place."""

from __future__ import annotations

import pytest

from tests.support.weakened import Case, everyday, verdict

CASES = (
    Case("pass", "as generated"),
    Case(
        "fail",
        "another role exempt",
        "alerts.tf",
        r'(?<="UpdateTrustedEntitySet",)(.*?)anything-but = \["arn:aws:iam::111122223333:role/deploy"\]',
        """
              ]
              userIdentity = {
                sessionContext = {
                  sessionIssuer = {
                    arn = [
                      {
                        exists = false
                      },
                      {
                        anything-but = ["arn:aws:iam::111122223333:role/other"]""",
    ),
    Case(
        "pass",
        "no role exempt",
        "alerts.tf",
        r'(?<="UpdateTrustedEntitySet",)(.*?)anything-but = \["arn:aws:iam::111122223333:role/deploy"\]',
        """
              ]
              userIdentity = {
                sessionContext = {
                  sessionIssuer = {
                    arn = [
                      {
                        exists = false
                      },
                      {
                        anything-but = ["arn:aws:iam::111122223333:role/nobody-there/*"]""",
    ),
)


@pytest.mark.parametrize("case", everyday(CASES))
def test_tamper_alarm_under_a_spec(case: Case) -> None:
    assert verdict("tamper-alarm", case) == case.verdict
