"""Builders of small estates for tests: each thing with sensible values, so that a test names only what matters.

Every builder takes plain values, or a `Value` where something is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, cast

from guardline.validator.controls import by_id
from guardline.validator.evaluate import evaluate
from guardline.validator.expectations.scope import RegionState, Requirements, Scope, ScopeRegion
from guardline.validator.model.cloudtrail import EventSelector, FieldSelector, Trail
from guardline.validator.model.ec2 import FlowLog, Subnet, Vpc, VpcInventory
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector, Feature, IpList
from guardline.validator.model.resource import Account, Location, Origin, Ref, Resource
from guardline.validator.model.value import Value, known, unknown
from guardline.validator.report import Row

T = TypeVar("T")

US, EU, AP = "us-east-1", "eu-west-1", "ap-south-1"
OURS = Account("111122223333", "111122223333", "spec")
THEIRS = Account("444455556666", "444455556666", "spec")
PENDING: Value[object] = unknown("known only after apply")
FEATURES = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    "RUNTIME_MONITORING",
)


def value(given: object) -> Value[T]:  # pyright: ignore[reportInvalidTypeVarUse]  # the use fixes T, as in `unknown`
    """A `Value` as it is, anything else as known."""
    return cast("Value[T]", given if isinstance(given, Value) else known(given))


def location(region: object = US, account: Account = OURS) -> Location:
    """An account and region."""
    return Location(account, value(region))


def scope(*regions: str, asked: Requirements | None = None, accounts: tuple[Account, ...] = (OURS,)) -> Scope:
    """A scope that expects the regions, by default two."""
    states = tuple(ScopeRegion(name, RegionState.EXPECTED) for name in regions or (EU, US))
    return Scope("aws", accounts, states, "guardline.yaml" if asked else None, asked)


def estate(
    *resources: Resource, incomplete: str | None = None, missing: Mapping[type[Resource], str] | None = None
) -> Estate:
    """An estate of the things."""
    return Estate("aws", resources, (OURS,), incomplete, missing or {})


def features(*names: str, enabled: object = True, at: str = "f", **agents: object) -> dict[str, tuple[Feature, ...]]:
    """One declaration for each feature; `agents` belong to all of them."""
    given = {name: cast("Value[bool]", value(on)) for name, on in agents.items()}
    return {
        name: (Feature(name, value(enabled), Origin(f"aws_guardduty_detector_feature.{at}[{name}]"), given),)
        for name in names
    }


def detector(
    region: object = US,
    name: str = "d",
    *,
    enabled: object = True,
    frequency: object = "FIFTEEN_MINUTES",
    features: Mapping[str, tuple[Feature, ...]] | None = None,
    possible: tuple[str, ...] = (),
    new: bool = True,
    seen: Mapping[str, Value[bool]] | None = None,
    account: Account = OURS,
    managed: bool = True,
    id: str | None = None,  # noqa: A002 - what AWS calls it
) -> Detector:
    """A detector, `aws_guardduty_detector.NAME_REGION`."""
    at = region if isinstance(region, str) else "somewhere"
    address = f"{'' if managed else 'data.'}aws_guardduty_detector.{name}_{at.replace('-', '_')}"
    return Detector(
        location(region, account),
        Origin(address),
        frozenset({address, id} if id else {address}),
        managed,
        value(enabled),
        value(frequency),
        features or {},
        possible,
        new,
        seen or {},
    )


def vpc(
    name: str = "v",
    region: object = US,
    *,
    id: str | None = None,  # noqa: A002 - what AWS calls it
    owner: object = None,
    managed: bool = True,
    account: Account = OURS,
) -> Vpc:
    """A VPC, `aws_vpc.NAME`."""
    address = f"{'' if managed else 'data.'}aws_vpc.{name}"
    names = frozenset({address, id} if id else {address})
    return Vpc(location(region, account), Origin(address), names, managed, value(id or PENDING), value(owner))


def inventory(*ids: str, region: object = US, every_own: object = True, listed: object = None) -> VpcInventory:
    """A listing of VPC ids; `listed` replaces them with an unknown."""
    address = f"data.aws_vpcs.all[{region if isinstance(region, str) else '?'}]"
    found = ids if listed is None else listed
    return VpcInventory(location(region), Origin(address), frozenset({address}), False, value(found), value(every_own))


def subnet(name: str, of: object) -> Subnet:
    """A subnet of a VPC (a `Ref`, or an unknown)."""
    address = f"aws_subnet.{name}"
    return Subnet(location(US), Origin(address), frozenset({address}), True, value(of))


def flow_log(
    on: object,
    name: str = "f",
    *,
    traffic: object = "ALL",
    kind: str = "vpc",
    region: object = US,
    account: Account = OURS,
) -> FlowLog:
    """A flow log on a thing (its address or id, or an unknown)."""
    address = f"aws_flow_log.{name}"
    if isinstance(on, str):
        on = Ref(address=on) if on.startswith("aws_") else Ref(id=on)
    where = location(region, account)
    return FlowLog(where, Origin(address), frozenset({address}), True, kind, value(on), value(traffic))


def where(name: str, *equals: str, **operators: tuple[str, ...]) -> FieldSelector:
    """One field test of an advanced selector."""
    return FieldSelector(name, equals, **operators)


MANAGEMENT = (where("eventCategory", "Management"),)
S3_OBJECTS = (where("eventCategory", "Data"), where("resources.type", "AWS::S3::Object"))


def trail(
    name: str = "t",
    *,
    region: object = US,
    account: Account = OURS,
    logging: object = True,
    multi_region: object = True,
    global_events: object = True,
    organization: object = False,
    validation: object = True,
    encrypted: object = True,
    bucket: object = None,
    selectors: object = (),
    advanced: object = (),
    id: str | None = None,  # noqa: A002 - what AWS calls it
) -> Trail:
    """A trail that has everything, with no selectors: all management events, no data events."""
    address = f"aws_cloudtrail.{name}"
    return Trail(
        location(region, account),
        Origin(address),
        frozenset({address, id} if id else {address}),
        True,
        name=known(name),
        logging=value(logging),
        multi_region=value(multi_region),
        global_events=value(global_events),
        organization=value(organization),
        validation=value(validation),
        encrypted=value(encrypted),
        bucket=value(Ref(id="trail-logs") if bucket is None else bucket),
        selectors=value(selectors),
        advanced=value(advanced),
    )


def basic(
    read_write: str = "All", *buckets: str, management: bool = True, without: tuple[str, ...] = ()
) -> EventSelector:
    """A basic event selector, with S3 object events of the ARN prefixes."""
    return EventSelector(read_write, management, without, {"AWS::S3::Object": buckets} if buckets else {})


def ip_list(
    region: object = US,
    name: str = "l",
    *,
    kind: str = "trusted",
    on: object = None,
    active: object = True,
    format: object = "TXT",  # noqa: A002 - what AWS calls it
    content: object = "198.51.100.7\n203.0.113.0/24\n",
) -> IpList:
    """A trusted IP list on the region's detector `d`."""
    at = region.replace("-", "_") if isinstance(region, str) else "somewhere"
    address = f"aws_guardduty_ipset.{name}_{at}"
    owner = Ref(address=f"aws_guardduty_detector.d_{at}") if on is None else on
    names = frozenset({address})
    return IpList(
        location(region), Origin(address), names, True, kind, value(owner), known(name), value(active), value(format),
        known("https://s3.amazonaws.com/b/k"), value(content),
    )  # fmt: skip


def judged(control: str, of: Estate, within: Scope) -> tuple[Row, ...]:
    """The rows of one control, as a plan would give them."""
    found = by_id(control)
    assert found is not None, control
    return evaluate(of, None, within, (found,), frozenset({"plan"}))


def verdicts(control: str, of: Estate, within: Scope) -> dict[str | None, str]:
    """Subject, or else region, -> verdict of one control."""
    rows = judged(control, of, within)
    found = {row.subject or row.region: row.verdict.value for row in rows}
    assert len(found) == len(rows), "two cells answer to one name; use judged()"
    return found
