"""Security Hub: the hub of a region, the products it integrates, and the one place where all findings are seen."""

from __future__ import annotations

import msgspec

from guardline.validator.model.resource import Resource
from guardline.validator.model.value import Value, known


class Hub(Resource, frozen=True):
    """Security Hub, switched on in a region.

    Attributes:
        findings_per: ``SECURITY_CONTROL`` or ``STANDARD_CONTROL``: one finding for a check, or one for each standard.
        auto_controls: whether controls that AWS adds to a standard are on by themselves.
        standards: whether AWS's default standards come with it.
    """

    findings_per: Value[str] = msgspec.field(default_factory=lambda: known(""))
    auto_controls: Value[bool] = msgspec.field(default_factory=lambda: known(True))
    standards: Value[bool] = msgspec.field(default_factory=lambda: known(True))


class Standard(Resource, frozen=True):
    """A standard whose controls the region's hub checks.

    Attributes:
        arn: its ARN, e.g. ``arn:aws:securityhub:eu-west-1::standards/nist-800-53/v/5.0.0``.
    """

    arn: Value[str]


class HubAdministrator(Resource, frozen=True):
    """The account that administers Security Hub for the organization; Security Hub may come on there by that.

    Attributes:
        account: its id.
    """

    account: Value[str]


class HubMember(Resource, frozen=True):
    """An account that the owner's Security Hub sees the findings of, in a region: its administrator made it a member.

    Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateMembers.html

    Attributes:
        member: its id.
    """

    member: Value[str]


class HubAutoEnable(Resource, frozen=True):
    """What an organization's Security Hub does in a region with accounts that join later.

    Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_UpdateOrganizationConfiguration.html

    Attributes:
        on: whether they get Security Hub and are members.
    """

    on: Value[bool]


class CentralConfiguration(Resource, frozen=True):
    """An organization's Security Hub, configured centrally: policies switch it on in accounts and all linked regions.

    Source: https://docs.aws.amazon.com/securityhub/latest/userguide/central-configuration-intro.html
    """


class FindingAggregator(Resource, frozen=True):
    """What brings the findings of other regions to its own.

    Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateFindingAggregator.html

    Attributes:
        mode: ``ALL_REGIONS``, ``ALL_REGIONS_EXCEPT_SPECIFIED``, ``SPECIFIED_REGIONS`` or ``NO_REGIONS``.
        regions: those that the mode specifies.
    """

    mode: Value[str]
    regions: Value[tuple[str, ...]]


class ProductSubscription(Resource, frozen=True):
    """A product whose findings the region's hub receives.

    Attributes:
        product: its ARN, e.g. ``arn:aws:securityhub:eu-west-1::product/aws/guardduty``.
    """

    product: Value[str]
