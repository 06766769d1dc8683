"""A plan's own source, evaluated beside the plan: the answer where a plan carries neither a value nor a reference.

The plan gives what only it knows: the values of variables, what data sources read, ids of what exists. The source gives
what a plan leaves out: functions, conditions, dynamic blocks, and which instance of a provider is used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from guardline.validator.model.resource import Account, Location, Origin, Ref, Resource
from guardline.validator.model.terraform import Siblings
from guardline.validator.model.value import Value, unknown
from guardline.validator.sources.address import Key, Step, parse_modules
from guardline.validator.sources.blocks import Block, Wanted
from guardline.validator.sources.hcl.config import Configuration
from guardline.validator.sources.hcl.instances import ModuleInstance, World
from guardline.validator.sources.hcl.jsonsyntax import members
from guardline.validator.sources.hcl.links import InstanceLinks
from guardline.validator.sources.hcl.missing_locations import Further, Made, beginning, further, left_out
from guardline.validator.sources.hcl.modules import siblings
from guardline.validator.sources.hcl.objects import ResourceInstance
from guardline.validator.sources.hcl.parse import OutOfTimeError, time_limit
from guardline.validator.sources.hcl.provider_location import Places
from guardline.validator.sources.hcl.values import EvaluationError, TooMuchError, Unknown

SECONDS = 60.0
"""How long one question may take."""

T = TypeVar("T")

Read = Callable[[str, str, str, str, Key, str], Any]
"""What the plan knows of an attribute: module address, mode, type, name, key, attribute. None where it does not."""


class EvaluatedSource:
    """The source of a plan, with what the plan knows.

    Args:
        configuration: the source.
        variables: the values of the root's variables, as the plan has them.
        read: what the plan knows of an attribute.
        accounts, default_region, fallback: see `provider_location.Places`.
        workspace: ``terraform.workspace``, which a plan does not name.
    """

    def __init__(
        self,
        configuration: Configuration,
        variables: Mapping[str, Any],
        read: Read,
        accounts: Mapping[str, str] | None = None,
        default_region: str | None = None,
        fallback: Account | None = None,
        workspace: str | None = None,
    ) -> None:
        declared = configuration.modules[()].variables
        given = members(json.dumps(variables), "the plan's variables")
        inputs = {name: each for name, each in given.items() if name in declared}
        unnamed = Unknown("a plan does not name its workspace (give --workspace)")
        world = World(configuration, inputs, workspace or unnamed)
        self._places = Places(accounts or {}, default_region, fallback)
        self._read = read
        world.data = self._data
        self._root = ModuleInstance(world, configuration.modules[()])
        self._links = InstanceLinks()
        self._exhausted = False

    def link(self, block: Block, path: tuple[str | int, ...], wanted: Wanted) -> Value[Ref]:
        """The thing that an attribute of a plan's resource names, as the source has it."""

        def ask() -> Value[Ref]:
            steps = parse_modules(block.module_address)
            instance = self._instance(steps, block.mode, block.type, block.name, block.key)
            if instance is None:
                return unknown(f"{block.address} is not in the source given")
            self._links.instances[block.address] = instance
            return self._links.link(block, path, wanted)

        return self._asked(ask, unknown(f"{block.address}: the source given cannot be evaluated"))

    def draft(self, block: Block, path: tuple[str | int, ...]) -> str | None:
        """A text of which parts are unknown, as the source has it, with marks for these."""

        def ask() -> str | None:
            steps = parse_modules(block.module_address)
            instance = self._instance(steps, block.mode, block.type, block.name, block.key)
            if instance is None:
                return None
            self._links.instances[block.address] = instance
            return self._links.draft(block, path)

        return self._asked(ask, None)

    def location(self, steps: tuple[Step, ...], mode: str, kind: str, name: str, key: Key) -> Location | None:
        """The account and region that a resource instance works in; None where the source does not have it."""

        def ask() -> Location | None:
            instance = self._instance(steps, mode, kind, name, key)
            return self._places.of(instance) if instance is not None else None

        return self._asked(ask, None)

    def places(self, steps: tuple[Step, ...], mode: str, kind: str, name: str) -> tuple[Location, ...]:
        """The places of all instances of a resource in one module instance."""
        return self._asked(lambda: tuple(map(self._places.of, self._instances(steps, mode, kind, name).values())), ())

    @property
    def providers(self) -> Mapping[str | None, Origin]:
        """By region, the provider configuration that is for it; None: any."""
        return {**self._asked(lambda: beginning(self._root), {}), **self._places.declared}

    def further(self, blocks: Iterable[Block]) -> Further | None:
        """Where one more resource would be written, given all of its type that the plan holds."""

        def ask() -> Further | None:
            made: list[Made] = []
            for block in blocks:
                steps = parse_modules(block.module_address)
                instance = self._instance(steps, block.mode, block.type, block.name, block.key)
                if instance is not None:
                    made.append((instance, block.location.region.known_or("") or None))
            return further(made) if made else None

        return self._asked(ask, None)

    def left_out(self, types: Collection[str]) -> Mapping[tuple[str, str], Origin]:
        """By type and region, what leaves a resource out there."""

        def ask() -> Mapping[tuple[str, str], Origin]:
            found = (each for module in self._root.walk() for each in left_out(module, self._places, types))
            return dict(reversed(list(found)))

        return self._asked(ask, {})

    def siblings(self, makes: Mapping[str, type[Resource]]) -> tuple[Siblings, ...]:
        """What repeats over regions."""
        return self._asked(lambda: tuple(siblings(self._root, self._places, makes)), ())

    @property
    def makes_nothing(self) -> bool:
        """Whether no managed resource of the source has an instance."""

        def ask() -> bool:
            if self._root.world.configuration.missing:
                return False
            for module in self._root.walk():
                if any(module.repeated("module", name, call).unknown for name, call in module.module.calls.items()):
                    return False
                for (mode, kind, name), block in module.module.resources.items():
                    found = module.repeated(f"{mode} {kind}", name, block)
                    if mode == "managed" and (found.unknown is not None or found.instances):
                        return False
            return True

        return self._asked(ask, False)

    # -- finding one's way ---------------------------------------------------------------------------------------

    def _module(self, steps: tuple[Step, ...]) -> ModuleInstance | None:
        found: ModuleInstance | None = self._root
        for step in steps:
            known = found is not None and step.name in found.module.calls
            found = found.children(step.name).get(step.key) if found is not None and known else None
        return found

    def _instances(self, steps: tuple[Step, ...], mode: str, kind: str, name: str) -> Mapping[Key, ResourceInstance]:
        module = self._module(steps)
        if module is None or (mode, kind, name) not in module.module.resources:
            return {}
        return module.resources(mode, kind, name)

    def _instance(self, steps: tuple[Step, ...], mode: str, kind: str, name: str, key: Key) -> ResourceInstance | None:
        return self._instances(steps, mode, kind, name).get(key)

    def _data(self, instance: ResourceInstance, name: str) -> Any:
        found = self._read(instance.module.address, instance.mode, instance.type, instance.name, instance.key, name)
        if found is None and instance.mode == "data":
            return self._places.data(instance, name)
        return found

    def _asked(self, ask: Callable[[], T], otherwise: T) -> T:
        """Ask within bounds; what once was too much is not tried again."""
        if self._exhausted:
            return otherwise
        try:
            with time_limit(SECONDS):
                return ask()
        except EvaluationError:
            return otherwise
        except (TooMuchError, RecursionError, OutOfTimeError):
            self._exhausted = True
            return otherwise
