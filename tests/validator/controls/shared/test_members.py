"""What members of an organization have through its administrator."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from guardline.validator.controls import CATALOGUE
from guardline.validator.expectations.scope import Administration, Requirements, Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Account, Location, Resource
from guardline.validator.model.value import known
from tests.support.estates import (
    EU,
    FEATURES,
    OURS,
    PENDING,
    US,
    detector,
    estate,
    features,
    ip_list,
    judged,
    scope,
)
from tests.support.estates_access import added_member, administrator, auto_enable, auto_feature, member_feature, scp
from tests.support.estates_events import aggregator, hub, hub_member

MANAGEMENT = Account("000011112222", "000011112222", "spec")
MEMBER = Account("333344445555", "333344445555", "spec")
OF_DETECTOR = (
    "detector-enabled",
    "s3-protection",
    "eks-audit-logs",
    "ebs-malware-protection",
    "rds-login-events",
    "lambda-network-logs",
    "runtime-monitoring",
    "feature-pinned",
)
LIST = "198.51.100.7"
DENY_ALL = '{"Statement": [{"Effect": "Deny", "Action": "guardduty:*", "Resource": "*"}]}'


def within(asked: Requirements | None = None) -> Scope:
    """OURS administers MANAGEMENT and MEMBER in one region."""
    made = scope(US, asked=asked, accounts=(MANAGEMENT, OURS, MEMBER))
    return replace(made, administration=Administration(MANAGEMENT, OURS))


def of(account: Account, resource: Resource) -> Resource:
    return replace(resource, location=Location(account, resource.location.region))


def administrators(members: object = "ALL", **plans: object) -> tuple[Resource, ...]:
    """All that the administrator declares; `plans` says how members get one of them."""
    return (
        detector(US, features=features(*FEATURES)),
        auto_enable(US, members=members),
        *(auto_feature(name, US, plans.get(name, "ALL")) for name in FEATURES),
    )


def verdict(control: str, account: Account, *resources: Resource, asked: Requirements | None = None) -> tuple[str, str]:
    """Verdict and reason of the account's cell."""
    found = Estate("aws", resources, (OURS,))
    (row,) = (row for row in judged(control, found, within(asked)) if row.account == account.id)
    return row.verdict.value, row.reason


@pytest.mark.parametrize("control", OF_DETECTOR)
def test_a_member_without_anything_passes_on_auto_enable_all(control: str) -> None:
    found, reason = verdict(control, MEMBER, *administrators())
    assert found == "pass", reason
    assert f"the administrator {OURS.id}" in reason


@pytest.mark.parametrize("control", OF_DETECTOR)
@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (administrators("NEW"), "fail"),
        (administrators("NONE"), "fail"),
        (administrators(PENDING), "undetermined"),
        (administrators()[:1], "fail"),
        (administrators()[1:], "fail"),
        ((detector(US, enabled=False), *administrators()[1:]), "fail"),
        ((), "fail"),
    ],
)
def test_a_member_is_no_better_off_than_its_administrator(
    control: str, resources: tuple[Resource, ...], expected: str
) -> None:
    assert verdict(control, MEMBER, *resources)[0] == expected


@pytest.mark.parametrize(("state", "expected"), [("NEW", "fail"), ("NONE", "fail"), (PENDING, "undetermined")])
def test_a_plan_that_not_all_members_get_fails_alone(state: object, expected: str) -> None:
    resources = administrators(S3_DATA_EVENTS=state)
    assert verdict("s3-protection", MEMBER, *resources)[0] == expected
    assert verdict("eks-audit-logs", MEMBER, *resources)[0] == "pass"
    assert verdict("detector-enabled", MEMBER, *resources)[0] == "pass"


def test_a_plan_that_nobody_declares_for_members_is_off_for_them() -> None:
    resources = [resource for resource in administrators() if "S3_DATA_EVENTS" not in resource.origin.address]
    assert len(resources) == len(administrators()) - 1
    found, reason = verdict("s3-protection", MEMBER, *resources)
    assert (found, "NONE, not ALL" in reason) == ("fail", True)


@pytest.mark.parametrize("control", OF_DETECTOR)
def test_the_management_account_must_have_its_own_detector(control: str) -> None:
    assert verdict(control, MANAGEMENT, *administrators())[0] == "fail"
    own = detector(US, "own", account=MANAGEMENT, features=features(*FEATURES))
    assert verdict(control, MANAGEMENT, *administrators(), own)[0] == "pass"


def test_a_member_with_a_detector_of_its_own_is_judged_by_it() -> None:
    suspended = detector(US, "own", account=MEMBER, enabled=False)
    assert verdict("detector-enabled", MEMBER, *administrators(), suspended)[0] == "fail"


def test_the_administrator_itself_passes_on_its_own_detector_alone() -> None:
    assert verdict("detector-enabled", OURS, *administrators()[1:])[0] == "fail"
    assert verdict("detector-enabled", OURS, administrators()[0])[0] == "pass"


