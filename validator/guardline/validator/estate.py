"""The estate: what a source says exists, in AWS's own words and free of any source's shape.

Controls see only these frozen types and cannot tell whether they came from HCL, a plan, a state or the live account.
`Estate.select` is the one way to ask for things by place; it keeps what *is* here apart from what *may be* here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

import msgspec

from guardline.validator.thing import NOBODY, NOWHERE, Account, Origin, Place, Ref, Thing
from guardline.validator.value import Untold, Value

__all__ = [
    "NOBODY",
    "NOWHERE",
    "Account",
    "AnyThing",
    "Detector",
    "Estate",
    "EventSelector",
    "Feature",
    "FieldSelector",
    "FlowLog",
    "Gaps",
    "IpList",
    "Origin",
    "Place",
    "Ref",
    "Selection",
    "Subnet",
    "Thing",
    "Trail",
    "Vpc",
    "VpcInventory",
]


class Feature(msgspec.Struct, frozen=True):
    """One protection plan of a detector, as one declaration states it.

    Attributes:
        name: the API's feature name, e.g. ``S3_DATA_EVENTS``.
        enabled: whether its status is ENABLED.
        agents: additional configuration by name, e.g. ``EKS_ADDON_MANAGEMENT`` -> on.
        origin: the declaration.
    """

    name: str
    enabled: Value[bool]
    origin: Origin
    agents: Mapping[str, Value[bool]] = msgspec.field(default_factory=dict)


class Detector(Thing, frozen=True):
    """A GuardDuty detector (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetDetector.html).

    Attributes:
        enabled: False when suspended.
        publishing_frequency: FIFTEEN_MINUTES, ONE_HOUR or SIX_HOURS.
        features: the declared features by name; legacy `datasources` appear here under the feature's name.
        perhaps: features that may belong to this detector (their detector_id or name is unknown), with the reason.
        new: True when the change creates the detector: AWS then turns every undeclared feature on, but for
            RUNTIME_MONITORING (API_CreateDetector). False: it exists already, and an undeclared feature is
            whatever it was.
        seen: for an existing detector, what the source says of its features as AWS holds them (live, or values in
            the state), by name; empty where the source does not say.
    """

    enabled: Value[bool]
    publishing_frequency: Value[str]
    features: Mapping[str, tuple[Feature, ...]]
    perhaps: tuple[str, ...]
    new: bool
    seen: Mapping[str, Value[bool]] = msgspec.field(default_factory=dict)


class Vpc(Thing, frozen=True):
    """A VPC the source declares or lists.

    Attributes:
        id: ``vpc-...`` where known.
        owner: the owning account's id; another owner makes it a shared VPC.
        default: whether it is the region's default VPC.
    """

    id: Value[str]
    owner: Value[str | None]
    default: bool = False


class VpcInventory(Thing, frozen=True):
    """A listing of a region's VPCs that the source considered (`aws_vpcs`, or DescribeVpcs).

    Attributes:
        ids: the VPC ids listed.
        every_own: True when the listing covers all VPCs that the account owns in the region (no filter but the owner).
    """

    ids: Value[tuple[str, ...]]
    every_own: Value[bool]


class FlowLog(Thing, frozen=True):
    """A flow log (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html).

    Attributes:
        scope: ``vpc``, ``subnet``, ``eni`` or ``transit-gateway``.
        resource: the VPC, subnet, interface or gateway it watches.
        traffic: ALL, ACCEPT or REJECT.
        among: where the resource is unknown, the names of those of which it must be one; None where that is not told.
    """

    scope: str
    resource: Value[Ref]
    traffic: Value[str]
    among: frozenset[str] | None = None


class Subnet(Thing, frozen=True):
    """A subnet and its VPC: only to tell whether flow logs on subnets add up to the VPC."""

    vpc: Value[Ref]


class FieldSelector(msgspec.Struct, frozen=True):
    """One field test of an advanced event selector; every operator's values, empty where unset."""

    field: str
    equals: tuple[str, ...] = ()
    not_equals: tuple[str, ...] = ()
    starts_with: tuple[str, ...] = ()
    not_starts_with: tuple[str, ...] = ()
    ends_with: tuple[str, ...] = ()
    not_ends_with: tuple[str, ...] = ()


