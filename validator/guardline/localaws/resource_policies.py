"""Policies of buses, buckets and keys, as far as AWS reads them before it ties one thing to another."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from operator import eq
from typing import Any

_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "ArnEquals": fnmatchcase,
    "ArnLike": fnmatchcase,
    "StringLike": fnmatchcase,
    "StringEquals": eq,
}


def statements(text: str | bytes | None) -> Iterable[Mapping[str, Any]]:
    """The statements of a policy; none where there is no policy."""
    found: Iterable[Mapping[str, Any]] = json.loads(text or "{}").get("Statement", ())
    return found


def account(number: str) -> Callable[[str, str], bool]:
    """Who an account is to a policy: all of it, or everybody."""
    return lambda kind, name: kind in ("AWS", "*") and (name in ("*", number) or name.endswith(f"::{number}:root"))


def service(principal: str) -> Callable[[str, str], bool]:
    """Who a service is to a policy."""
    return lambda kind, name: kind == "Service" and name == principal


def lets_in(
    statement: Mapping[str, Any],
    action: str,
    who: Callable[[str, str], bool],
    known: Mapping[str, str],
    resource: str | None = None,
) -> bool:
    """Whether a statement allows an action.

    Args:
        statement: of the policy.
        action: e.g. ``events:PutEvents``.
        who: whether a principal, by its kind (``AWS``, ``Service``, ``*``) and name, is the one that asks.
        known: condition key -> its value in the request; a condition on anything else does not hold.
        resource: what is asked for; None is what the policy belongs to.
    """
    principal = statement.get("Principal")
    named = principal if isinstance(principal, dict) else {"*": principal}
    return (
        statement.get("Effect") == "Allow"
        and any(fnmatchcase(action, each) for each in _listed(statement.get("Action")))
        and any(who(kind, each) for kind, names in named.items() for each in _listed(names))
        and (resource is None or any(fnmatchcase(resource, each) for each in _listed(statement.get("Resource"))))
        and all(
            operator in _TESTS
            and key in known
            and any(_TESTS[operator](known[key], value) for value in _listed(values))
            for operator, keys in (statement.get("Condition") or {}).items()
            for key, values in keys.items()
        )
    )


def _listed(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [] if value is None else [str(value)]
