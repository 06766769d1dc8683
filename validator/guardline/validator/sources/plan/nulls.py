"""Nulls where a plan usually leaves a member out: tools that write plans anew often give ``"module_address": null``."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import msgspec


def without_nulls(value: Any, kind: Any) -> Any:
    """A JSON value without the nulls that a type does not accept, so that its defaults stand for them.

    Args:
        value: the value, decoded.
        kind: the type it shall be decoded to. What it leaves raw stays as it is: a null there is a value.
    """
    kind = _inner(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
        types = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
        return {
            name: without_nulls(each, types.get(name))
            for name, each in value.items()
            if each is not None or _accepts_null(types.get(name))
        }
    if get_origin(kind) is list and isinstance(value, list):
        return [without_nulls(each, get_args(kind)[0]) for each in value]
    if get_origin(kind) is dict and isinstance(value, dict):
        return {name: without_nulls(each, get_args(kind)[1]) for name, each in value.items()}
    return value


def _inner(kind: Any) -> Any:
    """Of ``X | None``, X."""
    if get_origin(kind) not in (Union, UnionType):
        return kind
    return next((each for each in get_args(kind) if each is not NoneType), None)


def _accepts_null(kind: Any) -> bool:
    """Whether a null is a value of the type; of a member that nobody reads, it makes no difference."""
    kinds = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    return kind is None or NoneType in kinds or msgspec.Raw in kinds
