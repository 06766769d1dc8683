"""Controls tamper-prevention and region-denied."""

from __future__ import annotations

import pytest

from guardline.validator.controls.tamper.tamper_prevention import CORE, GUARDS
from guardline.validator.expectations.scope import RegionState, Requirements, Scope, ScopeRegion
from guardline.validator.model.account import RegionListing, RegionSwitch
from guardline.validator.model.resource import Location, Origin, Ref, Resource
from guardline.validator.model.value import known
from tests.support.estates import AP, EU, OURS, PENDING, US, estate, judged, scope, value
from tests.support.estates_access import document, node, organization, scp, statement, target

DENY = document(statement(*CORE, effect="Deny"))
ROOT = "r-abcd"
UNLESS = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}
NOBODY = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}
TAGGED = {"StringEquals": {"aws:PrincipalTag/team": "x"}}
ONE = "arn:aws:guardduty:eu-west-1:111122223333:detector/x"
GUARDED = statement(*GUARDS, effect="Deny", on="arn:aws:iam::*:role/deploy", Condition=UNLESS)
HERE = (scp(DENY), target("aws_organizations_policy.s", ROOT))


def verdict(control: str, *resources: Resource, within: Scope | None = None) -> str | None:
    rows = judged(control, estate(*resources), within or scope())
    assert len(rows) <= 1
    return rows[0].verdict.value if rows else None


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (HERE, "pass"),
        ((scp(document(statement("guardduty:*", effect="Deny", Condition=UNLESS))), HERE[1]), "fail"),
        ((scp(document(statement("guardduty:*", effect="Deny", Condition=UNLESS), GUARDED)), HERE[1]), "pass"),
        ((scp(document(statement("guardduty:*", effect="Deny", Condition=NOBODY))), HERE[1]), "fail"),
        ((scp(document(statement(*CORE[1:], effect="Deny"))), HERE[1]), "fail"),
        ((scp(document(statement(*CORE, effect="Deny", on=ONE))), HERE[1]), "undetermined"),
        ((scp(DENY),), "fail"),
        ((scp(PENDING), HERE[1]), "undetermined"),
        ((scp("{"), HERE[1]), "undetermined"),
        ((scp(DENY), target(PENDING, ROOT)), "undetermined"),
        ((scp(DENY), target("aws_organizations_policy.s", PENDING)), "undetermined"),
        ((scp(DENY), target("aws_organizations_policy.s", OURS.id)), "pass"),
        ((scp(DENY), target("aws_organizations_policy.s", "444455556666")), "fail"),
        ((scp(DENY), target("aws_organizations_policy.s", "ou-1")), "undetermined"),
        ((scp(DENY), target("aws_organizations_policy.s", "ou-1"), node("a", "ou-1", id="111122223333")), "pass"),
        ((scp(DENY), target("aws_organizations_policy.s", "ou-1"), node("a", ROOT, id="111122223333")), "fail"),
        ((scp(DENY), target("aws_organizations_policy.s", "ou-1"), node("a", "ou-2", id="111122223333"),
          node("u", "ou-1", id="ou-2")), "pass"),
        ((scp(DENY), target("aws_organizations_policy.s", "ou-1"), node("a", "ou-2", id="111122223333"),
          node("u", PENDING, id="ou-2")), "undetermined"),
        ((*HERE, organization("111122223333")), "not-applicable"),
        ((*HERE, organization("444455556666")), "pass"),
        ((scp(DENY, account=OURS), HERE[1]), "undetermined"),
        ((scp(DENY, account=OURS), HERE[1], organization("444455556666")), "pass"),
        ((scp(DENY, account=OURS), HERE[1], organization(PENDING, account=OURS)), "not-applicable"),
        ((scp(document(statement("s3:*", effect="Deny"))), HERE[1]), None),
        ((), None),
    ],
)  # fmt: skip
def test_tamper_prevention(resources: tuple[Resource, ...], expected: str | None) -> None:
    assert verdict("tamper-prevention", *resources) == expected


ON_ROLES = "arn:aws:iam::*:role/*deploy*"


