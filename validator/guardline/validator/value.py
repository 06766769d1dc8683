"""`Value[T]`: what is known, or why it is not.

Every leaf of the estate is a `Value`. The only way in is `.get()`, and `.get()` on an unknown raises `Untold`,
which `evaluate` alone turns into the verdict *undetermined*. There is no truthiness and no comparison with a plain
value, so that neither a person nor a type checker can let an unknown pass for an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NoReturn, TypeVar, final

T = TypeVar("T")
U = TypeVar("U")


class Untold(Exception):  # noqa: N818 - not an error: it is how "this source cannot tell" travels to `evaluate`
    """Raised where a verdict needs something that the source does not tell.

    Args:
        reason: one sentence fragment for people, e.g. ``"vpc_id is known only after apply"``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@final
class Value(Generic[T]):
    """A value of type `T` that is either known or unknown with a reason. Build with `known` or `unknown`."""

    __slots__ = ("_reason", "_value")

    _value: T | None
    _reason: str | None

    def __init__(self, value: T | None, reason: str | None) -> None:
        self._value = value
        self._reason = reason

    def get(self) -> T:
        """Return the value.

        Raises:
            Untold: the value is unknown; carries the reason.
        """
        if self._reason is not None:
            raise Untold(self._reason)
        return self._value  # type: ignore[return-value]  # known() is the only way to have no reason, and it set a T

    def map(self, change: Callable[[T], U]) -> Value[U]:
        """Apply `change` to a known value; an unknown stays unknown. `change` may itself raise `Untold`."""
        if self._reason is not None:
            return Value(None, self._reason)
        try:
            return Value(change(self.get()), None)
        except Untold as untold:
            return Value(None, untold.reason)

    @property
    def is_known(self) -> bool:
        """Whether `.get()` would answer."""
        return self._reason is None

    @property
    def reason(self) -> str | None:
        """Why the value is unknown, else None."""
        return self._reason

    def known_or(self, other: U) -> T | U:
        """Return the value if known, else `other`. For display and for *narrowing* questions only, never a verdict."""
        return other if self._reason is not None else self.get()

    def __bool__(self) -> NoReturn:
        raise TypeError("a Value has no truth of its own; call .get()")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Value):
            raise TypeError("a Value compares only with a Value; call .get()")
        return self._value == other._value and self._reason == other._reason

    def __hash__(self) -> int:
        return hash((self._value, self._reason))

    def __repr__(self) -> str:
        return f"unknown({self._reason!r})" if self._reason is not None else f"known({self._value!r})"


def known(value: T) -> Value[T]:
    """Wrap a value that the source tells."""
    return Value(value, None)


def unknown(reason: str) -> Value[T]:  # pyright: ignore[reportInvalidTypeVarUse]  # the caller's annotation fixes T
    """Say why the source does not tell a value. `reason` must not be empty."""
    return Value(None, reason or "the source does not say")
