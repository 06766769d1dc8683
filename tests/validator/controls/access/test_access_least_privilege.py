from __future__ import annotations

import pytest

from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.resource import Resource
from guardline.validator.semantics.unknown_parts import SOMETHING, mark
from tests.support.estates import OURS, PENDING, detector, estate, judged, scope, verdicts
from tests.support.estates_access import attached, document, policy, role, statement

CONTROL = "access-least-privilege"
ALL = document(statement("guardduty:*"))
READ = document(statement("guardduty:GetFindings", "guardduty:ListFindings"))
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
DETECTOR = "arn:aws:guardduty:eu-west-1:111122223333:detector/12abc"


def of(*resources: Resource, asked: Requirements | None = None) -> dict[str | None, str]:
    return verdicts(CONTROL, estate(*resources), scope(asked=asked))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ALL, "fail"),
        (document(statement("*")), "fail"),
        (document(statement("GuardDuty:*")), "fail"),
        (document(statement("guardduty:Update*")), "fail"),
        (document(statement("guardduty:*Findings")), "fail"),
        (document(statement("guardduty:?eleteDetector")), "fail"),
        (document(statement(NotAction="iam:*", Action=None)), "fail"),
        (document(statement("guardduty:*", on="arn:aws:guardduty:*")), "fail"),
        (document(statement("guardduty:*", Resource=None, NotResource=DETECTOR)), "fail"),
        (document(statement("guardduty:*"), statement("guardduty:DeleteDetector", effect="Deny")), "fail"),
        (document(statement("guardduty:*"), statement("guardduty:*", effect="Deny")), "pass"),
        (document(statement("guardduty:*", on=DETECTOR)), "pass"),
        (document(statement("guardduty:Get*", "guardduty:List*")), "pass"),
        (document(statement("guardduty:ArchiveFindings")), "pass"),
        (READ, "pass"),
        (document(statement("s3:*")), None),
        (document(statement("guardduty:*", Condition=WITH_MFA)), "undetermined"),
        ("{", "undetermined"),
        ('{"Statement": {"Effect": "Allow", "Resource": "*"}}', "undetermined"),
        (PENDING, "undetermined"),
    ],
)  # fmt: skip
def test_texts(text: object, expected: str | None) -> None:
    found = of(policy(text), detector())
    assert found.get("aws_iam_policy.p") == expected


def test_a_small_root_without_guardduty_is_not_asked() -> None:
    assert of(policy(PENDING), policy(document(statement("*")), "admin"), policy("{", "broken")) == {}


def test_another_policy_that_names_guardduty_makes_unknown_ones_matter() -> None:
    assert of(policy(PENDING), policy(READ, "r")) == {"aws_iam_policy.p": "undetermined", "aws_iam_policy.r": "pass"}


@pytest.mark.parametrize(
    ("action", "on", "expected"),
    [
        ("guardduty:*", SOMETHING, "undetermined"),  # it may be every resource
        ("guardduty:*", mark("aws_guardduty_detector.d", "arn"), "pass"),  # it is one
        ("guardduty:Get*", SOMETHING, "undetermined"),
        ("guardduty:Get*", mark("aws_guardduty_detector.d", "arn"), "pass"),
        (f"{SOMETHING}:Publish", "*", "undetermined"),
        (f"guardduty:{SOMETHING}", "*", "undetermined"),
        (f"sns:{SOMETHING}", "*", None),
        ("sns:Publish", SOMETHING, None),  # literal actions that are not GuardDuty's: not asked
        ("*", SOMETHING, "undetermined"),
    ],
)
def test_a_policy_with_one_unknown_part(action: str, on: str, expected: str | None) -> None:
    found = of(policy(document(statement(action, on=on))), detector())
    assert found.get("aws_iam_policy.p") == expected


def test_an_unknown_deny_may_take_a_grant_away() -> None:
    deny = statement("guardduty:*", on=SOMETHING, effect="Deny")
    assert of(policy(document(statement("guardduty:*"), deny))) == {"aws_iam_policy.p": "undetermined"}
    harmless = statement("s3:*", on=SOMETHING, effect="Deny")
    assert of(policy(document(statement("guardduty:*"), harmless))) == {"aws_iam_policy.p": "fail"}


@pytest.mark.parametrize(
    ("holders", "expected"),
    [
        ((role("a", called="GuardDutyAdmin"),), "pass"),
        ((role("a", called="guardduty-administrator"),), "pass"),
        ((role("a", called="badminton"),), "fail"),
        ((role("a", called="reader"),), "fail"),
        ((role("a", called="admin"), role("b", called="reader")), "fail"),
        ((role("a", called=PENDING),), "undetermined"),
    ],
)
def test_administrators_may(holders: tuple[Resource, ...], expected: str) -> None:
    links = [attached("aws_iam_policy.p", one.origin.address, str(at)) for at, one in enumerate(holders)]
    assert of(policy(ALL), *holders, *links) == {"aws_iam_policy.p": expected}


def test_written_into_a_role() -> None:
    assert of(policy(ALL, holder="aws_iam_role.a"), role("a", called="admin")) == {"aws_iam_role_policy.p": "pass"}
    assert of(policy(ALL, holder="aws_iam_role.a"), role("a", called="ops")) == {"aws_iam_role_policy.p": "fail"}
    assert of(policy(ALL, holder=PENDING)) == {"aws_iam_role_policy.p": "undetermined"}


def test_an_administrators_policy_that_nothing_here_attaches() -> None:
    assert of(policy(ALL, "guardduty-admin")) == {"aws_iam_policy.guardduty-admin": "undetermined"}


def test_the_spec_says_who_administers() -> None:
    asked = Requirements(administrators=frozenset({"security-lead"}))
    link = attached("aws_iam_policy.p", "aws_iam_role.a")
    assert of(policy(ALL), role("a", called="security-lead"), link, asked=asked) == {"aws_iam_policy.p": "pass"}
    assert of(policy(ALL), role("a", called="admin"), link, asked=asked) == {"aws_iam_policy.p": "fail"}


def test_a_fail_says_what_grants_it() -> None:
    (row,) = judged(CONTROL, estate(policy(ALL)), scope())
    assert "guardduty:*" in row.reason
    assert row.account == OURS.id
    assert [origin.address for origin in row.evidence] == ["aws_iam_policy.p"]
