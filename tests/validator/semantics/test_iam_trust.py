"""Trust policies: who comes in that is not named."""

from __future__ import annotations

from typing import Any

import pytest

from guardline.validator.semantics.iam_documents import from_object
from guardline.validator.semantics.iam_principals import account_as_a_whole
from guardline.validator.semantics.iam_trust import lets_in
from guardline.validator.semantics.unknown_parts import SOMETHING, mark

OURS, OTHER = "111122223333", "444455556666"
UNKNOWN = mark("account -")
ACTIONS = "token.actions.githubusercontent.com"
GITHUB = f"arn:aws:iam::111122223333:oidc-provider/{ACTIONS}"
ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-example"}}


def trust(principal: object, condition: object = None, own: str = OURS, **changes: object) -> tuple[bool, bool]:
    """Whether somebody surely comes in that is not named, and whether somebody may."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **changes}
    if condition is not None:
        statement["Condition"] = condition
    sure, perhaps = lets_in(from_object({"Statement": [statement]}), {own})
    return sure is not None, perhaps is not None


NOBODY, SURELY, PERHAPS = (False, False), (True, False), (False, True)


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        ("*", None, SURELY),
        ({"AWS": "*"}, None, SURELY),
        ({"AWS": ["arn:aws:iam::111122223333:role/x", "*"]}, None, SURELY),
        ("*", ORGANIZATION, NOBODY),
        ("*", {"StringLike": {"aws:PrincipalOrgID": "*"}}, PERHAPS),
        ("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}, NOBODY),
        ("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}, PERHAPS),
        ("*", {"StringEquals": {"aws:PrincipalAccount": OURS}}, NOBODY),
        ("*", {"StringEquals": {"aws:PrincipalAccount": OTHER}}, PERHAPS),
        ("*", {"StringEquals": {"sts:ExternalId": "secret"}}, PERHAPS),
        ({"AWS": f"arn:aws:iam::{OURS}:root"}, None, NOBODY),
        ({"AWS": OURS}, None, NOBODY),
        ({"AWS": f"arn:aws:iam::{OTHER}:root"}, None, SURELY),
        ({"AWS": f"arn:aws-us-gov:iam::{OTHER}:root"}, None, SURELY),
        ({"AWS": OTHER}, None, SURELY),
        ({"AWS": OTHER}, {"StringEquals": {"sts:ExternalId": "secret"}}, PERHAPS),
        ({"AWS": f"arn:aws:iam::{OTHER}:role/one"}, None, NOBODY),
        ({"AWS": mark("aws_iam_role.x", "arn")}, None, NOBODY),
        ({"AWS": SOMETHING}, None, PERHAPS),
        ({"Service": "lambda.amazonaws.com"}, None, NOBODY),
        ({"Federated": "arn:aws:iam::111122223333:saml-provider/x"}, None, NOBODY),
        ("*", {"StringLike": {"aws:PrincipalOrgID": "o-example"}}, NOBODY),
        ("*", {"StringLike": {"aws:PrincipalOrgID": "o-*"}}, PERHAPS),
        ("*", {"StringLike": {"aws:PrincipalOrgID": SOMETHING}}, PERHAPS),
        ("*", {"StringEquals": {"aws:PrincipalOrgID": SOMETHING}}, NOBODY),
        ("*", {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-example"}}, PERHAPS),
        ("*", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-example/r-ab12/*"}}, NOBODY),
        ("*", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-ab12/*"}}, PERHAPS),
        ("*", {"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:role/*"}}, PERHAPS),
        ("*", {"ArnLike": {"aws:PrincipalArn": "arn:*:iam::111122223333:role/*"}}, NOBODY),
        ("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::1111222233??:role/*"}}, PERHAPS),
        ("*", {"StringLike": {"aws:PrincipalArn": "*:role/*"}}, PERHAPS),
        ({"Federated": GITHUB}, {"StringEquals": {f"{ACTIONS}:aud": "sts.amazonaws.com"}}, PERHAPS),
        ({"Federated": GITHUB}, None, PERHAPS),
        ({"Federated": GITHUB}, {"StringEquals": {f"{ACTIONS}:sub": "repo:octo-org/octo-repo:ref:main"}}, NOBODY),
        ({"Federated": GITHUB}, {"StringLike": {f"{ACTIONS}:sub": "repo:octo-org/*"}}, NOBODY),
        ({"Federated": GITHUB}, {"StringLike": {f"{ACTIONS}:sub": "repo:*"}}, PERHAPS),
        ({"Federated": GITHUB}, {"StringLike": {f"{ACTIONS}:sub": "*"}}, PERHAPS),
        ({"Federated": GITHUB}, {"ForAllValues:StringLike": {f"{ACTIONS}:sub": "repo:octo-org/*"}}, PERHAPS),
        ({"Federated": mark("aws_iam_openid_connect_provider.x", "arn")}, None, PERHAPS),
        ({"Federated": mark("aws_iam_saml_provider.x", "arn")}, None, NOBODY),
        ({"Federated": "accounts.google.com"}, None, SURELY),
        ({"Federated": "accounts.google.com"}, {"StringEquals": {"accounts.google.com:aud": "x"}}, NOBODY),
    ],
)
def test_principals(principal: object, condition: object, expected: tuple[bool, bool]) -> None:
    by_web = (
        {"Action": "sts:AssumeRoleWithWebIdentity"} if isinstance(principal, dict) and "Federated" in principal else {}
    )
    assert trust(principal, condition, **by_web) == expected


def test_an_account_of_unknown_id() -> None:
    assert trust({"AWS": f"arn:aws:iam::{UNKNOWN}:root"}, own=UNKNOWN) == NOBODY
    assert trust({"AWS": f"arn:aws:iam::{OTHER}:root"}, own=UNKNOWN) == PERHAPS


def test_other_actions_let_nobody_in() -> None:
    assert trust("*", Action="sts:TagSession") == NOBODY
    assert trust("*", Effect="Deny") == NOBODY
    assert trust("*", Action="sts:*") == SURELY


def test_a_deny_may_keep_them_out() -> None:
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}
    deny = {**allow, "Effect": "Deny", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-example"}}}
    sure, perhaps = lets_in(from_object({"Statement": [allow, deny]}), {OURS})
    assert (sure, perhaps) == (None, "anyone")


def test_all_but_some_is_anyone() -> None:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": OTHER}}
    assert lets_in(from_object({"Statement": [statement]}), {OURS})[0] == "anyone but those it names"


@pytest.mark.parametrize(
    ("principal", "account"),
    [
        ("111122223333", "111122223333"),
        ("arn:aws-cn:iam::111122223333:root", "111122223333"),
        ("arn:aws:iam::111122223333:user/root", None),
        ("arn:aws:iam::111122223333:role/x:root", None),
    ],
)
def test_an_account_as_a_whole(principal: str, account: str | None) -> None:
    assert account_as_a_whole(principal) == account
