"""`Value[T]`: what is known, or why it is not.

Every leaf of the estate is a `Value`. The only way in is `.get()`, and `.get()` on an unknown raises `UnknownValue`,
which `evaluate` alone turns into the verdict *undetermined*. There is no truthiness and no comparison with a plain
value, so that neither a person nor a type checker can let an unknown pass for an answer.

A value may remember the line that it was written on. `looked_at` tells which such values a check has looked at: the
last of them is what decided, and evidence points there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Generic, NamedTuple, NoReturn, TypeVar, cast, final

T = TypeVar("T")
U = TypeVar("U")


class Leaf(NamedTuple):
    """Where a value is written.

    Attributes:
        of: the address, file and line of the resource that it belongs to.
        file, line: its own: POSIX, as shown to people; 1-based.
        variables: gives the variables of its module that it is made of.
    """

    of: tuple[str, str | None, int | None]
    file: str
    line: int
    variables: Callable[[], tuple[str, ...]] | None = None


_looked_at: ContextVar[list[Leaf] | None] = ContextVar("_looked_at", default=None)


@contextmanager
def looked_at() -> Iterator[list[Leaf]]:
    """Collect the leaves whose values are looked at inside the block, in that order."""
    found: list[Leaf] = []
    token = _looked_at.set(found)
    try:
        yield found
    finally:
        _looked_at.reset(token)


def look_again(leaves: Sequence[Leaf]) -> None:
    """Count leaves as looked at: those of an answer that is not worked out anew."""
    if leaves and (found := _looked_at.get()) is not None:
        found.extend(leaves)


class UnknownValue(Exception):  # noqa: N818 - not an error: it is how "this source cannot tell" travels to `evaluate`
    """Raised where a verdict needs something that the source does not tell.

    Args:
        reason: one sentence fragment for people, e.g. ``"vpc_id is known only after apply"``.
        missing: the kind of thing that was looked for, where one may or may not be there.
    """

    def __init__(self, reason: str, missing: type | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.missing = missing


@final
class Value(Generic[T]):
    """A value of type `T` that is either known or unknown with a reason. Build with `known` or `unknown`."""

    __slots__ = ("_reason", "_value", "at")

    _value: T | None
    _reason: str | None
    at: Leaf | None
    """Where it is written, if the source tells. Not part of its identity."""

    def __init__(self, value: T | None, reason: str | None, at: Leaf | None = None) -> None:
        self._value = value
        self._reason = reason
        self.at = at

    def _look(self, at: Leaf) -> None:
        if (found := _looked_at.get()) is not None:
            found.append(at)

    def get(self) -> T:
        """Return the value.

        Raises:
            UnknownValue: the value is unknown; carries the reason.
        """
        if self.at is not None:
            self._look(self.at)
        if self._reason is not None:
            raise UnknownValue(self._reason)
        return self._value  # type: ignore[return-value]  # known() is the only way to have no reason, and it set a T

    def map(self, change: Callable[[T], U]) -> Value[U]:
        """Apply `change` to a known value; an unknown stays unknown. `change` may itself raise `UnknownValue`."""
        if self._reason is not None:
            return cast("Value[U]", self)  # an unknown is of every type
        try:
            return Value(change(self.get()), None, self.at)
        except UnknownValue as unknown_value:
            return Value(None, unknown_value.reason, self.at)

    def placed(self, at: Leaf | None) -> Value[T]:
        """The same, written there."""
        return Value(self._value, self._reason, at)

    @property
    def is_known(self) -> bool:
        """Whether `.get()` would answer."""
        if self.at is not None:
            self._look(self.at)
        return self._reason is None

    @property
    def reason(self) -> str | None:
        """Why the value is unknown, else None."""
        return self._reason

    def known_or(self, other: U) -> T | U:
        """Return the value if known, else `other`. For display and for *narrowing* questions only, never a verdict."""
        if self.at is not None:
            self._look(self.at)
        return other if self._reason is not None else cast("T", self._value)

    def __bool__(self) -> NoReturn:
        raise TypeError("a Value has no truth of its own; call .get()")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Value):
            raise TypeError("a Value compares only with a Value; call .get()")
        return self._value == other._value and self._reason == other._reason

    def __hash__(self) -> int:
        return hash((self._value, self._reason))

    def __reduce__(self) -> tuple[object, ...]:
        if self.at is None and self._reason is None and type(self._value) in _PLAIN:
            return known_alike, (self._value,)  # what another process read is shared here too
        return Value, (self._value, self._reason, self.at)

    def __repr__(self) -> str:
        return f"unknown({self._reason!r})" if self._reason is not None else f"known({self._value!r})"


def known(value: T, at: Leaf | None = None) -> Value[T]:
    """Wrap a value that the source tells, perhaps with where it is written."""
    return Value(value, None, at)


_PLAIN = frozenset({str, bool, int, type(None)})


@lru_cache(maxsize=8192, typed=True)
def known_alike(value: Any) -> Value[Any]:
    """The same as `known`, of no known line: one serves for all that say the same, which most of a large source do."""
    return Value(value, None)


NONE: Value[Any] = known_alike(None)
"""Nothing, and known to be so."""


def unknown(reason: str, at: Leaf | None = None) -> Value[T]:  # pyright: ignore[reportInvalidTypeVarUse]  # the caller's annotation fixes T
    """Say why the source does not tell a value. `reason` must not be empty."""
    return Value(None, reason or "the source does not say", at)