class EventSelector(msgspec.Struct, frozen=True):
    """A basic event selector. `data` maps a resource type to its ARN prefixes."""

    read_write: str
    management: bool
    excluded_sources: tuple[str, ...] = ()
    data: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)


class Trail(Thing, frozen=True):
    """A CloudTrail trail (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html).

    Attributes:
        logging: whether it logs.
        multi_region: whether it records every region.
        global_events: whether it records IAM, STS and other global services.
        organization: whether it is an organization trail.
        validation: whether digest files are written.
        encrypted: whether a KMS key is set (its value may be pending).
        selectors: basic selectors; empty with no advanced ones means all management events, no data events.
        advanced: advanced selectors, each a tuple of field tests that must all hold.
        sure_selectors, sure_advanced: what is told of them where not all is. Selectors add up, so that what these
            record is recorded, whatever the others are.
    """

    name: Value[str]
    logging: Value[bool]
    multi_region: Value[bool]
    global_events: Value[bool]
    organization: Value[bool]
    validation: Value[bool]
    encrypted: Value[bool]
    bucket: Value[Ref]
    selectors: Value[tuple[EventSelector, ...]]
    advanced: Value[tuple[tuple[FieldSelector, ...], ...]]
    sure_selectors: tuple[EventSelector, ...] = ()
    sure_advanced: tuple[tuple[FieldSelector, ...], ...] = ()


class IpList(Thing, frozen=True):
    """A trusted IP list or a threat list of a detector.

    Attributes:
        kind: ``trusted`` or ``threat``.
        detector: the detector it belongs to.
        active: whether it is activated.
        format: TXT, STIX, ...
        location: the object's URL.
        content: the list's text, where the source carries the object.
    """

    kind: str
    detector: Value[Ref]
    name: Value[str]
    active: Value[bool]
    format: Value[str]
    location: Value[str]
    content: Value[str]


AnyThing = TypeVar("AnyThing", bound=Thing)
Derived = TypeVar("Derived")


class Selection(msgspec.Struct, Generic[AnyThing], frozen=True):
    """The answer to "which of these are in this place?".

    Attributes:
        here: surely in the place.
        perhaps: their account or region is unknown, so they may be.
        incomplete: why absence must not be claimed, or None when the source is complete.
        kind: what was asked for.
    """

    here: tuple[AnyThing, ...]
    perhaps: tuple[AnyThing, ...]
    incomplete: str | None
    kind: type[Thing] | None = None

    def __iter__(self) -> Iterator[AnyThing]:
        return iter(self.here)

    def assert_complete(self) -> None:
        """Call before claiming that something is absent.

        Raises:
            Untold: the source is incomplete, or something of unknown place may be the missing one.
        """
        if self.incomplete is not None:
            raise Untold(self.incomplete, self.kind)
        if self.perhaps:
            first = self.perhaps[0]
            why = first.place.region.reason or "its account is unknown"
            more = f" and {len(self.perhaps) - 1} more" if len(self.perhaps) > 1 else ""
            raise Untold(f"{first.origin.address}{more} may be here: {why}", self.kind)


class Gaps(msgspec.Struct, frozen=True):
    """Where in the source what is missing is missing from: the evidence of an absence.

    Attributes:
        further: tells where one more thing of a kind would be written: the list of regions that the others come from,
            or the last of those written one by one; None where there is none to go by.
        unread: by kind (None: whatever it is), what hides things of it: a module that is not at hand, a `for_each`
            that cannot be told.
        providers: by region, the provider configuration that is for it; None: any.
    """

    further: Callable[[type[Thing]], Origin | None] = lambda _kind: None
    unread: Mapping[type[Thing] | None, Origin] = msgspec.field(default_factory=dict)
    providers: Mapping[str | None, Origin] = msgspec.field(default_factory=dict)


