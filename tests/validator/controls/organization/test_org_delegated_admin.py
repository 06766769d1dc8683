"""Control org-delegated-admin."""

from __future__ import annotations

import pytest

from guardline.validator.model.organizations import Organization
from guardline.validator.model.resource import Origin, Resource
from tests.support.estates import AP, EU, OURS, PENDING, US, estate, location, scope, value, verdicts
from tests.support.estates_access import administrator

DELEGATED = "org-delegated-admin"
OTHER = "333344445555"


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ((administrator(US), administrator(EU)), {US: "pass", EU: "pass"}),
        ((administrator(US),), {US: "pass", EU: "fail"}),
        ((administrator(US), administrator(PENDING)), {US: "pass", EU: "undetermined"}),
        ((administrator(US), administrator(EU, OTHER)), {US: "fail", EU: "fail"}),
        ((administrator(US), administrator(EU, PENDING)), {US: "pass", EU: "undetermined"}),
        ((administrator(US, "aws_organizations_account.a"), administrator(EU, "aws_organizations_account.b")),
         {US: "undetermined", EU: "undetermined"}),
        ((administrator(US, "aws_organizations_account.a"), administrator(EU, "aws_organizations_account.a")),
         {US: "pass", EU: "pass"}),
        ((), {}),
    ],
)  # fmt: skip
def test_delegated_administrator(resources: tuple[Resource, ...], expected: dict[str | None, str]) -> None:
    assert verdicts(DELEGATED, estate(*resources), scope()) == expected


def test_the_region_that_differs_from_most_fails_alone() -> None:
    found = estate(administrator(US), administrator(EU), administrator(AP, OTHER))
    assert verdicts(DELEGATED, found, scope(AP, EU, US)) == {US: "pass", EU: "pass", AP: "fail"}


@pytest.mark.parametrize(
    ("management", "expected"), [(OURS.id, "pass"), ("999999999999", "fail"), (PENDING, "pass"), (None, "pass")]
)
def test_the_management_account_alone_names_it(management: object, expected: str) -> None:
    seen = Organization(location(US), Origin("o"), frozenset({"o"}), False, value(management))
    assert verdicts(DELEGATED, estate(administrator(US), seen), scope(US)) == {US: expected}
