"""Terraform source to `Blocks`: what `guardline validate DIR` judges, without Terraform, provider or credentials."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from guardline.spec import catalogue
from guardline.validator.estate import Account, Origin, Place, Ref
from guardline.validator.sources.address import quote
from guardline.validator.sources.blocks import Block, Blocks, Wanted
from guardline.validator.sources.hcl.access import get_attribute, get_index
from guardline.validator.sources.hcl.config import Configuration
from guardline.validator.sources.hcl.instances import ModuleInstance, World
from guardline.validator.sources.hcl.lines import lines
from guardline.validator.sources.hcl.objects import ResourceInstance
from guardline.validator.sources.hcl.parse import OutOfTimeError, time_limit
from guardline.validator.sources.hcl.places import Places
from guardline.validator.sources.hcl.positions import Positions
from guardline.validator.sources.hcl.schema import kind
from guardline.validator.sources.hcl.syntax import HclError
from guardline.validator.sources.hcl.trees import tree
from guardline.validator.sources.hcl.values import EvaluationError, Told, TooMuchError, Unknown, plain
from guardline.validator.sources.hcl.variables import Inputs, given
from guardline.validator.value import Value, known, unknown

SECONDS = 120.0
"""How long one root may take to evaluate."""


@dataclass(frozen=True)
class Reading:
    """Terraform source, evaluated.

    Attributes:
        blocks: for `adapt`.
        errors: what could not be read: files, values of variables.
    """

    blocks: Blocks
    errors: tuple[HclError, ...]


def blocks(
    configuration: Configuration,
    types: Collection[str],
    inputs: Inputs | None = None,
    *,
    accounts: Mapping[str, str] | None = None,
    default_region: str | None = None,
    fallback: Account | None = None,
    root: str = "",
) -> Reading:
    """Evaluate a configuration.

    Args:
        configuration: the source, from `config.load`.
        types: the resource types wanted (`adapt.READS`); no other is evaluated, unless one of these refers to it.
        inputs: values of variables.
        accounts, default_region, fallback: see `places.Places`.
        root: what tells this root's addresses from another's.
    """
    inputs = inputs or Inputs()
    values, errors = given(configuration, inputs)
    world = World(configuration, values, inputs.workspace)
    places = Places(accounts or {}, default_region, fallback)
    world.data = places.data
    found = _Found(configuration, places, frozenset(types), root)
    reasons = [str(error) for error in (*configuration.errors, *errors)]
    try:
        with time_limit(SECONDS):
            for module in ModuleInstance(world, configuration.modules[()]).walk():
                found.module(module)
    except (TooMuchError, RecursionError, OutOfTimeError) as error:
        reasons.append(_why(error))
        errors.append(HclError(configuration.bounds.shown(configuration.root), None, _why(error)))
    return Reading(found.result(reasons), (*configuration.errors, *errors))


def _why(error: BaseException) -> str:
    if isinstance(error, TooMuchError):
        return str(error)
    if isinstance(error, RecursionError):
        return "the configuration refers too deeply to be evaluated"
    return f"the configuration is not evaluated within {SECONDS:g} s"


class _Found:
    """Collects blocks module by module."""

    def __init__(self, configuration: Configuration, places: Places, types: frozenset[str], root: str) -> None:
        self.places = places
        self.types = types
        self.root = root
        self.blocks: dict[str, list[Block]] = {}
        self.missing: dict[str, str] = {}
        self.incomplete: list[str] = []
        self.used: dict[Place, None] = {}
        self.links = InstanceLinks()
        self.positions = Positions(configuration)
        self.calls: dict[tuple[str, ...], tuple[tuple[str, int], ...]] = {}

    def module(self, module: ModuleInstance) -> None:
        """Take what stands in a module instance itself."""
        for name, call in module.module.calls.items():
            repetition = module.repeated("module", name, call)
            path = (*module.module.path, name)
            why = module.world.configuration.missing.get(path)
            if why is not None and (repetition.unknown is not None or repetition.instances):
                self.incomplete.append(why)
            elif why is None and repetition.unknown is not None:
                self._all_missing(module, path, f"module.{name}: {repetition.unknown}")
        for (mode, kind_name, name), block in module.module.resources.items():
            if not kind_name.startswith("aws_"):
                continue
            repetition = module.repeated(f"{mode} {kind_name}", name, block)
            if repetition.unknown is not None:
                self.used[self.places.of_block(module, kind_name, block, {})] = None
                if kind_name in self.types:
                    prefix = "data." if mode == "data" else ""
                    at = f"{module.address}." if module.address else ""
                    self.missing.setdefault(kind_name, f"{at}{prefix}{kind_name}.{name}: {repetition.unknown}")
                continue
            for instance in module.resources(mode, kind_name, name).values():
                place = self.places.of(instance)
                self.used[place] = None
                if kind_name in self.types:
                    self.blocks.setdefault(kind_name, []).append(self._block(instance, place))

    def _all_missing(self, module: ModuleInstance, path: tuple[str, ...], why: str) -> None:
        """A module whose instances cannot be told hides every type that it holds."""
        for below, declared in module.world.configuration.modules.items():
            if below[: len(path)] == path:
                for _, kind_name, _ in declared.resources:
                    if kind_name in self.types:
                        self.missing.setdefault(kind_name, why)
        for below, reason in module.world.configuration.missing.items():
            if below[: len(path)] == path:
                self.incomplete.append(reason)

    def _block(self, instance: ResourceInstance, place: Place) -> Block:
        self.links.instances[instance.address] = instance
        values = instance.values()
        path = instance.module.module.path
        if path not in self.calls:
            self.calls[path] = tuple((site.file, site.line) for site in self.positions.calls(path))
        origin = Origin(instance.address, instance.block.file, instance.block.line, calls=self.calls[path])
        made = tree(values, instance.mode, kind(instance.mode, instance.type))
        made.lines, made.of = lines(instance.block, values), (origin.address, origin.file, origin.line)
        return Block(
            address=instance.address,
            module_address=instance.module.address,
            mode=instance.mode,
            type=instance.type,
            name=instance.name,
            key=instance.key,
            tree=made,
            place=place,
            origin=origin,
            new=instance.mode == "managed",
            root=self.root,
            links=self.links,
        )

    def result(self, reasons: list[str]) -> Blocks:
        """All that was found."""
        accounts = {place.account.key: place.account for place in self.used}
        regions = {region for place in self.used if (region := place.region.known_or(None))}
        partitions = [known_region.partition for name in sorted(regions) if (known_region := catalogue.region(name))]
        incomplete = [*reasons, *self.incomplete]
        return Blocks(
            of=lambda wanted: self.blocks.get(wanted, ()),
            accounts=tuple(sorted(accounts.values(), key=lambda account: account.key)),
            incomplete=incomplete[0] if incomplete else None,
            missing=self.missing,
            regions=frozenset(regions),
            partition=partitions[0] if partitions else None,
        )


class InstanceLinks:
    """Where attributes lead, told by the identity that an unknown value keeps."""

    def __init__(self) -> None:
        self.instances: dict[str, ResourceInstance] = {}

    def link(self, block: Block, path: tuple[str | int, ...], wanted: Wanted) -> Value[Ref]:
        """The thing that an attribute names."""
        found = self._link(block, path, wanted)
        return Value(found.known_or(None), found.reason, block.tree.at(*path).leaf)

    def _link(self, block: Block, path: tuple[str | int, ...], wanted: Wanted) -> Value[Ref]:
        instance = self.instances[block.address]
        dotted = "".join(quote(step) if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
        first = f"{block.type}.{block.name}.{dotted}"
        value: Any = instance.values()
        try:
            for step in path:
                value = get_index(value, step) if isinstance(step, int) else get_attribute(value, step)
        except EvaluationError:
            value = None
        if isinstance(value, str):
            own = value.of if isinstance(value, Told) else None
            named = own if own is not None and own.type in wanted.types and own.attribute in wanted.attributes else None
            if not value:
                return unknown(f"{block.address} sets no {dotted}")
            address = f"{block.root}{named.address}" if named is not None else None
            return known(Ref(address, plain(value), (first, *(own.chain if own else ()))))
        if not isinstance(value, Unknown):
            return unknown(f"{block.address} sets no {dotted}")
        targets = {each.address: each for each in value.of if _is_wanted(each.type, each.attribute, wanted)}
        if len(targets) == 1 and not value.loose:
            target = next(iter(targets.values()))
            return known(Ref(f"{block.root}{target.address}", None, (first, *target.chain)))
        if len(targets) > 1:
            return unknown(f"{first} may be {' or '.join(sorted(targets)[:3])}")
        return unknown(value.reason)

    def is_configured(self, block: Block, path: tuple[str | int, ...]) -> bool:
        """Whether the configuration gives the attribute."""
        value: Any = self.instances[block.address].values()
        for step in path:
            if isinstance(value, Unknown):
                return True
            try:
                value = get_index(value, step) if isinstance(step, int) else get_attribute(value, step)
            except EvaluationError:
                return False
        return bool(value != [])


def _is_wanted(kind_name: str, attribute: str, wanted: Wanted) -> bool:
    return kind_name in wanted.types and attribute in wanted.attributes
