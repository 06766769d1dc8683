"""region-consistency."""

from __future__ import annotations

import pytest

from guardline.validator.controls import CATALOGUE
from guardline.validator.evaluate import evaluate
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Resource
from tests.support.estates import (
    AP,
    EU,
    PENDING,
    US,
    detector,
    estate,
    features,
    flow_log,
    inventory,
    ip_list,
    judged,
    scope,
    verdicts,
    vpc,
)
from tests.support.estates_exports import destination, query_association

ALL = scope(AP, EU, US)
S3 = features("S3_DATA_EVENTS")


def two_of(*kinds: Resource) -> tuple[Resource, ...]:
    """Detectors everywhere, and the given things."""
    return (*kinds, *(detector(name) for name in (AP, EU, US)))


@pytest.mark.parametrize(
    ("resources", "verdict", "lacks"),
    [
        (two_of(), "pass", ""),
        ((detector(AP), detector(EU)), "fail", "an enabled detector"),
        ((detector(AP), detector(EU), detector(US, enabled=False)), "fail", "an enabled detector"),
        ((detector(AP), detector(EU), detector(US, enabled=PENDING)), "undetermined", "an enabled detector"),
        ((detector(AP), detector(EU), detector(PENDING)), "undetermined", "an enabled detector"),
        ((detector(AP),), "not-applicable", ""),
        ((), "not-applicable", ""),
        ((detector(PENDING), detector(PENDING, "e")), "undetermined", "an enabled detector"),
        ((detector(AP, features=S3), detector(EU, features=S3), detector(US)), "fail", "S3_DATA_EVENTS declared on"),
        (
            (detector(AP, features=S3), detector(EU, features=S3), detector(US, possible=("x may be on it",))),
            "undetermined",
            "S3_DATA_EVENTS declared on",
        ),
        ((detector(AP, features=S3), detector(EU), detector(US)), "pass", ""),
        (two_of(ip_list(AP), ip_list(EU)), "fail", "a trusted IP list"),
        (two_of(ip_list(AP), ip_list(EU), ip_list(US, active=False)), "fail", "a trusted IP list"),
        (two_of(ip_list(AP, kind="threat"), ip_list(EU, kind="threat")), "fail", "a threat list"),
        (two_of(ip_list(AP, kind="threat"), ip_list(EU), ip_list(US)), "pass", ""),
        (two_of(destination(AP), destination(EU)), "fail", "an export of findings"),
        (two_of(query_association("vpc-a", AP), query_association("vpc-b", EU)), "pass", ""),
        (two_of(query_association("vpc-a", AP), query_association("vpc-b", EU), vpc()), "fail", "query logs of VPCs"),
        (two_of(inventory(region=AP), inventory(region=EU)), "fail", "a listing of VPCs"),
        (two_of(flow_log("aws_vpc.a", "a", region=AP), flow_log("aws_vpc.b", "b", region=EU)), "pass", ""),
        (
            two_of(flow_log("aws_vpc.a", "a", region=AP), flow_log("aws_vpc.b", "b", region=EU), vpc()),
            "fail",
            "flow logs",
        ),
    ],
)
def test_the_lagging_region(resources: tuple[Resource, ...], verdict: str, lacks: str) -> None:
    row = next(row for row in judged("region-consistency", estate(*resources), ALL) if row.region == US)
    assert row.verdict == verdict
    assert lacks in row.reason


def test_the_others_pass_and_none_counts_in_coverage() -> None:
    rows = judged("region-consistency", estate(detector(AP), detector(EU)), ALL)
    assert [row.verdict for row in rows] == ["pass", "pass", "fail"]
    assert not any(row.in_coverage for row in rows)


def test_half_of_the_regions_are_not_most() -> None:
    assert set(verdicts("region-consistency", estate(detector(EU)), scope(EU, US)).values()) == {"not-applicable"}


def test_one_artefact_for_sure_and_one_perhaps_is_one() -> None:
    found = estate(*two_of(*(ip_list(name) for name in (AP, EU, US)), ip_list(US, "m", active=PENDING)))
    assert verdicts("region-consistency", found, ALL)[US] == "pass"


def test_undetermined_from_an_incomplete_source() -> None:
    for seen in ((), (detector(AP), detector(EU)), two_of()):
        found = estate(*seen, incomplete="errored")
        assert set(verdicts("region-consistency", found, ALL).values()) == {"undetermined"}


@pytest.mark.parametrize(
    ("found", "cause"),
    [
        (estate(detector(AP), detector(EU), incomplete="errored"), "detector-enabled"),
        (estate(detector(AP), detector(EU), detector(US, enabled=PENDING)), "detector-enabled"),
        (estate(*two_of(ip_list(AP), ip_list(EU), ip_list(US, active=PENDING))), "trusted-ip-list"),
    ],
)
def test_what_is_unknown_stands_under_the_control_that_asks_for_it(found: Estate, cause: str) -> None:
    controls = tuple(one for one in CATALOGUE if one.id in ("region-consistency", cause))
    rows = [row for row in evaluate(found, None, ALL, controls, frozenset({"plan"})) if row.region == US]
    (asked,) = (row for row in rows if row.control == cause)
    (derived,) = (row for row in rows if row.control == "region-consistency")
    assert (asked.verdict, derived.verdict, derived.cause) == ("undetermined", "undetermined", asked.id)
    (alone,) = (row for row in judged("region-consistency", found, ALL) if row.region == US)
    assert alone.cause is None, "its control was not chosen"


def test_a_feature_is_not_missed_where_it_is_not_offered() -> None:
    runtime = features("RUNTIME_MONITORING")
    found = estate(detector(AP, features=runtime), detector(EU, features=runtime), detector("cn-north-1"))
    assert verdicts("region-consistency", found, scope(AP, EU, "cn-north-1"))["cn-north-1"] == "pass"
