"""Look-ups over a decoded plan: instances by type and module, configuration by static module path."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from sys import intern
from typing import Any

import msgspec

from guardline.validator.sources.address import Step, module_names, parse_modules
from guardline.validator.sources.plan.decode import (
    ConfigModule,
    ConfigResource,
    Entry,
    ModuleCall,
    Plan,
    PlanError,
    ResourceChange,
    StateResource,
    decode_entry,
    decode_expressions,
)

GONE = ({"delete"}, {"forget"})
"""Actions after which an object is no longer there, or no longer managed."""

KEPT = 5_000
"""So many changes are kept decoded; of a huge plan the others are decoded anew for whoever asks."""

_REGION = re.compile(rb'"region"\s*:\s*"([a-z0-9-]+)"')

Instance = ResourceChange | StateResource


class PlanIndex:
    """A plan, indexed lazily: what no control asks for is never touched."""

    def __init__(self, plan: Plan) -> None:
        """Index a plan.

        Raises:
            PlanError: an entry has not the shape of one, or contradicts itself.
        """
        self.plan = plan
        self.declared: dict[tuple[str, str, str, str], frozenset[str]] = {}  # the regions that its values name
        self._raw: dict[str, list[msgspec.Raw]] = defaultdict(list)
        shared: dict[frozenset[str], frozenset[str]] = {}
        for raw in plan.resource_changes or ():
            entry = decode_entry(raw, Entry)
            if not entry.is_sound:
                raise PlanError(f"contradicts itself: the parts of {entry.address!r} do not make that address")
            # One string for all that say the same: a large plan says it a hundred thousand times.
            kind, name = intern(entry.type), intern(entry.name)
            named = frozenset[str]()
            if entry.mode == "managed" and entry.type.startswith("aws_"):
                named = frozenset(match[1].decode() for match in _REGION.finditer(memoryview(raw)))
            declared = (intern(entry.module_address), entry.mode, kind, name)
            together = named | self.declared.get(declared, frozenset())
            self.declared[declared] = shared.setdefault(together, together)
            if entry.deposed is None:  # a deposed object shares its address with the current one, and is leaving
                self._raw[kind].append(raw)
        self._changes: dict[str, list[ResourceChange]] = {}
        self._room = KEPT
        self._instances: dict[str, dict[tuple[str, str, str], dict[str | int | None, Instance]]] = {}

    @property
    def types(self) -> tuple[str, ...]:
        """The types of all changes."""
        return tuple(self._raw)

    def changes(self, kind: str) -> Iterable[ResourceChange]:
        """The changes of one type; decoded when asked for, and kept where they are few enough."""
        if kind in self._changes:
            return self._changes[kind]
        raws = self._raw.get(kind, [])
        if len(raws) > self._room:
            return (decode_entry(raw, ResourceChange) for raw in raws)
        self._room -= len(raws)
        self._changes[kind] = [decode_entry(raw, ResourceChange) for raw in raws]
        return self._changes[kind]

    def count(self, kind: str) -> int:
        """How many changes and data sources of one type there are."""
        return len(self._raw.get(kind, ())) + len(self.data.get(kind, ()))

    @cached_property
    def data(self) -> dict[str, list[StateResource]]:
        """Data sources that were read before the plan, by type: only the prior state has them."""
        return self._prior[0]

    @property
    def prior_count(self) -> int:
        """How many managed resources the prior state holds."""
        return self._prior[1]

    @cached_property
    def _prior(self) -> tuple[dict[str, list[StateResource]], int]:
        state = self.plan.prior_state
        pending = [state.values.root_module] if state is not None and state.values is not None else []
        data: dict[str, list[StateResource]] = defaultdict(list)
        managed = 0
        while pending:
            module = pending.pop()
            pending.extend(module.child_modules)
            for raw in module.resources:
                entry = decode_entry(raw, Entry)
                if entry.mode == "data":
                    data[entry.type].append(decode_entry(raw, StateResource))
                else:
                    managed += 1
        return data, managed

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
            for change in self.changes(kind):
                if set(change.change.actions) not in GONE:
                    table[change.module_address, change.mode, change.name][change.key] = change
            # In the order of their keys, so that what is said of several of them is the same on every run.
            self._instances[kind] = {
                where: dict(sorted(found.items(), key=lambda item: str(item[0]))) for where, found in table.items()
            }
        return self._instances[kind].get((module_address, mode, name), {})

    @cached_property
    def module_addresses(self) -> frozenset[tuple[Step, ...]]:
        """Every module instance that holds a resource, and all its ancestors."""
        found: set[tuple[Step, ...]] = set()
        for address in {module_address for module_address, _, _, _ in self.declared}:
            steps = parse_modules(address)
            found.update(steps[:depth] for depth in range(len(steps) + 1))
        return frozenset(found)

    def module_keys(self, parent: tuple[Step, ...], name: str) -> tuple[str | int | None, ...]:
        """The instance keys of a module call inside one module instance, in order."""
        return self._module_keys.get((parent, name), ())

    @cached_property
    def _module_keys(self) -> dict[tuple[tuple[Step, ...], str], tuple[str | int | None, ...]]:
        found: dict[tuple[tuple[Step, ...], str], list[str | int | None]] = defaultdict(list)
        for steps in self.module_addresses:
            if steps:
                found[steps[:-1], steps[-1].name].append(steps[-1].key)
        return {where: tuple(sorted(keys, key=str)) for where, keys in found.items()}

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

    def configured(self, module_address: str, mode: str, kind: str, name: str) -> ConfigResource | None:
        """The resource as configured, by the address of the module instance that it stands in."""
        return self.resources.get((module_names(module_address), mode, kind, name))

    @cached_property
    def _expressions(self) -> dict[int, dict[str, Any]]:
        return {}

    def expressions(self, owner: ConfigResource | ModuleCall) -> dict[str, Any]:
        """The decoded expressions of a resource or a module call; decoded once."""
        known = self._expressions.get(id(owner))
        if known is None:
            decoded = decode_expressions(owner.expressions)
            known = decoded if isinstance(decoded, dict) else {}
            self._expressions[id(owner)] = known
        return known

    @cached_property
    def _repetitions(self) -> dict[int, dict[str, Any] | None]:
        return {}

    def repetition(self, owner: ConfigResource | ModuleCall) -> dict[str, Any] | None:
        """The for_each or count expression, where the plan carries one. Its absence proves nothing: an expression
        without references, such as ``toset([...])``, is left out of a plan."""
        if id(owner) not in self._repetitions:
            raws = (owner.for_each_expression, owner.count_expression)
            decoded = next((decode_expressions(raw) for raw in raws if isinstance(raw, msgspec.Raw)), None)
            given = any(isinstance(raw, msgspec.Raw) for raw in raws)
            self._repetitions[id(owner)] = (decoded if isinstance(decoded, dict) else {}) if given else None
        return self._repetitions[id(owner)]
