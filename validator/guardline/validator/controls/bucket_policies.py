"""Whether a trail bucket's policy is scoped: what its statements allow, to whom, and under which condition.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from guardline.validator.value import Untold

SERVICE = "cloudtrail.amazonaws.com"
_KEYS = frozenset({"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid"})
_OPERATORS = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})


def policy_lacks(text: str) -> str | None:
    """What is wrong with a bucket's policy as the home of a trail, or None.

    Args:
        text: the policy as JSON.

    Raises:
        Untold: it is not a policy that can be read.
    """
    allowing = [one for one in _statements(text) if str(one.get("Effect")) == "Allow"]
    open_ones = [one for one in allowing if _is_everyone(one) and not one.get("Condition")]
    if open_ones:
        return "allows something to everyone, without a condition"
    writing = [one for one in allowing if SERVICE in _services(one)]
    if not any(_may_write(one) for one in writing):
        return "does not let CloudTrail write"
    if not all(_is_scoped(one.get("Condition")) for one in writing):
        return "lets CloudTrail in for anyone's trail: no aws:SourceArn or aws:SourceAccount condition"
    return None


def _statements(text: str) -> list[dict[str, Any]]:
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError):
        raise Untold("the bucket's policy is not JSON that can be read") from None
    found = policy.get("Statement") if isinstance(policy, dict) else None
    statements = [found] if isinstance(found, dict) else found
    if not isinstance(statements, list) or not all(isinstance(one, dict) for one in statements):
        raise Untold("the bucket's policy has no list of statements")
    return statements


def _is_everyone(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal")
    if principal is None:
        return "NotPrincipal" in statement
    return principal == "*" or (isinstance(principal, dict) and "*" in _texts(principal.get("AWS")))


def _services(statement: dict[str, Any]) -> frozenset[str]:
    principal = statement.get("Principal")
    return frozenset(_texts(principal.get("Service"))) if isinstance(principal, dict) else frozenset()


def _may_write(statement: dict[str, Any]) -> bool:
    actions = [action.lower() for action in _texts(statement.get("Action"))]
    return any(action in ("*", "s3:*", "s3:put*", "s3:putobject", "s3:putobject*") for action in actions)


def _is_scoped(condition: object) -> bool:
    """Whether some test of the condition (all must hold) names whose trail may write."""
    return any(
        operator.lower() in _OPERATORS and key.lower() in _KEYS and values and all(map(_names_somebody, values))
        for operator, key, values in _tests(condition)
    )


def _tests(condition: object) -> Iterator[tuple[str, str, list[str]]]:
    for operator, keys in condition.items() if isinstance(condition, dict) else ():
        for key, values in keys.items() if isinstance(keys, dict) else ():
            yield str(operator), str(key), _texts(values)


def _names_somebody(value: str) -> bool:
    """Whether a value holds to one account or organization: in an ARN, it is the account's part that counts."""
    if not value.startswith("arn:"):
        return "*" not in value and "?" not in value
    parts = value.split(":")
    account = parts[4] if len(parts) > 5 else ""
    return bool(account) and not any(wild in account for wild in "*?")


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [value] if isinstance(value, str) else []
