"""The cells that most controls ask: one per expected region, or one per account."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.spec.catalogue import region as catalogued
from guardline.validator.control import Cell
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate


def region_cells(_estate: Estate, scope: Scope) -> Iterator[Cell]:
    """One cell per expected account and region, whatever the source holds: an empty region is a cell too. A region of
    unknown name is one as well."""
    for account in scope.accounts:
        yield from (Cell(account, region) for region in scope.expected_in(account))
        if (why := scope.unknown_regions.get(account.key)) is not None:
            yield Cell(account, region_unknown=why)


def account_cells(_estate: Estate, scope: Scope) -> Iterator[Cell]:
    """One cell per expected account."""
    return (Cell(account) for account in scope.accounts)


def offers_guardduty(region: str) -> bool:
    """Whether GuardDuty may exist in the region: False only where the catalogue knows that it does not."""
    known = catalogued(region)
    return known is None or known.services.get("guardduty") is not False