@pytest.mark.parametrize(
    ("operator", "key", "left_out", "guarded", "expected"),
    [
        ("StringNotLike", "aws:PrincipalArn", "*deploy*", None, "fail"),
        ("StringNotLike", "aws:PrincipalArn", "*deploy*", ON_ROLES, "pass"),
        ("StringNotLike", "aws:PrincipalArn", "*deploy*", "arn:aws:iam::*:role/deploy", "fail"),
        ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:*deploy", None, "fail"),
        ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:*deploy", ON_ROLES, "pass"),
        ("StringNotEqualsIgnoreCase", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/deploy", None, "fail"),
        ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:user/*ops*", None, "undetermined"),
        ("StringNotEquals", "aws:PrincipalTag/team", "security", None, "undetermined"),
        ("Null", "aws:PrincipalTag/team", "true", None, "undetermined"),
        ("StringNotEquals", "aws:PrincipalAccount", "444455556666", None, "pass"),
    ],
)
def test_whoever_may_become_exempt(operator: str, key: str, left_out: str, guarded: str | None, expected: str) -> None:
    unless = {operator: {key: left_out}}
    guards = [statement(*GUARDS, effect="Deny", on=guarded, Condition=unless)] if guarded is not None else []
    text = document(statement("guardduty:*", effect="Deny", Condition=unless), *guards)
    assert verdict("tamper-prevention", scp(text), HERE[1]) == expected


def test_two_policies_add_up() -> None:
    halves = [scp(document(statement(*part, effect="Deny")), name) for name, part in (("a", CORE[:4]), ("b", CORE[4:]))]
    links = [target(f"aws_organizations_policy.{name}", ROOT, name) for name in "ab"]
    assert verdict("tamper-prevention", *halves, *links) == "pass"
    assert verdict("tamper-prevention", *halves, links[0]) == "fail"


@pytest.mark.parametrize(
    ("guards", "expected"),
    [
        (statement("iam:*", effect="Deny", on="*", Condition=UNLESS), "pass"),
        (statement(*GUARDS[1:], effect="Deny", on="arn:aws:iam::*:role/deploy", Condition=UNLESS), "fail"),
        (statement(*GUARDS, effect="Deny", on="arn:aws:iam::*:role/other", Condition=UNLESS), "fail"),
        (statement(*GUARDS, effect="Deny", on="arn:aws:iam::444455556666:role/deploy", Condition=UNLESS), "fail"),
        (statement(*GUARDS, effect="Deny", on="arn:aws:iam::111122223333:role/deploy", Condition=UNLESS), "pass"),
        (
            statement(*GUARDS, effect="Deny", on="arn:aws:iam::*:role/deploy", Condition={"Bool": {"aws:x": "true"}}),
            "undetermined",
        ),
    ],
)
def test_the_exempt_role_is_guarded_by_another_policy(guards: dict[str, object], expected: str) -> None:
    several = (
        scp(document(statement("guardduty:*", effect="Deny", Condition=UNLESS)), "a"),
        scp(document(guards), "b"),
        *(target(f"aws_organizations_policy.{name}", ROOT, name) for name in "ab"),
    )
    assert verdict("tamper-prevention", *several) == expected


def test_roles_that_only_aws_can_change_need_no_guard() -> None:
    own = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_x_*"}}
    policy = scp(document(statement("guardduty:*", effect="Deny", Condition=own)))
    assert verdict("tamper-prevention", policy, HERE[1]) == "pass"


def test_a_condition_that_the_text_does_not_settle() -> None:
    tagged = scp(document(statement(*CORE, effect="Deny", Condition=TAGGED)))
    assert verdict("tamper-prevention", tagged, HERE[1], scp(DENY, "other")) == "fail"


def test_the_spec_asks_and_no_policy_is_seen() -> None:
    asked = Requirements(wanted=frozenset({"tamper-prevention", "region-denied"}))
    assert verdict("tamper-prevention", within=scope(asked=asked)) == "undetermined"
    assert verdict("region-denied", within=excluding(asked)) == "undetermined"


def excluding(asked: Requirements | None = None) -> Scope:
    regions = (
        ScopeRegion(AP, RegionState.EXCLUDED, "denied"),
        ScopeRegion(EU, RegionState.EXPECTED),
        ScopeRegion(US, RegionState.EXPECTED),
    )
    return Scope("aws", (OURS,), regions, "guardline.yaml", asked)


def regional(*allowed: str, operator: str = "StringNotEquals", key: str = "aws:RequestedRegion") -> str:
    return document(
        statement(effect="Deny", Action=None, NotAction=["iam:*", "sts:*"], Condition={operator: {key: list(allowed)}})
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (regional(EU, US), "pass"),
        (regional(EU, US, operator="StringNotLike"), "pass"),
        (regional(AP, operator="StringEquals"), "pass"),
        (regional(EU, US, AP), "fail"),
        (regional("ap-*", operator="StringNotLike"), "fail"),
        (regional(EU, operator="StringEquals"), "fail"),
        (PENDING, "undetermined"),
        (DENY, None),
    ],
)
def test_region_denied(text: object, expected: str | None) -> None:
    assert verdict("region-denied", scp(text), HERE[1], within=excluding()) == expected


def test_region_denied_needs_the_attachment_and_an_excluded_region() -> None:
    policy = scp(regional(EU, US))
    assert verdict("region-denied", policy, within=excluding()) == "fail"
    assert verdict("region-denied", policy, target(Ref(address=policy.origin.address), ROOT)) is None
    assert verdict("region-denied", policy, HERE[1], organization(OURS.id), within=excluding()) == "not-applicable"


def switch(on: object, region: object = AP) -> RegionSwitch:
    address = "aws_account_region.r"
    return RegionSwitch(
        Location(OURS, known(None)), Origin(address), frozenset({address}), True, region=value(region), on=value(on)
    )


def listing(*names: str) -> RegionListing:
    address = "data.aws_regions.on"
    return RegionListing(
        Location(OURS, known(None)), Origin(address), frozenset({address}), False, regions=known(names)
    )


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ((switch(False),), "pass"),
        ((switch(False), organization(OURS.id)), "pass"),
        ((switch(True),), "undetermined"),  # no policy is seen, and there may be one
        ((switch(PENDING),), "undetermined"),
        ((switch(False, EU),), None),
        ((switch(False, PENDING),), None),
        ((scp(regional(EU, US, AP)), HERE[1], switch(False)), "pass"),
        ((scp(regional(EU, US, AP)), HERE[1], switch(True)), "fail"),
        ((scp(regional(EU, US, AP)), HERE[1], listing(EU, US)), "pass"),
        ((scp(regional(EU, US, AP)), HERE[1], listing(EU, US), switch(True)), "fail"),
        ((scp(regional(EU, US, AP)), HERE[1], listing(AP, EU, US)), "fail"),
        ((listing(EU, US),), None),
    ],
)
def test_a_region_that_is_not_opted_in_needs_no_denying(resources: tuple[Resource, ...], expected: str | None) -> None:
    assert verdict("region-denied", *resources, within=excluding()) == expected
