"""Where an expression of a plan stands, the references it lists, and what they may come to.

Source: https://developer.hashicorp.com/terraform/internals/json-format#expression-representation
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from guardline.validator.model.resource import Ref
from guardline.validator.model.value import UnknownValue
from guardline.validator.sources.address import Key, Step

DEPTH = 64
"""References deeper than this are taken for a loop."""

Parts = Sequence[tuple[str, Key]]


class ExpressionContext(msgspec.Struct, frozen=True):
    """Where an expression stands: its module instance, and the key and repetition of what it belongs to.

    Attributes:
        modules: the module instance.
        key: the instance key of the resource or module call that holds the expression.
        repetition: its for_each or count expression, where known.
        chain: the references followed so far.
    """

    modules: tuple[Step, ...]
    key: Key = None
    repetition: Any = None
    chain: tuple[str, ...] = ()

    @property
    def static(self) -> tuple[str, ...]:
        """The module path without keys."""
        return tuple(step.name for step in self.modules)

    def beyond(self, reference: str) -> ExpressionContext:
        """This context with one more link in the chain.

        Raises:
            UnknownValue: the chain is too long to be real.
        """
        if len(self.chain) >= DEPTH:
            raise UnknownValue(f"{self.chain[0]} refers in a loop")
        return replace(self, chain=(*self.chain, reference))


class Constant(msgspec.Struct, frozen=True):
    """A candidate that is a plain value rather than a thing."""

    value: Any
    chain: tuple[str, ...] = ()


Candidate = Ref | Constant


def roots(references: list[str]) -> list[str]:
    """Keep the longest form of each reference: those that follow it as its own prefixes are dropped."""
    kept: list[str] = []
    for reference in references:
        last = kept[-1] if kept else ""
        if last == reference or last.startswith((f"{reference}.", f"{reference}[")):
            continue
        kept.append(reference)
    return kept


def mentioned(expression: Any, otherwise: str) -> list[str]:
    """The references of an expression, without their own prefixes.

    Raises:
        UnknownValue: with the text `otherwise`, where there are none.
    """
    references = expression.get("references") if isinstance(expression, dict) else None
    if not isinstance(references, list) or not references or not all(isinstance(each, str) for each in references):
        raise UnknownValue(otherwise)
    return roots(references)


def descend(value: Any, path: Parts) -> Any:
    """Walk attributes and indexes into a plain value.

    Raises:
        UnknownValue: there is no such place in it.
    """
    for step in (step for part in path for step in part if step not in ("", None)):
        if isinstance(value, dict) and step in value:  # noqa: SIM114 - apart, the type checkers see what is indexed
            value = value[step]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            raise UnknownValue(f"there is no {step} in the value")
    return value
