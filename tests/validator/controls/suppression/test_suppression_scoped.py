"""suppression-scoped, suppression-documented and filter-ranks."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from guardline.validator.expectations.scope import Administration, Requirements, Scope
from guardline.validator.model.guardduty import Criterion, FindingFilter
from tests.support.estates import AP, EU, OURS, PENDING, THEIRS, US, estate, judged, scope, value, verdicts
from tests.support.estates_exports import NOOP, TAG, TYPE, criterion, finding_filter

RULE = "aws_guardduty_filter.s_us_east_1"
ADDRESS = "service.action.networkConnectionAction.remoteIpDetails.ipAddressV4"
COUNTRY = "service.action.networkConnectionAction.remoteIpDetails.country.countryName"
PORT = "service.action.networkConnectionAction.localPortDetails.port"
AS_OF = date(2026, 11, 25)
UNKNOWN = criterion(PENDING, values=PENDING)


def within(*regions: str) -> Scope:
    return replace(scope(*regions or (US,)), as_of=AS_OF)


@pytest.mark.parametrize(
    ("criteria", "verdict"),
    [
        ((TYPE, TAG), "pass"),
        ((TYPE, criterion(ADDRESS, "198.51.100.7")), "pass"),
        ((TYPE, criterion(ADDRESS, "198.51.100.0/24")), "pass"),
        ((TYPE, criterion("resource.instanceDetails.iamInstanceProfile.arn", "arn:aws:iam::1:x/y")), "pass"),
        ((TYPE, criterion(PORT, "22")), "fail"),
        ((TYPE, criterion(PORT, "22"), TAG), "pass"),
        ((TYPE, criterion(PORT, greater_than="49151")), "fail"),
        ((TYPE, criterion(PORT, less_than_or_equal="1024")), "fail"),
        ((TYPE, criterion("service.action.portProbeAction.blocked", "false")), "fail"),
        ((TYPE, criterion(COUNTRY, "Netherlands")), "fail"),
        ((TYPE, criterion(PORT, greater_than_or_equal="0")), "fail"),
        ((TYPE, criterion(PORT, greater_than="0", less_than_or_equal="65535")), "fail"),
        ((TYPE, criterion(PORT, less_than="65536")), "fail"),
        ((TYPE, criterion(PORT, greater_than=PENDING)), "fail"),
        ((criterion("type", "Recon:EC2/Portscan", "CryptoCurrency:EC2/BitcoinTool.B!DNS"), TAG), "pass"),
        ((TYPE, TAG, criterion("severity", less_than="7")), "pass"),
        ((TYPE, TAG, criterion("severity", greater_than_or_equal="4", less_than="7")), "pass"),
        ((TYPE, TAG, criterion("severity", "2", "5")), "pass"),
        ((), "fail"),
        ((TYPE,), "fail"),
        ((TAG,), "fail"),
        ((criterion("type", "Backdoor:EC2/C&CActivity.B!DNS"), TAG), "pass"),
        ((criterion("type", "everything"), TAG), "fail"),
        ((criterion("type", without=("Recon:EC2/Portscan",)), TAG), "fail"),
        ((TYPE, criterion("resource.instanceDetails.tags.value", without=("web",))), "fail"),
        ((TYPE, criterion("resource.resourceType", "Instance")), "fail"),
        ((TYPE, criterion("resource.accessKeyDetails.userType", "IAMUser", "Role")), "fail"),
        ((TYPE, criterion("resource.rdsDbInstanceDetails.engine", "Aurora MySQL")), "fail"),
        ((TYPE, criterion("resource.accessKeyDetails.userName", "scanner")), "pass"),
        ((TYPE, criterion("service.action.actionType", "PORT_PROBE")), "fail"),
        ((TYPE, criterion("region", US)), "fail"),
        ((TYPE, criterion("accountId", "111122223333")), "fail"),
        ((TYPE, criterion("service.action.awsApiCallAction.userAgent", "x")), "fail"),
        ((TYPE, criterion(ADDRESS, "0.0.0.0/0")), "fail"),
        ((TYPE, criterion(ADDRESS, "198.51.100.7", "::/0")), "fail"),
        ((TYPE, criterion("resource.instanceDetails.tags.value", "*")), "fail"),
        ((criterion("severity", greater_than_or_equal="7"),), "fail"),
        ((TYPE, TAG, criterion("severity", greater_than_or_equal="7")), "fail"),
        ((TYPE, TAG, criterion("severity", greater_than="1")), "fail"),
        ((TYPE, TAG, criterion("severity", greater_than="1", less_than_or_equal="7")), "fail"),
        ((TYPE, TAG, criterion("severity", "8")), "fail"),
        (PENDING, "undetermined"),
        ((TYPE, UNKNOWN), "undetermined"),
        ((TAG, UNKNOWN), "undetermined"),
        ((TYPE, TAG, UNKNOWN), "undetermined"),  # it may be on the severity
        ((TYPE, criterion("resource.instanceDetails.instanceId", values=PENDING)), "undetermined"),
        ((TYPE, TAG, criterion("resource.instanceDetails.instanceId", values=PENDING)), "pass"),
        ((criterion("type", values=PENDING), TAG), "undetermined"),
        ((criterion("type", values=PENDING), criterion("region", US)), "fail"),
        ((TYPE, TAG, criterion("severity", values=PENDING)), "undetermined"),
        ((TYPE, TAG, criterion("severity", greater_than="1", less_than=PENDING)), "undetermined"),
    ],
)
def test_scoped(criteria: tuple[Criterion, ...], verdict: str) -> None:
    assert verdicts("suppression-scoped", estate(finding_filter(criteria=criteria)), within()) == {RULE: verdict}


@pytest.mark.parametrize("control", ["suppression-scoped", "suppression-documented"])
def test_only_what_archives_is_asked(control: str) -> None:
    assert verdicts(control, estate(finding_filter(action=NOOP, criteria=())), within()) == {}
    assert verdicts(control, estate(finding_filter(action=PENDING, criteria=())), within()) == {RULE: "undetermined"}
    assert verdicts(control, estate(finding_filter(EU)), within()) == {}
    (row,) = judged(control, estate(finding_filter(PENDING)), within())
    assert (row.region, row.verdict) == (None, "pass")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("approved scanner, TICKET-12; until 2027-01-31", "pass"),
        ("Until 2026-11-25: approved scanner", "pass"),
        ("approved scanner (expires on 2027-01-31)", "pass"),
        ("approved scanner; until 2026-11-24", "fail"),
        ("approved until 2026-01-31, extended until 2027-01-31", "fail"),
        ("approved scanner; until 2027-02-31", "fail"),
        ("approved scanner; until it moves", "fail"),
        ("approved scanner since 2027-01-31", "fail"),
        ("until 2027-01-31", "fail"),
        ("", "fail"),
        (PENDING, "undetermined"),
    ],
)
def test_documented(text: object, verdict: str) -> None:
    found = estate(finding_filter(description=text))
    assert verdicts("suppression-documented", found, within()) == {RULE: verdict}


def test_a_last_day_needs_a_day_to_compare_with() -> None:
    assert verdicts("suppression-documented", estate(finding_filter()), scope(US)) == {RULE: "undetermined"}


def ranked(*ranks: object, region: object = US) -> list[FindingFilter]:
    return [finding_filter(region, f"f{place}", rank=rank) for place, rank in enumerate(ranks)]


@pytest.mark.parametrize(
    ("ranks", "verdict"),
    [
        ((1,), "pass"),
        ((2, 1, 3), "pass"),
        ((2,), "fail"),
        ((1, 3), "fail"),
        ((1, 1), "fail"),
        ((0, 1), "fail"),
        ((1, 101), "fail"),
        ((None,), "fail"),
        ((1, PENDING), "undetermined"),
        ((1, 1, PENDING), "fail"),
        ((PENDING, 3), "undetermined"),
    ],
)
def test_ranks(ranks: tuple[object, ...], verdict: str) -> None:
    assert verdicts("filter-ranks", estate(*ranked(*ranks)), within()) == {US: verdict}


def test_filters_that_archive_nothing_are_ranked_too() -> None:
    found = estate(finding_filter(), finding_filter(name="n", action=NOOP, rank=3))
    assert verdicts("filter-ranks", found, within()) == {US: "fail"}


def test_each_region_has_its_own_ranks() -> None:
    found = estate(*ranked(1, 2), *ranked(2, region=EU))
    assert verdicts("filter-ranks", found, within(AP, EU, US)) == {EU: "fail", US: "pass"}


def test_a_filter_of_unknown_region_may_fill_a_gap() -> None:
    found = estate(*ranked(2), finding_filter(PENDING))
    assert verdicts("filter-ranks", found, within(EU, US)) == {None: "undetermined", US: "undetermined"}


@pytest.mark.parametrize(
    ("filters", "verdict"),
    [
        (("a", "b"), "pass"),
        (("b", "a"), "pass"),
        (("a", "b", "mine"), "pass"),
        (("a",), "fail"),
        (("a", "mine"), "fail"),
        ((), "fail"),
        (("a", PENDING), "undetermined"),
    ],
)
def test_each_rule_of_the_spec_is_there(filters: tuple[object, ...], verdict: str) -> None:
    asking = replace(within(), asked=Requirements(filters=("a", "b")))
    found = [
        replace(finding_filter(name=f"f{at}", rank=at), name=value(name)) for at, name in enumerate(filters, start=1)
    ]
    assert verdicts("filter-ranks", estate(*found), asking) == {US: verdict}


def test_members_have_no_rules_of_their_own() -> None:
    administration = Administration(management=THEIRS, administrator=OURS)
    asking = replace(
        scope(US, accounts=(OURS, THEIRS)), asked=Requirements(filters=("a",)), administration=administration
    )
    found = judged("filter-ranks", estate(replace(finding_filter(), name=value("a"))), asking)
    assert [(row.account, row.verdict.value) for row in found] == [(OURS.id, "pass")]


def test_a_gap_is_not_claimed_from_an_incomplete_source() -> None:
    assert verdicts("filter-ranks", estate(*ranked(2), incomplete="errored"), within()) == {US: "undetermined"}
    assert verdicts("filter-ranks", estate(*ranked(2, 2), incomplete="errored"), within()) == {US: "fail"}
