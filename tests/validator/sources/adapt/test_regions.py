"""Which regions an account has turned on, as a plan writes it."""

from __future__ import annotations

import pytest

from guardline.validator.model.account import RegionListing, RegionSwitch
from guardline.validator.model.estate import Estate
from guardline.validator.sources.plan.load import load
from tests.support.plans import Json, change, looked_at, plan, prior, refers, resource

EVERY_STATUS = ["opted-in", "opt-in-not-required"]


def after(*changes: Json, resources: list[Json], prior_state: Json | None = None) -> Estate:
    return load(plan(list(changes), resources, prior_state=prior_state)).after


def test_a_region_turned_off() -> None:
    values = {"region_name": "ap-east-1", "enabled": False, "account_id": None}
    found = after(change("aws_account_region.r", values, {"id": True}), resources=[resource("aws_account_region", "r")])
    (switch,) = found.all(RegionSwitch)
    assert (switch.region.get(), switch.on.get(), switch.location.region.get()) == ("ap-east-1", False, None)


def test_one_turned_off_for_another_account_is_that_accounts() -> None:
    values = {"region_name": "ap-east-1", "enabled": False, "account_id": "444455556666"}
    found = after(change("aws_account_region.r", values), resources=[resource("aws_account_region", "r")])
    (switch,) = found.all(RegionSwitch)
    assert switch.location.account.key == "444455556666"


def test_one_of_an_account_that_is_not_known_yet_says_nothing() -> None:
    found = after(
        change("aws_account_region.r", {"region_name": "ap-east-1", "enabled": False}, {"account_id": True}),
        resources=[resource("aws_account_region", "r", account_id=refers("aws_organizations_account.a.id"))],
    )
    assert not found.all(RegionSwitch)


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ({"all_regions": None, "filter": []}, True),
        ({"all_regions": True, "filter": []}, False),
        ({"all_regions": True, "filter": [{"name": "opt-in-status", "values": ["opted-in"]}]}, False),
        ({"all_regions": True, "filter": [{"name": "opt-in-status", "values": EVERY_STATUS}]}, True),
        ({"all_regions": None, "filter": [{"name": "region-name", "values": ["eu-*"]}]}, False),
    ],
)
def test_only_a_listing_of_what_is_turned_on_counts(values: Json, counts: bool) -> None:
    state = prior(looked_at("data.aws_regions.r", names=["eu-west-1", "us-east-1"], **values))
    found = after(resources=[resource("data.aws_regions", "r")], prior_state=state)
    assert [one.regions.get() for one in found.all(RegionListing)] == [("eu-west-1", "us-east-1")] * counts
