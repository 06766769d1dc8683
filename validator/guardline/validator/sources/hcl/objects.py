"""Resource instances and module instances as values: their attributes are worked out when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from guardline.validator.semantics.unknown_parts import mark
from guardline.validator.sources.address import Key, join, quote
from guardline.validator.sources.hcl.content import content
from guardline.validator.sources.hcl.evaluate import attempt
from guardline.validator.sources.hcl.syntax import Block
from guardline.validator.sources.hcl.values import EvaluationError, Identity, Object, Told, Unknown, through

if TYPE_CHECKING:
    from guardline.validator.sources.hcl.instances import ModuleInstance

META = frozenset({"count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection"})
"""Arguments that Terraform itself reads: they are not values of the resource."""


class Outputs(Object):
    """A module instance as a value."""

    def __init__(self, instance: ModuleInstance) -> None:
        self.instance = instance

    def attribute(self, name: str) -> Any:
        """An output."""
        return self.instance.output(name)

    def whole(self) -> Any:
        """All outputs; one that cannot be worked out is unknown."""
        found: dict[str, Any] = {}
        for name in self.instance.module.outputs:
            try:
                found[name] = self.instance.output(name)
            except EvaluationError as error:
                found[name] = Unknown(str(error))
        return found


class ResourceInstance(Object):
    """A resource or data source instance as a value."""

    def __init__(
        self,
        module: ModuleInstance,
        mode: str,
        kind: str,
        name: str,
        key: Key,
        block: Block,
        bindings: Mapping[str, Any],
    ) -> None:
        self.module = module
        self.mode, self.type, self.name, self.key = mode, kind, name, key
        self.block = block
        self.scope = module.scope(bindings)
        self._values: dict[str, Any] | None = None
        self._busy = False

    @cached_property
    def short(self) -> str:
        """The address inside the module."""
        return f"{'data.' if self.mode == 'data' else ''}{self.type}.{self.name}{quote(self.key)}"

    @cached_property
    def address(self) -> str:
        """The full address."""
        return f"{self.module.address}.{self.short}" if self.module.steps else self.short

    def values(self) -> dict[str, Any]:
        """All that the configuration gives; what Terraform would refuse is unknown."""
        if self._values is None:
            if self._busy:
                raise EvaluationError(f"{self.address} refers to itself")
            self._busy = True
            try:
                self._values = content(self.block.body, self.scope, META)
            finally:
                self._busy = False
        return self._values

    def attribute(self, name: str) -> Any:
        """An attribute as another expression reads it."""
        label = f"{self.short}.{name}"
        body = self.block.body
        value: Any = None
        if name in body.attributes and name not in META:
            if self._busy:
                raise EvaluationError(f"{self.address} refers to itself")
            self._busy = True
            try:
                value = attempt(body.attributes[name].value, self.scope)
            finally:
                self._busy = False
        elif any(block.type == name or block.labels == [name] for block in body.blocks):
            value = self.values().get(name)
        if value is None:
            value = self.module.world.data(self, name) if self.mode == "data" else None
        identity = Identity(self.address, self.mode, self.type, name, (label,))
        if value is None:
            why = "is read from AWS when planning" if self.mode == "data" else "is known only after apply"
            return Unknown(f"{join(self.module.steps, label)} {why}", (identity,), draft=mark(self.address, name))
        if isinstance(value, Told) and value.of is not None:
            return through(value, label)
        if isinstance(value, Unknown):
            # Whoever reads it means this resource, whatever its value is made of; one of another type stays in sight.
            beyond = through(value, label)
            others = tuple(each for each in beyond.of if each.type != self.type)
            return replace(beyond, of=(*others, identity))
        return Told.make(value, identity) if isinstance(value, str) else through(value, label)

    def whole(self) -> Any:
        """Not worked out: it has attributes that only AWS tells."""
        return Unknown(f"{self.address} as a whole is known only after apply")
