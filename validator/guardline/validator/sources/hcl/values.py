"""Terraform's values while an expression is evaluated.

A value is None, a bool, an int, a Decimal, a str, a list (list or tuple), a `Set`, a dict with str keys (map or
object), an `Object` whose attributes are worked out on demand, or an `Unknown`. Lists and dicts may hold unknowns.
Source: https://developer.hashicorp.com/terraform/language/expressions/types
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Context, Decimal
from typing import Any

import msgspec
from msgspec.structs import replace

from guardline.validator.semantics.unknown_parts import SOMETHING
from guardline.validator.veil import note

NUMBERS = Context(prec=155)
"""Terraform's numbers have 512 bits, about 155 decimal digits."""

SIZE = 2_000_000
"""More elements or characters than this in one value are taken for an attack."""


class EvaluationError(ValueError):
    """Terraform would refuse the expression; `try` and `can` turn on it."""


class NotEvaluatedError(Exception):
    """Terraform has a value here, and guardline does not work it out: the result is unknown, and no error to `try`."""


class TooMuchError(BaseException):
    """The configuration asks for more work than is allowed. A BaseException: nothing in a configuration, and no guard
    against faults of guardline's own, can catch it."""


class Identity(msgspec.Struct, frozen=True):
    """An attribute of a resource instance that a value came from.

    Attributes:
        address: the instance's full address.
        mode, type: of the resource.
        attribute: the attribute read.
        chain: the references followed, outermost first.
    """

    address: str
    mode: str
    type: str
    attribute: str
    chain: tuple[str, ...]


class Unknown(msgspec.Struct, frozen=True):
    """A value that the source does not tell.

    Attributes:
        reason: for people.
        of: the resource attributes that it comes from.
        loose: whether it may also be something else, as after a condition that is unknown.
        draft: for a text of which only parts are unknown, the text with marks for these parts (`unknown_parts`).
        entries: for a map of which only parts of the keys are unknown, its keys and values, by how a key is shown.
    """

    reason: str
    of: tuple[Identity, ...] = ()
    loose: bool = False
    draft: str | None = None
    entries: Mapping[str, tuple[Any, Any]] | None = None


class Told(str):
    """A string with a history: the resource attribute it was read from, or that it is sensitive."""

    __slots__ = ("of", "sensitive")

    of: Identity | None
    sensitive: bool

    @classmethod
    def make(cls, text: str, of: Identity | None = None, *, sensitive: bool = False) -> Told:
        """Attach a history; what the text carries already is kept."""
        made = cls(text)
        made.of = of or (text.of if isinstance(text, Told) else None)
        made.sensitive = sensitive or (isinstance(text, Told) and text.sensitive)
        return made


class Set(list[Any]):
    """A set: without duplicates, in the order that Terraform iterates."""

    @classmethod
    def of(cls, items: Iterable[Any]) -> Set:
        """Make a set of known values."""
        found: dict[Any, Any] = {}
        for item in items:
            found.setdefault(identity(item), item)
        return cls(sorted(found.values(), key=_order))


def is_unordered(value: Any) -> bool:
    """Whether it is a set in an order that only Terraform knows: one of lists or objects, which it sorts by a hash."""
    return isinstance(value, Set) and len(value) > 1 and any(isinstance(item, list | dict) for item in value)


class Object:
    """A resource instance or a module instance. A base class and no protocol: whether a value is one is asked often."""

    def attribute(self, name: str) -> Any:
        """The value of an attribute.

        Raises:
            EvaluationError: there is none of this name.
        """
        raise NotImplementedError

    def whole(self) -> Any:
        """All of it as a dict, or unknown."""
        raise NotImplementedError


def identity(value: Any) -> Any:
    """Something hashable that equal known values share."""
    if isinstance(value, list):
        return (Set if isinstance(value, Set) else list, tuple(identity(item) for item in value))
    if isinstance(value, dict):
        return (dict, tuple((key, identity(value[key])) for key in sorted(value)))
    return (bool if isinstance(value, bool) else Decimal if isinstance(value, int | Decimal) else type(value), value)


