"""Module instances and resource instances: what for_each and count make of the configuration, worked out on demand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guardline.validator.sources.address import Key, Step, join
from guardline.validator.sources.hcl.constraints import convert
from guardline.validator.sources.hcl.evaluate import Budget, Local, evaluate
from guardline.validator.sources.hcl.filefunctions import read_function
from guardline.validator.sources.hcl.objects import Outputs, ResourceInstance
from guardline.validator.sources.hcl.repetition import Repetition, gathered, repeat
from guardline.validator.sources.hcl.syntax import Attribute, Block
from guardline.validator.sources.hcl.values import EvaluationError, TooMuchError, Unknown, bounded, hidden

if TYPE_CHECKING:
    from guardline.validator.sources.hcl.config import Configuration, Module

INSTANCES = 25_000
"""More instances in one root are not judged from the source: each takes some 10 kB and a third of a millisecond."""


class World:
    """What all module instances of one root share.

    Attributes:
        configuration: the source.
        inputs: values of the root's variables.
        workspace: ``terraform.workspace``; unknown beside a plan, which does not tell it.
        data: reads an attribute of a data source that needs no AWS, e.g. the region of `aws_region`; None when it does.
    """

    def __init__(self, configuration: Configuration, inputs: Mapping[str, Attribute], workspace: str | Unknown) -> None:
        self.configuration = configuration
        self.inputs = inputs
        self.workspace = workspace
        self.budget = Budget()
        self.count = 0
        self.data: Callable[[ResourceInstance, str], Any] = lambda _instance, _name: None

    def counted(self, number: int) -> None:
        """Count instances.

        Raises:
            TooMuchError: there are too many.
        """
        self.count += number
        if self.count > INSTANCES:
            raise TooMuchError(f"the configuration makes more than {INSTANCES:,} instances; judge its plan instead")


class ModuleInstance:
    """One instance of a module; a scope for the expressions in it."""

    def __init__(
        self,
        world: World,
        module: Module,
        steps: tuple[Step, ...] = (),
        parent: ModuleInstance | None = None,
        bindings: Mapping[str, Any] | None = None,
    ) -> None:
        self.world = world
        self.module = module
        self.steps = steps
        self.parent = parent
        self.bindings = bindings or {}
        self.budget = world.budget
        self._memo: dict[tuple[str, ...], Any] = {}
        self._busy: set[tuple[str, ...]] = set()

    @property
    def call(self) -> Block | None:
        """The block that calls this module; None for the root."""
        return self.parent.module.calls[self.steps[-1].name] if self.parent is not None else None

    @cached_property
    def address(self) -> str:
        """The module address; "" for the root."""
        return join(self.steps, "")

    def scope(self, bindings: Mapping[str, Any] | None = None) -> Local:
        """A scope for an expression in this module."""
        return Local(self, bindings or {})

    # -- the names -----------------------------------------------------------------------------------------------

    def resolve(self, root: str, names: list[str]) -> tuple[Any, int]:
        """See `evaluate.Scope`."""
        match root, names:
            case "var", [name, *_]:
                return self._once(("var", name), self._variable, name), 1
            case "local", [name, *_]:
                return self._once(("local", name), self._local, name), 1
            case "module", [name, *_]:
                return self._once(("module", name), self._module, name), 1
            case "path", [name, *_]:
                return self._path(name), 1
            case "terraform", ["workspace", *_]:
                return self.world.workspace, 1
            case "data", [kind, name, *_]:
                return self._resources("data", kind, name), 2
            case "resource", [kind, name, *_]:
                return self._resources("managed", kind, name), 2
            case (("each" | "count" | "self"), _):
                raise EvaluationError(f"{root} has no meaning here")
            case _, [name, *_]:
                return self._resources("managed", root, name), 1
            case _:
                raise EvaluationError(f"there is nothing called {root}")

    def _once(self, key: tuple[str, ...], work: Callable[..., Any], *given: Any) -> Any:
        """Work something out once; what turns out to need itself is an error, as in Terraform."""
        if key in self._memo:
            found = self._memo[key]
            if isinstance(found, EvaluationError):
                raise found
            return found
        if key in self._busy:
            raise EvaluationError(f"{'.'.join(key)} refers to itself")
        self._busy.add(key)
        try:
            found = work(*given)
        except EvaluationError as error:
            self._memo[key] = error
            raise
        finally:
            self._busy.discard(key)
        self._memo[key] = found
        return found

    def _variable(self, name: str) -> Any:
        block = self.module.variables.get(name)
        if block is None:
            raise EvaluationError(f"var.{name} is not declared")
        attributes = block.body.attributes
        value = self._input(name)
        if value is None and (_flag(attributes.get("nullable")) is False or not self._is_given(name)):
            default = attributes.get("default")
            if default is None and not self._is_given(name):
                return Unknown(f"var.{name} has no value: it has no default, and none is given")
            value = evaluate(default.value, self.scope()) if default is not None else None
        bounded(value)
        if "type" in attributes:
            value = convert(value, attributes["type"].value)
        return hidden(value) if _flag(attributes.get("sensitive")) else value

    def _is_given(self, name: str) -> bool:
        call = self.call
        return name in (self.world.inputs if call is None else call.body.attributes)

    def _input(self, name: str) -> Any:
        if self.parent is None:
            given = self.world.inputs.get(name)
            return evaluate(given.value, self.scope()) if given is not None else None
        call = self.call
        argument = call.body.attributes.get(name) if call is not None else None
        return evaluate(argument.value, self.parent.scope(self.bindings)) if argument is not None else None

    def _local(self, name: str) -> Any:
        attribute = self.module.locals.get(name)
        if attribute is None:
            raise EvaluationError(f"local.{name} is not declared")
        return bounded(evaluate(attribute.value, self.scope()))

    def _path(self, name: str) -> Any:
        if name == "module":
            return Path(os.path.relpath(self.module.folder, self.world.configuration.root)).as_posix()
        if name == "root":
            return "."
        if name == "cwd":
            return Unknown("path.cwd depends on where Terraform runs")
        raise EvaluationError(f"there is no path.{name}")

    def file_function(self, name: str, args: list[Any]) -> Any:
        """See `evaluate.Scope`."""
        return read_function(name, args, self.world.configuration, self.budget)

    # -- repetition ----------------------------------------------------------------------------------------------

    def repetition(self, block: Block) -> Repetition:
        """The instances that a block's for_each or count makes."""
        return repeat(block, self.scope(), self.world.counted)

    def repeated(self, kind: str, name: str, block: Block) -> Repetition:
        """`repetition`, worked out once per block."""
        found: Repetition = self._once(("repetition", kind, name), self.repetition, block)
        return found

    # -- modules and resources -----------------------------------------------------------------------------------

    def children(self, name: str) -> dict[Key, ModuleInstance]:
        """The instances of a called module, by key; empty where its source or its keys are not at hand."""
        found: dict[Key, ModuleInstance] = self._once(("children", name), self._children, name)
        return found

    def _children(self, name: str) -> dict[Key, ModuleInstance]:
        module = self.world.configuration.modules.get((*self.module.path, name))
        if module is None:
            return {}
        repetition = self.repeated("module", name, self.module.calls[name])
        return {
            key: ModuleInstance(self.world, module, (*self.steps, Step(name, key)), self, bindings)
            for key, bindings in repetition.instances.items()
        }

    def _module(self, name: str) -> Any:
        call = self.module.calls.get(name)
        if call is None:
            raise EvaluationError(f"module.{name} is not declared")
        missing = self.world.configuration.missing.get((*self.module.path, name))
        if missing is not None:
            return Unknown(missing)
        return gathered(
            self.repeated("module", name, call),
            {key: Outputs(child) for key, child in self.children(name).items()},
            f"module.{name}",
        )

    def output(self, name: str) -> Any:
        """An output's value.

        Raises:
            EvaluationError: there is no such output.
        """
        block = self.module.outputs.get(name)
        if block is None or "value" not in block.body.attributes:
            raise EvaluationError(f"{self.address} has no output {name!r}")
        expression = block.body.attributes["value"].value
        value = bounded(self._once(("output", name), evaluate, expression, self.scope()))
        return hidden(value) if _flag(block.body.attributes.get("sensitive")) else value

    def resources(self, mode: str, kind: str, name: str) -> dict[Key, ResourceInstance]:
        """The instances of a resource or data source, by key."""
        found: dict[Key, ResourceInstance] = self._once(
            ("instances", mode, kind, name), self._instances, mode, kind, name
        )
        return found

    def _instances(self, mode: str, kind: str, name: str) -> dict[Key, ResourceInstance]:
        block = self.module.resources[mode, kind, name]
        repetition = self.repeated(f"{mode} {kind}", name, block)
        return {
            key: ResourceInstance(self, mode, kind, name, key, block, bindings)
            for key, bindings in repetition.instances.items()
        }

    def outline(self, kind: str, name: str, block: Block, why: str) -> ResourceInstance:
        """What stands for all instances of a resource whose keys are unknown.

        Args:
            kind, name, block: the resource.
            why: why they are unknown.
        """
        unknown = Unknown(why)
        bindings = {"each": {"key": unknown, "value": unknown}, "count": {"index": unknown}}
        return ResourceInstance(self, "managed", kind, name, None, block, bindings)

    def _resources(self, mode: str, kind: str, name: str) -> Any:
        block = self.module.resources.get((mode, kind, name))
        prefix = "data." if mode == "data" else ""
        if block is None:
            raise EvaluationError(f"{prefix}{kind}.{name} is not declared")
        return gathered(
            self.repeated(f"{mode} {kind}", name, block), self.resources(mode, kind, name), f"{prefix}{kind}.{name}"
        )

    def walk(self) -> Iterator[ModuleInstance]:
        """This instance and all below it."""
        pending: list[ModuleInstance] = [self]
        while pending:
            current = pending.pop()
            yield current
            for name in reversed(current.module.calls):
                pending.extend(reversed(current.children(name).values()))


def _flag(attribute: Attribute | None) -> bool | None:
    """A flag that is written down, quoted or not, as Terraform takes it."""
    value = getattr(attribute.value, "value", None) if attribute is not None else None
    return (
        {True: True, "true": True, False: False, "false": False}.get(value) if isinstance(value, bool | str) else None
    )
