"""Sample requests against a rendered resource policy (bucket, key, topic, queue, bus): what would AWS answer?

An evaluator of its own, so that a fault in the validator's judge cannot hide in the tests of the generator. It knows
the whole request: a context key that is not given is absent. What it does not know it refuses to guess.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Decision = Literal["allow", "deny", "silent"]
"""allow: a statement allows it and none denies it. deny: a statement denies it. silent: no statement speaks of it, so
that a service, or another account, is refused, while the account's own identities need permissions of their own."""


@dataclass(frozen=True)
class Request:
    """One request.

    Attributes:
        principal: who: ``guardduty.amazonaws.com``, or the ARN of a user or role (of a session: its role's).
        action: e.g. ``s3:PutObject``.
        resource: its ARN; for a key or topic policy, the ARN of the key or topic.
        context: condition keys and their values; TLS is used unless ``aws:SecureTransport`` says otherwise.
    """

    principal: str
    action: str
    resource: str
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)

    def values(self, key: str) -> tuple[str, ...]:
        """The values of a condition key, whose name is not case-sensitive; empty where the request lacks it."""
        given = {"aws:securetransport": ("true",)} | {
            name.lower(): (value,) if isinstance(value, str) else tuple(value) for name, value in self.context.items()
        }
        return given.get(key.lower(), ())


def decide(policy: str | Mapping[str, Any], request: Request) -> Decision:
    """What a resource policy says to a request.

    Args:
        policy: the document, as JSON or read already.
        request: the request.

    Raises:
        ValueError: the policy holds an element or an operator that this evaluator does not know.
    """
    document: Mapping[str, Any] = json.loads(policy) if isinstance(policy, str) else policy
    effects = {statement["Effect"] for statement in _many(document["Statement"]) if _speaks(statement, request)}
    return "deny" if "Deny" in effects else "allow" if "Allow" in effects else "silent"


def policies(plan: Mapping[str, Any]) -> dict[str, str]:
    """Every policy document of a plan (`terraform show -json`), as it is once the plan is applied.

    Returns:
        Address of the bucket policy, key, topic policy, ... -> its policy. One that is known after apply only is not
        in it: use a plan made after apply.
    """
    return {
        change["address"]: change["change"]["after"]["policy"]
        for change in plan["resource_changes"]
        if change["mode"] == "managed" and isinstance((change["change"]["after"] or {}).get("policy"), str)
    }


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_ELEMENTS = {"Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"}


def _speaks(statement: Mapping[str, Any], request: Request) -> bool:
    unknown = set(statement) - _ELEMENTS
    if unknown or "Principal" not in statement:
        raise ValueError(f"not evaluated: a statement with {', '.join(sorted(unknown)) or 'no Principal'}")
    return (
        _is_meant(statement["Principal"], request.principal)
        and _listed(statement, "Action", request.action, folded=True)
        and _listed(statement, "Resource", request.resource)
        and all(
            _holds(operator, key, [_text(value) for value in _many(wanted)], request)
            for operator, tests in statement.get("Condition", {}).items()
            for key, wanted in tests.items()
        )
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_meant(principal: Any, who: str) -> bool:
    if principal == "*":
        return True
    for kind, names in principal.items():
        for name in _many(names):
            if kind == "Service" and name == who:
                return True
            if kind == "AWS" and who.startswith("arn:") and _is_identity(name, who):
                return True
            if kind not in ("Service", "AWS"):
                raise ValueError(f"not evaluated: a principal of kind {kind}")
    return False


def _is_identity(name: str, who: str) -> bool:
    """A policy may name everyone, an account by its id or its root, or one identity."""
    account = who.split(":")[4]
    return name in ("*", account, who) or re.fullmatch(rf"arn:aws[a-z-]*:iam::{account}:root", name) is not None


def _listed(statement: Mapping[str, Any], element: str, value: str, *, folded: bool = False) -> bool:
    negated = f"Not{element}" in statement
    patterns = [str(each) for each in _many(statement[f"Not{element}" if negated else element])]
    if folded:
        value, patterns = value.lower(), [pattern.lower() for pattern in patterns]
    return any(_like(pattern, value) for pattern in patterns) != negated


def _like(pattern: str, value: str) -> bool:
    if "${" in pattern:
        raise ValueError(f"not evaluated: the policy variable in {pattern}")
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.fullmatch("".join(parts), value, re.DOTALL) is not None


def _arn_like(pattern: str, value: str) -> bool:
    """The six parts are compared one by one, so that ``*`` does not reach over a colon."""
    wanted, given = pattern.split(":", 5), value.split(":", 5)
    return len(wanted) == len(given) == 6 and all(_like(one, other) for one, other in zip(wanted, given, strict=True))


_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
    "NumericEquals": lambda wanted, value: float(wanted) == float(value),
    "NumericLessThan": lambda wanted, value: float(value) < float(wanted),
    "NumericLessThanEquals": lambda wanted, value: float(value) <= float(wanted),
    "NumericGreaterThan": lambda wanted, value: float(value) > float(wanted),
    "NumericGreaterThanEquals": lambda wanted, value: float(value) >= float(wanted),
}


def _holds(operator: str, key: str, wanted: Sequence[str], request: Request) -> bool:
    values = request.values(key)
    if operator == "Null":
        return ("false" if values else "true") in [each.lower() for each in wanted]
    quantifier, _, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    negated = "Not" in name
    test = _TESTS.get(name.replace("Not", "", 1))
    if test is None or quantifier not in ("", "ForAllValues", "ForAnyValue"):
        raise ValueError(f"not evaluated: the condition operator {operator}")
    if not values:
        # A negated test holds where the key is absent; so does every test that ends in IfExists, and ForAllValues.
        return if_exists or quantifier == "ForAllValues" or (negated and quantifier == "")
    if len(values) > 1 and not quantifier:
        raise ValueError(f"not evaluated: {key} has several values, which needs ForAllValues or ForAnyValue")
    answers = [any(test(one, value) for one in wanted) != negated for value in values]
    return any(answers) if quantifier == "ForAnyValue" else all(answers)
