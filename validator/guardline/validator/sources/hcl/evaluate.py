"""Evaluate an expression to a value, or to an unknown with its reason.

Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#expressions
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from guardline.spec.faults import fault
from guardline.validator.semantics.unknown_parts import shown
from guardline.validator.sources.hcl import syntax
from guardline.validator.sources.hcl.access import get_attribute, get_index, pairs
from guardline.validator.sources.hcl.functions import FUNCTIONS, NEVER, Special, call
from guardline.validator.sources.hcl.operators import binary, logical, unary, unified
from guardline.validator.sources.hcl.syntax import Expression
from guardline.validator.sources.hcl.traversals import written
from guardline.validator.sources.hcl.values import (
    SIZE,
    EvaluationError,
    Object,
    Told,
    TooMuchError,
    Unknown,
    bounded,
    drafted,
    has_chain,
    hidden,
    is_sensitive,
    is_unordered,
    merged,
    through,
    to_bool,
    to_number,
    to_text,
    unknown_in,
)

STEPS = 3_000_000
"""How many expressions may be evaluated for one root; about half a minute of work."""


TOTAL = 100_000_000
"""How many characters and elements all values of one root may have together."""


class Budget(msgspec.Struct):
    """What is left of the work that one root may cause, and of the room that its values may take."""

    steps: int = msgspec.field(default_factory=lambda: STEPS)
    room: int = msgspec.field(default_factory=lambda: TOTAL)

    def take(self, value: Any) -> None:
        """Take the room of a new text or collection, without what it holds: that was taken before.

        Raises:
            TooMuchError: nothing is left.
        """
        if isinstance(value, str | list | dict):
            self.room -= len(value) if isinstance(value, str) else 8 * len(value)
            if self.room < 0:
                raise TooMuchError("the configuration builds values that are too large")

    def spend(self, steps: int = 1) -> None:
        """Take from it.

        Raises:
            TooMuchError: nothing is left.
        """
        self.steps -= steps
        if self.steps < 0:
            raise TooMuchError(f"the configuration takes more than {STEPS} steps to evaluate")


class Scope(Protocol):
    """What the names in an expression stand for."""

    budget: Budget

    def resolve(self, root: str, names: list[str]) -> tuple[Any, int]:
        """The value of a reference's head.

        Args:
            root: its first name, e.g. ``var`` or ``aws_vpc``.
            names: the names that follow.

        Returns:
            The value, and how many of the names it used up.

        Raises:
            EvaluationError: there is no such thing.
        """
        ...

    def file_function(self, name: str, args: list[Any]) -> Any:
        """The result of a function that reads files."""
        ...


class Local(msgspec.Struct, frozen=True):
    """A scope with names bound by ``for``, a splat, ``each`` or a dynamic block's iterator."""

    outer: Scope
    names: Mapping[str, Any] = msgspec.field(default_factory=dict)

    def bind(self, names: Mapping[str, Any]) -> Local:
        """A scope inside this one."""
        return Local(self.outer, {**self.names, **names})


_HERE = "*"  # no identifier can clash with it


def evaluate(expression: Expression, scope: Local) -> Any:
    """Evaluate an expression.

    Raises:
        EvaluationError: Terraform would refuse it.
        TooMuchError: it takes too much work.
    """
    scope.outer.budget.spend()
    return _EVALUATORS[type(expression)](expression, scope)


def _number(expression: syntax.Number, _scope: Local) -> Any:
    text = expression.text
    return int(text) if text.isdigit() and len(text) < 500 else to_number(text)


def _choice(expression: syntax.Choice, scope: Local) -> Any:
    chosen = evaluate(expression.condition, scope)
    if isinstance(chosen, Unknown):
        return Unknown(chosen.reason)
    return _template([expression.then if to_bool(chosen) else expression.otherwise], scope)


def _binary(operator: str, left: Expression, right: Expression, scope: Local) -> Any:
    first = evaluate(left, scope)
    if operator not in ("&&", "||"):
        return binary(operator, first, evaluate(right, scope))
    if not isinstance(first, Unknown) and to_bool(first) is (operator == "||"):
        return operator == "||"
    return logical(operator, first, evaluate(right, scope))


def _conditional(condition: Any, then: Expression, otherwise: Expression, scope: Local) -> Any:
    if not isinstance(condition, Unknown):
        chosen, other = (then, otherwise) if to_bool(condition) else (otherwise, then)
        value = evaluate(chosen, scope)
        if isinstance(value, bool | int | Decimal) or (isinstance(value, list | dict) and value):
            return unified(bounded(value), bounded(attempt(other, scope)))
        return value
    sides = [attempt(then, scope), attempt(otherwise, scope)]
    if isinstance(sides[0], Unknown) and sides[0].of and sides[0] == sides[1]:
        return sides[0]
    found = [side for side in sides if isinstance(side, Unknown)]
    if not found and not isinstance(sides[0], Object) and not isinstance(sides[1], Object):
        from guardline.validator.sources.hcl.values import equal

        if unknown_in(*sides) is None and equal(*sides):
            return sides[0]
    return merged([Unknown(condition.reason), *found], loose=True)


