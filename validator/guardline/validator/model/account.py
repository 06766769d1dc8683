"""Which regions an account has turned on."""

from __future__ import annotations

from guardline.validator.model.resource import Resource
from guardline.validator.model.value import Value


class RegionSwitch(Resource, frozen=True):
    """One opt-in region, turned on or off for an account.

    Source: https://docs.aws.amazon.com/accounts/latest/reference/API_EnableRegion.html

    Attributes:
        region: its name.
        on: whether the account opts in to it.
    """

    region: Value[str]
    on: Value[bool]


class RegionListing(Resource, frozen=True):
    """A listing of the regions that an account has turned on, those that need no opting in included.

    Attributes:
        regions: their names.
    """

    regions: Value[tuple[str, ...]]
