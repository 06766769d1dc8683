"""Controls security-hub-enabled, security-hub-aggregation and security-hub-integrations."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.spec.catalogue import region as catalogued
from guardline.validator.control import Cell, Control, Severity, Verdict, failed, not_applicable, passed, undetermined
from guardline.validator.controls.apart import maybe_apart
from guardline.validator.controls.cells import account_cells
from guardline.validator.controls.expected import appears, is_asked, regions_expecting
from guardline.validator.controls.finding_ways import links
from guardline.validator.controls.mappings import mapped
from guardline.validator.controls.members import beside_detector, of_administrator
from guardline.validator.estate import Detector, Estate
from guardline.validator.scope import Scope
from guardline.validator.things.securityhub import (
    CentralConfiguration,
    FindingAggregator,
    Hub,
    ProductSubscription,
)
from guardline.validator.value import Untold

ENABLED_ID, AGGREGATION_ID, INTEGRATIONS_ID = (
    "security-hub-enabled",
    "security-hub-aggregation",
    "security-hub-integrations",
)
_GUARDDUTY = "product/aws/guardduty"
_OF_AWS = "product/aws/"
# Product -> the service of the region catalogue behind it.
_SERVICES = {
    "product/aws/macie": "macie2",
    "product/aws/inspector": "inspector2",
    "product/aws/firewall-manager": "fms",
}
_DOCS = "https://docs.aws.amazon.com/securityhub/latest/userguide"
_TERRAFORM = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources"


def _hub(estate: Estate, _scope: Scope, cell: Cell, detector: Detector) -> Verdict:
    selection = estate.select(Hub, cell.account, cell.region)
    if not selection.here:
        selection.assert_complete()
        central = next(iter(estate.all(CentralConfiguration)), None)
        if central is not None:
            reason = (
                f"no hub is declared in {cell.region}, and whether a policy of {central.origin.address}, which "
                "configures Security Hub centrally, switches it on there is not read"
            )
            return undetermined(reason, central.origin, detector.origin)
        return failed(f"Security Hub is not on in {cell.region}", detector.origin)
    origins = (*(one.origin for one in selection), detector.origin)
    return passed(f"Security Hub and the detector are both on in {cell.region}, and link themselves", *origins)


def _aggregation_cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    asked = is_asked(scope, AGGREGATION_ID)
    return (
        cell for cell in account_cells(estate, scope) if asked or appears(estate, cell.account, FindingAggregator, Hub)
    )


def _aggregation(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    selection = estate.select(FindingAggregator, cell.account)
    if not selection.here:
        selection.assert_complete()
        return failed("no aggregator brings the findings of all regions together", missing=FindingAggregator)
    origins = tuple(one.origin for one in selection)
    one, *others = selection.here
    if others and (why := maybe_apart(selection.here)) is not None:
        return undetermined(f"{len(origins)} aggregators are seen, {why}", *origins)
    if others:
        return failed(f"{len(origins)} aggregators, and AWS allows one in an account", *origins)
    home = one.place.region.known_or(None)
    if one.mode.known_or("") == "ALL_REGIONS":
        return passed("one aggregator takes in every region, and those opted into later", *origins)
    try:
        left = [region for region in scope.expected if region != home and not links(one, region)]
    except Untold as untold:
        return undetermined(f"which regions {one.origin.address} takes in is not told: {untold.reason}", *origins)
    if home is None and len(left) == 1:
        why = one.place.region.reason
        return undetermined(f"{left[0]} is left out unless it is the aggregation region: {why}", *origins)
    if left:
        return failed(f"the aggregator leaves out {', '.join(left)}", *origins)
    return passed("one aggregator takes in every expected region", *origins)


def _integrations(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    selection = estate.select(ProductSubscription, cell.account, cell.region)
    hubs = estate.select(Hub, cell.account, cell.region)
    anywhere = {*_asked_for(scope), *estate.once(_integrated).get(cell.account.key, {})}
    wanted = {product for product in anywhere if not _is_lacking(cell.region or "", product)}
    if not wanted:
        return not_applicable(f"{cell.region} does not offer {', '.join(sorted(anywhere))}")
    here = {_name(one) for one in selection.here if one.product.is_known}
    by_itself = {product for product in wanted - here if hubs.here and product.startswith(_OF_AWS)}
    missing = sorted(wanted - here - by_itself)
    if not missing:
        links_itself = f"; a hub takes in {', '.join(sorted(by_itself))} by itself" if by_itself else ""
        takes_in = f"{cell.region} takes in {', '.join(sorted(here | by_itself))}{links_itself}"
        return passed(takes_in, *(one.origin for one in (*selection, *(hubs if by_itself else ()))))
    for one in selection:
        if not one.product.is_known:
            return undetermined(f"the product of {one.origin.address} is not told: {one.product.reason}", one.origin)
    selection.assert_complete()
    of_aws = missing[0].startswith(_OF_AWS)
    if of_aws:
        hubs.assert_complete()
    why = "the spec asks for" if _asked_for(scope) else "other regions do"
    kind = Hub if of_aws else ProductSubscription
    return failed(f"{cell.region} does not take in {', '.join(missing)}, which {why}", missing=kind)


def _asked_for(scope: Scope) -> frozenset[str]:
    return scope.asked.integrations if scope.asked is not None else frozenset()


def _is_lacking(region: str, product: str) -> bool:
    """Whether the region is known not to offer the service behind an AWS product."""
    service, known = _SERVICES.get(product), catalogued(region)
    return service is not None and known is not None and known.services.get(service) is False


def _integrated(estate: Estate) -> dict[str, dict[str, None]]:
    """By account, the products that are subscribed to anywhere, without GuardDuty, which links itself."""
    found: dict[str, dict[str, None]] = {}
    for one in estate.all(ProductSubscription):
        name = _name(one)
        if name and not name.endswith(_GUARDDUTY):
            found.setdefault(one.place.account.key, {})[name] = None
    return found


def _name(one: ProductSubscription) -> str:
    """The product, without the region of its ARN: ``...:product/aws/inspector`` gives ``product/aws/inspector``."""
    return one.product.known_or("").rpartition(":")[2]


def _integration_cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    concerned = estate.once(_integrated)
    return (
        cell
        for cell in regions_expecting(INTEGRATIONS_ID, ProductSubscription)(estate, scope)
        if cell.account.key in concerned or is_asked(scope, INTEGRATIONS_ID)
    )


ENABLED = Control(
    id=ENABLED_ID,
    title="Security Hub takes in GuardDuty's findings",
    practice=8,
    severity=Severity.MEDIUM,
    why=(
        "Security Hub shows GuardDuty's findings beside those of the other services. A region where it is off is "
        "missing from that one view, and nobody looks at it region by region."
    ),
    passes="Security Hub and a working detector are both on in the account and region: AWS then links them by itself.",
    fails="Security Hub is off in the region, or the region has no working detector (the cause is then that).",
    unsure=(
        "The region of a hub is unknown, the detector is undetermined, the source is incomplete, or it configures "
        "Security Hub centrally for an organization (`aws_securityhub_organization_configuration`), whose policies are "
        "not read."
    ),
    fix="Declare `aws_securityhub_account` in every region that has a detector.",
    limits=(
        "Asked when the source switches Security Hub on somewhere. A hub that an organization's configuration switches "
        "on in its members is not seen, nor an integration that somebody switched off again."
    ),
    cells=regions_expecting(ENABLED_ID, Hub),
    check=beside_detector(_hub),
    mappings=mapped(ENABLED_ID),
    links=(f"{_DOCS}/securityhub-internal-providers.html", f"{_TERRAFORM}/securityhub_account"),
)

AGGREGATION = Control(
    id=AGGREGATION_ID,
    title="One place shows the findings of all regions",
    practice=8,
    severity=Severity.MEDIUM,
    why=(
        "Security Hub keeps the findings of each region in that region. With an aggregator all of them are seen, and "
        "can be acted on, in one."
    ),
    passes=(
        "The account has one finding aggregator, and it takes in every expected region: ALL_REGIONS (which includes "
        "those opted into later), or a mode whose list leaves none of them out."
    ),
    fails="No aggregator, more than one, or one that leaves out an expected region.",
    unsure="The aggregator's mode or regions are known only after apply, or the source is incomplete.",
    fix="Declare one `aws_securityhub_finding_aggregator` in the home region, with `linking_mode` ALL_REGIONS.",
    limits=(
        "Asked when the source switches Security Hub on or holds an aggregator. Aggregation at an organization's "
        "administrator account is seen only where that account is in the source."
    ),
    cells=_aggregation_cells,
    check=of_administrator(_aggregation),
    mappings=mapped(AGGREGATION_ID),
    links=(f"{_DOCS}/finding-aggregation.html", f"{_TERRAFORM}/securityhub_finding_aggregator"),
)

INTEGRATIONS = Control(
    id=INTEGRATIONS_ID,
    title="Security Hub takes in the same products everywhere",
    practice=8,
    severity=Severity.MEDIUM,
    why=(
        "A product that one region's hub takes in and another's does not leaves a hole that the aggregated view does "
        "not show: no findings look the same as no subscription."
    ),
    passes=(
        "The region takes in every product that the spec asks for or any region of the account subscribes to, but for "
        "services of AWS that the region is known not to offer. AWS's own services come in where Security Hub is on; "
        "others need a subscription."
    ),
    fails="A product that the spec asks for, or that another region subscribes to, is missing.",
    unsure=(
        "The product of a subscription or its region, or that of a hub, is known only after apply, or the source is "
        "incomplete."
    ),
    fix=(
        "Declare `aws_securityhub_account` in the region for services of AWS, and "
        "`aws_securityhub_product_subscription` for others."
    ),
    limits=(
        "Asked when the spec does, or the source holds a subscription to anything but GuardDuty, which links itself. "
        "A region that offers none of the services is left out. Whether a service of AWS is on itself, or somebody "
        "ended its integration, is not seen."
    ),
    cells=_integration_cells,
    check=_integrations,
    mappings=mapped(INTEGRATIONS_ID),
    links=(f"{_DOCS}/securityhub-findings-providers.html", f"{_TERRAFORM}/securityhub_product_subscription"),
)
