"""Control security-hub-integrations."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.spec.catalogue import region as catalogued
from guardline.validator.control import Cell, Control, Severity, Verdict, failed, not_applicable, passed, undetermined
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.when_applicable import is_asked, regions_expecting
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.securityhub import Hub, ProductSubscription

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
        links_itself = f"; a hub receives {', '.join(sorted(by_itself))} by itself" if by_itself else ""
        receives = f"{cell.region} receives {', '.join(sorted(here | by_itself))}{links_itself}"
        return passed(receives, *(one.origin for one in (*selection, *(hubs if by_itself else ()))))
    for one in selection:
        if not one.product.is_known:
            return undetermined(f"the product of {one.origin.address} is unknown: {one.product.reason}", one.origin)
    selection.assert_complete()
    of_aws = missing[0].startswith(_OF_AWS)
    if of_aws:
        hubs.assert_complete()
    why = "the spec asks for" if _asked_for(scope) else "other regions do"
    kind = Hub if of_aws else ProductSubscription
    return failed(f"{cell.region} does not receive {', '.join(missing)}, which {why}", missing=kind)


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
            found.setdefault(one.location.account.key, {})[name] = None
    return found


def _name(one: ProductSubscription) -> str:
    """The product, without the region of its ARN: ``...:product/aws/inspector`` gives ``product/aws/inspector``."""
    return one.product.known_or("").rpartition(":")[2]


def _integration_cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    concerned = estate.once(_integrated)
    return (
        cell
        for cell in regions_expecting("security-hub-integrations", ProductSubscription)(estate, scope)
        if cell.account.key in concerned or is_asked(scope, "security-hub-integrations")
    )


CONTROL = Control(
    id="security-hub-integrations",
    title="Security Hub receives the same products everywhere",
    practice=8,
    severity=Severity.MEDIUM,
    why=(
        "A product that one region's hub receives and another's does not leaves a gap that the aggregated view does "
        "not show: no findings look the same as no subscription."
    ),
    passes=(
        "The region receives every product that the spec asks for or any region of the account subscribes to, but for "
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
    mappings=mapped("security-hub-integrations"),
    links=(f"{_DOCS}/securityhub-findings-providers.html", f"{_TERRAFORM}/securityhub_product_subscription"),
)
