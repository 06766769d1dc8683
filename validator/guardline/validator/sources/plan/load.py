"""A plan's JSON to two estates: what will be there after the change, and what was there before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from msgspec.structs import replace

from guardline.spec import catalogue
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import NOBODY, Account, Origin, Resource, origin_at
from guardline.validator.sources.adapt import MAKES, READS, adapt
from guardline.validator.sources.address import Key, module_names, parse_modules
from guardline.validator.sources.blocks import Block, Blocks, Kept
from guardline.validator.sources.credentials import UnknownAccounts
from guardline.validator.sources.plan.completeness import incompleteness, open_types
from guardline.validator.sources.plan.decode import Plan, ResourceChange, decode_plan, decode_raw
from guardline.validator.sources.plan.index import GONE, Instance, PlanIndex
from guardline.validator.sources.plan.links import BEFORE, AfterLinks
from guardline.validator.sources.plan.orphans import Orphans
from guardline.validator.sources.plan.provider_location import PlanPlaces
from guardline.validator.sources.plan.providers import Providers
from guardline.validator.sources.plan.references import References, SourceExpressions
from guardline.validator.sources.tree import Tree, Written

if TYPE_CHECKING:
    from guardline.validator.model.terraform import CalledModule, Lifecycle
    from guardline.validator.sources.hcl.missing_locations import Further
    from guardline.validator.sources.plan.evaluated_source import EvaluatedSource, Read

ACTIONS = frozenset({"no-op", "create", "read", "update", "delete", "forget"})
"""The actions whose outcome is known; a later Terraform may add others."""


ENOUGH = 500
"""So many resources of a type show whether they come from a list of regions."""

_GAP = "is not in the plan, which should hold it"


class OwnSource(SourceExpressions, Protocol):
    """The plan's own HCL: what a plan leaves out, and where things stand."""

    def written(self, module: tuple[str, ...], mode: str, kind: str, name: str) -> Written | None:
        """Where a resource is written."""
        ...

    def lifecycles(self, of: Callable[[str], Iterable[Block]]) -> Iterator[Lifecycle]:
        """The lifecycle of the instances that the plan holds."""
        ...

    def called_modules(self, account: Account) -> Iterator[CalledModule]:
        """The modules that the source calls."""
        ...

    def beside(self, variables: Mapping[str, Any], read: Read, hints: Hints) -> EvaluatedSource:
        """The source evaluated, with what the plan knows."""
        ...


class Hints(msgspec.Struct, frozen=True):
    """What the user says beside the plan.

    Attributes:
        accounts: --account patterns over provider keys -> account id.
        default_region: --default-region.
        account: the account to assume where nothing tells, e.g. the spec's.
        partition: the partition to assume where nothing tells.
        workspace: --workspace; a plan does not name its own.
        unknown_accounts: tells accounts of unknown id apart, in all sources of a run.
    """

    accounts: Mapping[str, str] = msgspec.field(default_factory=dict)
    default_region: str | None = None
    account: Account | None = None
    partition: str = "aws"
    workspace: str | None = None
    unknown_accounts: UnknownAccounts = msgspec.field(default_factory=UnknownAccounts)


class Reading(msgspec.Struct, frozen=True):
    """A plan, read.

    Attributes:
        after: the estate after the change.
        before: the estate before it; None for a first plan, which knows nothing of it.
        terraform_version: as the plan says.
        incomplete: why absence must not be claimed, or None.
    """

    after: Estate
    before: Estate | None
    terraform_version: str | None
    incomplete: str | None


def load(data: bytes, hints: Hints | None = None, source: OwnSource | None = None, root: str = "") -> Reading:
    """Read a plan.

    Args:
        data: what ``terraform show -json PLAN`` printed.
        hints: what the user says beside it.
        source: its own HCL, if given.
        root: what tells its addresses from those of other plans that are read with it; "" for one alone.

    Raises:
        PlanError: it cannot be read.
    """
    hints = hints or Hints()
    plan = decode_plan(data)
    reader = _Reader(plan, hints, source, root)
    blocks = reader.after()
    after = replace(adapt(blocks, hints.partition), unusable=reader.incomplete if plan.errored else None)
    return Reading(
        after=after
        if source is None
        else replace(after, resources=(*after.resources, *reader.told(source, after, blocks))),
        before=reader.past(after, hints.partition),
        terraform_version=plan.terraform_version,
        incomplete=reader.incomplete,
    )


