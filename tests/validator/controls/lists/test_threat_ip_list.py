"""threat-ip-list."""

from __future__ import annotations

import pytest

from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.guardduty import IpList
from guardline.validator.model.resource import Ref
from tests.support.estates import AP, EU, PENDING, US, detector, estate, ip_list, scope, verdicts
from tests.support.estates_exports import threat_list

ID = "threat-ip-list"
OTHER = "198.51.100.8\n"


@pytest.mark.parametrize(
    ("lists", "verdict"),
    [
        ((threat_list(),), "pass"),
        ((threat_list(), threat_list(name="u", content=OTHER)), "pass"),
        ((threat_list(active=False),), "fail"),
        ((threat_list(), threat_list(name="u", active=False)), "fail"),
        ((threat_list(active=PENDING),), "undetermined"),
        ((threat_list(active=PENDING, content="0.0.0.0/0"),), "fail"),
        (tuple(threat_list(name=f"t{n}") for n in range(6)), "pass"),
        (tuple(threat_list(name=f"t{n}") for n in range(7)), "fail"),
        ((threat_list(on=Ref(address="aws_guardduty_detector.d_eu_west_1")),), "fail"),
        ((threat_list(on=PENDING),), "undetermined"),
        ((threat_list(), threat_list(name="u", on=PENDING)), "undetermined"),
        ((threat_list(active=False), threat_list(name="u", on=PENDING)), "fail"),
        ((threat_list(PENDING),), "undetermined"),
        ((threat_list(EU),), "fail"),
        ((threat_list(content=PENDING),), "undetermined"),
        ((threat_list(content=PENDING, active=False),), "fail"),
        ((threat_list(content="0.0.0.0/0\n"),), "fail"),
        ((threat_list(content="10.0.0.0/8\n"),), "fail"),
        ((threat_list(content="2001:db8::1\n"),), "fail"),
        ((threat_list(content=""),), "fail"),
        ((threat_list(format="STIX", content="<x/>"),), "undetermined"),
        ((threat_list(format=PENDING),), "undetermined"),
    ],
)
def test_a_region(lists: tuple[IpList, ...], verdict: str) -> None:
    assert verdicts(ID, estate(detector(), *lists), scope(US)) == {US: verdict}


def test_a_trusted_list_is_none() -> None:
    found = estate(detector(), ip_list())
    assert verdicts(ID, found, scope(US)) == {}
    assert verdicts(ID, found, scope(US, asked=Requirements(wanted=frozenset({ID})))) == {US: "fail"}


def test_the_region_that_differs_fails() -> None:
    lists = (threat_list(AP), threat_list(EU, content=OTHER), threat_list(US))
    found = estate(*(detector(name) for name in (AP, EU, US)), *lists)
    assert verdicts(ID, found, scope(AP, EU, US)) == {AP: "pass", EU: "fail", US: "pass"}


def test_many_entries_are_fine() -> None:
    text = "\n".join(f"198.51.{n // 250}.{n % 250}" for n in range(3000))
    assert verdicts(ID, estate(detector(), threat_list(content=text)), scope(US)) == {US: "pass"}


def test_absence_is_not_claimed_from_an_incomplete_source() -> None:
    found = estate(detector(EU), detector(), threat_list(EU), missing={IpList: "unread"})
    assert verdicts(ID, found, scope(EU, US)) == {EU: "pass", US: "undetermined"}


@pytest.mark.parametrize(("unknown", "verdict"), [(0, "fail"), (1, "fail"), (2, "undetermined"), (3, "undetermined")])
def test_unknown_content_elsewhere_may_tip_the_scales(unknown: int, verdict: str) -> None:
    others = ["eu-west-2", "eu-west-3", "eu-central-1"]
    lists = [threat_list(name, content=PENDING if at < unknown else OTHER) for at, name in enumerate(others)]
    found = estate(*(detector(name) for name in (US, *others)), threat_list(US), *lists)
    assert verdicts(ID, found, scope(US)) == {US: verdict}


def test_a_list_of_unknown_region_may_tip_the_scales() -> None:
    found = estate(detector(EU), detector(), threat_list(EU), threat_list(), threat_list(PENDING, content=OTHER))
    assert verdicts(ID, found, scope(EU, US)) == {EU: "pass", US: "pass"}
    found = estate(detector(), threat_list(), threat_list(PENDING, content=OTHER))
    assert verdicts(ID, found, scope(US)) == {US: "undetermined"}


OURS, THIRD = ("198.51.100.7",), ("198.51.100.8",)


@pytest.mark.parametrize(
    ("lists", "verdict"),
    [
        ((threat_list(content="198.51.100.7\n"), threat_list(name="u", content="198.51.100.8\n")), "pass"),
        ((threat_list(content="# ours\n198.51.100.7\n"), threat_list(name="u", content="198.51.100.8 # x")), "pass"),
        ((threat_list(content="198.51.100.7\n"),), "fail"),
        ((threat_list(content="198.51.100.7\n"), threat_list(name="u", content="198.51.100.7\n")), "fail"),
        ((threat_list(content="198.51.100.7\n"), threat_list(name="u", content="198.51.100.9\n")), "fail"),
        ((threat_list(content="198.51.100.7\n"), threat_list(name="u", content=PENDING)), "undetermined"),
        ((threat_list(content="198.51.100.7\n"), threat_list(name="u", format="STIX", content="<x/>")), "undetermined"),
    ],
)
def test_under_a_spec_the_lists_are_the_spec_s(lists: tuple[IpList, ...], verdict: str) -> None:
    asked = Requirements(wanted=frozenset({ID}), threat_ips=frozenset({OURS, THIRD}))
    assert verdicts(ID, estate(detector(), *lists), scope(US, asked=asked)) == {US: verdict}


OTX = "Indicator type,Indicator,Description\nIPv4,198.51.100.7,x\n"


@pytest.mark.parametrize(
    ("form", "content", "verdict"),
    [
        ("OTX_CSV", OTX, "pass"),
        ("OTX_CSV", OTX.replace(".7", ".8"), "fail"),
        ("STIX", OTX, "undetermined"),
        ("TXT", OTX, "fail"),
    ],
)
def test_another_format_is_compared_with_the_specs_file(form: str, content: str, verdict: str) -> None:
    asked = Requirements(wanted=frozenset({ID}), threat_ips=frozenset({tuple(sorted(OTX.splitlines()))}))
    found = estate(detector(), threat_list(format=form, content=content))
    assert verdicts(ID, found, scope(US, asked=asked)) == {US: verdict}


def test_a_region_that_is_as_the_spec_wants_passes_though_others_differ() -> None:
    asked = Requirements(wanted=frozenset({ID}), threat_ips=frozenset({OURS}))
    lists = (threat_list(AP, content=OTHER), threat_list(EU, content=OTHER), threat_list(content="198.51.100.7\n"))
    found = estate(*(detector(name) for name in (AP, EU, US)), *lists)
    assert verdicts(ID, found, scope(AP, EU, US, asked=asked)) == {AP: "fail", EU: "fail", US: "pass"}
