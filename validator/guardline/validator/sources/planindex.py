"""Look-ups over a decoded plan: instances by type and module, configuration by static module path."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any

import msgspec

from guardline.validator.sources.address import Step, parse_modules
from guardline.validator.sources.planjson import (
    ConfigModule,
    ConfigResource,
    ModuleCall,
    Plan,
    ResourceChange,
    StateModule,
    StateResource,
    decode_raw,
)

GONE = ({"delete"}, {"forget"})
"""Actions after which an object is no longer there, or no longer managed."""

Instance = ResourceChange | StateResource


class PlanIndex:
    """A plan, indexed lazily: what no control asks for is never touched."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.by_type: dict[str, list[ResourceChange]] = defaultdict(list)
        for change in plan.resource_changes or []:
            if (
                change.deposed is None
            ):  # a deposed object shares its address with the current one, and is on its way out
                self.by_type[change.type].append(change)
        self._instances: dict[str, dict[tuple[str, str, str], dict[str | int | None, Instance]]] = {}

    @cached_property
    def data(self) -> dict[str, list[StateResource]]:
        """Data sources that were read before the plan, by type: only the prior state has them."""
        found: dict[str, list[StateResource]] = defaultdict(list)
        for module in self._state_modules():
            for resource in module.resources:
                if resource.mode == "data":
                    found[resource.type].append(resource)
        return found

    @cached_property
    def prior_count(self) -> int:
        """How many managed resources the prior state holds."""
        return sum(resource.mode == "managed" for module in self._state_modules() for resource in module.resources)

    def _state_modules(self) -> list[StateModule]:
        state = self.plan.prior_state
        pending = [state.values.root_module] if state is not None and state.values is not None else []
        found: list[StateModule] = []
        while pending:
            module = pending.pop()
            found.append(module)
            pending.extend(module.child_modules)
        return found

    def module_address_of(self, instance: Instance) -> str:
        """The address of the module instance that an instance stands in."""
        if isinstance(instance, ResourceChange):
            return instance.module_address
        tail = f"data.{instance.type}.{instance.name}"
        head, _, _ = instance.address.rpartition(tail)
        return head.rstrip(".")

    def instances(self, module_address: str, mode: str, kind: str, name: str) -> dict[str | int | None, Instance]:
        """The instances of one resource in one module instance, by key; those that leave are left out."""
        if kind not in self._instances:
            table: dict[tuple[str, str, str], dict[str | int | None, Instance]] = defaultdict(dict)
            for state in self.data.get(kind, ()):
                key = int(state.index) if isinstance(state.index, float) else state.index
                table[self.module_address_of(state), "data", state.name][key] = state
            for change in self.by_type.get(kind, ()):
                if set(change.change.actions) not in GONE:
                    table[change.module_address, change.mode, change.name][change.key] = change
            self._instances[kind] = dict(table)
        return self._instances[kind].get((module_address, mode, name), {})

    @cached_property
    def module_addresses(self) -> frozenset[tuple[Step, ...]]:
        """Every module instance that holds a resource, and all its ancestors."""
        found: set[tuple[Step, ...]] = set()
        for address in {change.module_address for change in self.plan.resource_changes or ()}:
            steps = parse_modules(address)
            found.update(steps[:depth] for depth in range(len(steps) + 1))
        return frozenset(found)

    @cached_property
    def _modules(self) -> tuple[dict[tuple[str, ...], ConfigModule], dict[tuple[str, ...], ModuleCall]]:
        modules: dict[tuple[str, ...], ConfigModule] = {}
        calls: dict[tuple[str, ...], ModuleCall] = {}
        pending: list[tuple[tuple[str, ...], ConfigModule]] = [((), self.plan.configuration.root_module)]
        while pending:
            path, module = pending.pop()
            modules[path] = module
            for name, call in module.module_calls.items():
                calls[*path, name] = call
                pending.append(((*path, name), call.module))
        return modules, calls

    @property
    def modules(self) -> dict[tuple[str, ...], ConfigModule]:
        """Modules as configured, by static path."""
        return self._modules[0]

    @property
    def calls(self) -> dict[tuple[str, ...], ModuleCall]:
        """Module calls, by the static path of the module called."""
        return self._modules[1]

    @cached_property
    def resources(self) -> dict[tuple[tuple[str, ...], str, str, str], ConfigResource]:
        """Resources as configured, by static module path, mode, type and name."""
        return {
            (path, resource.mode, resource.type, resource.name): resource
            for path, module in self.modules.items()
            for resource in module.resources
        }

    @cached_property
    def _expressions(self) -> dict[int, dict[str, Any]]:
        return {}

    def expressions(self, owner: ConfigResource | ModuleCall) -> dict[str, Any]:
        """The decoded expressions of a resource or a module call; decoded once."""
        known = self._expressions.get(id(owner))
        if known is None:
            decoded = decode_raw(owner.expressions)
            known = decoded if isinstance(decoded, dict) else {}
            self._expressions[id(owner)] = known
        return known

    @staticmethod
    def repetition(owner: ConfigResource | ModuleCall) -> dict[str, Any] | None:
        """The for_each or count expression, where the plan carries one. Its absence proves nothing: an expression
        without references, such as ``toset([...])``, is left out of a plan."""
        for raw in (owner.for_each_expression, owner.count_expression):
            if isinstance(raw, msgspec.Raw):
                decoded = decode_raw(raw)
                return decoded if isinstance(decoded, dict) else {}
        return None
