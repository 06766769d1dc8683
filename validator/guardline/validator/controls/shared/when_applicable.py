"""When a control is asked that not everybody needs: the spec asks for it, or its artefact appears in the source."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from guardline.validator.control import Cell
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Account, Resource


def is_asked(scope: Scope, control: str) -> bool:
    """Whether the spec asks for the control whatever the source holds."""
    return scope.asked is not None and control in scope.asked.wanted


def appears(estate: Estate, account: Account, *kinds: type[Resource]) -> bool:
    """Whether the account has a managed resource of one of the kinds, in whatever region."""
    return any(resource.managed for kind in kinds for resource in estate.select(kind, account).here)


def regions_expecting(control: str, *kinds: type[Resource]) -> Callable[[Estate, Scope], Iterator[Cell]]:
    """One cell per expected region of each account that has, or is asked for, the artefact: then its absence elsewhere
    is a gap, while a source that has nothing to do with it is not asked at all."""

    def cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
        asked = is_asked(scope, control)
        concerned = {one.key for one in scope.accounts if asked or appears(estate, one, *kinds)}
        return (cell for cell in region_cells(estate, scope) if cell.account.key in concerned)

    return cells
