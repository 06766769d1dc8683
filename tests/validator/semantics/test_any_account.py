"""Whether what holds of one account's texts holds of another's."""

from __future__ import annotations

import pytest

from guardline.validator.semantics.any_account import renamed, renamed_pattern, renamed_value
from guardline.validator.semantics.event_patterns import parse
from guardline.validator.semantics.finding_samples import ACCOUNT

OWN = "444444444444"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"account":["{OWN}"]}}',
        f'{{"detail":{{"arn":[{{"anything-but":"arn:aws:iam::{OWN}:role/deploy"}}]}}}}',
        f'{{"source":["aws.ec2"],"detail":{{"eventSource":["s3.amazonaws.com"],"a":["{OWN}"]}}}}',
        '{"source":["aws.guardduty"]}',
    ],
)
def test_a_pattern_that_names_its_account_whole_is_that_of_any(text: str) -> None:
    assert renamed(text, OWN) == text.replace(OWN, ACCOUNT)
    assert renamed_pattern(parse(text), OWN) is parse(text.replace(OWN, ACCOUNT))


@pytest.mark.parametrize(
    "text",
    [
        '{"account":[{"prefix":"44"}]}',
        '{"detail":{"arn":[{"wildcard":"arn:aws:iam::4444*"}]}}',
        f'{{"account":["{OWN}","555555555555"]}}',
        f'{{"account":["{OWN}","{ACCOUNT}"]}}',
        f'{{"account":["{OWN}4"]}}',
    ],
)
def test_a_pattern_that_may_tell_accounts_apart_is_tried_as_it_is(text: str) -> None:
    assert renamed(text, OWN) is None
    assert renamed_pattern(parse(text), OWN) is None


def test_the_account_of_the_samples_is_itself() -> None:
    assert renamed('{"account":[{"prefix":"44"}]}', ACCOUNT) == '{"account":[{"prefix":"44"}]}'


def test_an_event_may_hold_any_digits_but_not_both_accounts() -> None:
    assert renamed_value(f"arn:aws:sns:eu-west-1:{OWN}:t-17", OWN) == f"arn:aws:sns:eu-west-1:{ACCOUNT}:t-17"
    assert renamed_value(f"{OWN} {ACCOUNT}", OWN) is None
    assert renamed_value("*", "*") is None
