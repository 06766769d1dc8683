"""Protocol Buffers' wire format for dataclasses: a message is a class, a field's number stands in its annotation.

Only what Terraform's plugin protocol uses: strings, bytes, booleans, whole numbers and enumerations, messages, lists of
them, and maps from text. As in proto3, an unset field is one with its default, and unknown fields are skipped.
https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

M = TypeVar("M")
VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5


@dataclasses.dataclass(frozen=True)
class _Field:
    name: str
    number: int
    kind: type[Any]  # of one element
    repeated: bool
    mapped: bool


@cache
def _fields(message: Callable[..., Any]) -> tuple[_Field, ...]:
    hints = get_type_hints(message, include_extras=True)
    return tuple(_field(name, *get_args(hint)) for name, hint in hints.items())


def _field(name: str, hint: Any, number: int) -> _Field:
    inside = get_args(hint)
    if get_origin(hint) is tuple:
        return _Field(name, number, inside[0], repeated=True, mapped=False)
    if get_origin(hint) in (dict, Mapping):
        return _Field(name, number, inside[1], repeated=False, mapped=True)
    return _Field(name, number, inside[0] if inside else hint, repeated=False, mapped=False)


def encode(message: Any) -> bytes:
    """A message as bytes."""
    out = bytearray()
    kind: Callable[..., Any] = type(message)
    for field in _fields(kind):
        value = getattr(message, field.name)
        if field.mapped:
            for key, one in value.items():
                entry = bytearray()
                _put(entry, 1, key)
                _put(entry, 2, one)
                _put(out, field.number, bytes(entry))
        elif field.repeated:
            for one in value:
                _put(out, field.number, one)
        elif value is not None and (dataclasses.is_dataclass(value) or value):
            _put(out, field.number, value)
    return bytes(out)


def _put(out: bytearray, number: int, value: Any) -> None:
    if isinstance(value, int):
        _number(out, number << 3 | VARINT)
        _number(out, value & 0xFFFF_FFFF_FFFF_FFFF)
        return
    body = value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else encode(value)
    _number(out, number << 3 | LENGTH)
    _number(out, len(body))
    out += body


def _number(out: bytearray, value: int) -> None:
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def decoder(message: Callable[..., M]) -> Callable[[bytes], M]:
    """What makes a message of bytes; a ValueError if they are no such message."""
    fields = {field.number: field for field in _fields(message)}

    def decode(data: bytes) -> M:
        found: dict[str, Any] = {}
        for number, value in _entries(data):
            field = fields.get(number)
            if field is None:
                continue
            if field.mapped:
                entry = dict(_entries(value))
                found.setdefault(field.name, {})[entry.get(1, b"").decode()] = _made(field.kind, entry.get(2, b""))
            elif field.repeated:
                found.setdefault(field.name, []).append(_made(field.kind, value))
            else:
                found[field.name] = _made(field.kind, value)
        return message(**{name: tuple(value) if isinstance(value, list) else value for name, value in found.items()})

    return decode


def _made(kind: type[Any], value: Any) -> Any:
    if kind is str:
        return value.decode()
    if kind is bool:
        return bool(value)
    if kind is int:
        return value - (1 << 64) if value >> 63 else value
    return value if kind is bytes else decoder(kind)(value)


def _entries(data: bytes) -> Iterator[tuple[int, Any]]:
    """(field number, number or bytes) of everything in a message."""
    here, end = 0, len(data)
    while here < end:
        tag, here = _read(data, here)
        number, form = tag >> 3, tag & 7
        if form == VARINT:
            value, here = _read(data, here)
            yield number, value
            continue
        if form == LENGTH:
            size, here = _read(data, here)
        elif form in (FIXED64, FIXED32):
            size = 8 if form == FIXED64 else 4
        else:
            raise ValueError(f"field {number} has wire type {form}, which Terraform's protocol does not use")
        if here + size > end:
            raise ValueError(f"field {number} ends after its message")
        yield number, data[here : here + size]
        here += size


def _read(data: bytes, here: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if here >= len(data):
            raise ValueError("a number ends after its message")
        byte = data[here]
        here += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, here
        shift += 7
