"""Values as Terraform hands them over: MessagePack, with extensions for what is not yet known.

An object is a map of exactly its schema's names, null is nil, a set is an array in any order.
https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgpack

from tests.support.stubprovider.messages import DynamicValue
from tests.support.stubprovider.schema import Block

Value = Any  # what MessagePack holds: None, bool, int, float, str, list, dict; and Unknown
Object = dict[str, Value]


@dataclass(frozen=True)
class Unknown:
    """A value that is known after apply; with its refinements, which are handed back as they came."""

    code: int = 0
    data: bytes = b"\x00"


UNKNOWN = Unknown()


def unpack(value: DynamicValue) -> Value:
    """What Terraform sent. None where it sent nothing."""
    if not value.msgpack:
        return None
    return msgpack.unpackb(value.msgpack, ext_hook=Unknown, strict_map_key=False)


def pack(value: Value) -> DynamicValue:
    """A value for Terraform."""
    packed = msgpack.packb(value, default=_extension)
    assert packed is not None  # as the type checkers think it might be
    return DynamicValue(msgpack=packed)


def _extension(value: object) -> msgpack.ExtType:
    if isinstance(value, Unknown):
        return msgpack.ExtType(value.code, value.data)
    raise TypeError(f"{value!r} is no value of Terraform's")


def known(value: Value) -> bool:
    """Nothing in it is unknown."""
    if isinstance(value, Unknown):
        return False
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(known(each) for each in inside)


def empty(block: Block) -> Object:
    """A block in which nothing is configured."""
    return whole(block, {})


def whole(block: Block, value: Mapping[str, Value]) -> Object:
    """A value with exactly the names of its schema: what is missing is null or empty, what is not of it is left out."""
    made: Object = {name: value.get(name) for name in block.attributes}
    for name, nested in block.blocks.items():
        held = value.get(name)
        if nested.mode in ("single", "group"):
            made[name] = whole(nested.block, held) if isinstance(held, dict) else held
        elif nested.mode == "map":
            made[name] = {key: whole(nested.block, one) for key, one in (held or {}).items()}
        elif isinstance(held, Unknown):
            made[name] = held
        else:
            made[name] = [whole(nested.block, one) if isinstance(one, dict) else one for one in held or []]
    return made