@pytest.mark.parametrize("account", [MANAGEMENT, MEMBER])
def test_the_administrators_list_is_everybodys(account: Account) -> None:
    asked = Requirements(trusted_ips=(LIST,))
    listed = ip_list(US, content=f"{LIST}\n")
    found, reason = verdict("trusted-ip-list", account, *administrators(), listed, asked=asked)
    assert (found, reason.startswith(f"through the administrator {OURS.id}: ")) == ("pass", True)
    assert verdict("trusted-ip-list", account, *administrators(), asked=asked)[0] == "fail"
    assert verdict("trusted-ip-list", account, *administrators("NEW"), listed, asked=asked)[0] == "fail"


def test_a_members_own_list_counts_for_nothing() -> None:
    own = of(MEMBER, ip_list(US, content=f"{LIST}\n"))
    found, _ = verdict("trusted-ip-list", MEMBER, *administrators(), own, asked=Requirements(trusted_ips=(LIST,)))
    assert found == "fail"


def test_findings_are_published_as_often_as_the_administrators() -> None:
    asked = Requirements(publishing_frequency="FIFTEEN_MINUTES")
    assert verdict("finding-publishing-frequency", MEMBER, *administrators(), asked=asked)[0] == "pass"
    slow = (detector(US, frequency="SIX_HOURS"), *administrators()[1:])
    assert verdict("finding-publishing-frequency", MEMBER, *slow, asked=asked)[0] == "fail"


def test_a_member_has_its_own_hub_beside_the_administrators_detector() -> None:
    asked = Requirements(wanted=frozenset({"security-hub-enabled"}))
    own = of(MEMBER, hub(US))
    assert verdict("security-hub-enabled", MEMBER, *administrators(), own, asked=asked)[0] == "pass"
    assert verdict("security-hub-enabled", MEMBER, *administrators(), asked=asked)[0] == "fail"
    assert verdict("security-hub-enabled", MEMBER, *administrators("NEW"), own, asked=asked)[0] == "fail"


def test_the_administrators_aggregator_is_everybodys() -> None:
    asked = Requirements(wanted=frozenset({"security-hub-aggregation"}))
    for account in (MANAGEMENT, OURS, MEMBER):
        there = (*administrators(), aggregator(US), hub(US), *(hub_member(each.id) for each in (MANAGEMENT, MEMBER)))
        assert verdict("security-hub-aggregation", account, *there, asked=asked)[0] == "pass"
        assert verdict("security-hub-aggregation", account, *administrators(), asked=asked)[0] == "fail"


def test_only_the_management_account_names_and_only_the_administrator_enables() -> None:
    asked = Requirements(wanted=frozenset({"org-delegated-admin", "org-auto-enable"}))
    named = of(MANAGEMENT, administrator(US, OURS.id))
    found = Estate("aws", (named, *administrators()), (OURS,))
    cells = {
        control: [(row.account, row.verdict.value) for row in judged(control, found, within(asked))]
        for control in asked.wanted
    }
    assert cells == {
        "org-delegated-admin": [(MANAGEMENT.id, "pass")],
        "org-auto-enable": [(OURS.id, "pass")],
    }


def test_an_account_that_no_source_tells_of_lacks_nothing_for_certain() -> None:
    told = replace(within(), unread={MANAGEMENT.key: f"no source of account {MANAGEMENT.id} was"})
    rows = judged("detector-enabled", estate(*administrators()), told)
    assert {row.account: row.verdict.value for row in rows} == {
        MANAGEMENT.id: "undetermined",
        OURS.id: "pass",
        MEMBER.id: "pass",
    }
    (unsure,) = (row for row in rows if row.account == MANAGEMENT.id)
    assert unsure.reason.endswith(f"but no source of account {MANAGEMENT.id} was")


def test_without_an_organization_nobody_is_a_member() -> None:
    alone = replace(scope(US, accounts=(OURS, MEMBER)), spec="guardline.yaml")
    rows = judged("detector-enabled", estate(*administrators()), alone)
    assert {row.account: row.verdict.value for row in rows} == {OURS.id: "pass", MEMBER.id: "fail"}


@pytest.mark.parametrize("control", OF_DETECTOR)
def test_without_a_spec_nobody_tells_who_is_a_member(control: str) -> None:
    """The administrator is seen to enable its members, and the account may be one: that it lacks a detector is its
    own fault only where nobody enables members in the region."""
    alone = scope(US, accounts=(OURS, MEMBER))
    for members, expected in (("ALL", "undetermined"), (PENDING, "undetermined"), ("NEW", "fail"), ("NONE", "fail")):
        rows = judged(control, estate(*administrators(members)), alone)
        assert [row.verdict.value for row in rows if row.account == MEMBER.id] == [expected]
    elsewhere = tuple(replace(resource, location=Location(OURS, known(EU))) for resource in administrators())
    rows = judged(control, estate(*elsewhere), alone)
    assert [row.verdict.value for row in rows if row.account == MEMBER.id] == ["fail"]


