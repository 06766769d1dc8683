"""What for_each and count make of a block.

Source: https://developer.hashicorp.com/terraform/language/meta-arguments/for_each
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from guardline.validator.sources.address import Key
from guardline.validator.sources.hcl.evaluate import Local, attempt
from guardline.validator.sources.hcl.syntax import Block
from guardline.validator.sources.hcl.values import EvaluationError, Object, Set, Unknown, is_sensitive, to_bool, to_int


class Repetition(msgspec.Struct, frozen=True):
    """The instances of a block: their keys with what `each` or `count` stands for, or why they are unknown.

    Attributes:
        instances: by key.
        unknown: why they are unknown, or None.
        unnamed: why their keys are unknown where there are surely as many, or None.
        keyed: whether a `for_each` makes them.
        disabled: whether ``lifecycle { enabled = false }`` leaves the block out; a reference to it is null.
    """

    instances: Mapping[Key, Mapping[str, Any]]
    unknown: str | None = None
    unnamed: str | None = None
    keyed: bool = False
    disabled: bool = False


_LIFECYCLE = frozenset(
    {"create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by", "destroy", "enabled"}
    | {"precondition", "postcondition", "action_trigger"}
)
"""What a `lifecycle` block may hold. Of these, `enabled` alone says whether there is an instance.

Sources: https://developer.hashicorp.com/terraform/language/meta-arguments#lifecycle and
https://opentofu.org/docs/language/meta-arguments/enabled/ (OpenTofu 1.11, resources and module calls)
"""


def repeat(block: Block, scope: Local, counted: Callable[[int], None]) -> Repetition:
    """The instances of a block.

    Args:
        block: a resource, a module call, or (OpenTofu) a provider.
        scope: where it stands.
        counted: called with how many there are, before they are made.
    """
    attributes = block.body.attributes
    for lifecycle in block.body.of("lifecycle"):
        named = (*lifecycle.body.attributes, *(each.type for each in lifecycle.body.blocks))
        strange = next((name for name in named if name not in _LIFECYCLE), None)
        if strange is not None:
            return Repetition({}, f"its lifecycle has {strange}, which guardline does not know")
        if "enabled" in lifecycle.body.attributes:
            return _enabled(attempt(lifecycle.body.attributes["enabled"].value, scope), counted)
    if "for_each" in attributes:
        return _for_each(attempt(attributes["for_each"].value, scope), counted)
    if "count" in attributes:
        return _count(attempt(attributes["count"].value, scope), counted)
    counted(1)
    return Repetition({None: {}})


def _enabled(value: Any, counted: Callable[[int], None]) -> Repetition:
    if isinstance(value, Unknown):
        return Repetition({}, f"whether it is enabled is unknown: {value.reason}")
    try:
        enabled = to_bool(value)
    except EvaluationError as error:
        return Repetition({}, f"its lifecycle's enabled: {error}")
    counted(int(enabled))
    return Repetition({None: {}} if enabled else {}, disabled=not enabled)


def _count(value: Any, counted: Callable[[int], None]) -> Repetition:
    if isinstance(value, Unknown):
        return Repetition({}, f"its count is unknown: {value.reason}")
    try:
        number = to_int(value)
    except EvaluationError as error:
        return Repetition({}, f"its count: {error}")
    if number < 0:
        return Repetition({}, "its count is negative")
    counted(number)
    return Repetition({index: {"count": {"index": index}} for index in range(number)})


def _for_each(value: Any, counted: Callable[[int], None]) -> Repetition:
    if isinstance(value, Object):
        value = value.whole()
    if isinstance(value, Unknown) and value.entries is not None:
        counted(len(value.entries))
        named = sorted(value.entries.items())
        found: dict[Key, Mapping[str, Any]] = {key: {"each": {"key": own, "value": item}} for key, (own, item) in named}
        return Repetition(found, unnamed=f"its for_each is unknown: {value.reason}", keyed=True)
    if isinstance(value, Unknown):
        return Repetition({}, f"its for_each is unknown: {value.reason}")
    if is_sensitive(list(value) if isinstance(value, dict) else value):
        return Repetition({}, "its for_each is sensitive")
    if isinstance(value, dict):
        items = {str.__str__(key): value[key] for key in sorted(value)}
    elif isinstance(value, Set) and all(isinstance(item, str) for item in value):
        items = {str.__str__(item): item for item in value}
    else:
        return Repetition({}, "its for_each is neither a map nor a set of strings")
    counted(len(items))
    return Repetition({key: {"each": {"key": key, "value": item}} for key, item in items.items()}, keyed=True)


def gathered(repetition: Repetition, instances: Mapping[Key, Any], name: str) -> Any:
    """What a reference to a repeated block gives: one, a list or a map."""
    if (why := repetition.unknown or repetition.unnamed) is not None:
        return Unknown(f"{name}: {why}")
    if repetition.disabled:
        return None
    if None in instances:
        return instances[None]
    return dict(instances) if repetition.keyed else list(instances.values())  # both in the order of their keys
