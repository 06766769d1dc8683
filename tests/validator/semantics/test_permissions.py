"""Which permissions let EventBridge invoke a function."""

from __future__ import annotations

import pytest

from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.iam_documents import Document, Statement
from guardline.validator.semantics.iam_evaluation import allows_service
from guardline.validator.semantics.permissions import permission

ACCOUNT = "111122223333"
RULE = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/findings"
EVENTS, INVOKE = "events.amazonaws.com", "lambda:InvokeFunction"


def invokes(*permissions: Statement, rule: str | None = RULE) -> bool:
    return allows_service(Document(permissions), EVENTS, INVOKE, source_account=ACCOUNT, source_arn=rule)


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        (permission(EVENTS, INVOKE), True),
        (permission(EVENTS, "lambda:*", RULE, ACCOUNT), True),
        (permission(EVENTS, INVOKE, f"arn:aws:events:*:{ACCOUNT}:rule/*"), True),
        (permission("*", INVOKE), True),
        (permission(EVENTS, INVOKE, f"{RULE}-other"), False),
        (permission(EVENTS, INVOKE, RULE, "999999999999"), False),
        (permission(EVENTS, "lambda:GetFunction"), False),
        (permission("sns.amazonaws.com", INVOKE), False),
        (permission(ACCOUNT, INVOKE), False),
        (permission(f"arn:aws:iam::{ACCOUNT}:root", INVOKE), False),
    ],
)
def test_a_rule_for_a_function(given: Statement, allowed: bool) -> None:
    assert invokes(given) is allowed


def test_permissions_add_up() -> None:
    assert invokes(permission("sns.amazonaws.com", INVOKE), permission(EVENTS, INVOKE, RULE))
    assert not invokes()


def test_a_rule_that_is_not_known_is_untold() -> None:
    with pytest.raises(UnknownValue):
        invokes(permission(EVENTS, INVOKE, RULE), rule=None)
    assert invokes(permission(EVENTS, INVOKE), rule=None)