def _order(value: Any) -> tuple[int, Any, str]:
    if isinstance(value, str):
        return (0, 0, value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return (1, value, "")
    return (2, 0, repr(value))


def equal(left: Any, right: Any) -> bool:
    """Whether two known values are equal; values of different types are not."""
    return bool(identity(plain(left)) == identity(plain(right)))


def plain(value: Any) -> Any:
    """A value without histories."""
    if isinstance(value, Told):
        return str.__str__(value)
    if isinstance(value, list):
        items = [plain(item) for item in value]
        return Set(items) if isinstance(value, Set) else items
    if isinstance(value, dict):
        return {str.__str__(key): plain(item) for key, item in value.items()}
    return value


def bounded(value: Any) -> Any:
    """A value that is small enough to be gone through. What is shared in it counts each time: twenty lists that
    hold the one before twice are a million elements.

    Raises:
        TooMuchError: it is not.
    """
    if isinstance(value, list | dict):
        is_sensitive(value)
    return value


def _counted(left: int) -> int:
    if left < 0:
        raise TooMuchError("the configuration builds a value that is too large")
    return left - 1


def unknowns(value: Any) -> Iterator[Unknown]:
    """Every unknown in a value.

    Raises:
        TooMuchError: the value is too large.
    """
    stack = [value]
    left = SIZE
    while stack:
        item = stack.pop()
        left = _counted(left)
        if isinstance(item, Unknown):
            yield item
        elif isinstance(item, Object):
            whole = item.whole()
            if isinstance(whole, Unknown):
                yield whole
            else:
                stack.append(whole)
        elif isinstance(item, dict):
            stack.extend(reversed(item.values()))
        elif isinstance(item, list):
            stack.extend(reversed(item))


def merged(found: Iterable[Unknown], *, loose: bool = False) -> Unknown:
    """One unknown for a result that several go into."""
    parts = list(found)
    identities = {each: None for part in parts for each in part.of}
    return Unknown(parts[0].reason, tuple(identities), loose or any(part.loose for part in parts))


def unknown_in(*values: Any) -> Unknown | None:
    """The unknown that a result of these values is, or None when all is known."""
    found = list(unknowns(list(values)))
    return merged(found) if found else None


def drafted(value: Any) -> Any:
    """The value with a text for each unknown in it: its draft, or the mark of something."""
    if isinstance(value, Unknown):
        return SOMETHING if value.draft is None or value.loose else value.draft
    if isinstance(value, Object):
        return drafted(value.whole())
    if isinstance(value, Set):
        return Set(drafted(item) for item in value)
    if isinstance(value, list):
        return [drafted(item) for item in value]
    if isinstance(value, dict):
        return {key: drafted(item) for key, item in value.items()}
    return value


def is_sensitive(*values: Any) -> bool:
    """Whether any part is sensitive, keys of maps among them.

    Raises:
        TooMuchError: the value is too large.
    """
    stack = list(values)
    left = SIZE
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if isinstance(item, Told) and item.sensitive:
                return True
            left -= len(item) >> 4  # long texts that are shared count as well
        elif isinstance(item, dict):
            stack.extend(item)
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
        left = _counted(left)
    return False


def hidden(value: Any) -> Any:
    """Mark every string in a value as sensitive, keys among them."""
    note(value)
    return _hidden(value)


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return Told.make(value, sensitive=True)
    if isinstance(value, Set):
        return Set(_hidden(item) for item in value)
    if isinstance(value, list):
        return [_hidden(item) for item in value]
    if isinstance(value, dict):
        return {_hidden(key): _hidden(item) for key, item in value.items()}
    return value


def has_chain(value: Any) -> bool:
    """Whether the value remembers the references that led to it."""
    return (isinstance(value, Unknown) and bool(value.of)) or (isinstance(value, Told) and value.of is not None)


def through(value: Any, reference: str) -> Any:
    """The value, with one more reference at the head of its chain."""
    if isinstance(value, Unknown) and value.of:
        return replace(value, of=tuple(_longer(each, reference) for each in value.of))
    if isinstance(value, Told) and value.of is not None:
        return Told.make(value, _longer(value.of, reference))
    return value


def _longer(of: Identity, reference: str) -> Identity:
    if len(of.chain) >= 32:  # a report needs no more, and a loop of calls would grow without end
        return of
    return replace(of, chain=(reference, *of.chain))


# -- conversions -------------------------------------------------------------------------------------------------


def is_number(value: Any) -> bool:
    """Whether a value is a number, and not a bool."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def to_text(value: Any) -> str:
    """Convert to a string as Terraform does.

    Raises:
        EvaluationError: null, or a collection.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        text = format(value, "f")
        return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
    raise EvaluationError(f"a string is required, and this is {name_of(value)}")


def to_number(value: Any) -> int | Decimal:
    """Convert to a number as Terraform does: numbers, and strings that hold one.

    Raises:
        EvaluationError: anything else.
    """
    if is_number(value):
        return tidy_number(value)
    if isinstance(value, str):
        try:
            if len(value) < 1000 and value == value.strip() and "_" not in value:
                return tidy_number(NUMBERS.create_decimal(value))
        except ArithmeticError:  # none, or beyond what a Decimal can be
            pass
        raise EvaluationError("a number is required, and this text is none")
    raise EvaluationError(f"a number is required, and this is {name_of(value)}")


def tidy_number(value: int | Decimal) -> int | Decimal:
    """An int where the number is whole and of a size that an int can bear.

    Raises:
        EvaluationError: not a finite number.
    """
    if isinstance(value, int):
        return value
    if not value.is_finite():
        raise EvaluationError("not a finite number")
    if value == 0:
        return 0
    if value.adjusted() > 400:
        raise EvaluationError("a number too large to be worked with")
    return int(value) if value == value.to_integral_value() else value


def to_bool(value: Any) -> bool:
    """Convert to a bool as Terraform does: bools, and the strings ``true`` and ``false``.

    Raises:
        EvaluationError: anything else.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in ("true", "false"):
        return value == "true"
    raise EvaluationError(f"true or false is required, and this is {name_of(value)}")


def to_int(value: Any) -> int:
    """Convert to a whole number.

    Raises:
        EvaluationError: anything else.
    """
    number = to_number(value)
    if not isinstance(number, int):
        raise EvaluationError("a whole number is required")
    return number


def name_of(value: Any) -> str:
    """What kind of value it is, for people."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if is_number(value):
        return "a number"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, Set):
        return "a set"
    return "a list" if isinstance(value, list) else "an object"