class _Reader:
    """Turns one plan into blocks."""

    def __init__(self, plan: Plan, hints: Hints, source: OwnSource | None, root: str) -> None:
        self.plan = plan
        self.source = source
        self.index = PlanIndex(plan)
        self.references = References(self.index, source, root)
        self.world = world = source.beside(self._variables(), self._known, hints) if source is not None else None
        providers = Providers(self.index, self.references, hints.accounts, hints.default_region, hints.account,
                              hints.unknown_accounts)  # fmt: skip
        self.places = PlanPlaces(self.index, self.references, providers, world)
        self.orphans = Orphans(self.index)
        self.links = AfterLinks(self.index, self.references, world)
        makes_nothing = world is not None and world.makes_nothing
        self.incomplete = incompleteness(self.index, makes_nothing=makes_nothing)

    def told(self, source: OwnSource, after: Estate, blocks: Blocks) -> Iterator[Resource]:
        """What only the source tells."""
        yield from source.lifecycles(blocks.of)
        yield from source.called_modules(next(iter(after.accounts), NOBODY))
        if self.world is not None:
            yield from self.world.siblings(MAKES)

    # -- the two sides of the change ---------------------------------------------------------------------------

    def after(self) -> Blocks:
        """What will be there."""
        incomplete = self.incomplete
        missing = dict.fromkeys(open_types(self.index, READS), incomplete) if incomplete is not None else {}
        leaving: set[str] = set()
        for change in self._changes():
            actions = set(change.change.actions)
            if not actions or not actions <= ACTIONS:
                missing[change.type] = f"{change.address}: what {_listed(actions)} does is not known to this guardline"
            elif actions not in GONE and not isinstance(decode_raw(change.change.after), dict):
                missing[change.type] = f"{change.address}: the plan does not carry its values"
            elif actions not in GONE and not self._is_configured(change):
                missing[change.type] = f"{change.address} is not in the plan's configuration, or without its provider"
            if "delete" in actions:
                leaving |= self._ids(change)
        return self._blocks(self._after, missing, self.incomplete, frozenset(leaving))

    def _after(self, kind: str) -> Iterator[Block]:
        for change in self.index.changes(kind):
            actions = set(change.change.actions)
            after = decode_raw(change.change.after) if actions and actions <= ACTIONS and actions not in GONE else None
            if isinstance(after, dict):
                unknown_, sensitive = decode_raw(change.change.after_unknown), decode_raw(change.change.after_sensitive)
                tree = Tree(after, unknown_, "is known only after apply", sensitive, gap=_GAP)
                yield self._block(change, tree, new="create" in actions)
        yield from self._data(kind)

    def before(self) -> Blocks:
        """What was there."""
        return self._blocks(self._before, {}, self.incomplete, frozenset())

    def _before(self, kind: str) -> Iterator[Block]:
        for change in self.index.changes(kind):
            before = decode_raw(change.change.before)
            if isinstance(before, dict) and change.mode == "managed":
                tree = Tree(before, False, "", decode_raw(change.change.before_sensitive), gap=_GAP)
                yield self._block(change, tree, new=False, past=True)
        yield from self._data(kind, past=True)

    def past(self, after: Estate, partition: str) -> Estate | None:
        """The estate before the change: where the plan changes nothing, it is the one after it."""
        if not self.has_past:
            return None
        still = ({"no-op"}, {"read"})
        if all(set(change.change.actions) in still for change in self._changes()) and not self.incomplete:
            return after
        return _past(adapt(self.before(), partition))

    @property
    def has_past(self) -> bool:
        """Whether the plan knows anything of what was there before it."""
        return self.index.prior_count > 0 or any(
            set(change.change.actions) - {"create", "read"} for change in self._changes()
        )

    def _blocks(
        self,
        of: Callable[[str], Iterable[Block]],
        missing: Mapping[str, str],
        incomplete: str | None,
        leaving: frozenset[str],
    ) -> Blocks:
        uses = self.places.uses
        regions = {region for place in uses.locations if (region := place.region.known_or(None))}
        partitions = [found.partition for name in sorted(regions) if (found := catalogue.region(name)) is not None]
        return Blocks(
            of=Kept(of, self.index.count),
            accounts=uses.accounts,
            incomplete=incomplete,
            missing=missing,
            regions=frozenset(regions),
            touched=uses.touched,
            declared=frozenset({*self.index.types, *(kind for _, _, kind, _ in self.index.resources)}),
            unknown_regions=uses.unknown_regions,
            configured=self.places.providers.configured,
            partition=partitions[0] if partitions else None,
            leaving=leaving,
            left_out=self._left_out,
            lists={name: one.origin for name, one in self._others.items() if one.is_list},
            last={name: one.origin for name, one in self._others.items() if not one.is_list},
            providers=self.world.providers if self.world is not None else {},
        )

    @cached_property
    def _left_out(self) -> Mapping[tuple[str, str], Origin]:
        return self.world.left_out(READS) if self.world is not None else {}

    @cached_property
    def _others(self) -> Mapping[str, Further]:
        """By resource type, where one more would be written: only the source shows it."""
        if self.world is None:
            return {}
        world = self.world
        found = {kind: world.further(islice(self._after(kind), ENOUGH)) for kind in self.index.types if kind in MAKES}
        return {kind: each for kind, each in found.items() if each is not None}

    def _changes(self) -> Iterator[ResourceChange]:
        return (change for kind in self.index.types if kind in READS for change in self.index.changes(kind))

    @staticmethod
    def _ids(change: ResourceChange) -> set[str]:
        before = decode_raw(change.change.before)
        identity = before.get("id") if isinstance(before, dict) else None
        return {identity} if isinstance(identity, str) else set()

    def _data(self, kind: str, *, past: bool = False) -> Iterator[Block]:
        """Data sources that were read before the plan. One that is no longer configured tells of the past alone."""
        for state in self.index.data.get(kind, ()):
            values = decode_raw(state.values)
            configured = self.index.configured(self.index.module_address_of(state), "data", kind, state.name)
            if (configured is not None or past) and isinstance(values, dict):
                tree = Tree(values, False, "", decode_raw(state.sensitive_values), gap=_GAP)
                yield self._block(state, tree, new=False, past=past and configured is None)

    # -- what the source learns from the plan ------------------------------------------------------------------

    def _variables(self) -> dict[str, Any]:
        return {name: decode_raw(each.value) for name, each in self.plan.variables.items()}

    def _known(self, module_address: str, mode: str, kind: str, name: str, key: Key, attribute: str) -> Any:
        """An attribute's value where the plan holds it, and may show it; else None."""
        found = self.index.instances(module_address, mode, kind, name).get(key)
        if found is None:
            return None
        if isinstance(found, ResourceChange):
            change = found.change
            after, unknown_, sensitive = map(decode_raw, (change.after, change.after_unknown, change.after_sensitive))
            tree = Tree(after, unknown_, "", sensitive)
        else:
            tree = Tree(decode_raw(found.values), False, "", decode_raw(found.sensitive_values))
        location = tree.at(attribute)
        return None if location.is_secret else location.value().known_or(None)

    # -- one block ---------------------------------------------------------------------------------------------

    def _block(self, instance: Instance, tree: Tree, *, new: bool, past: bool = False) -> Block:
        module_address = self.index.module_address_of(instance)
        steps = parse_modules(module_address)
        configured = self.index.configured(module_address, instance.mode, instance.type, instance.name)
        key = int(instance.index) if isinstance(instance.index, float) else instance.index
        location = self.places.of(configured, steps, key, tree, past=past)
        if configured is None and past:
            location = self.orphans.located(instance, tree, location)
        written = (
            self.source.written(module_names(module_address), instance.mode, instance.type, instance.name)
            if self.source
            else None
        )
        origin = origin_at(instance.address)
        if written is not None:
            origin = Origin(instance.address, written.lines.file, written.lines.line, calls=written.calls)
            tree.lines, tree.of = written.lines, (origin.address, origin.file, origin.line)
        return Block(
            address=instance.address,
            module_address=module_address,
            mode=instance.mode,
            type=instance.type,
            name=instance.name,
            key=key,
            tree=tree,
            location=location,
            origin=origin,
            new=new,
            root=self.references.root,
            links=BEFORE if past else self.links,
        )

    def _is_configured(self, change: ResourceChange) -> bool:
        configured = self.index.configured(change.module_address, change.mode, change.type, change.name)
        return configured is not None and configured.provider_config_key is not None


def _past(before: Estate) -> Estate:
    """The estate before the change. A region whose last resource leaves the configuration is touched by that: only
    what was there tells of it."""
    left = {name for resource in before.resources if (name := resource.location.region.known_or(None)) is not None}
    return replace(before, past=True, regions=before.regions | left)


def _listed(actions: set[str]) -> str:
    return "the action " + " + ".join(sorted(actions)) if actions else "a change without an action"
