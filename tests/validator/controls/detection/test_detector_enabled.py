"""detector-enabled, and what hangs on it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.value import Value, unknown
from tests.support.estates import AP, EU, OURS, PENDING, THEIRS, US, detector, estate, judged, scope, trail, verdicts

NOWHERE_KNOWN: Value[str] = unknown("the provider's region is built by format()")


@pytest.mark.parametrize(
    ("resources", "verdict", "reason"),
    [
        ((detector(),), "pass", "one detector, enabled, in us-east-1"),
        ((), "fail", "no detector in us-east-1"),
        ((detector(enabled=False),), "fail", "the detector in us-east-1 is suspended"),
        ((detector(), detector(name="e")), "fail", "2 detectors in us-east-1, and AWS allows one"),
        ((detector(), detector(name="e", enabled=False)), "fail", "2 detectors in us-east-1, and AWS allows one"),
        ((detector(enabled=PENDING),), "undetermined", "whether the detector in us-east-1 is on: known only"),
        ((detector(EU),), "fail", "no detector in us-east-1"),
        ((detector(account=THEIRS),), "fail", "no detector in us-east-1"),
        ((trail(),), "fail", "no detector in us-east-1"),
        ((detector(managed=False, id="abc"),), "pass", "one detector"),
        ((detector(id="abc"), detector(managed=False, id="abc")), "pass", "one detector"),
        ((detector(), detector(managed=False)), "pass", "one detector"),
        ((detector(), detector(managed=False, id="abc")), "fail", "2 detectors"),
    ],
)
def test_a_region(resources: tuple[Detector, ...], verdict: str, reason: str) -> None:
    (row,) = judged("detector-enabled", estate(*resources), scope(US))
    assert row.verdict == verdict
    assert row.reason.startswith(reason)


def test_two_detectors_that_may_be_of_two_accounts() -> None:
    """By one provider configuration they are of one account; by two that a plan does not tell apart they may not be."""

    def by(name: str, through: str | None) -> Detector:
        made = detector(name=name)
        return replace(made, location=replace(made.location, through=through))

    for through, other, verdict in (
        (None, None, "fail"),
        ("aws.a", "aws.a", "fail"),
        ("aws.a", "aws.b", "undetermined"),
        (None, "aws.b", "undetermined"),
    ):
        rows = judged("detector-enabled", estate(by("d", through), by("e", other)), scope(US))
        assert [row.verdict for row in rows] == [verdict]
        assert verdicts("s3-protection", estate(by("d", through), by("e", other)), scope(US)) == {US: "undetermined"}


@pytest.mark.parametrize(
    "source",
    [estate(incomplete="the plan is errored"), estate(missing={Detector: "module.x could not be read"})],
)
def test_absence_is_not_claimed_from_an_incomplete_source(source: Estate) -> None:
    assert verdicts("detector-enabled", source, scope(US)) == {US: "undetermined"}
    assert verdicts("s3-protection", source, scope(US)) == {US: "undetermined"}


def test_a_detector_is_seen_even_in_an_incomplete_source() -> None:
    assert verdicts("detector-enabled", estate(detector(), incomplete="-target"), scope(US)) == {US: "pass"}


class TestUnknownRegions:
    """k enabled detectors somewhere, n expected regions without one."""

    def test_as_many_detectors_as_regions_lacking_one(self) -> None:
        found = estate(detector(US), detector(NOWHERE_KNOWN, "a"), detector(NOWHERE_KNOWN, "b"))
        assert verdicts("detector-enabled", found, scope(AP, EU, US)) == {
            AP: "undetermined",
            EU: "undetermined",
            US: "pass",
        }

    def test_more_regions_than_detectors_is_one_fail_for_the_account(self) -> None:
        rows = judged("detector-enabled", estate(detector(NOWHERE_KNOWN)), scope(AP, EU, US))
        assert [(row.region, row.verdict) for row in rows] == [
            (None, "fail"),
            (AP, "undetermined"),
            (EU, "undetermined"),
            (US, "undetermined"),
        ]
        assert rows[0].reason.startswith("at least 2 of 3 regions lack a detector")

    def test_a_suspended_detector_covers_no_region_wherever_it_is(self) -> None:
        found = estate(detector(NOWHERE_KNOWN, enabled=False))
        assert verdicts("detector-enabled", found, scope(US)) == {US: "fail"}

    def test_one_whose_state_is_unknown_may(self) -> None:
        found = estate(detector(NOWHERE_KNOWN, enabled=PENDING))
        assert verdicts("detector-enabled", found, scope(US)) == {US: "undetermined"}

    def test_nothing_is_claimed_for_the_account_from_an_incomplete_source(self) -> None:
        found = estate(detector(NOWHERE_KNOWN), incomplete="errored")
        assert set(verdicts("detector-enabled", found, scope(AP, EU, US))) == {AP, EU, US}

    def test_another_accounts_detector_may_not_be_here(self) -> None:
        found = estate(detector(NOWHERE_KNOWN, account=THEIRS))
        assert verdicts("detector-enabled", found, scope(US)) == {US: "fail"}


def test_the_address_of_another_root_is_an_address_all_the_same() -> None:
    looked_at = replace(detector(managed=False), names=frozenset({"prod:data.aws_guardduty_detector.d_us_east_1"}))
    assert verdicts("detector-enabled", estate(detector(), looked_at), scope(US)) == {US: "pass"}


def test_every_expected_account_is_asked() -> None:
    rows = judged(
        "detector-enabled", estate(detector(US), detector(EU, account=THEIRS)), scope(EU, US, accounts=(OURS, THEIRS))
    )
    assert [(row.account, row.region, row.verdict.value) for row in rows] == [
        (OURS.id, EU, "fail"),
        (OURS.id, US, "pass"),
        (THEIRS.id, EU, "pass"),
        (THEIRS.id, US, "fail"),
    ]


def test_a_region_without_guardduty_is_not_applicable() -> None:
    rows = judged("detector-enabled", estate(), scope("us-isob-west-1"))
    assert [row.verdict for row in rows] == ["not-applicable"]
    assert verdicts("feature-pinned", estate(), scope("us-isob-west-1")) == {"us-isob-west-1": "not-applicable"}
