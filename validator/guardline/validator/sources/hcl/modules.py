"""Modules and what repeats over regions, as things: what the source tells beside its resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from guardline.validator.model.resource import NOWHERE, Account, Location, Origin, Resource
from guardline.validator.model.terraform import CalledModule, Siblings
from guardline.validator.sources.hcl.config import Configuration
from guardline.validator.sources.hcl.instances import ModuleInstance
from guardline.validator.sources.hcl.missing_locations import Made, further
from guardline.validator.sources.hcl.positions import Positions
from guardline.validator.sources.hcl.provider_location import Places
from guardline.validator.sources.hcl.syntax import Block

_REFUSED = ("for_each", "count", "depends_on")
"""Terraform refuses them on a call of a module with a provider of its own.

Source: https://developer.hashicorp.com/terraform/language/modules/develop/providers#legacy-shared-modules-with-provider-configurations
"""

FEWEST = 3
"""Regions that a set must cover to be a set."""


def called_modules(configuration: Configuration, account: Account) -> Iterator[CalledModule]:
    """Every module that is called, with the providers that it configures itself."""
    positions = Positions(configuration)
    for path, module in configuration.modules.items():
        call = positions.call(path)
        if call is None:
            continue
        own = {key: block for key, block in module.providers.items() if _configures(block)}
        arguments = configuration.modules[path[:-1]].calls[path[-1]].body.attributes
        first = next(iter(own.values()), None)
        address = ".".join(f"module.{name}" for name in path)
        calls = tuple((site.file, site.line) for site in positions.calls(path))
        if first is None:
            origin = Origin(address, call.file, call.line, calls=calls[1:])
        else:
            origin = Origin(address, first.file, first.line, calls=calls)
        yield CalledModule(
            location=Location(account, NOWHERE),
            origin=origin,
            names=frozenset({address}),
            managed=True,
            configures=tuple(f"{name}.{alias}" if alias else name for name, alias in own),
            refused=next((name for name in _REFUSED if name in arguments), None) if own else None,
        )


def _configures(provider: Block) -> bool:
    """Whether a provider block sets anything: an empty one with an alias is only the old way to ask for a provider."""
    return bool(set(provider.body.attributes) - {"alias", "version"} or provider.body.blocks)


class _Set(msgspec.Struct):
    location: Location
    made: list[Made] = msgspec.field(default_factory=list)
    regions: set[str] = msgspec.field(default_factory=set)
    unsure: str | None = None
    types: set[str] = msgspec.field(default_factory=set)


def siblings(root: ModuleInstance, places: Places, makes: Mapping[str, type[Resource]]) -> Iterator[Siblings]:
    """Sets that stand in three regions or more.

    Args:
        root: the root module.
        places: where its resources are.
        makes: resource type -> the kind of thing that it makes.
    """
    sets: dict[tuple[str, str, str], _Set] = {}
    unsure: dict[tuple[str, str], str] = {}
    for module in root.walk():
        calls = tuple(_calls_of(module))
        for (mode, kind, name), block in module.module.resources.items():
            if mode != "managed" or not kind.startswith("aws_"):
                continue
            repetition = module.repeated(f"{mode} {kind}", name, block)
            within_and_what = (*calls, (module.address, kind))  # and the resources of its type beside it
            for instance in module.resources(mode, kind, name).values():
                location = places.of(instance)
                region = location.region.known_or("") or None
                for within, what in within_and_what:
                    key = (location.account.key, within, what)
                    found = sets.get(key)
                    if found is None:
                        found = sets[key] = _Set(location)
                    found.made.append((instance, region))
                    found.regions.add(region or "")
                    found.unsure = found.unsure or location.region.reason
                    found.types.add(kind)
            if repetition.unknown is not None:
                for within, what in within_and_what:
                    unsure[within, what] = repetition.unknown
    for (_, within, what), found in sets.items():
        regions = frozenset(found.regions - {""})
        if len(regions) >= FEWEST:
            address = f"{within}.{what}".lstrip(".")
            yield Siblings(
                location=Location(found.location.account, NOWHERE),
                origin=further(found.made).origin,
                names=frozenset({address}),
                managed=True,
                what=what,
                regions=regions,
                makes=frozenset(makes[kind] for kind in found.types if kind in makes),
                unsure=found.unsure or unsure.get((within, what)),
            )


def _calls_of(module: ModuleInstance) -> Iterator[tuple[str, str]]:
    """The sets of calls that a module instance belongs to: for every call that leads to it, those of the same folder
    beside that one. Each by the module it stands in and its name."""
    current = module
    while current.parent is not None:
        yield current.parent.address, current.world.configuration.bounds.shown(current.module.folder)
        current = current.parent
