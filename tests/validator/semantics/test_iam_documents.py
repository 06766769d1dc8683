"""Policy documents: what is read, and what IAM would refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardline.validator.semantics.iam_documents import Condition, parse


def text(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", **statement}})


def test_a_statement_is_read_whole() -> None:
    (statement,) = parse(
        text(
            Sid="A",
            Principal={"Service": "events.amazonaws.com", "AWS": ["*"]},
            NotResource=["a", "b"],
            Condition={"Bool": {"aws:SecureTransport": True}, "NumericLessThan": {"s3:max-keys": [10, "20"]}},
        )
    ).statements
    assert (statement.sid, statement.allows, statement.actions, statement.all_but_actions) == (
        "A",
        True,
        ("s3:Get*",),
        False,
    )
    assert (statement.resources, statement.all_but_resources) == (("a", "b"), True)
    assert statement.principals == (("Service", ("events.amazonaws.com",)), ("AWS", ("*",)))
    assert statement.conditions == (
        Condition("Bool", "aws:SecureTransport", ("true",)),
        Condition("NumericLessThan", "s3:max-keys", ("10", "20")),
    )


def test_a_trust_policy_has_no_resource_and_an_identity_policy_no_principal() -> None:
    (statement,) = parse(text()).statements
    assert (statement.resources, statement.all_but_resources, statement.principals) == (("*",), False, None)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("", "not JSON"),
        ("[]", "JSON object"),
        ('{"Statement": ["x"]}', "statement 1: expected an object"),
        (text(Effect="allow"), "Effect must be Allow or Deny"),
        (text(NotAction="x"), "both Action and NotAction"),
        (text(Resource="*", NotResource="*"), "both Resource"),
        (text(Action=[]), "statement 1, Action: expected a string"),
        (text(Resource=["a", 1]), "Resource: expected a string"),
        (text(Principal="me"), "Principal must be"),
        (text(Principal={"AWS": []}), "Principal AWS"),
        (text(Condition="x"), "Condition must be"),
        (text(Condition={"Bool": "x"}), "Condition Bool must be"),
        (text(Condition={"Bool": {"a": {}}}), "string, number or boolean"),
        ('{"Statement": {"Effect": "Allow", "Resource": "*"}}', "neither Action"),
        ('{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*"}}', "Effect stands twice"),
        ('{"a":' * 100_000, "too deeply"),
    ],
)
def test_what_iam_refuses_is_refused_with_the_place(document: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse(document)
