"""Follow a reference through a plan's configuration to the one thing it names, or say why that cannot be told.

The plan lists an expression's references, unwrapped longest to shortest (``a.b[0].id, a.b[0], a.b``), and nothing of
the expression itself. So several references are a set of candidates that counts only when they agree, and a
non-constant index (``a.b[each.key].id`` gives ``a.b, each.key``) pairs instance with instance.
Source: https://developer.hashicorp.com/terraform/internals/json-format#expression-representation
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Protocol

import msgspec

from guardline.validator.model.resource import Ref
from guardline.validator.model.value import UnknownValue, Value, known, unknown
from guardline.validator.sources.address import AddressError, Key, Step, join, quote, tokens
from guardline.validator.sources.blocks import Wanted
from guardline.validator.sources.plan.decode import (
    ConfigVariable,
    ProviderConfig,
    ResourceChange,
    decode_expressions,
    decode_raw,
)
from guardline.validator.sources.plan.expression_context import (
    Candidate,
    Constant,
    ExpressionContext,
    Parts,
    descend,
    mentioned,
)
from guardline.validator.sources.plan.index import Instance, PlanIndex
from guardline.validator.sources.tree import Hidden

MANY = 256
"""Of more candidates than this nobody keeps account."""

SHOWN = 3
"""How many candidates a reason names."""


class References:
    """Follows references over one plan.

    Args:
        index: the plan.
        source: its HCL, where it is at hand.
        root: what tells this root's addresses from another's, where several plans are read.
    """

    def __init__(self, index: PlanIndex, source: SourceExpressions | None = None, root: str = "") -> None:
        self.index = index
        self.root = root
        self.source = source
        self._lossy = False  # whether a walk left out what it could not follow

    # -- questions -----------------------------------------------------------------------------------------------

    def link(self, expression: Any, at: ExpressionContext, wanted: Wanted) -> Value[Ref]:
        """The one thing that an expression names.

        Args:
            expression: the configuration's representation of it.
            at: where it stands; its chain begins with the attribute asked about.
            wanted: what it should lead to.
        """
        found: dict[frozenset[str], Ref] = {}
        try:
            for candidate in self._candidates(expression, at, wanted):
                if isinstance(candidate, Ref):
                    found.setdefault(frozenset({candidate.address or candidate.id or ""}), candidate)
                elif isinstance(candidate.value, str) and candidate.value and candidate.value.startswith(wanted.prefix):
                    ref = Ref(id=candidate.value, chain=candidate.chain)
                    if not any(candidate.value in each.names for each in found.values()):
                        found[ref.names] = ref
                if len(found) > SHOWN:
                    break  # it is one of several, and more would change nothing
        except UnknownValue as unknown_value:
            return unknown(unknown_value.reason)
        if len(found) == 1:
            return known(next(iter(found.values())))
        if not found:
            return unknown(f"{at.chain[0] if at.chain else 'it'} leads to nothing that the plan holds")
        names = sorted(ref.address or ref.id or "" for ref in found.values())
        shown = " or ".join(names[:SHOWN]) + (" or others" if len(names) > SHOWN else "")
        return unknown(f"{at.chain[0] if at.chain else 'it'} may be {shown}")

    def among(self, expression: Any, at: ExpressionContext, wanted: Wanted) -> frozenset[str] | None:
        """The names of all the things that an expression may come to; None where not every reference is known, or one
        of them is a collection that holds who knows which."""
        names: set[str] = set()
        self._lossy = False
        try:
            for number, candidate in enumerate(self._candidates(expression, at, wanted)):
                if number > MANY or (isinstance(candidate, Constant) and isinstance(candidate.value, dict | list)):
                    return None
                if isinstance(candidate, Ref):
                    names |= candidate.names
                elif isinstance(candidate.value, str):
                    names.add(candidate.value)
        except UnknownValue:
            return None
        return frozenset(names) if names and not self._lossy else None

    def constant(self, expression: Any, at: ExpressionContext) -> Value[Any]:
        """The plain value of an expression. With references, only a single one is taken at its word; the caller must
        check that the value makes sense, since a function around the reference leaves no trace in a plan."""
        nothing = Wanted(frozenset())
        try:
            candidates = list(self._candidates(expression, at, nothing))
        except UnknownValue as unknown_value:
            return unknown(unknown_value.reason)
        if len(candidates) != 1 or not isinstance(candidates[0], Constant):
            return unknown("its expression is not carried by a plan")
        return known(candidates[0].value)

    # -- the walk ------------------------------------------------------------------------------------------------

    def _candidates(self, expression: Any, at: ExpressionContext, wanted: Wanted) -> Iterator[Candidate]:
        if not isinstance(expression, dict):
            raise UnknownValue("its expression is not carried by a plan")
        if "constant_value" in expression:
            yield Constant(expression["constant_value"], at.chain)
            return
        heads = mentioned(expression, "its expression is not carried by a plan")
        indexes = self._indexes(heads, at)
        for head in heads:
            try:
                yield from self._follow(head, at, wanted, indexes if len(heads) > 1 else ())
            except UnknownValue:
                if not _is_index(head, heads):
                    raise

    def _indexes(self, heads: list[str], at: ExpressionContext) -> tuple[Key, ...]:
        """The plain values among several references: one of them may be the index of another."""
        found: list[Key] = []
        for head in heads:
            if head.startswith(("each.", "count.", "var.", "data.")):
                try:
                    found.extend(
                        candidate.value
                        for candidate in self._follow(head, at, Wanted(frozenset()), ())
                        if isinstance(candidate, Constant) and _is_key(candidate.value)
                    )
                except UnknownValue:
                    if head.startswith("each.value"):  # in a set, each.value is the key itself
                        found.append(at.key)
        return tuple(found)

    def _follow(
        self, reference: str, at: ExpressionContext, wanted: Wanted, indexes: tuple[Key, ...]
    ) -> Iterator[Candidate]:
        at = at.beyond(reference)
        try:
            parts = tokens(reference)
        except AddressError as error:
            raise UnknownValue(str(error)) from None
        head, rest = parts[0][0], parts[1:]
        if head == "each" and rest:
            yield from self._each(rest, at, wanted)
        elif head == "count":
            yield Constant(at.key, at.chain)
        elif head == "var" and rest:
            yield from self._variable(rest[0][0], [("", rest[0][1]), *rest[1:]], at, wanted, indexes)
        elif head == "local" and rest:
            yield from self._local(rest[0][0], rest[1:], at, wanted, indexes)
        elif head == "module" and rest:
            yield from self._output(rest[0], rest[1:], at, wanted, indexes)
        elif head in {"path", "terraform", "self"} or not rest:
            raise UnknownValue(f"{reference} is not carried by a plan")
        elif head == "data" and len(rest) > 1:
            yield from self._resource("data", rest[0][0], rest[1], rest[2:], at, wanted, indexes)
        else:
            yield from self._resource("managed", head, rest[0], rest[1:], at, wanted, indexes)

    def _each(self, rest: Parts, at: ExpressionContext, wanted: Wanted) -> Iterator[Candidate]:
        if rest[0][0] == "key":
            yield Constant(at.key, at.chain)
            return
        repetition = at.repetition
        if isinstance(repetition, dict) and isinstance(repetition.get("constant_value"), dict):
            yield Constant(descend(repetition["constant_value"], [("", at.key), *rest[1:]]), at.chain)
            return
        heads = mentioned(repetition, "each.value comes from a for_each that a plan does not carry")
        outer = ExpressionContext(at.modules, at.key, None, at.chain)
        for head in heads:
            dotted = "".join(f".{name}{quote(key)}" if name else quote(key) for name, key in rest[1:])
            yield from self._follow(head + quote(at.key) + dotted, outer, wanted, (at.key,))

    def _variable(
        self, name: str, rest: Parts, at: ExpressionContext, wanted: Wanted, indexes: tuple[Key, ...]
    ) -> Iterator[Candidate]:
        rest = [part for part in rest if part != ("", None)]
        if not at.modules:
            variable = self.index.plan.variables.get(name)
            if variable is None:
                raise UnknownValue(f"var.{name} has no value in the plan")
            value = descend(decode_raw(variable.value), rest)
            yield Constant(_veiled(value, self.index.modules[()].variables.get(name)), at.chain)
            return
        call = self.index.calls.get(at.static)
        module = self.index.modules.get(at.static)
        if call is None or module is None:
            raise UnknownValue(f"the call of module.{at.modules[-1].name} is not in the plan's configuration")
        expression = self.index.expressions(call).get(name)
        if expression is None:
            declared = module.variables.get(name)
            if declared is None or declared.default is msgspec.UNSET:
                raise UnknownValue(f"var.{name} has no value in the plan")
            default = decode_raw(declared.default)
            # Terraform would fail below a null: there it is the expression's other branch that is taken.
            value = descend(default, rest) if default is not None else None
            yield Constant(_veiled(value, declared), at.chain)
            return
        parent = ExpressionContext(at.modules[:-1], at.modules[-1].key, self.index.repetition(call), at.chain)
        yield from self._through(expression, rest, parent, wanted, indexes)

    def _through(
        self, expression: Any, rest: Parts, at: ExpressionContext, wanted: Wanted, indexes: tuple[Key, ...]
    ) -> Iterator[Candidate]:
        """Follow an expression, and then `rest` inside what it gives."""
        if not rest:
            yield from self._candidates(expression, at, wanted)
            return
        if isinstance(expression, dict) and "constant_value" in expression:
            yield Constant(descend(expression["constant_value"], rest), at.chain)
            return
        heads = mentioned(expression, "its expression is not carried by a plan")
        dotted = "".join(f".{name}{quote(key)}" if name else quote(key) for name, key in rest)
        for head in heads:
            # One whole object passed on: what is asked of it is asked of the original. With several references the
            # value is put together, and any of them may be the part asked for.
            whole = len(heads) == 1
            yield from self._follow(head + dotted if whole else head, at, wanted, indexes)

    def _local(
        self, name: str, rest: Parts, at: ExpressionContext, wanted: Wanted, indexes: tuple[Key, ...]
    ) -> Iterator[Candidate]:
        if self.source is None:
            raise UnknownValue(f"local.{name} is not in a plan; give its source with --source-dir")
        expression = self.source.local(at.static, name)
        if expression is None:
            raise UnknownValue(self.source.missing(at.static) or f"local.{name} is not in the source given")
        yield from self._through(expression, rest, at, wanted, indexes)

    def _output(
        self, step: tuple[str, Key], rest: Parts, at: ExpressionContext, wanted: Wanted, indexes: tuple[Key, ...]
    ) -> Iterator[Candidate]:
        name, key = step
        called = self.index.module_keys(at.modules, name)
        module = self.index.modules.get((*at.static, name))
        if module is None:
            raise UnknownValue(f"module.{name} is not in the plan's configuration")
        for chosen in self._chosen(key, called, indexes) if called else (key,):
            inside = ExpressionContext((*at.modules, Step(name, chosen)), None, None, at.chain)
            outputs = [rest[0][0]] if rest else sorted(module.outputs)
            for output in outputs:
                declared = module.outputs.get(output)
                if declared is None:
                    raise UnknownValue(f"module.{name} has no output {output}")
                expression = decode_expressions(declared.expression)
                deeper = [("", rest[0][1]), *rest[1:]] if rest else []
                try:
                    yield from self._through(
                        expression, [p for p in deeper if p != ("", None)], inside, wanted, indexes
                    )
                except Elsewhere:
                    if rest:  # with the output's name lost, the outputs that lead elsewhere do not matter
                        raise
                    self._lossy = True

    @staticmethod
    def _chosen(key: Key, keys: Collection[Key], indexes: tuple[Key, ...]) -> Collection[Key]:
        """The instances that a reference may mean: the one with its key; without one, that which an index names,
        else all."""
        if key is not None:
            return (key,) if key in keys else ()
        named = {index for index in indexes if index is not None and index in keys}
        return tuple(named) if len(named) == 1 else keys

    def _resource(
        self,
        mode: str,
        kind: str,
        step: tuple[str, Key],
        rest: Parts,
        at: ExpressionContext,
        wanted: Wanted,
        indexes: tuple[Key, ...],
    ) -> Iterator[Candidate]:
        name, key = step
        instances = self.index.instances(join(at.modules, ""), mode, kind, name)
        for chosen in self._chosen(key, instances, indexes):
            yield from self._instance(mode, kind, name, chosen, instances[chosen], rest, at, wanted)

    def _instance(
        self,
        mode: str,
        kind: str,
        name: str,
        key: Key,
        instance: Instance,
        rest: Parts,
        at: ExpressionContext,
        wanted: Wanted,
    ) -> Iterator[Candidate]:
        attribute = rest[0][0] if rest else None
        values = decode_raw(instance.change.after if isinstance(instance, ResourceChange) else instance.values)
        values = values if isinstance(values, dict) else {}
        if kind in wanted.types and (attribute is None or attribute in wanted.attributes):
            known_id = values.get("id") or values.get("arn")
            yield Ref(f"{self.root}{instance.address}", known_id if isinstance(known_id, str) else None, at.chain)
            return
        if attribute is None:
            # The index hid which attribute was meant: the one of the same name as the attribute asked about, if any.
            attribute = at.chain[0].rpartition(".")[2] if at.chain else ""
            rest = [(attribute, None)]
        if values.get(attribute) is not None:
            yield Constant(descend(values, rest), at.chain)
            return
        configured = self.index.resources.get((at.static, mode, kind, name))
        expression = self.index.expressions(configured).get(attribute) if configured is not None else None
        if configured is None or expression is None:
            other = kind in wanted.types or attribute in wanted.attributes or not _awaits(instance, attribute)
            raise (Elsewhere if other else UnknownValue)(f"{instance.address}.{attribute} is known only after apply")
        inside = ExpressionContext(at.modules, key, self.index.repetition(configured), at.chain)
        yield from self._through(expression, rest[1:], inside, wanted, ())


class Elsewhere(UnknownValue):
    """Raised for what has no value yet, and cannot become a name of what is looked for: another thing's own id, or an
    attribute that its type does not have."""


def _awaits(instance: Instance, attribute: str) -> bool:
    """Whether an attribute gets its value with apply only; what is not there at all does not."""
    pending = decode_raw(instance.change.after_unknown) if isinstance(instance, ResourceChange) else None
    return not isinstance(pending, dict) or pending.get(attribute, False) is not False


def _veiled(value: Any, declared: ConfigVariable | None) -> Any:
    """A variable's value: a text of a sensitive one is shown to nobody."""
    return Hidden(value) if declared is not None and declared.sensitive and isinstance(value, str) else value


def _is_index(head: str, heads: list[str]) -> bool:
    """Whether a reference chooses the instance of the one other reference, as in ``a.b[each.value[0]].id``: of that
    the plan lists ``a.b``, with neither a key nor an attribute."""
    return len(heads) == 2 and head == heads[1] and head.startswith(("each.", "count.")) and heads[0].count(".") == 1


def _is_key(value: object) -> bool:
    """Whether a value may be an index as it stands; a truth only chooses between others."""
    return isinstance(value, str | int) and not isinstance(value, bool)


class SourceExpressions(Protocol):
    """What only the HCL carries, in the representation a plan would use."""

    def local(self, module: tuple[str, ...], name: str) -> dict[str, Any] | None:
        """A local's expression as ``{"constant_value": ...}`` or ``{"references": [...]}``; None when there is none."""
        ...

    def missing(self, module: tuple[str, ...]) -> str | None:
        """Why the source of a module is not at hand; None when it is."""
        ...

    def provider_attribute(self, config: ProviderConfig, name: str) -> Any:
        """A provider block's attribute as the HCL evaluates it; None when it cannot be told."""
        ...
