"""The filters of an account, one cell each: the subjects of the controls of suppression rules."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import FindingFilter
from guardline.validator.model.resource import Account

ARCHIVE = "ARCHIVE"


def suppression_cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    """One cell per filter that archives, or may archive, in the expected regions or in an unknown one."""
    for account in scope.accounts:
        for one in estate.select(FindingFilter, account).here:
            region = one.location.region.known_or(None)
            asked = region in scope.expected_in(account) or not one.location.region.is_known
            if asked and one.action.known_or(ARCHIVE) == ARCHIVE:
                yield Cell(account, region, subject=one.origin.address, resource=one)


def filter_cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    """One cell per expected region that holds a filter, or should by the spec; one without a region for filters of
    unknown region."""
    for account in scope.accounts:
        asked = scope.asked is not None and scope.asked.filters and scope.administrator_of(account) is None
        for region in scope.expected_in(account):
            if asked or estate.select(FindingFilter, account, region).here:
                yield Cell(account, region)
        if _adrift(estate, account):
            yield Cell(account)


def _adrift(estate: Estate, account: Account) -> bool:
    return any(not one.location.region.is_known for one in estate.select(FindingFilter, account))
