# mypy: disable-error-code="no-untyped-def"
# Parameters come from the marks above each test, which is where their types are plain to see.
"""The protection plans, runtime-monitoring, feature-pinned and finding-publishing-frequency."""

from __future__ import annotations

from typing import Any

import pytest

from guardline.spec.features import FEATURES, LEGACY_RUNTIME
from guardline.validator.controls import CATALOGUE
from guardline.validator.evaluate import evaluate
from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.value import known
from tests.support.estates import EU, PENDING, US, detector, estate, features, ip_list, judged, scope, verdicts
from tests.support.estates import FEATURES as NAMES

SIMPLE = [plan for plan in FEATURES if plan.name != "RUNTIME_MONITORING"]
BOUND = [*(plan.control for plan in FEATURES), "feature-pinned", "trusted-ip-list", "finding-publishing-frequency"]
ASKS_ALL = Requirements(trusted_ips=("198.51.100.7",), publishing_frequency="FIFTEEN_MINUTES")


@pytest.mark.parametrize("plan", SIMPLE, ids=lambda plan: plan.control)
class TestEveryPlan:
    """The state that a feature comes to."""

    @pytest.mark.parametrize(
        ("declared", "verdict"), [(True, "pass"), (False, "fail"), (PENDING, "undetermined")], ids=str
    )
    @pytest.mark.parametrize("new", [True, False])
    def test_declared(self, plan, declared, verdict, new) -> None:
        found = estate(detector(features=features(plan.name, enabled=declared), new=new))
        assert verdicts(plan.control, found, scope(US)) == {US: verdict}

    def test_undeclared_on_a_new_detector_is_on_by_default(self, plan) -> None:
        (row,) = judged(plan.control, estate(detector()), scope(US))
        assert row.verdict == "pass"
        assert "on by AWS's default" in row.reason

    @pytest.mark.parametrize(
        ("seen", "verdict"), [(known(True), "pass"), (known(False), "fail"), (PENDING, "undetermined"), (None, None)]
    )
    def test_undeclared_on_an_existing_one_is_what_it_was(self, plan, seen, verdict) -> None:
        found = estate(detector(new=False, seen={} if seen is None else {plan.name: seen}))
        assert verdicts(plan.control, found, scope(US)) == {US: verdict or "undetermined"}

    def test_another_feature_says_nothing(self, plan) -> None:
        others = [name for name in NAMES if name != plan.name]
        found = estate(detector(new=False, features=features(*others)))
        assert verdicts(plan.control, found, scope(US)) == {US: "undetermined"}

    def test_a_feature_that_may_be_this_one(self, plan) -> None:
        found = estate(detector(possible=("aws_guardduty_detector_feature.x may be on it",)))
        assert verdicts(plan.control, found, scope(US)) == {US: "undetermined"}

    def test_declarations_that_disagree(self, plan) -> None:
        twice = features(plan.name)[plan.name] + features(plan.name, enabled=False, at="g")[plan.name]
        found = estate(detector(features={plan.name: twice}))
        assert verdicts(plan.control, found, scope(US)) == {US: "undetermined"}

    def test_declarations_that_agree(self, plan) -> None:
        twice = features(plan.name)[plan.name] + features(plan.name, at="g")[plan.name]
        found = estate(detector(features={plan.name: twice}))
        assert verdicts(plan.control, found, scope(US)) == {US: "pass"}

    def test_undeclared_is_not_claimed_from_an_incomplete_source(self, plan) -> None:
        assert verdicts(plan.control, estate(detector(), incomplete="-target"), scope(US)) == {US: "undetermined"}

    def test_not_expected_where_the_spec_asks_it_off(self, plan) -> None:
        off = scope(US, asked=Requirements(features={plan.name: False}))
        assert verdicts(plan.control, estate(), off) == {}
        assert verdicts(plan.control, estate(), scope(US, asked=Requirements(features={plan.name: True}))) == {
            US: "fail"
        }