def attempt(expression: Expression, scope: Local) -> Any:
    """Evaluate; an error is an unknown, and so is a fault of guardline's own: it costs this one value."""
    try:
        return evaluate(expression, scope)
    except EvaluationError as error:
        return Unknown(str(error))
    except RecursionError:
        raise
    except Exception as error:  # noqa: BLE001 - one of two guards: whatever a function does not foresee
        return Unknown(f"cannot be worked out: {fault(error)}")


def _template(parts: list[Expression], scope: Local) -> Any:
    values = [evaluate(part, scope) for part in parts]
    found = [value for value in values if isinstance(value, Unknown)]
    if found:
        # What is known of the text names things as well: a bucket's known name beside an object's unknown key.
        named = [Unknown("", (value.of,)) for value in values if isinstance(value, Told) and value.of is not None]
        return replace(merged([*found, *named]), draft=_draft(values, "".join))
    texts = [to_text(value) for value in values]
    if sum(map(len, texts)) > SIZE:
        raise TooMuchError("the configuration builds a text that is too long")
    text = "".join(texts)
    scope.outer.budget.take(text)
    return hidden(text) if is_sensitive(*values) else text


def _draft(values: list[Any], write: Callable[[list[Any]], Any]) -> str | None:
    """The text that `write` makes of values that are known in part; None where it makes none that may be shown."""
    if is_sensitive(*values):
        return None
    try:
        text = write([value if isinstance(value, list | dict | str) else to_text(value) for value in drafted(values)])
    except (EvaluationError, TypeError):
        return None
    return text if isinstance(text, str) and len(text) <= SIZE else None


def _repeat(key: str | None, item: str, source: Expression, body: Expression, scope: Local) -> Any:
    over = evaluate(source, scope)
    if isinstance(over, Unknown):
        return Unknown(over.reason, over.of)
    found: list[Any] = []
    for index, value in pairs(over):
        bound = scope.bind({item: value, **({key: index} if key else {})})
        found.append(evaluate(body, bound))
        scope.outer.budget.take(found[-1])
    missing = [value for value in found if isinstance(value, Unknown)]
    if missing:
        return merged(missing)
    text = "".join(to_text(value) for value in found)
    return hidden(text) if is_sensitive(*found) else text


def _mapping(items: list[tuple[Expression, Expression]], scope: Local) -> Any:
    made: dict[str, Any] = {}
    for key, value in items:
        name = evaluate(key, scope)
        if isinstance(name, Unknown):
            return Unknown(f"a key of the object is unknown: {name.reason}")
        made[to_text(name)] = evaluate(value, scope)
    return made


def _for(expression: syntax.For, scope: Local) -> Any:
    over = evaluate(expression.source, scope)
    if isinstance(over, Object):
        over = over.whole()
    if isinstance(over, Unknown):
        return Unknown(over.reason, over.of, over.loose)
    if expression.result_key is None and is_unordered(over):
        return Unknown("the order of a set of objects is not known")
    items: list[Any] = []
    made: dict[str, Any] = {}
    keys: dict[str, Unknown] = {}
    for key, item in pairs(over):
        names = {expression.item: item} | ({expression.key: key} if expression.key else {})
        inner = scope.bind(names)
        if expression.condition is not None:
            keep = evaluate(expression.condition, inner)
            if isinstance(keep, Unknown):
                return Unknown(f"which elements are kept is unknown: {keep.reason}")
            if not to_bool(keep):
                continue
        if expression.result_key is None:
            items.append(evaluate(expression.result, inner))
            continue
        name = evaluate(expression.result_key, inner)
        if isinstance(name, Unknown):
            if expression.group or name.draft is None or shown(name.draft) in made:
                return Unknown(f"a key of the object is unknown: {name.reason}")
            keys[shown(name.draft)] = name
            name = shown(name.draft)
        _enter(made, to_text(name), evaluate(expression.result, inner), group=expression.group)
    whole: Any = items if expression.result_key is None else made
    scope.outer.budget.take(whole)
    if keys:  # Terraform refuses a key that comes twice, so that there are as many elements as there were before
        first = next(iter(keys.values()))
        entries = {name: (keys.get(name, name), value) for name, value in made.items()}
        return Unknown(f"a key of the object is unknown: {first.reason}", entries=entries)
    return whole