class Estate(msgspec.Struct, frozen=True, dict=True):
    """Everything that the sources say, after the change (or before it).

    Attributes:
        partition: ``aws``, ``aws-us-gov``, ``aws-cn``, ...
        things: every thing, in a stable order.
        accounts: the accounts that things belong to.
        incomplete: why absence must not be claimed anywhere (errored plan, ``-target``, ...), or None.
        missing: parts that could not be read (module or resource address -> reason, with the resource types it may
            hold): absence must not be claimed for those types.
        regions: regions that the source touches, with or without things that controls read.
        past: True for what was there before the change. AWS itself has held it to its limits, so that two enabled
            detectors of one region are two records of one.
        gaps: where absences are written, if the source tells.
        void: why nothing at all may be claimed from it, neither presence nor absence; None where that is not so.
    """

    partition: str
    things: tuple[Thing, ...] = ()
    accounts: tuple[Account, ...] = ()
    incomplete: str | None = None
    missing: Mapping[type[Thing], str] = msgspec.field(default_factory=dict)
    regions: frozenset[str] = frozenset()
    past: bool = False
    gaps: Gaps = msgspec.field(default_factory=Gaps)
    void: str | None = None

    def all(self, kind: type[AnyThing]) -> tuple[AnyThing, ...]:
        """Every thing of one kind, wherever it is."""
        return cast("tuple[AnyThing, ...]", tuple(self._kinds.get(kind, ())))

    def select(self, kind: type[AnyThing], account: Account, region: str | None = None) -> Selection[AnyThing]:
        """Ask for the things of one kind in an account, or in one region of it.

        Args:
            kind: the type asked for.
            account: the account; things of another account never count.
            region: the region's name, or None for the whole account.
        """
        placed = self._placed(kind)
        here = placed.get((account.key, region), ())
        perhaps = placed.get((account.key, _SOMEWHERE), ()) if region is not None else ()
        found = Selection(tuple(here), tuple(perhaps), self.why_incomplete(kind), kind)
        return cast("Selection[AnyThing]", found)

    def find(self, kind: type[AnyThing], ref: Ref, account: Account | None = None) -> AnyThing | None:
        """The thing that `ref` names, if the estate holds it.

        Args:
            kind: the type asked for.
            ref: its address or id.
            account: whose it is, where the name is one that several accounts may use, e.g. a role's.
        """
        named = self._named(kind, account.key if account is not None else None)
        found = (named.get(name) for name in (ref.address, ref.id) if name)
        return cast("AnyThing | None", next((thing for thing in found if thing is not None), None))

    def why_incomplete(self, kind: type[Thing]) -> str | None:
        """Why absence of one kind must not be claimed, or None."""
        return self.incomplete or self.missing.get(kind)

    def once(self, derive: Callable[[Estate], Derived]) -> Derived:
        """Return `derive(self)`, computed the first time only: how a control keeps an index of its own.

        Args:
            derive: a module-level function; it is its own key.
        """
        if derive not in self._derived:
            self._derived[derive] = derive(self)
        return cast("Derived", self._derived[derive])

    # Indexes, so that asking every cell stays linear in the size of the estate.

    @cached_property
    def _derived(self) -> dict[object, object]:
        return {}

    @cached_property
    def _kinds(self) -> dict[type[Thing], list[Thing]]:
        kinds: dict[type[Thing], list[Thing]] = {}
        for thing in self.things:
            for kind in type(thing).__mro__:
                if issubclass(kind, Thing):
                    kinds.setdefault(kind, []).append(thing)
        return kinds

    @cached_property
    def _indexes(self) -> dict[tuple[object, ...], Mapping[Any, Any]]:
        """Made for a kind when it is first asked for: most kinds of a large estate never are."""
        return {}

    def _placed(self, kind: type[Thing]) -> Mapping[tuple[str, str | None], list[Thing]]:
        """By account and region; region None is the whole account, `_SOMEWHERE` is where no source tells."""
        if (kind, "placed") not in self._indexes:
            places: dict[tuple[str, str | None], list[Thing]] = {}
            for thing in self._kinds.get(kind, ()):
                account, region = thing.place.account.key, thing.place.region.known_or(_SOMEWHERE)
                places.setdefault((account, None), []).append(thing)
                if region is not None:
                    places.setdefault((account, region), []).append(thing)
            self._indexes[kind, "placed"] = places
        return self._indexes[kind, "placed"]

    def _named(self, kind: type[Thing], account: str | None) -> Mapping[str, Thing]:
        """By name, of one account (its key) or of all."""
        if (kind, account) not in self._indexes:
            named: dict[str, Thing] = {}
            for thing in self._kinds.get(kind, ()):
                if account is None or thing.place.account.key == account:
                    for name in thing.names:
                        named.setdefault(name, thing)
            self._indexes[kind, account] = named
        return self._indexes[kind, account]


_SOMEWHERE = "?"  # no region is called this
