"""The one list of what is not asked, and who said so."""

from __future__ import annotations

from msgspec.structs import replace

from guardline.validator.expectations.scope import RegionState, ScopeRegion, Waiver
from guardline.validator.reporters.left_out import entries
from tests.support.realistic_report import sample


def test_who_approved_a_region_left_out_is_said_once() -> None:
    """The reason of a region ends with its approver; the list has a column for them."""
    waiver = Waiver("spec", "denied", "J. Doe", "2027-03-31")
    given = sample()
    region = ScopeRegion("me-south-1", RegionState.EXCLUDED, "denied (approved by J. Doe, until 2027-03-31)", waiver)
    scope = replace(given.scope, regions=(*(each for each in given.scope.regions if each.name != "me-south-1"), region))
    (entry,) = (each for each in entries(replace(given, scope=scope)) if each.what == "me-south-1")
    assert (entry.why, entry.who) == ("denied", "approved by J. Doe, until 2027-03-31")