@pytest.mark.parametrize("control", BOUND)
class TestBoundToADetector:
    """Without a working detector nothing on it works, and the detector is the cause."""

    @pytest.mark.parametrize(
        ("resources", "verdict"),
        [
            ((), "fail"),
            ((detector(enabled=False, features=features(*NAMES)),), "fail"),
            ((detector(enabled=PENDING, features=features(*NAMES)), ip_list(content="198.51.100.7")), "undetermined"),
            ((detector(features=features(*NAMES)), detector(name="e", features=features(*NAMES))), "undetermined"),
            ((detector(PENDING, features=features(*NAMES)),), "undetermined"),
        ],
        ids=["none", "suspended", "pending", "two", "somewhere"],
    )
    def test_cause(self, control, resources, verdict) -> None:
        rows = {
            row.control: row
            for row in evaluate(estate(*resources), None, scope(US, asked=ASKS_ALL), CATALOGUE, frozenset({"plan"}))
            if row.region == US
        }
        assert rows[control].verdict == verdict
        assert rows[control].cause == rows["detector-enabled"].id


@pytest.mark.parametrize(("enabled", "expected"), [(True, "undetermined"), (False, "fail"), (PENDING, "undetermined")])
def test_what_fails_whether_the_detector_works_or_not(enabled: object, expected: str) -> None:
    found = estate(detector(enabled=PENDING, features=features(*NAMES, enabled=enabled)))
    assert verdicts("s3-protection", found, scope(US)) == {US: expected}


def test_a_feature_in_another_region_shows_nothing_here() -> None:
    found = estate(detector(EU, features=features(*NAMES)), detector(US, new=False))
    assert verdicts("s3-protection", found, scope(EU, US)) == {EU: "pass", US: "undetermined"}


def test_features_declared_through_a_data_source_count_with_the_resource() -> None:
    looked_at = detector(managed=False, id="abc", features=features("S3_DATA_EVENTS", enabled=False))
    assert verdicts("s3-protection", estate(detector(id="abc"), looked_at), scope(US)) == {US: "fail"}


class TestRuntimeMonitoring:
    """One plan, a legacy one, and agents."""

    @pytest.mark.parametrize(
        ("declared", "verdict", "reason"),
        [
            (features("RUNTIME_MONITORING"), "pass", "declared ENABLED"),
            ({}, "fail", "off by AWS's default"),
            (features(LEGACY_RUNTIME), "fail", "EKS_RUNTIME_MONITORING is on, which watches EKS only"),
            (features("RUNTIME_MONITORING", LEGACY_RUNTIME), "fail", "both ENABLED"),
            (
                {**features("RUNTIME_MONITORING"), **features(LEGACY_RUNTIME, enabled=False)},
                "pass",
                "declared ENABLED",
            ),
            (
                {**features("RUNTIME_MONITORING"), **features(LEGACY_RUNTIME, enabled=PENDING)},
                "undetermined",
                "both at once AWS refuses",
            ),
            (features("RUNTIME_MONITORING", enabled=PENDING), "undetermined", "known only after apply"),
            (features("RUNTIME_MONITORING", EC2_AGENT_MANAGEMENT=False), "pass", "for EC2_AGENT_MANAGEMENT"),
            (features("RUNTIME_MONITORING", EC2_AGENT_MANAGEMENT=PENDING), "pass", "declared ENABLED"),
        ],
    )
    def test_state(self, declared, verdict, reason) -> None:
        (row,) = judged("runtime-monitoring", estate(detector(features=declared)), scope(US))
        assert row.verdict == verdict
        assert reason in row.reason

    def test_an_undeclared_legacy_plan_does_not_matter(self) -> None:
        found = estate(detector(new=False, features=features("RUNTIME_MONITORING")))
        assert verdicts("runtime-monitoring", found, scope(US)) == {US: "pass"}

    def test_china_does_not_offer_it(self) -> None:
        (row,) = judged("runtime-monitoring", estate(detector("cn-north-1")), scope("cn-north-1"))
        assert row.verdict == "not-applicable"
        assert verdicts("s3-protection", estate(detector("cn-north-1")), scope("cn-north-1")) == {"cn-north-1": "pass"}

    def test_a_region_of_unknown_availability_is_judged(self) -> None:
        assert verdicts("runtime-monitoring", estate(detector("sa-west-1")), scope("sa-west-1")) == {
            "sa-west-1": "fail"
        }


