"""trusted-ip-list."""

from __future__ import annotations

import pytest

from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.guardduty import IpList
from guardline.validator.model.resource import Ref, Resource
from tests.support.estates import AP, EU, PENDING, US, detector, estate, ip_list, judged, scope, verdicts

ASKED = Requirements(trusted_ips=("# offices", "203.0.113.0/24", "198.51.100.7"))
OTHER = "198.51.100.8\n"


@pytest.mark.parametrize(
    ("lists", "with_spec", "without"),
    [
        ((ip_list(),), "pass", "pass"),
        ((), "fail", None),
        ((ip_list(active=False),), "fail", "fail"),
        ((ip_list(active=PENDING),), "undetermined", "undetermined"),
        ((ip_list(), ip_list(name="m")), "fail", "fail"),
        ((ip_list(kind="threat"),), "fail", None),
        ((ip_list(on=Ref(address="aws_guardduty_detector.d_eu_west_1")),), "fail", "fail"),
        ((ip_list(on=PENDING),), "undetermined", "undetermined"),
        ((ip_list(PENDING),), "undetermined", "undetermined"),
        ((ip_list(EU),), "fail", "fail"),
        ((ip_list(content=PENDING),), "undetermined", "undetermined"),
        ((ip_list(content=OTHER),), "fail", "pass"),
        ((ip_list(content="203.0.113.0/24 # site\n\n198.51.100.7"),), "pass", "pass"),
        ((ip_list(content="203.0.113.0/24\n"),), "fail", "pass"),
        ((ip_list(content="0.0.0.0/0\n"),), "fail", "fail"),
        ((ip_list(content="10.0.0.0/8\n"),), "fail", "fail"),
        ((ip_list(content="not an address\n"),), "fail", "fail"),
        ((ip_list(content=""),), "fail", "fail"),
        ((ip_list(format="STIX"),), "undetermined", "undetermined"),
        ((ip_list(format=PENDING),), "undetermined", "undetermined"),
        ((ip_list(format=PENDING, content=PENDING),), "undetermined", "undetermined"),
    ],
)
def test_a_region(lists: tuple[IpList, ...], with_spec: str, without: str | None) -> None:
    found = estate(detector(), *lists)
    assert verdicts("trusted-ip-list", found, scope(US, asked=ASKED)) == {US: with_spec}
    assert verdicts("trusted-ip-list", found, scope(US)) == ({US: without} if without else {})


@pytest.mark.parametrize("resources", [(), (detector(),)])
def test_absence_is_not_claimed_from_an_incomplete_source(resources: tuple[Resource, ...]) -> None:
    found = estate(*resources, incomplete="errored")
    assert verdicts("trusted-ip-list", found, scope(US, asked=ASKED)) == {US: "undetermined"}
    assert verdicts("trusted-ip-list", estate(*resources, missing={IpList: "x"}), scope(US, asked=ASKED))[US] == (
        "undetermined" if resources else "fail"
    )


def test_one_list_anywhere_asks_every_region() -> None:
    found = estate(detector(EU), detector(US), ip_list(US))
    assert verdicts("trusted-ip-list", found, scope(EU, US)) == {EU: "fail", US: "pass"}


def test_the_region_that_differs_fails() -> None:
    found = estate(*(detector(name) for name in (AP, EU, US)), ip_list(AP), ip_list(EU, content=OTHER), ip_list(US))
    assert verdicts("trusted-ip-list", found, scope(AP, EU, US)) == {AP: "pass", EU: "fail", US: "pass"}


def test_when_no_content_prevails_all_fail() -> None:
    found = estate(detector(EU), detector(US), ip_list(EU, content=OTHER), ip_list(US))
    assert verdicts("trusted-ip-list", found, scope(EU, US)) == {EU: "fail", US: "fail"}


def test_the_same_entries_in_another_order_are_the_same_content() -> None:
    found = estate(detector(EU), detector(US), ip_list(EU, content="203.0.113.0/24\n198.51.100.7"), ip_list(US))
    assert verdicts("trusted-ip-list", found, scope(EU, US)) == {EU: "pass", US: "pass"}


def test_content_that_is_not_seen_may_tip_the_scales() -> None:
    detectors = (detector(EU), detector(US), detector(AP))
    found = estate(*detectors, ip_list(EU), ip_list(US), ip_list(AP, content=PENDING))
    assert verdicts("trusted-ip-list", found, scope(AP, EU, US)) == {AP: "undetermined", EU: "pass", US: "pass"}
    found = estate(*detectors[:2], ip_list(EU), ip_list(US, content=PENDING))
    assert verdicts("trusted-ip-list", found, scope(EU, US)) == {EU: "undetermined", US: "undetermined"}


def test_no_entry_of_a_list_is_repeated_in_a_reason_beyond_the_first_problem() -> None:
    (row,) = judged("trusted-ip-list", estate(detector(), ip_list(content="0.0.0.0/0\n10.0.0.0/8")), scope(US))
    assert "(and 1 more)" in row.reason
    assert "10.0.0.0" not in row.reason


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ((detector(enabled=PENDING), ip_list(content="0.0.0.0/0")), "fail"),
        ((detector(enabled=PENDING), ip_list()), "undetermined"),
        ((detector(), ip_list(on=PENDING, content="0.0.0.0/0")), "fail"),
        ((detector(PENDING), ip_list(on=PENDING, content="0.0.0.0/0")), "fail"),
        ((detector(PENDING), ip_list(on=PENDING)), "undetermined"),
        ((detector(enabled=PENDING), ip_list(active=False, content=PENDING)), "fail"),
    ],
)
def test_a_wrong_list_fails_whatever_is_unknown_of_the_detector(resources: tuple[Resource, ...], expected: str) -> None:
    assert verdicts("trusted-ip-list", estate(*resources), scope(US)) == {US: expected}
