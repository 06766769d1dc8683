"""Terraform source to `Blocks`: what `guardline validate DIR` judges, without Terraform, provider or credentials."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import msgspec

from guardline.spec import catalogue
from guardline.validator.model.resource import Account, Location, Origin, Resource
from guardline.validator.model.terraform import Siblings
from guardline.validator.sources.blocks import OUTLINE, Block, Blocks
from guardline.validator.sources.credentials import UnknownAccounts
from guardline.validator.sources.hcl import syntax
from guardline.validator.sources.hcl.config import Configuration
from guardline.validator.sources.hcl.instances import ModuleInstance, World
from guardline.validator.sources.hcl.lines import lines
from guardline.validator.sources.hcl.links import InstanceLinks
from guardline.validator.sources.hcl.missing_locations import Made, beginning, further, left_out
from guardline.validator.sources.hcl.modules import siblings
from guardline.validator.sources.hcl.objects import ResourceInstance
from guardline.validator.sources.hcl.parse import OutOfTimeError, time_limit
from guardline.validator.sources.hcl.positions import Positions
from guardline.validator.sources.hcl.provider_location import Places
from guardline.validator.sources.hcl.schema import kind
from guardline.validator.sources.hcl.syntax import HclError
from guardline.validator.sources.hcl.trees import tree
from guardline.validator.sources.hcl.values import TooMuchError
from guardline.validator.sources.hcl.variables import Inputs, given
from guardline.validator.sources.uses import Uses

SECONDS = 120.0
"""How long one root may take to evaluate."""


class Reading(msgspec.Struct, frozen=True):
    """Terraform source, evaluated.

    Attributes:
        blocks: for `adapt`.
        errors: what could not be read: files, values of variables.
        siblings: what repeats over regions.
        unusable: why nothing may be claimed from it, neither presence nor absence; None where that is not so.
    """

    blocks: Blocks
    errors: tuple[HclError, ...]
    siblings: tuple[Siblings, ...] = ()
    unusable: str | None = None


def blocks(
    configuration: Configuration,
    types: Collection[str],
    inputs: Inputs | None = None,
    *,
    accounts: Mapping[str, str] | None = None,
    default_region: str | None = None,
    fallback: Account | None = None,
    root: str = "",
    makes: Mapping[str, type[Resource]] | None = None,
    unknown_accounts: UnknownAccounts | None = None,
) -> Reading:
    """Evaluate a configuration.

    Args:
        configuration: the source, from `config.load`.
        types: the resource types wanted (`adapt.READS`); no other is evaluated, unless one of these refers to it.
        inputs: values of variables.
        accounts, default_region, fallback, unknown_accounts: see `provider_location.Places`.
        root: what tells this root's addresses from another's.
        makes: resource type -> the kind of thing that it makes, for `siblings`; None leaves them out.
    """
    inputs = inputs or Inputs()
    values, errors = given(configuration, inputs)
    world = World(configuration, values, inputs.workspace)
    places = Places(accounts or {}, default_region, fallback, unknown_accounts)
    world.data = places.data
    found = _Found(configuration, places, frozenset(types), root)
    sets: tuple[Siblings, ...] = ()
    top = ModuleInstance(world, configuration.modules[()])
    try:
        with time_limit(SECONDS):
            found.configured = places.configured(top)
            for module in top.walk():
                found.module(module)
            sets = tuple(siblings(top, places, makes)) if makes is not None else ()
    except (TooMuchError, RecursionError, OutOfTimeError) as error:
        errors.append(HclError(configuration.bounds.shown(configuration.root), None, _why(error)))
    unread = [*configuration.errors, *errors]
    other = next(_other_languages(configuration), None)
    if other is not None:
        found.incomplete.insert(0, other[0])
        found.unread.setdefault(None, other[1])
    return Reading(found.result(top, unread), tuple(unread), sets, other[0] if other is not None else None)


_EDITION = "TF2021"


def _other_languages(configuration: Configuration) -> Iterator[tuple[str, Origin]]:
    """Blocks that choose another edition of the language, in which the source may mean something else.

    Which versions a module is compatible with changes nothing. Terraform has the argument `language`, for an edition.
    Sources: https://opentofu.org/docs/v1.12/language/settings/,
    https://github.com/hashicorp/terraform/blob/v1.11.4/internal/configs/experiments.go (the edition TF2021)
    """
    for module in configuration.modules.values():
        for block in module.terraform:
            edition = block.body.attributes.get("language")
            if edition is None or edition.value in (syntax.Name(_EDITION), syntax.Literal(_EDITION)):
                continue
            where = f"{edition.file or block.file}:{edition.line}"
            why = f"the edition of the language in {where} is not {_EDITION}, the one that this guardline knows"
            yield why, Origin("terraform.language", edition.file or block.file, edition.line)
        for block in module.language:
            inner = [*block.body.attributes, *(each.type for each in block.body.blocks)]
            if inner and set(inner) == {"compatible_with"}:
                continue
            sets = f" ({', '.join(inner)})" if inner else ""
            why = f"the language block{sets} in {block.file}:{block.line} is not known to this guardline"
            yield why, Origin("language", block.file, block.line)


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
        self.uses = Uses()
        self.declared = frozenset(kind for module in configuration.modules.values() for _, kind, _ in module.resources)
        self.configured: tuple[Location, ...] = ()
        self.links = InstanceLinks()
        self.positions = Positions(configuration)
        self.made: dict[str, list[Made]] = {}
        self.left_out: dict[tuple[str, str], Origin] = {}
        self.unread: dict[str | None, Origin] = {}
        self.calls: dict[tuple[str, ...], tuple[tuple[str, int], ...]] = {}

    def module(self, module: ModuleInstance) -> None:
        """Take what stands in a module instance itself."""
        for name, call in module.module.calls.items():
            repetition = module.repeated("module", name, call)
            path = (*module.module.path, name)
            why = module.world.configuration.missing.get(path)
            at = _place_of(call, f"{module.address}.module.{name}".lstrip("."))
            if why is not None and (repetition.unknown is not None or repetition.instances):
                self.incomplete.append(why)
                self.unread.setdefault(None, at)
                for location in self.places.passed(module, call):
                    self.uses.add(location, "managed", "")
            elif why is None and repetition.unknown is not None:
                self._all_missing(module, path, f"module.{name}: {repetition.unknown}", at)
        for place, at in left_out(module, self.places, self.types):
            self.left_out.setdefault(place, at)
        for (mode, kind_name, name), block in module.module.resources.items():
            is_own = kind_name.startswith("aws_")  # of the provider whose accounts and regions are judged
            if not is_own and kind_name not in self.types:
                continue
            repetition = module.repeated(f"{mode} {kind_name}", name, block)
            if repetition.unknown is not None:
                if is_own:
                    self.uses.add(self.places.of_block(module, kind_name, block, {}), mode, kind_name)
                if kind_name in self.types:
                    prefix = "data." if mode == "data" else ""
                    address = f"{module.address}.{prefix}{kind_name}.{name}".lstrip(".")
                    self.missing.setdefault(kind_name, f"{address}: {repetition.unknown}")
                    self.unread.setdefault(kind_name, _place_of(block, address))
                    if mode == "managed":
                        outline = module.outline(kind_name, name, block, repetition.unknown)
                        found = self._block(outline, self.places.of(outline), OUTLINE)
                        self.blocks.setdefault(kind_name, []).append(found)
                continue
            for instance in module.resources(mode, kind_name, name).values():
                location = self.places.of(instance)
                if is_own:
                    self.uses.add(location, mode, kind_name)
                if kind_name in self.types:
                    self.blocks.setdefault(kind_name, []).append(self._block(instance, location))
                    self.made.setdefault(kind_name, []).append((instance, location.region.known_or("") or None))

    def _all_missing(self, module: ModuleInstance, path: tuple[str, ...], why: str, at: Origin) -> None:
        """A module whose instances cannot be told hides every type that it holds."""
        for below, declared in module.world.configuration.modules.items():
            if below[: len(path)] == path:
                for _, kind_name, _ in declared.resources:
                    if kind_name in self.types:
                        self.missing.setdefault(kind_name, why)
                        self.unread.setdefault(kind_name, at)
        for below, reason in module.world.configuration.missing.items():
            if below[: len(path)] == path:
                self.incomplete.append(reason)
                self.unread.setdefault(None, at)

    def _block(self, instance: ResourceInstance, location: Location, mode: str | None = None) -> Block:
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
            mode=mode or instance.mode,
            type=instance.type,
            name=instance.name,
            key=instance.key,
            tree=made,
            location=location,
            origin=origin,
            new=False,
            root=self.root,
            links=self.links,
        )

    def result(self, top: ModuleInstance, errors: list[HclError]) -> Blocks:
        """All that was found."""
        reasons = [str(error) if error.line else error.message for error in errors]
        unread: dict[str | None, Origin] = {}
        if errors:
            unread[None] = Origin(errors[0].file, errors[0].file, errors[0].line)
        if not self.uses.locations:
            for location in self.configured:
                self.uses.add(location, "managed", "")
        regions = {region for each in self.uses.locations if (region := each.region.known_or(None))}
        partitions = [known_region.partition for name in sorted(regions) if (known_region := catalogue.region(name))]
        incomplete = [*reasons, *self.incomplete]
        others = {name: further(made) for name, made in self.made.items()}
        return Blocks(
            of=lambda wanted: self.blocks.get(wanted, ()),
            accounts=self.uses.accounts,
            incomplete=incomplete[0] if incomplete else None,
            missing=self.missing,
            regions=frozenset(regions),
            touched=self.uses.touched,
            declared=self.declared,
            configured=tuple(dict.fromkeys(location.account for location in self.configured)),
            unknown_regions=self.uses.unknown_regions,
            partition=partitions[0] if partitions else None,
            left_out=self.left_out,
            lists={name: one.origin for name, one in others.items() if one.is_list},
            last={name: one.origin for name, one in others.items() if not one.is_list},
            unread={**self.unread, **unread},
            providers={**beginning(top), **self.places.declared},
        )


def _place_of(block: syntax.Block, address: str) -> Origin:
    """Where a block is repeated, else where it begins."""
    given = (block.body.attributes.get(name) for name in ("for_each", "count"))
    attribute = next((each for each in given if each is not None), None)
    if attribute is None:
        return Origin(address, block.file, block.line)
    return Origin(address, attribute.file or block.file, attribute.line)
