"""Which account and region each resource instance of a plan works in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from guardline.spec import catalogue
from guardline.validator.model.resource import Account, Location
from guardline.validator.model.value import Value, known, unknown
from guardline.validator.sources.address import Key, Step, parse_modules
from guardline.validator.sources.credentials import PINNED
from guardline.validator.sources.plan.decode import ConfigResource
from guardline.validator.sources.plan.expression_context import ExpressionContext
from guardline.validator.sources.plan.index import PlanIndex
from guardline.validator.sources.plan.providers import Providers
from guardline.validator.sources.plan.references import References
from guardline.validator.sources.tree import Tree
from guardline.validator.sources.uses import Uses

if TYPE_CHECKING:
    from guardline.validator.sources.plan.evaluated_source import EvaluatedSource

Use = tuple[str | None, tuple[Step, ...]]
"""A provider configuration and the module instance that it is used from."""


class PlanPlaces:
    """Places of a plan's resource instances.

    Args:
        index: the plan.
        references: follows what the plan carries.
        providers: the plan's provider configurations.
        world: its own source, evaluated, where it is at hand: asked for what the plan leaves out.
    """

    def __init__(
        self, index: PlanIndex, references: References, providers: Providers, world: EvaluatedSource | None = None
    ) -> None:
        self.index = index
        self.references = references
        self.providers = providers
        self.world = world
        self._completed: dict[Use, Location] = {}
        self._regional: dict[tuple[int, str], tuple[Location, Location]] = {}  # by the id of one, which it holds

    def of(
        self, configured: ConfigResource | None, steps: tuple[Step, ...], key: Key, tree: Tree, *, past: bool
    ) -> Location:
        """The place of one instance: its provider's, but for the `region` that AWS provider 6 lets it set for itself.

        Args:
            configured: the resource as configured; None for what the configuration does not hold (any more).
            steps, key: the module instance it stands in, and its own key.
            tree: its values.
            past: whether they are those before the change.
        """
        if configured is None:
            return self._orphan(tree, past=past)
        location = self._provided(configured, steps, key)
        own = tree.text("region")
        expression = self.index.expressions(configured).get("region")
        if not own.is_known and expression is not None and not past:
            at = ExpressionContext(steps, key, self.index.repetition(configured), ("region",))
            return replace(location, region=self.references.constant(expression, at).map(_region_or_none))
        text = own.known_or(None)
        return self._in_region(location, text) if text else location

    def _in_region(self, location: Location, name: str) -> Location:
        """The same account in a region of its own; one for all resources there."""
        key = (id(location), name)
        if key not in self._regional:
            its_own = catalogue.region(name) is not None
            self._regional[key] = location, replace(location, region=known(name)) if its_own else location
        return self._regional[key][1]

    @cached_property
    def used(self) -> tuple[Location, ...]:
        """The places of every provider configuration that some AWS resource of the plan uses."""
        return self.uses.locations

    @cached_property
    def uses(self) -> Uses:
        """Where the plan's AWS resources work; of a plan without any, where its provider configurations would."""
        uses = Uses()
        places: dict[Use, tuple[Location, ...]] = {}
        for (module_address, mode, kind, name), regions in self._in_use():
            configured = self.index.configured(module_address, mode, kind, name)
            if configured is None:
                continue
            use = (configured.provider_config_key, parse_modules(module_address))
            if use not in places:
                places[use] = tuple(dict.fromkeys(self._of_use(use, configured)))
            named: list[Value[str | None]] = [
                known(region) for region in sorted(regions) if catalogue.region(region) is not None
            ]
            for location in places[use]:
                if not (named and b'"region"' in bytes(configured.expressions)):  # it may set a region of its own
                    uses.add(location, mode, kind)
                for region in named:
                    uses.add(Location(location.account, region, location.through), mode, kind)
        if not places:
            for key, found in self.index.plan.configuration.provider_config.items():
                if found.name == "aws" and not found.module_address:
                    for location in self._of_use((key, ()), None):
                        uses.add(location, "managed", "")
        return uses

    def _in_use(self) -> Iterator[tuple[tuple[str, str, str, str], frozenset[str]]]:
        """The AWS resources that the plan holds, with the regions that their values name, and the data sources that
        were read before it."""
        for declared, regions in self.index.declared.items():
            if declared[2].startswith("aws_"):
                yield declared, regions
        for kind, states in self.index.data.items():
            if kind.startswith("aws_"):
                for state in states:
                    yield (self.index.module_address_of(state), "data", kind, state.name), frozenset()

    def _of_use(self, use: Use, one: ConfigResource | None) -> Iterator[Location]:
        """The places of one provider configuration. OpenTofu's may be many, which only the source tells apart."""
        key, steps = use
        location = self.providers.location(key, steps)
        if self.world is None or one is None or _is_told(location):
            yield location
            return
        told = self.world.places(steps, one.mode, one.type, one.name)
        yield from dict.fromkeys(_either(location, each, self._callers) for each in told or (None,))

    def _provided(self, configured: ConfigResource, steps: tuple[Step, ...], key: Key) -> Location:
        """The place of the provider that an instance uses: as the plan tells it, else as the source does."""
        use = (configured.provider_config_key, steps)
        location = self._completed.get(use) or self.providers.location(*use)
        if self.world is None or use in self._completed or _is_told(location):
            return location
        source = self.world.location(steps, configured.mode, configured.type, configured.name, key)
        completed = _either(location, source, self._callers)
        if location.region.is_known:  # one configuration, and not one of many with the same name
            self._completed[use] = completed
        return completed

    @cached_property
    def _callers(self) -> Mapping[str, Account]:
        """Whose account a caller identity told, by the key that the source has for its credentials."""
        found: dict[str, Account] = {}
        for state in self.index.data.get("aws_caller_identity", ()):
            address = self.index.module_address_of(state)
            configured = self.index.configured(address, "data", state.type, state.name)
            steps, key = parse_modules(address), int(state.index) if isinstance(state.index, float) else state.index
            source = self.world.location(steps, "data", state.type, state.name, key) if self.world is not None else None
            if configured is not None and source is not None:
                found[source.account.key] = self.providers.location(configured.provider_config_key, steps).account
        return found

    def _orphan(self, tree: Tree, *, past: bool) -> Location:
        """The place of what the configuration does not hold (any more): a plan names no provider for it, but its own
        ARN tells where it is."""
        parts = (tree.text("arn").known_or("") or "").split(":")
        region = parts[3] if len(parts) > 5 else ""
        accounts = {location.account.key: location.account for location in self.used}
        if len(accounts) == 1:
            account = next(iter(accounts.values()))
        elif len(parts) > 5 and parts[4] in accounts:
            account = accounts[parts[4]]
        else:
            account = self.providers.location(None, ()).account
        if catalogue.region(region) is not None:
            return Location(account, known(region))
        regions = {location.region.known_or("") for location in self.used}
        if past and len(regions) == 1 and "" not in regions:
            return Location(account, known(next(iter(regions))))
        return Location(account, unknown("it is not in the configuration, so nothing tells which provider it uses"))


def _is_told(location: Location) -> bool:
    return location.region.is_known and location.account.id is not None and location.through is None


def _either(plan: Location, source: Location | None, callers: Mapping[str, Account]) -> Location:
    """What the plan tells of a place, completed by the source, which knows the credentials whole.

    Args:
        plan, source: the two places.
        callers: the accounts of caller identities, by the key that the source has for their credentials.
    """
    if source is None:
        return plan
    account = callers.get(source.account.key, plan.account)
    if source.account.id is not None and (account.id is None or source.account.known_from in PINNED):
        account = source.account
    return Location(account, plan.region if plan.region.is_known else source.region)


def _region_or_none(name: object) -> str | None:
    return name if isinstance(name, str) and catalogue.region(name) is not None else None