class TestPinned:
    """feature-pinned."""

    @pytest.mark.parametrize(
        ("found", "verdict"),
        [
            (detector(features=features(*NAMES)), "pass"),
            (detector(features=features(*NAMES, enabled=False)), "pass"),
            (detector(features=features(*NAMES, enabled=PENDING)), "pass"),
            (detector(features=features(*NAMES[1:])), "fail"),
            (detector(), "fail"),
            (detector(features=features(*NAMES[1:]), possible=("x may be on it",)), "undetermined"),
        ],
    )
    def test_state(self, found, verdict) -> None:
        assert verdicts("feature-pinned", estate(found), scope(US)) == {US: verdict}

    def test_names_what_is_left(self) -> None:
        (row,) = judged("feature-pinned", estate(detector(features=features(*NAMES[1:]))), scope(US))
        assert row.reason == "protection plans are left to AWS's default in us-east-1: S3_DATA_EVENTS"

    def test_runtime_monitoring_is_not_asked_where_it_is_not_offered(self) -> None:
        found = detector("cn-north-1", features=features(*NAMES[:-1]))
        assert verdicts("feature-pinned", estate(found), scope("cn-north-1")) == {"cn-north-1": "pass"}

    def test_undetermined_from_an_incomplete_source(self) -> None:
        assert verdicts("feature-pinned", estate(detector(), incomplete="x"), scope(US)) == {US: "undetermined"}


@pytest.mark.parametrize(
    ("asked", "frequency", "expected"),
    [
        ("FIFTEEN_MINUTES", "FIFTEEN_MINUTES", {US: "pass"}),
        ("FIFTEEN_MINUTES", "SIX_HOURS", {US: "fail"}),
        ("ONE_HOUR", "ONE_HOUR", {US: "pass"}),
        ("ONE_HOUR", "FIFTEEN_MINUTES", {US: "pass"}),
        ("ONE_HOUR", "SIX_HOURS", {US: "fail"}),
        ("ONE_HOUR", PENDING, {US: "undetermined"}),
        (None, "SIX_HOURS", {}),
    ],
)
def test_publishing_frequency(asked, frequency, expected) -> None:
    within = scope(US, asked=Requirements(publishing_frequency=asked))
    assert verdicts("finding-publishing-frequency", estate(detector(frequency=frequency)), within) == expected


def test_publishing_frequency_is_asked_only_under_a_spec() -> None:
    assert verdicts("finding-publishing-frequency", estate(detector(frequency="SIX_HOURS")), scope(US)) == {}


@pytest.mark.parametrize(
    ("agents", "verdict"),
    [
        ({"EC2_AGENT_MANAGEMENT": True}, "pass"),
        ({"EC2_AGENT_MANAGEMENT": False}, "fail"),
        ({"EC2_AGENT_MANAGEMENT": PENDING}, "undetermined"),
        ({"EKS_ADDON_MANAGEMENT": True}, "undetermined"),
        ({"EC2_AGENT_MANAGEMENT": True, "EKS_ADDON_MANAGEMENT": False}, "pass"),
    ],
)
def test_agents_that_a_spec_asks_for(agents: dict[str, Any], verdict: str) -> None:
    asked = Requirements(agents=frozenset({"EC2_AGENT_MANAGEMENT"}))
    found = estate(detector(features=features("RUNTIME_MONITORING", **agents)))
    assert verdicts("runtime-monitoring", found, scope(US, asked=asked)) == {US: verdict}
