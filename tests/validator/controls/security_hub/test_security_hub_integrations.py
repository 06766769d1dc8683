"""Control security-hub-integrations."""

from __future__ import annotations

import pytest

from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.resource import Resource
from guardline.validator.model.securityhub import Hub, ProductSubscription
from tests.support.estates import EU, PENDING, US, detector, estate, judged, scope, verdicts
from tests.support.estates_events import hub, product

BOTH = scope(US, EU)

INTEGRATIONS: dict[str, tuple[tuple[Resource, ...], dict[str | None, str]]] = {
    "same in both": ((product(US), product(EU)), {US: "pass", EU: "pass"}),
    "missing in one": ((product(US),), {US: "pass", EU: "fail"}),
    "another in one": ((product(US), product(EU, "aws/macie")), {US: "fail", EU: "fail"}),
    "product not known": ((product(US), product(EU, PENDING)), {US: "pass", EU: "undetermined"}),
    "region not known": ((product(US), product(PENDING, "aws/inspector")), {US: "pass", EU: "undetermined"}),
    "GuardDuty, which links itself": ((product(US, "aws/guardduty"),), {}),
    "AWS's own, which a hub receives by itself": ((product(US), hub(EU)), {US: "pass", EU: "pass"}),
    "another's, which it does not": ((product(US, "acme/scan"), hub(US), hub(EU)), {US: "pass", EU: "fail"}),
    "hub of a region not known": ((product(US), hub(PENDING)), {US: "pass", EU: "undetermined"}),
}


@pytest.mark.parametrize(("resources", "expected"), INTEGRATIONS.values(), ids=INTEGRATIONS)
def test_integrations(resources: tuple[Resource, ...], expected: dict[str | None, str]) -> None:
    assert verdicts("security-hub-integrations", estate(*resources), BOTH) == expected


MACIE = frozenset({"product/aws/macie"})
LACKS_MACIE = "eu-south-2"


def test_what_a_region_does_not_offer_is_not_missing_there() -> None:
    where = scope(US, LACKS_MACIE)
    both = (product(US, "aws/macie"), product(US, "aws/inspector"), product(LACKS_MACIE, "aws/inspector"))
    assert verdicts("security-hub-integrations", estate(*both), where) == {US: "pass", LACKS_MACIE: "pass"}
    macie = (product(US, "aws/macie"),)
    assert verdicts("security-hub-integrations", estate(*macie), where) == {US: "pass", LACKS_MACIE: "not-applicable"}


def test_what_the_spec_asks_for_is_missing_where_there_is_none_of_it() -> None:
    asked = Requirements(integrations=MACIE, wanted=frozenset({"security-hub-integrations"}))
    where = scope(US, EU, asked=asked)
    assert verdicts("security-hub-integrations", estate(), where) == {US: "fail", EU: "fail"}
    assert verdicts("security-hub-integrations", estate(hub()), where) == {US: "pass", EU: "fail"}
    there = (product(US, "aws/macie"), product(EU, "aws/macie"))
    assert verdicts("security-hub-integrations", estate(*there), where) == {US: "pass", EU: "pass"}


def test_nothing_is_asked_where_there_is_none_of_it() -> None:
    assert judged("security-hub-integrations", estate(detector(US)), BOTH) == ()


@pytest.mark.parametrize(
    ("kind", "resources"),
    [
        (ProductSubscription, (product(US),)),
        (Hub, (product(US),)),
    ],
)
def test_absence_is_not_claimed_where_something_is_unread(
    kind: type[Resource], resources: tuple[Resource, ...]
) -> None:
    found = verdicts(
        "security-hub-integrations", estate(*resources, missing={kind: "module.a could not be read"}), BOTH
    )
    assert found[EU] == "undetermined"
