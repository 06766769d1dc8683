"""findings-export."""

from __future__ import annotations

import pytest

from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.guardduty import PublishingDestination
from guardline.validator.model.resource import Ref, Resource
from tests.support.estates import EU, OURS, PENDING, THEIRS, US, detector, estate, judged, scope, verdicts
from tests.support.estates_exports import KEY, bucket, destination, kms_key

ID = "findings-export"
OPT_IN, OTHER_OPT_IN = "ap-east-1", "me-south-1"


def key(region: str) -> str:
    return f"arn:aws:kms:{region}:111122223333:key/1"


@pytest.mark.parametrize(
    ("resources", "verdict"),
    [
        ((destination(), bucket()), "pass"),
        ((destination(key=PENDING, keyed=True), bucket()), "undetermined"),
        ((destination(key=Ref(address="aws_kms_key.k_us_east_1")), kms_key(), bucket()), "pass"),
        ((destination(key=Ref(address="aws_kms_key.k_us_east_1")), kms_key()), "pass"),
        ((destination(key=Ref(address="aws_kms_key.k_eu_west_1")), kms_key(EU), bucket()), "fail"),
        ((destination(key=Ref(address="aws_kms_key.k_somewhere")), kms_key(PENDING), bucket()), "undetermined"),
        ((destination(),), "pass"),  # the key tells the region
        ((destination(key=PENDING, keyed=True),), "undetermined"),
        ((destination(key="alias/findings"),), "undetermined"),
        ((destination(bucket=PENDING), bucket()), "undetermined"),
        ((destination(bucket=PENDING, key=PENDING, keyed=True), bucket()), "undetermined"),
        ((destination(key=PENDING, keyed=True), bucket(region=PENDING)), "undetermined"),
        ((destination(key=""), bucket()), "fail"),
        ((destination(keyed=PENDING), bucket()), "undetermined"),
        ((destination(kind="SNS"), bucket()), "fail"),
        ((destination(kind=PENDING), bucket()), "undetermined"),
        ((destination(on=Ref(id="another")), bucket()), "fail"),
        ((destination(on=PENDING), bucket()), "undetermined"),
        ((destination(), destination(name="q", on=PENDING), bucket()), "pass"),
        ((destination(EU), bucket()), "fail"),
        ((destination(PENDING), bucket()), "undetermined"),
        ((destination(key=key(EU)), bucket(region=EU)), "pass"),
        ((destination(key=key(EU)), bucket()), "fail"),  # AWS wants bucket and key in one region
        ((destination(key=key(OPT_IN)), bucket(region=OPT_IN)), "fail"),
        ((destination(key=key(OPT_IN)),), "fail"),
        ((destination(key=""), destination(name="q"), bucket()), "pass"),
        ((destination(key=""), destination(name="q", kind=PENDING), bucket()), "undetermined"),
    ],
)
def test_a_region(resources: tuple[Resource, ...], verdict: str) -> None:
    assert verdicts(ID, estate(detector(), *resources), scope(US)) == {US: verdict}


@pytest.mark.parametrize(("home", "verdict"), [(OPT_IN, "pass"), (US, "pass"), (OTHER_OPT_IN, "fail")])
def test_from_an_opt_in_region(home: str, verdict: str) -> None:
    found = estate(detector(OPT_IN), destination(OPT_IN, key=key(home)), bucket(region=home))
    assert verdicts(ID, found, scope(OPT_IN)) == {OPT_IN: verdict}


def test_nothing_is_expected_where_nobody_exports() -> None:
    assert verdicts(ID, estate(detector(), bucket()), scope(US)) == {}


def test_a_spec_may_ask_for_it() -> None:
    assert verdicts(ID, estate(detector()), scope(US, asked=Requirements(wanted=frozenset({ID})))) == {US: "fail"}


def test_one_destination_asks_every_region_of_its_account_only() -> None:
    found = estate(detector(EU), detector(US), destination(), bucket(), detector(EU, account=THEIRS))
    rows = judged(ID, found, scope(EU, US, accounts=(OURS, THEIRS)))
    assert {row.account for row in rows} == {OURS.id}
    assert verdicts(ID, found, scope(EU, US)) == {EU: "fail", US: "pass"}


def test_without_a_detector_that_is_the_cause() -> None:
    (row,) = judged(ID, estate(destination(), bucket()), scope(US))
    assert (row.verdict, row.reason) == ("fail", f"no detector in {US}")


def test_absence_is_not_claimed_from_an_incomplete_source() -> None:
    found = estate(detector(), detector(EU), destination(EU), bucket(), missing={PublishingDestination: "unread"})
    assert verdicts(ID, found, scope(EU, US)) == {EU: "pass", US: "undetermined"}


def test_shows_no_key() -> None:
    (row,) = judged(ID, estate(detector(), destination(), bucket()), scope(US))
    assert KEY not in row.reason
