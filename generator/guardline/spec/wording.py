"""Pydantic's findings in the words of the spec: what is accepted, and what was probably meant."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from guardline.spec.block import Block
from guardline.spec.mistakes import closest, did_you_mean
from guardline.spec.model import NOT_YET, Spec
from guardline.spec.tree import Path

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_TYPES = {
    "string_type": "must be text; put it in quotes if it looks like something else",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "model_attributes_type": "must be a mapping of keys to values",
}
_MAPPINGS = ("dict_type", "model_type", "model_attributes_type")

_SHAPES: dict[Path, str] = {
    ("regions",): "; every region that AWS enables by default is covered anyway, so write e.g. "
    "`regions: {opted_in: [ap-east-1], not_opted_in: rest}`",
    ("regions", "exclude"): "; write `{region: NAME, reason: WHY, approved_by: WHO, until: DATE}`",
    ("regions", "retiring"): "; write `{region: NAME, mode: forget}`",
    ("account",): '; write `account: {id: "111122223333"}`',
}
"""What to write where the shape is wrong, by the path without its list's index."""

_CALLED: dict[str, str] = {
    "s3_protection": "s3_data_events",
    "eks_protection": "eks_audit_logs",
    "malware_protection": "ebs_malware_protection",
    "rds_protection": "rds_login_events",
    "lambda_protection": "lambda_network_logs",
}
"""The names of protection plans in AWS's console, and of controls here -> the spec's keys, which are the API's."""


def path_of(error: ErrorDetails) -> tuple[Path, bool]:
    """The path in the YAML that the error is about, and whether it is about the key rather than the value."""
    location = error["loc"]
    if location and location[-1] == "[key]":
        return location[:-1], True
    return location, error["type"] == "extra_forbidden"


def message(error: ErrorDetails) -> str:
    """One sentence without a full stop: which field, what is wrong and what is accepted."""
    path, _ = path_of(error)
    if error["type"] == "missing":
        return f"`{path[-1]}` is missing" + (f" in {dotted(path[:-1])}" if len(path) > 1 else "")
    if error["type"] == "extra_forbidden":
        return _unknown_key(path)
    return f"{dotted(path)}: {_value(error)}"


def _value(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "literal_error":
        return _choice(error["input"], context["expected"])
    if kind == "value_error":
        return str(context["error"])
    if kind == "greater_than_equal":
        return f"must be at least {context['ge']}"
    if kind == "less_than_equal":
        return f"must be at most {context['le']}"
    if kind == "too_long":
        return f"has {len(error['input'])} entries; at most {context['max_length']} are accepted"
    return _TYPES.get(kind, error["msg"]) + (_shape(path_of(error)[0]) if kind in _MAPPINGS else "")


def _shape(path: Path) -> str:
    return _SHAPES.get(tuple(step for step in path if isinstance(step, str)), "")


def dotted(path: Path) -> str:
    """``regions.exclude[0].until``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def _choice(value: Any, expected: str) -> str:
    """`expected` is pydantic's list, e.g. ``'vpc' or 'subnets'``."""
    accepted = expected.replace("'", "`")
    hint = did_you_mean(value, expected.split("'")[1::2]) if isinstance(value, str) else ""
    return f"must be {accepted}{hint}"


def _unknown_key(path: Path) -> str:
    key = str(path[-1])
    if path in NOT_YET:
        return f"this version of Guardline does not know `{dotted(path)}` yet; leave it out"
    accepted = fields(path[:-1])
    hint = _meant(key, accepted) or did_you_mean(key, accepted) or f"; accepted here: {_list(accepted)}"
    return f"unknown key `{key}`{hint}"


def _meant(key: str, accepted: tuple[str, ...]) -> str:
    """What is meant by a name that others use, or by a key that stands elsewhere."""
    if (called := _CALLED.get(key.lower().replace("-", "_"))) in accepted:
        return f"; did you mean `{called}`?"
    places = [dotted(path) for path in _paths(Spec, ()) if path[-1] == key]
    return f"; it belongs to `{places[0]}`" if len(places) == 1 else ""


def _paths(block: type[Block], above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The path of every key of the spec, without the indices of lists and the user's own keys."""
    for name, field in block.model_fields.items():
        yield (*above, name)
        inner = _block(field.annotation)
        if inner is not None:
            yield from _paths(inner, (*above, name))


def _list(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def without_echoes(errors: Iterable[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out a missing key where a misspelt one stands beside it: that is one mistake, not two."""
    errors = list(errors)
    meant = {
        (*path[:-1], closest(str(path[-1]), fields(path[:-1])))
        for path in (error["loc"] for error in errors if error["type"] == "extra_forbidden")
    }
    return [error for error in errors if error["type"] != "missing" or error["loc"] not in meant]


def fields(path: Path) -> tuple[str, ...]:
    """The keys that the spec accepts in the mapping at the path."""
    block: type[Block] = Spec
    of_any_key = False
    for step in path:
        if of_any_key:  # a key of a mapping whose keys are the user's own
            of_any_key = False
        elif isinstance(step, str):
            annotation = block.model_fields[step].annotation
            found = _block(annotation)
            assert found is not None, f"{dotted(path)} is no mapping of the model"  # noqa: S101 - pydantic said it is
            block, of_any_key = found, get_origin(annotation) is dict
    return tuple(block.model_fields)


def _block(annotation: Any) -> type[Block] | None:
    """The model inside ``Model | None``, ``tuple[Model, ...]`` or ``dict[str, Model]``."""
    if isinstance(annotation, type) and issubclass(annotation, Block):
        return annotation
    if get_origin(annotation) in (tuple, dict, Annotated, Union, types.UnionType):
        return next((block for part in get_args(annotation) if (block := _block(part))), None)
    return None
