"""Whether a trail bucket's policy is scoped: what its statements allow, to whom, and under which condition.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
"""

from __future__ import annotations

from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.iam_documents import Condition, Statement, parse
from guardline.validator.semantics.wildcards import covers

SERVICE = "cloudtrail.amazonaws.com"
_KEYS = frozenset({"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid"})
_OPERATORS = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})


def policy_lacks(text: str) -> str | None:
    """What is wrong with a bucket's policy as the home of a trail, or None.

    Args:
        text: the policy as JSON.

    Raises:
        UnknownValue: it is not a policy that can be read.
    """
    try:
        statements = parse(text).statements
    except ValueError as error:
        raise UnknownValue(f"the bucket's policy cannot be read: {error}") from None
    allowing = [one for one in statements if one.allows]
    if any(_is_everyone(one) and not one.conditions for one in allowing):
        return "allows something to everyone, without a condition"
    letting_in = [one for one in allowing if _is_for_cloudtrail(one)]
    if not any(_may_write(one) for one in letting_in):
        return "does not let CloudTrail write"
    if not all(any(map(_scopes, one.conditions)) for one in letting_in):
        return "lets CloudTrail in for anyone's trail: no aws:SourceArn or aws:SourceAccount condition"
    return None


def _is_everyone(statement: Statement) -> bool:
    if statement.all_but_principals:
        return True
    who = dict(statement.principals or ())
    return "*" in who.get("*", ()) or "*" in who.get("AWS", ())


def _is_for_cloudtrail(statement: Statement) -> bool:
    return not statement.all_but_principals and SERVICE in dict(statement.principals or ()).get("Service", ())


def _may_write(statement: Statement) -> bool:
    return not statement.all_but_actions and any(covers(each.lower(), "s3:putobject") for each in statement.actions)


def _scopes(condition: Condition) -> bool:
    """Whether the test (all of a statement's must hold) names whose trail may write."""
    return (
        condition.operator.lower() in _OPERATORS
        and condition.key.lower() in _KEYS
        and bool(condition.values)
        and all(map(_names_somebody, condition.values))
    )


def _names_somebody(value: str) -> bool:
    """Whether a value holds to one account or organization: in an ARN, it is the account's part that counts."""
    account = value
    if value.startswith("arn:"):
        account = [*value.split(":"), "", "", "", ""][4]
    return bool(account) and not any(wild in account for wild in "*?")
