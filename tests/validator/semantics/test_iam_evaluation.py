"""What policies grant, deny and let services do, from documents as AWS and Terraform write them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.iam_actions import changes, expand, levels
from guardline.validator.semantics.iam_denials import not_denied
from guardline.validator.semantics.iam_documents import Document, parse
from guardline.validator.semantics.iam_evaluation import Grant, changing, everywhere, granted, wide_grants

ACCOUNT = "111122223333"
DETECTOR = f"arn:aws:guardduty:eu-west-1:{ACCOUNT}:detector/abc"
TAMPER = ("guardduty:DeleteDetector", "guardduty:UpdateDetector")


def policy(*statements: dict[str, Any]) -> Document:
    return parse(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
# AWS's managed AmazonGuardDutyReadOnlyAccess, as it stands.
READ_ONLY = policy(
    allow(["guardduty:Describe*", "guardduty:Get*", "guardduty:List*"]),
    allow(
        [
            "organizations:ListDelegatedAdministrators",
            "organizations:ListAWSServiceAccessForOrganization",
            "organizations:DescribeOrganizationalUnit",
            "organizations:DescribeAccount",
            "organizations:DescribeOrganization",
            "organizations:ListAccounts",
        ]
    ),
)


def names(grants: frozenset[Grant]) -> set[str]:
    return {grant.action for grant in grants}


# --- granted ----------------------------------------------------------------------------------------------------


def test_forms_of_one_statement_are_one() -> None:
    one = parse(json.dumps({"Statement": allow("guardduty:GetDetector")}))
    assert one == policy(allow(["guardduty:GetDetector"], ["*"]))


def test_wildcards_are_expanded_whatever_their_case_and_place() -> None:
    for entry in ("guardduty:CreateF*", "GuardDuty:createf?lter", "guardd*:*eateFilter", "*:CreateFilter"):
        assert names(granted([policy(allow(entry))], "guardduty")) == {"guardduty:CreateFilter"}, entry
    every = {action for action in levels() if action.startswith("guardduty:")}
    for entry in ("*", "guardduty:*", "*:*", "guard*"):
        assert names(granted([policy(allow(entry))], "guardduty")) == every, entry


def test_not_action_grants_the_rest() -> None:
    grants = names(
        granted(
            [policy({"Effect": "Allow", "NotAction": ["iam:*", "guardduty:Delete*"], "Resource": "*"})], "guardduty"
        )
    )
    assert "guardduty:UpdateDetector" in grants
    assert "guardduty:DeleteDetector" not in grants
    assert not granted([policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})], "iam")


def test_a_deny_takes_away_what_it_covers_and_no_more() -> None:
    own = allow("guardduty:UpdateDetector", DETECTOR)
    assert not granted([policy(own), policy(deny("guardduty:*"))], "guardduty")
    assert not granted([policy(own, deny("guardduty:Update*", f"{DETECTOR[:-3]}*"))], "guardduty")
    assert not granted([policy(own, {"Effect": "Deny", "NotAction": "guardduty:Get*", "Resource": "*"})], "guardduty")
    assert granted([policy(own, deny("guardduty:*", f"{DETECTOR}/filter/*"))], "guardduty")
    assert granted([policy(allow("guardduty:UpdateDetector"), deny("guardduty:*", DETECTOR))], "guardduty")
    elsewhere = {"Effect": "Deny", "Action": "guardduty:*", "NotResource": DETECTOR}
    assert granted([policy(own, elsewhere)], "guardduty")
    assert not granted([policy(allow("guardduty:UpdateDetector", f"{DETECTOR}2"), elsewhere)], "guardduty")
    assert granted([policy(own, {**elsewhere, "NotResource": ["arn:aws:s3:::x", DETECTOR]})], "guardduty")
    assert not granted([policy(own, deny("guardduty:*", ["arn:aws:s3:::x", DETECTOR]))], "guardduty")


def test_a_condition_of_either_makes_a_grant_conditional() -> None:
    for document in (
        policy(allow("guardduty:UpdateDetector", **MFA)),
        policy(allow("guardduty:UpdateDetector"), deny("guardduty:*", **MFA)),
    ):
        assert granted([document], "guardduty") == {Grant("guardduty:UpdateDetector", "*", conditional=True)}
    both = policy(allow("guardduty:UpdateDetector", **MFA), allow("guardduty:UpdateDetector"))
    assert granted([both], "guardduty") == {Grant("guardduty:UpdateDetector", "*", conditional=False)}


def test_an_unknown_service_is_untold() -> None:
    with pytest.raises(UnknownValue, match="braket"):
        granted([policy(allow("*"))], "braket")


# --- changing ---------------------------------------------------------------------------------------------------


def test_awss_own_reader_changes_nothing() -> None:
    assert not changing([READ_ONLY])
    assert not changing(
        [policy(allow(["support:DescribeCases", "ec2:Describe*", "s3:GetObject", "glue:Get*", "logs:FilterLogEvents"]))]
    )


@pytest.mark.parametrize(
    ("entry", "action"),
    [
        ("guardduty:*", "guardduty:CreateFilter"),
        ("guardduty:ArchiveFindings", "guardduty:ArchiveFindings"),
        ("guardduty:Tag*", "guardduty:TagResource"),
        ("iam:Pass*", "iam:PassRole"),
        ("kms:PutKeyPolicy", "kms:PutKeyPolicy"),
        ("*", "guardduty:DeleteDetector"),
    ],
)
def test_what_changes(entry: str, action: str) -> None:
    assert action in names(changing([READ_ONLY, policy(allow(entry))]))


def test_awss_own_administrator_is_wide_and_conditional_elsewhere() -> None:
    """The telling statements of the managed AmazonGuardDutyFullAccess_v2."""
    only_guardduty = {"Condition": {"StringEquals": {"organizations:ServicePrincipal": ["guardduty.amazonaws.com"]}}}
    full = policy(allow("guardduty:*"), allow("organizations:EnableAWSServiceAccess", **only_guardduty))
    (wide,) = wide_grants([full], "guardduty")
    assert (wide.entry, wide.conditional) == ("guardduty:*", False)
    assert {grant.conditional for grant in changing([full]) if grant.action.startswith("organizations:")} == {True}


def test_all_but_is_seen_to_change() -> None:
    document = policy({"Effect": "Allow", "NotAction": "guardduty:*", "Resource": "*"})
    assert "ec2:DeleteFlowLogs" in names(changing([document]))


def test_changes_on_no_resource_that_is_left_are_none() -> None:
    assert not changing(
        [
            policy(
                allow("guardduty:*"),
                {
                    "Effect": "Deny",
                    "NotAction": ["guardduty:Get*", "guardduty:List*", "guardduty:Describe*"],
                    "Resource": "*",
                },
            )
        ]
    )


@pytest.mark.parametrize(
    "entry", ["braket:CreateJob", "guardduty:MakeItStop", "braket:*", "redshift:GetCluster*", "*:Get*"]
)
def test_what_is_not_known_is_untold(entry: str) -> None:
    with pytest.raises(UnknownValue, match="not known to this version"):
        changing(
            [policy(allow([entry, "guardduty:GetDetector"]))]
            if entry != "*:Get*"
            else [policy(allow("*:GetC*"), deny("sts:*"))]
        )
    assert changing([policy(allow([entry, "guardduty:DeleteDetector"]))])


# --- wide grants ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "entries"),
    [
        (allow("guardduty:*"), ["guardduty:*"]),
        (allow("*"), ["*"]),
        (allow(["guardduty:D*", "guardduty:GetDetector", "s3:*"]), ["guardduty:D*"]),
        (allow("guardduty:*", f"arn:aws:guardduty:*:{ACCOUNT}:detector/*"), ["guardduty:*"]),
        (allow("guardduty:*", ["arn:aws:s3:::x", "arn:*:guardduty:*"]), ["guardduty:*"]),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, ["NotAction"]),
        ({"Effect": "Allow", "Action": "guardduty:*", "NotResource": DETECTOR}, ["guardduty:*"]),
        (allow("guardduty:*", DETECTOR), []),
        (allow("guardduty:*", f"{DETECTOR}/*"), []),
        (allow("guardduty:*", "arn:aws:s3:::*"), []),
        (allow(["guardduty:DeleteDetector", "guardduty:CreateFilter"]), []),
        (allow("iam:*"), []),
        (allow("guardduty:Nothing*"), []),
        (deny("guardduty:*"), []),
    ],
)
def test_wide_grants(statement: dict[str, Any], entries: list[str]) -> None:
    assert [wide.entry for wide in wide_grants([policy(statement)], "guardduty")] == entries


def test_a_wide_grant_says_what_it_comes_to() -> None:
    (get,) = wide_grants([policy(allow("guardduty:Get*", Sid="Read"))], "guardduty")
    assert get.sid == "Read"
    assert "guardduty:GetDetector" in get.actions
    assert not get.changing
    (left,) = wide_grants([policy(allow("guardduty:*", **MFA), deny("guardduty:Delete*"))], "guardduty")
    assert "guardduty:CreateFilter" in left.changing
    assert "guardduty:DeleteDetector" not in left.actions
    assert left.conditional
    (possible,) = wide_grants([policy(allow("guardduty:*"), deny("guardduty:Delete*", **MFA))], "guardduty")
    assert possible.conditional
    (always,) = wide_grants([policy(allow("guardduty:*"), deny("guardduty:Delete*"))], "guardduty")
    assert not always.conditional


@pytest.mark.parametrize(
    ("resource", "service", "every"),
    [
        ("*", "guardduty", True),
        ("?*", "guardduty", True),
        ("arn:aws:guardduty:*:*:?*", "guardduty", True),
        ("arn:aws:guardduty:*:*:detector/?*", "guardduty", True),
        ("arn:aws:guardduty:*:*:*?", "guardduty", True),
        ("arn:aws:s3:::?*", "s3", True),
        ("arn:aws:guardduty:*:*:detector/a?*", "guardduty", False),
        ("arn:aws:guardduty:*:*:detector/????", "guardduty", False),
        ("arn:aws:guardduty:*", "guardduty", True),
        ("arn:*", "guardduty", True),
        ("arn:aws:*:*:*:*", "guardduty", True),
        ("arn:aws:guardduty:*:*:detector/*", "guardduty", True),
        ("arn:aws:logs:eu-west-1:111122223333:log-group:*:*", "logs", True),
        ("arn:aws:s3:::*", "s3", True),
        ("arn:aws:s3:::bucket/*", "s3", False),
        ("arn:aws:s3:::*", "guardduty", False),
        ("arn:aws:guardduty:*:*:detector/abc", "guardduty", False),
        ("arn:aws:guardduty:*:*:detector/a*", "guardduty", False),
        ("arn:aws:guardduty", "guardduty", False),
    ],
)
def test_everywhere(resource: str, service: str, every: bool) -> None:
    assert everywhere(resource, service) is every


# --- properties -------------------------------------------------------------------------------------------------

ENTRIES = st.sampled_from(["*", "guardduty:*", "guardduty:Get*", "guardduty:CreateFilter", "iam:*", "s3:GetObject"])
RESOURCES = st.sampled_from(["*", DETECTOR, f"{DETECTOR}/filter/*", "arn:aws:s3:::x"])
CONDITIONS = st.sampled_from([{}, MFA, {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}])
STATEMENTS = st.builds(
    lambda make, action, resource, condition: make(action, resource, **condition),
    st.sampled_from([allow, deny]),
    ENTRIES,
    RESOURCES,
    CONDITIONS,
)


def certain(grants: frozenset[Grant]) -> set[str]:
    return {grant.action for grant in grants if not grant.conditional}


@given(st.lists(STATEMENTS, max_size=4), ENTRIES, RESOURCES)
def test_an_allow_more_never_takes_a_grant_away(statements: list[dict[str, Any]], action: str, resource: str) -> None:
    before = granted([policy(*statements)], "guardduty")
    after = granted([policy(*statements, allow(action, resource))], "guardduty")
    assert names(before) <= names(after)
    assert certain(before) <= certain(after)


@given(st.lists(STATEMENTS, max_size=4), st.data())
def test_an_allow_made_wider_never_takes_a_grant_away(statements: list[dict[str, Any]], data: st.DataObject) -> None:
    wider = [
        {**each, "Action": "*", "Resource": "*"} if each["Effect"] == "Allow" and data.draw(st.booleans()) else each
        for each in statements
    ]
    denied_nothing = all(each["Effect"] == "Allow" for each in statements)
    before, after = granted([policy(*statements)], "guardduty"), granted([policy(*wider)], "guardduty")
    assert names(before) <= names(after)
    if denied_nothing:
        assert certain(before) <= certain(after)


@given(st.lists(STATEMENTS, max_size=4), ENTRIES, RESOURCES, CONDITIONS)
def test_a_deny_more_never_grants(
    statements: list[dict[str, Any]], action: str, resource: str, condition: dict[str, Any]
) -> None:
    before = granted([policy(*statements)], "guardduty")
    after = granted([policy(*statements, deny(action, resource, **condition))], "guardduty")
    assert names(after) <= names(before)
    assert certain(after) <= certain(before)


@given(st.lists(STATEMENTS, max_size=4), STATEMENTS.filter(lambda statement: statement["Effect"] == "Deny"))
def test_a_deny_more_never_opens(statements: list[dict[str, Any]], more: dict[str, Any]) -> None:
    def left_open(*parts: dict[str, Any]) -> set[str] | None:
        try:
            return set(not_denied([policy(*parts)], TAMPER, ACCOUNT, "eu-west-1"))
        except UnknownValue:
            return None

    before, after = left_open(*statements), left_open(*statements, more)
    assert after is None or before is None or after <= before


@given(st.sampled_from(sorted(levels())), st.integers(0, 30))
def test_an_action_is_covered_by_its_own_beginnings(action: str, cut: int) -> None:
    service, name = action.split(":")
    assert action in expand(f"{service}:{name[:cut]}*")
    assert expand(action) == {action}
    assert changes(action) in (True, False)
