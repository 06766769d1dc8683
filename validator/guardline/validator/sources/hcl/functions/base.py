"""How a function is described and called."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import msgspec

from guardline.validator.sources.hcl.syntax import Expression
from guardline.validator.sources.hcl.values import (
    SIZE,
    EvaluationError,
    NotEvaluatedError,
    Object,
    Set,
    TooMuchError,
    Unknown,
    hidden,
    is_sensitive,
    merged,
    unknown_in,
)


class Function(msgspec.Struct, frozen=True, dict=True):
    """A function over values.

    Attributes:
        apply: works it out; raises EvaluationError where Terraform refuses.
        deep: whether an unknown anywhere in the arguments makes the result unknown; else only one that is an argument.
        lenient: whether it looks at unknown arguments itself.
        reads_files: whether it reads files; the scope then works it out.
        partly: what of it is evaluated, where not all is; the rest is unknown. For the documentation.
    """

    apply: Callable[..., Any]
    deep: bool = True
    lenient: bool = False
    reads_files: bool = False
    partly: str = ""

    @cached_property
    def takes(self) -> tuple[int, float]:
        """The least and the greatest number of arguments."""
        given = inspect.signature(self.apply).parameters.values()
        single = [each for each in given if each.kind is not each.VAR_POSITIONAL]
        least = sum(each.default is each.empty for each in single)
        return least, len(single) if len(single) == len(given) else math.inf


class Special(msgspec.Struct, frozen=True):
    """A function that evaluates its own arguments (`try`, `can`)."""

    apply: Callable[[list[Expression], Callable[[Expression], Any]], Any]


def call(name: str, function: Function, values: list[Any]) -> Any:
    """Call a function.

    Raises:
        EvaluationError: a wrong number of arguments, or what Terraform would refuse.
        TooMuchError: the result is too large.
    """
    least, most = function.takes
    if not least <= len(values) <= most:
        raise EvaluationError(f"{name}: {len(values)} arguments are too {'few' if len(values) < least else 'many'}")
    values = [value.whole() if isinstance(value, Object) else value for value in values]
    if not function.lenient:
        found = unknown_in(*values) if function.deep else _shallow(values)
        if found is not None:
            return found
    sensitive = is_sensitive(*values)  # this bounds what the function goes through as well
    try:
        result = function.apply(*values)
    except EvaluationError as error:
        raise EvaluationError(f"{name}: {error}") from None
    except NotEvaluatedError as error:
        return Unknown(f"{name}: {error}")
    if isinstance(result, _SIZED) and len(result) > SIZE:
        raise TooMuchError(f"{name} makes a value that is too large")
    return hidden(result) if sensitive and name != "nonsensitive" else result


_SIZED = (str, list, dict)


def _shallow(values: list[Any]) -> Unknown | None:
    found = [value for value in values if isinstance(value, Unknown)]
    return merged(found) if found else None


def a_list(value: Any) -> list[Any]:
    """The value if it is a list or a set.

    Raises:
        EvaluationError: it is not.
    """
    if not isinstance(value, list):
        raise EvaluationError("a list is required")
    return value


def a_sequence(value: Any) -> list[Any]:
    """The value if it is a list, and not a set.

    Raises:
        EvaluationError: it is not.
    """
    if isinstance(value, Set):
        raise EvaluationError("a list is required, and this is a set")
    return a_list(value)


def a_map(value: Any) -> dict[str, Any]:
    """The value if it is a map or an object.

    Raises:
        EvaluationError: it is not.
    """
    if not isinstance(value, dict):
        raise EvaluationError("a map is required")
    return value
