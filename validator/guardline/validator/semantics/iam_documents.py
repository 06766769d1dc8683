"""IAM policy documents as typed statements.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NoReturn

import msgspec

from guardline.validator.semantics.unknown_parts import shown


class Condition(msgspec.Struct, frozen=True):
    """One test of a statement's ``Condition``; all of a statement's tests must hold."""

    operator: str
    key: str
    values: tuple[str, ...]


class Statement(msgspec.Struct, frozen=True):
    """One statement.

    Attributes:
        sid: its name, "" without one.
        allows: True for Allow, False for Deny.
        actions: the entries of Action, or of NotAction if `all_but_actions`.
        resources: the entries of Resource, or of NotResource if `all_but_resources`; ``*`` where there is neither,
            as in a role's trust policy.
        principals: who, in a resource policy; None where the statement names nobody.
        all_but_principals: `principals` are those of NotPrincipal.
        conditions: what must hold for the statement to apply.
    """

    sid: str
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    conditions: tuple[Condition, ...] = ()
    principals: tuple[tuple[str, tuple[str, ...]], ...] | None = None
    all_but_actions: bool = False
    all_but_resources: bool = False
    all_but_principals: bool = False


class Document(msgspec.Struct, frozen=True):
    """A policy document: its statements in order."""

    statements: tuple[Statement, ...]


@lru_cache(maxsize=1024)  # the same texts stand in every region
def parse(text: str) -> Document:
    """Read a policy's JSON text.

    Raises:
        ValueError: IAM would refuse the document; the message says where and why.
    """
    try:
        return from_object(json.loads(text, object_pairs_hook=_once))
    except json.JSONDecodeError as error:
        raise ValueError(f"the policy is not JSON: {error}") from error
    except RecursionError as error:
        raise ValueError("the policy is nested too deeply") from error


def from_object(document: object) -> Document:
    """Read a policy given as the JSON object; raises `ValueError` as `parse` does."""
    if not isinstance(document, Mapping):
        _refuse("the policy", "expected a JSON object")
    found = document.get("Statement", [])
    several = found if isinstance(found, list) else [found]
    return Document(tuple(_statement(each, f"statement {place}") for place, each in enumerate(several, 1)))


def _refuse(where: str, why: str) -> NoReturn:
    raise ValueError(f"{where}: {why}")


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        twice = sorted({key for key, _ in pairs if sum(1 for other, _ in pairs if other == key) > 1})
        _refuse("the policy", f"{', '.join(twice)} stands twice in one object, and one of the two would be lost")
    return made


def _statement(body: object, where: str) -> Statement:
    if not isinstance(body, Mapping):
        _refuse(where, "expected an object")
    effect = body.get("Effect")
    if effect not in ("Allow", "Deny"):
        _refuse(where, f"Effect must be Allow or Deny, not {shown(str(effect))}")
    actions = _either(body, "Action", where)
    if actions is None:
        _refuse(where, "it has neither Action nor NotAction")
    resources = _either(body, "Resource", where) or (("*",), False)
    principal = _one_of(body, "Principal", where)
    return Statement(
        sid=str(body.get("Sid") or ""),
        allows=effect == "Allow",
        actions=actions[0],
        all_but_actions=actions[1],
        resources=resources[0],
        all_but_resources=resources[1],
        conditions=tuple(_conditions(body.get("Condition") or {}, where)),
        principals=None if principal is None else tuple(_principals(body[principal], where)),
        all_but_principals=principal == "NotPrincipal",
    )


def _one_of(body: Mapping[str, Any], name: str, where: str) -> str | None:
    """Which of an element and its Not form is there."""
    there = [each for each in (name, f"Not{name}") if each in body]
    if len(there) == 2:
        _refuse(where, f"it has both {name} and Not{name}")
    return there[0] if there else None


def _either(body: Mapping[str, Any], name: str, where: str) -> tuple[tuple[str, ...], bool] | None:
    """The entries of an element or its Not form, and whether it was the latter."""
    there = _one_of(body, name, where)
    return None if there is None else (_texts(body[there], f"{where}, {there}"), there != name)


def _texts(value: object, where: str) -> tuple[str, ...]:
    several = value if isinstance(value, list) else [value]
    texts = tuple(each for each in several if isinstance(each, str))
    if not texts or len(texts) < len(several):
        _refuse(where, "expected a string or a list of strings")
    return texts


def _principals(value: object, where: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    if value == "*":
        yield "*", ("*",)
        return
    if not isinstance(value, Mapping):
        _refuse(where, 'Principal must be "*" or an object such as {"Service": "events.amazonaws.com"}')
    for kind, who in value.items():
        yield kind, _texts(who, f"{where}, Principal {kind}")


def _conditions(value: object, where: str) -> Iterator[Condition]:
    if not isinstance(value, Mapping):
        _refuse(where, "Condition must be an object")
    for operator, tests in value.items():
        if not isinstance(tests, Mapping):
            _refuse(where, f"Condition {operator} must be an object of keys")
        for key, wanted in tests.items():
            several = wanted if isinstance(wanted, list) else [wanted]
            yield Condition(operator, key, tuple(_scalar(each, f"{where}, {operator} {key}") for each in several))


def _scalar(value: object, where: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    _refuse(where, "expected a string, number or boolean")
