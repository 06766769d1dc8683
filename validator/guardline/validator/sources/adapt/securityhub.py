"""Security Hub.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/securityhub_account (and
securityhub_finding_aggregator, securityhub_member, securityhub_product_subscription,
securityhub_organization_configuration).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guardline.validator.model.resource import Resource
from guardline.validator.model.securityhub import (
    CentralConfiguration,
    FindingAggregator,
    Hub,
    HubAdministrator,
    HubAutoEnable,
    HubMember,
    ProductSubscription,
    Standard,
)
from guardline.validator.model.value import known
from guardline.validator.sources.adapt.common import ByType, common, default

_STANDARD = "aws_securityhub_standards_subscription"

MAKES: Mapping[str, type[Resource]] = {
    "aws_securityhub_account": Hub,
    "aws_securityhub_finding_aggregator": FindingAggregator,
    "aws_securityhub_member": HubMember,
    "aws_securityhub_organization_admin_account": HubAdministrator,
    "aws_securityhub_product_subscription": ProductSubscription,
    _STANDARD: Standard,
}

ORGANIZATION = "aws_securityhub_organization_configuration"


def hubs(by_type: ByType) -> Iterator[Hub]:
    """Hubs."""
    for block in by_type.managed("aws_securityhub_account"):
        per = block.tree.text("control_finding_generator")
        yield Hub(
            **common(block),
            findings_per=known("") if not block.is_configured("control_finding_generator") else default(per, ""),
            auto_controls=default(block.tree.flag("auto_enable_controls"), True),
            standards=default(block.tree.flag("enable_default_standards"), True),
        )


def standards(by_type: ByType) -> Iterator[Standard]:
    """Standards."""
    for block in by_type.managed(_STANDARD):
        yield Standard(**common(block), arn=default(block.tree.text("standards_arn"), ""))


def central_configurations(by_type: ByType) -> Iterator[CentralConfiguration]:
    """Organizations' configurations that are central; one whose type is still unknown may be. A block that is left to
    AWS is not: what it fills in is local."""
    for block in by_type.managed(ORGANIZATION):
        kinds = [
            each.text("configuration_type") for each in block.tree.blocks("organization_configuration").known_or(())
        ]
        if any(kind.known_or("CENTRAL") == "CENTRAL" for kind in kinds):
            yield CentralConfiguration(**common(block))


def auto_enabling(by_type: ByType) -> Iterator[HubAutoEnable]:
    """What each region's hub does with accounts that join the organization."""
    for block in by_type.managed(ORGANIZATION):
        yield HubAutoEnable(**common(block), on=default(block.tree.flag("auto_enable"), False))


def members(by_type: ByType) -> Iterator[HubMember]:
    """Accounts that Security Hub's administrator has made members."""
    for block in by_type.managed("aws_securityhub_member"):
        yield HubMember(**common(block), member=default(block.tree.text("account_id"), ""))


def administrators(by_type: ByType) -> Iterator[HubAdministrator]:
    """Security Hub's delegated administrators, one a region."""
    for block in by_type.managed("aws_securityhub_organization_admin_account"):
        yield HubAdministrator(**common(block), account=default(block.tree.text("admin_account_id"), ""))


def aggregators(by_type: ByType) -> Iterator[FindingAggregator]:
    """Aggregators of findings."""
    for block in by_type.managed("aws_securityhub_finding_aggregator"):
        yield FindingAggregator(
            **common(block),
            mode=default(block.tree.text("linking_mode"), ""),
            regions=block.tree.texts("specified_regions"),
        )


def subscriptions(by_type: ByType) -> Iterator[ProductSubscription]:
    """Products whose findings come in."""
    for block in by_type.managed("aws_securityhub_product_subscription"):
        yield ProductSubscription(**common(block), product=default(block.tree.text("product_arn"), ""))
