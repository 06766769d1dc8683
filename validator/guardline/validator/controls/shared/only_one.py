"""What AWS allows once in an account and region."""

from __future__ import annotations

from collections.abc import Sequence

from guardline.validator.control import Cell, Verdict, failed, undetermined
from guardline.validator.controls.shared.may_be_other_account import may_be_other_account
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Resource


def too_many(estate: Estate, cell: Cell, here: Sequence[Resource], what: str) -> Verdict | None:
    """The verdict of a region with more than one, of which AWS refuses the second; None where that is not so.

    Args:
        estate: one of the past has been held to AWS's limits already, so that two records are of one.
        cell: the region.
        here: what is there.
        what: what they are, in the plural.
    """
    if len(here) < 2 or estate.past:
        return None
    origins = tuple(one.origin for one in here)
    if (why := may_be_other_account(here)) is not None:
        return undetermined(f"{len(here)} {what} are seen in {cell.region}, {why}", *origins)
    return failed(
        f"{len(here)} {what} in {cell.region}, and AWS allows one",
        *origins,
        fix=f"Keep one of {', '.join(origin.address for origin in origins)}, in one root.",
    )