def _enter(made: dict[str, Any], name: str, value: Any, *, group: bool) -> None:
    if group:
        made.setdefault(name, []).append(value)
    elif name in made:
        raise EvaluationError("a key comes out of the for expression twice; use ... to group")
    else:
        made[name] = value


def _splat(value: Any, body: Expression, scope: Local) -> Any:
    if isinstance(value, Unknown):
        return Unknown(value.reason, value.of, value.loose)
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    return [evaluate(body, scope.bind({_HERE: item})) for item in items]


def _call(name: str, args: list[Expression], spread: bool, scope: Local) -> Any:
    function = FUNCTIONS.get(name.removeprefix("core::"))
    if function is None:
        attempted = [attempt(arg, scope) for arg in args]
        found = unknown_in(*attempted)
        why = NEVER.get(name.removeprefix("core::"), "is not a function that guardline evaluates")
        return Unknown(f"{name} {why}", found.of if found else (), loose=True)
    if isinstance(function, Special):
        return function.apply(args, lambda arg: evaluate(arg, scope))
    values = [evaluate(arg, scope) for arg in args]
    if spread:
        last = values.pop()
        if isinstance(last, Unknown):
            return Unknown(last.reason, last.of, last.loose)
        values.extend(value for _, value in pairs(last))
    budget = scope.outer.budget
    budget.spend(len(values) + sum(len(value) >> 8 for value in values if isinstance(value, str)))
    result = scope.outer.file_function(name, values) if function.reads_files else call(name, function, values)
    if isinstance(result, Unknown) and name.removeprefix("core::") in _WRITING:
        draft = _draft(values, lambda drafts: call(name, function, drafts))
        result = replace(result, draft=draft)
        budget.take(draft)
    budget.take(result)
    return hidden(result) if function.reads_files and is_sensitive(*values) else result


_WRITING = frozenset({"format", "join", "jsonencode"})
"""Functions that write their arguments down, so that a text with unknown parts is still known in its other parts."""

# -- traversals --------------------------------------------------------------------------------------------------


def _traverse(expression: Expression, scope: Local) -> Any:
    steps: list[syntax.Attr | syntax.Index] = []
    while isinstance(expression, _STEPS):
        steps.append(expression)
        expression = expression.on
    steps.reverse()
    root, used = "", 0
    if isinstance(expression, syntax.Name):
        root = expression.name
        if root in scope.names:
            value = scope.names[root]
        else:
            names: list[str] = []
            for step in steps:
                if not isinstance(step, syntax.Attr):
                    break
                names.append(step.name)
            value, used = scope.outer.resolve(root, names)
    else:
        value = evaluate(expression, scope)
    keys: list[Any] = []
    for step in steps[used:]:
        if isinstance(step, syntax.Attr):
            value = get_attribute(value, step.name)
        else:
            keys.append(evaluate(step.key, scope))
            value = get_index(value, keys[-1])
    if root not in _CALLS or not has_chain(value) or not (steps and isinstance(steps[0], syntax.Attr)):
        return value
    return through(value, root + written(steps, keys))


_STEPS = (syntax.Attr, syntax.Index)
_CALLS = frozenset({"var", "local", "module", "each"})


_EVALUATORS: Mapping[type, Callable[[Any, Local], Any]] = {
    syntax.Literal: lambda expression, _: expression.value,
    syntax.Number: _number,
    syntax.Template: lambda expression, scope: _template(expression.parts, scope),
    syntax.Choice: _choice,
    syntax.Repeat: lambda each, scope: _repeat(each.key, each.item, each.source, each.body, scope),
    syntax.Sequence: lambda expression, scope: [evaluate(each, scope) for each in expression.items],
    syntax.Mapping: lambda expression, scope: _mapping(expression.items, scope),
    syntax.Name: _traverse,
    syntax.Attr: _traverse,
    syntax.Index: _traverse,
    syntax.Here: lambda _, scope: scope.names[_HERE],
    syntax.Splat: lambda expression, scope: _splat(evaluate(expression.on, scope), expression.body, scope),
    syntax.Call: lambda expression, scope: _call(expression.name, expression.args, expression.spread, scope),
    syntax.Unary: lambda expression, scope: unary(expression.operator, evaluate(expression.operand, scope)),
    syntax.Binary: lambda each, scope: _binary(each.operator, each.left, each.right, scope),
    syntax.Conditional: lambda each, scope: _conditional(
        evaluate(each.condition, scope), each.then, each.otherwise, scope
    ),
    syntax.For: _for,
}
"""By the kind of expression. A table and no `match`, which would ask the kinds in turn."""