def test_another_regions_administrator_enables_nobody_here() -> None:
    elsewhere = tuple(replace(resource, location=Location(OURS, known(EU))) for resource in administrators()[1:])
    assert verdict("detector-enabled", MEMBER, administrators()[0], *elsewhere)[0] == "fail"


def test_a_member_fails_only_what_its_own_account_must_have() -> None:
    """A control that is new and asks for a detector, or for what only an administrator has, must speak of members."""
    failing = {
        control.id
        for control in CATALOGUE
        for row in judged(control.id, estate(*administrators()), within())
        if (row.account, row.verdict.value) == (MEMBER.id, "fail") and row.in_coverage
    }
    own = {
        "trail-multi-region",
        "trail-validation",
        "trail-encrypted",
        "trail-s3-data-events",
        "trail-bucket-protected",
    }
    assert failing == {*own, "vpc-inventory"}


def test_the_spec_tells_the_management_account_which_no_policy_binds() -> None:
    asked = Requirements(wanted=frozenset({"tamper-prevention"}))
    policy = scp(DENY_ALL, account=MANAGEMENT)
    assert verdict("tamper-prevention", MANAGEMENT, policy, asked=asked)[0] == "not-applicable"
    assert verdict("tamper-prevention", MEMBER, asked=asked)[0] == "undetermined"


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (member_feature(MEMBER.id, "S3_DATA_EVENTS", False), "undetermined"),
        (member_feature(MEMBER.id, "S3_DATA_EVENTS", True), "pass"),
        (member_feature(MEMBER.id, "S3_DATA_EVENTS", PENDING), "undetermined"),
        (member_feature(MEMBER.id, PENDING, False), "undetermined"),
        (member_feature(PENDING, "S3_DATA_EVENTS", False), "undetermined"),
        (member_feature(MEMBER.id, "S3_DATA_EVENTS", False, PENDING), "undetermined"),
        (member_feature(MEMBER.id, "S3_DATA_EVENTS", False, EU), "pass"),
        (member_feature(MEMBER.id, "EKS_AUDIT_LOGS", False), "pass"),
        (member_feature("999999999999", "S3_DATA_EVENTS", False), "pass"),
    ],
)
def test_what_is_set_for_one_member_counts_for_that_one(setting: Resource, expected: str) -> None:
    assert verdict("s3-protection", MEMBER, *administrators(), setting)[0] == expected
    assert verdict("detector-enabled", MEMBER, *administrators(), setting)[0] == "pass"


def test_a_plan_that_one_member_gets_alone() -> None:
    own = member_feature(MEMBER.id, "S3_DATA_EVENTS", True)
    assert verdict("s3-protection", MEMBER, *administrators(S3_DATA_EVENTS="NONE"), own)[0] == "pass"
    other = member_feature("999999999999", "S3_DATA_EVENTS", True)
    assert verdict("s3-protection", MEMBER, *administrators(S3_DATA_EVENTS="NONE"), other)[0] == "fail"


def test_a_member_with_its_own_detector_may_be_switched_off_by_the_administrator() -> None:
    own = detector(US, "own", account=MEMBER, features=features(*FEATURES))
    setting = member_feature(MEMBER.id, "S3_DATA_EVENTS", False)
    assert verdict("s3-protection", MEMBER, *administrators(), own)[0] == "pass"
    assert verdict("s3-protection", MEMBER, *administrators(), own, setting)[0] == "undetermined"
    assert verdict("eks-audit-logs", MEMBER, *administrators(), own, setting)[0] == "pass"


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (added_member(MEMBER.id), "pass"),
        (added_member(MEMBER.id, invited=True), "fail"),
        (added_member("999999999999"), "fail"),
        (added_member(MEMBER.id, EU), "fail"),
    ],
)
def test_an_account_that_is_added_gets_what_new_ones_get(added: Resource, expected: str) -> None:
    resources = administrators("NEW", S3_DATA_EVENTS="NEW", EKS_AUDIT_LOGS="NONE")
    assert verdict("detector-enabled", MEMBER, *resources, added)[0] == expected
    assert verdict("s3-protection", MEMBER, *resources, added)[0] == expected
    assert verdict("eks-audit-logs", MEMBER, *resources, added)[0] == "fail"


def test_another_accounts_configuration_enables_nobody() -> None:
    elsewhere = of(MANAGEMENT, administrator(US, "999999999999"))
    found, reason = verdict("detector-enabled", MEMBER, elsewhere, *administrators())
    assert (found, "its administrator is 999999999999" in reason) == ("fail", True)
    assert (
        verdict("detector-enabled", MEMBER, of(MANAGEMENT, administrator(US, OURS.id)), *administrators())[0] == "pass"
    )
