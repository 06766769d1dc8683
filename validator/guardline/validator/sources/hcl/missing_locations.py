"""Where in the source a resource that is not there is missing from: evidence for absence.

Instances that a `for_each` makes come from a list, of regions mostly, and that list is where the next one would be
written. Instances written one by one have only a neighbour: the last of the calls or resources like it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import msgspec

from guardline.spec import catalogue
from guardline.validator.model.resource import Origin
from guardline.validator.sources.address import Step, quote
from guardline.validator.sources.hcl import syntax
from guardline.validator.sources.hcl.evaluate import attempt
from guardline.validator.sources.hcl.instances import ModuleInstance
from guardline.validator.sources.hcl.objects import ResourceInstance
from guardline.validator.sources.hcl.provider_location import Places
from guardline.validator.sources.hcl.syntax import Attribute, Block, Expression
from guardline.validator.sources.hcl.values import TooMuchError

Made = tuple[ResourceInstance, str | None]
"""An instance and its region, where known."""

_Level = tuple[ModuleInstance, str, Any, Block]
"""A repeated or plain step on the way to an instance: the module it is written in, its name, its key, its block."""


class Further(msgspec.Struct, frozen=True):
    """Where one more resource would be written.

    Attributes:
        origin: the list of regions that the others come from, or the last of those written one by one.
        is_list: which of the two.
    """

    origin: Origin
    is_list: bool


def further(made: Sequence[Made]) -> Further:
    """Where one more instance of a resource type would be written.

    Args:
        made: the instances that there are, at least one.
    """
    levels = [(list(_levels(instance)), region) for instance, region in made]
    for depth in range(max(len(steps) for steps, _ in levels)):
        at_depth = [(steps[depth], region) for steps, region in levels if len(steps) > depth]
        fanned = [(step, region) for step, region in at_depth if "for_each" in step[3].body.attributes]
        if _by_region([(key, region) for (_, _, key, _), region in fanned]):
            module, name, _, block = fanned[0][0]
            return Further(_list(block.body.attributes["for_each"], module, name, block.file), is_list=True)
    module, name, key, block = max((steps[0] for steps, _ in levels), key=lambda step: (step[3].file, step[3].line))
    return Further(Origin(f"{name}{quote(key)}", block.file, block.line, absent=True), is_list=False)


def left_out(
    module: ModuleInstance, places: Places, types: Collection[str]
) -> Iterator[tuple[tuple[str, str], Origin]]:
    """The resources of a module instance, and of the modules that it calls no time, that have no instance; each with
    what makes it so.

    Args:
        module: the module instance.
        places: where its resources would be.
        types: the resource types wanted.

    Returns:
        By type and region; those of unknown region are left out.
    """
    for (mode, kind, name), block in module.module.resources.items():
        if mode != "managed" or kind not in types:
            continue
        repetition = module.repeated(f"{mode} {kind}", name, block)
        if repetition.instances or repetition.unknown is not None:
            continue
        region = places.of_block(module, kind, block, {}).region.known_or("") or None
        if region is not None:
            yield (kind, region), _deciding(module, block, f"{module.address}.{kind}.{name}".lstrip("."))
    for name, call in module.module.calls.items():
        repetition = module.repeated("module", name, call)
        if repetition.instances or repetition.unknown is not None:
            continue
        deciding = _deciding(module, call, f"{module.address}.module.{name}".lstrip("."))
        for inner in _as_called(module, name):
            for (mode, kind, _), block in inner.module.resources.items():
                region = places.of_block(inner, kind, block, {}).region.known_or("") or None
                if mode == "managed" and kind in types and region is not None:
                    yield (kind, region), deciding


def _as_called(module: ModuleInstance, name: str) -> Iterator[ModuleInstance]:
    """A module that is called no time, and those that it calls, as if each were called once; those at hand."""
    found = module.world.configuration.modules.get((*module.module.path, name))
    if found is None:
        return
    inner = ModuleInstance(module.world, found, (*module.steps, Step(name)), module)
    yield inner
    for each in found.calls:
        yield from _as_called(inner, each)


def _deciding(module: ModuleInstance, block: Block, address: str) -> Origin:
    """What makes a resource or a called module have no instance: its `count`, `for_each` or `enabled`, or what is
    behind that: the argument that the outermost call gives.

    Args:
        module: the module instance that it stands in.
        block: the resource, or the call.
        address: its address.
    """
    given = [each.body.attributes.get("enabled") for each in block.body.of("lifecycle")]
    given += [block.body.attributes.get(name) for name in ("for_each", "count")]
    attribute = next((each for each in given if each is not None), None)
    if attribute is None:
        return Origin(address, block.file, block.line, absent=True)
    name, file, whose, seen = address, block.file, module, set[tuple[str, str]]()
    calls: list[tuple[str, int]] = []
    while True:
        behind = next(iter(_variables(attribute, whose)), None)
        if behind is None or (whose.address, behind[1]) in seen:
            return Origin(name, attribute.file or file, attribute.line, absent=True, calls=tuple(calls))
        seen.add((whose.address, behind[1]))
        if behind[3] is not whose:
            calls.insert(0, (attribute.file or file, attribute.line))
        attribute, name, file, whose = behind


def _variables(attribute: Attribute, module: ModuleInstance) -> Iterator[tuple[Attribute, str, str, ModuleInstance]]:
    """The arguments and locals that an attribute is made of, each with its name, its file and its module."""
    for each in _walk(attribute.value):
        if isinstance(each, syntax.Attr) and isinstance(each.on, syntax.Name) and each.on.name in ("var", "local"):
            behind = _behind(each.on.name, each.name, module)
            if behind is not None:
                found, file, whose = behind
                step = whose is not module and module.steps
                yield found, f"module.{module.steps[-1].name}" if step else f"{each.on.name}.{each.name}", file, whose


def beginning(top: ModuleInstance) -> dict[str | None, Origin]:
    """Where to look for what nothing else shows: by region its provider in the root, used or not; None: the provider,
    else whatever the root begins with."""
    root = top.module
    aws = {alias: block for (name, alias), block in root.providers.items() if name == "aws"}
    others = [*root.terraform, *root.calls.values(), *root.resources.values()]
    first = next(iter([*aws.values(), *others]), None)
    if first is None:
        return {}
    found: dict[str | None, Origin] = {
        None: Origin(".".join([first.type, *first.labels]), first.file, first.line, absent=True)
    }
    for alias, block in aws.items():
        given = block.body.attributes.get("region")
        try:
            region = attempt(given.value, top.scope()) if given is not None else None
        except (TooMuchError, RecursionError):
            break
        if given is not None and isinstance(region, str):
            address = ".".join(["provider", "aws", *([alias] if alias else [])])
            found.setdefault(str.__str__(region), Origin(address, given.file or block.file, given.line, absent=True))
    return found


def _by_region(keys: list[tuple[Any, str | None]]) -> bool:
    """Whether the keys tell regions apart: they are regions, or another key means another region."""
    regions = {region for _, region in keys if region is not None}
    return bool(keys) and (len(regions) > 1 or any(catalogue.region(str(key)) is not None for key, _ in keys))


def _levels(instance: ResourceInstance) -> Iterator[_Level]:
    """The module calls that lead to an instance, the outermost first, and the resource itself."""
    modules: list[ModuleInstance] = []
    module: ModuleInstance | None = instance.module
    while module is not None:
        modules.append(module)
        module = module.parent
    for outer, inner in zip(reversed(modules), list(reversed(modules))[1:], strict=False):
        step = inner.steps[-1]
        yield outer, f"module.{step.name}", step.key, outer.module.calls[step.name]
    prefix = "data." if instance.mode == "data" else ""
    yield instance.module, f"{prefix}{instance.type}.{instance.name}", instance.key, instance.block


def _list(for_each: Attribute, module: ModuleInstance, name: str, file: str) -> Origin:
    """The list that a `for_each` goes over: the expression, or the local or variable behind it, that names regions."""
    found = next(_naming_regions(for_each, module, name, file, frozenset()), None)
    return found or Origin(name, for_each.file or file, for_each.line, absent=True)


def _naming_regions(
    attribute: Attribute, module: ModuleInstance, name: str, file: str, seen: frozenset[str]
) -> Iterator[Origin]:
    expressions = list(_walk(attribute.value))
    if any(isinstance(each, syntax.Literal) and _is_region(each.value) for each in expressions):
        yield Origin(name, attribute.file or file, attribute.line, absent=True)
    for each in expressions:
        if isinstance(each, syntax.Attr) and isinstance(each.on, syntax.Name):
            label = f"{each.on.name}.{each.name}"
            behind = _behind(each.on.name, each.name, module)
            if behind is not None and label not in seen:
                other, where, whose = behind
                inner = frozenset() if whose is not module else seen | {label}
                yield from _naming_regions(other, whose, label, where, inner)


def _behind(root: str, name: str, module: ModuleInstance) -> tuple[Attribute, str, ModuleInstance] | None:
    """The attribute that gives a local or a variable its value, its file, and the module it is written in."""
    if root == "local" and name in module.module.locals:
        found = module.module.locals[name]
        return found, found.file, module
    if root != "var" or name not in module.module.variables:
        return None
    call, parent = module.call, module.parent
    if call is not None and parent is not None and name in call.body.attributes:
        return call.body.attributes[name], call.file, parent
    if parent is None and name in module.world.inputs:
        return module.world.inputs[name], "", module
    declared = module.module.variables[name]
    default = declared.body.attributes.get("default")
    return (default, declared.file, module) if default is not None else None


def _walk(expression: Expression) -> Iterator[Any]:
    """The expression and all in it."""
    pending: list[Any] = [expression]
    while pending:
        current = pending.pop()
        if isinstance(current, list | tuple):
            pending.extend(reversed(current))
        elif isinstance(current, syntax.Node):
            yield current
            pending.extend(getattr(current, field) for field in reversed(current.__struct_fields__))


def _is_region(value: object) -> bool:
    return isinstance(value, str) and catalogue.region(value) is not None
