from __future__ import annotations

import pytest
from msgspec.structs import replace

from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.iam import Identity, PolicyAttachment
from guardline.validator.model.resource import Account, Ref, Resource
from guardline.validator.model.value import known
from guardline.validator.semantics.unknown_parts import SOMETHING
from tests.support.estates import OURS, PENDING, THEIRS, estate, judged, scope
from tests.support.estates_access import MACHINE, TRUST, attached, document, member, person, policy, role, statement

CONTROL = "access-separated"
READ = document(statement("guardduty:Get*", "guardduty:List*"))
TRIAGE = document(statement("guardduty:Get*", "guardduty:ArchiveFindings"))
ADMINISTER = document(statement("guardduty:*"))
AWS = "arn:aws:iam::aws:policy"


def holding(name: str, text: object, trust: object = TRUST) -> tuple[Resource, Resource]:
    """A role with a policy written into it."""
    return role(name, trust=trust), policy(text, name, holder=f"aws_iam_role.{name}")


READER, RESPONDER, ADMIN = holding("r", READ), holding("s", TRIAGE), holding("a", ADMINISTER)
ALL = (*READER, *RESPONDER, *ADMIN)


def verdict(*resources: Resource, asked: Requirements | None = None) -> str | None:
    rows = judged(CONTROL, estate(*resources), scope(asked=asked))
    assert len(rows) <= 1
    return rows[0].verdict.value if rows else None


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (ALL, "pass"),
        ((*RESPONDER, *ADMIN), "fail"),
        ((*READER, *ADMIN), "fail"),
        ((*READER, *RESPONDER), "fail"),
        (ADMIN, "fail"),
        (READER, None),
        ((), None),
        (holding("lambda", TRIAGE, MACHINE), None),
        ((*READER, *RESPONDER, *holding("lambda", ADMINISTER, MACHINE)), "fail"),
        ((*holding("r", document(statement("guardduty:Get*", "guardduty:Delete*"))), *RESPONDER, *ADMIN), "fail"),
        ((role("r"), policy(PENDING, "r", holder="aws_iam_role.r"), *RESPONDER, *ADMIN), "undetermined"),
        ((*ALL, attached(PENDING, "aws_iam_role.r")), "undetermined"),
        ((*ALL, attached("aws_iam_policy.x", PENDING)), "undetermined"),
        ((*ALL, attached("arn:aws:iam::111122223333:policy/else", "aws_iam_role.r")), "undetermined"),
        ((*ALL, attached(f"{AWS}/AmazonGuardDutyFullAccess", "aws_iam_role.r")), "fail"),
        ((*ALL, attached(f"{AWS}/SecurityAudit", "aws_iam_role.s")), "pass"),
        ((role("r"), attached(f"{AWS}/ReadOnlyAccess", "aws_iam_role.r"), *RESPONDER, *ADMIN), "pass"),
        (
            (
                role("r"),
                attached("arn:aws:iam::111122223333:policy/ReadOnlyAccess", "aws_iam_role.r"),
                *RESPONDER,
                *ADMIN,
            ),
            "undetermined",
        ),
        ((*ALL, attached(PENDING, "aws_iam_role.a")), "pass"),
    ],
)
def test_parts(resources: tuple[Resource, ...], expected: str | None) -> None:
    assert verdict(*resources) == expected


def test_an_application_that_is_denied_or_uses_everything_is_not_asked() -> None:
    assert verdict(*holding("app", document(statement("*")))) is None
    assert verdict(*holding("app", document(statement("guardduty:*", effect="Deny")))) is None


def test_the_spec_asks_for_it() -> None:
    assert verdict(asked=Requirements(wanted=frozenset({CONTROL}))) == "fail"


@pytest.mark.parametrize("kind", [Identity, PolicyAttachment])
def test_what_could_not_be_read_may_be_the_missing_part(kind: type[Resource]) -> None:
    (row,) = judged(CONTROL, estate(*RESPONDER, *ADMIN, missing={kind: "module.x cannot be read"}), scope())
    assert row.verdict == "undetermined"


USER, GROUP = person("u"), person("g", "group")
GROUPED = (GROUP, policy(ADMINISTER, "g", holder="aws_iam_group.g"))
IN_GROUP = member("aws_iam_user.u", "aws_iam_group.g")


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ((*READER, *RESPONDER, *GROUPED), "pass"),
        # Who reads by a policy of their own, and administers by their group's, is no reader.
        ((USER, policy(READ, "u", holder="aws_iam_user.u"), IN_GROUP, *GROUPED, *RESPONDER), "fail"),
        ((USER, policy(READ, "u", holder="aws_iam_user.u"), *GROUPED, *RESPONDER), "pass"),
        ((USER, policy(READ, "u", holder="aws_iam_user.u"), member("aws_iam_user.u", PENDING), *ADMIN, *RESPONDER),
         "undetermined"),
        ((USER, policy(READ, "u", holder="aws_iam_user.u"), member("aws_iam_user.u", "elsewhere"), *ADMIN, *RESPONDER),
         "undetermined"),
        ((*READER, *RESPONDER, *ADMIN, member(PENDING, "aws_iam_group.g")), "undetermined"),
    ],
)  # fmt: skip
def test_a_groups_policies_are_its_users(resources: tuple[Resource, ...], expected: str) -> None:
    assert verdict(*resources) == expected


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [
        ("aws_iam_policy.wide", "pass"),
        (f"{AWS}/AdministratorAccess", "pass"),
        ("aws_iam_policy.narrow", "fail"),
        (f"{AWS}/ReadOnlyAccess", "fail"),
        ("aws_iam_policy.pending", "undetermined"),
        ("arn:aws:iam::111122223333:policy/else", "undetermined"),
        ("arn:aws:iam::111122223333:policy/AdministratorAccess", "undetermined"),
        (PENDING, "undetermined"),
    ],
)
def test_a_boundary_takes_away(boundary: object, expected: str) -> None:
    bounds = (policy(document(statement("*")), "wide"), policy(READ, "narrow"), policy(PENDING, "pending"))
    admin = (role("a", boundary=boundary), policy(ADMINISTER, "a", holder="aws_iam_role.a"))
    assert verdict(*READER, *RESPONDER, *admin, *bounds) == expected


def test_roles_of_one_name_in_two_accounts_are_two_roles() -> None:
    """A policy is attached to a role by its name, which every account of an organization may use."""

    def of(account: Account) -> tuple[Resource, ...]:
        resources = list[Resource]()
        for part, text in (("reader", READ), ("responder", TRIAGE), ("admin", ADMINISTER)):
            at = f"{account.key}-{part}"
            holder = replace(role(at, called=part, account=account), names=frozenset({f"aws_iam_role.{at}", part}))
            arn = f"arn:aws:iam::{account.id}:policy/{part}"
            kept = replace(policy(text, at, account=account), names=frozenset({f"aws_iam_policy.{at}", arn}))
            held = replace(attached(arn, part, at), location=holder.location, holder=known(Ref(id=part)))
            resources += [holder, kept, held]
        return tuple(resources)

    rows = judged(CONTROL, estate(*of(OURS), *of(THEIRS)), scope(accounts=(OURS, THEIRS)))
    assert {row.account: row.verdict.value for row in rows} == {OURS.id: "pass", THEIRS.id: "pass"}


def test_a_policy_may_be_named_by_the_arn_that_it_will_have() -> None:
    """Before apply nobody knows an ARN but he who builds it from the name."""
    arn = f"arn:aws:iam::{OURS.id}:policy/admin-policy"
    admin = role("a", boundary=known(Ref(id=arn)))
    kept = replace(policy(ADMINISTER, "a"), name=known("admin-policy"))
    held = attached(arn, "aws_iam_role.a")
    assert verdict(*READER, *RESPONDER, admin, kept, held) == "pass"
    elsewhere = attached(arn.replace(str(OURS.id), "999900001111"), "aws_iam_role.a")
    assert verdict(*READER, *RESPONDER, role("a"), kept, elsewhere) != "pass"


def trusting(principal: object, **condition: object) -> str:
    made: dict[str, object] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return document({**made, "Condition": condition} if condition else made)


ANYONE = trusting({"AWS": "*"})
ORGANIZATION = trusting("*", StringEquals={"aws:PrincipalOrgID": "o-example"})
HUB = trusting({"AWS": "arn:aws:iam::444455556666:root"})


@pytest.mark.parametrize(
    ("trust", "expected"),
    [
        (TRUST, "pass"),
        (ORGANIZATION, "pass"),
        (ANYONE, "fail"),
        (HUB, "fail"),
        (trusting({"AWS": "arn:aws:iam::444455556666:role/sso"}), "pass"),
        (trusting({"AWS": SOMETHING}), "undetermined"),
        (trusting("*", StringEquals={"sts:ExternalId": "secret"}), "undetermined"),
        (PENDING, "undetermined"),
        ("{", "undetermined"),
    ],
)
@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_role_that_anyone_may_assume_is_nobodys_own(part: int, trust: object, expected: str) -> None:
    texts = {"r": READ, "s": TRIAGE, "a": ADMINISTER}
    found = [holding(name, text, trust if place == part else TRUST) for place, (name, text) in enumerate(texts.items())]
    assert verdict(*(each for pair in found for each in pair)) == expected


def test_an_open_role_beside_the_three_is_open_all_the_same() -> None:
    assert verdict(*ALL, *holding("x", ADMINISTER, ANYONE)) == "fail"
    assert verdict(*ALL, *holding("x", document(statement("s3:*")), ANYONE)) == "pass"  # it has no part in GuardDuty


def test_an_account_that_is_asked_about_is_no_stranger() -> None:
    hub = Account("444455556666", "444455556666")
    resources = (*ALL, *holding("x", READ, HUB))
    (row,) = judged(CONTROL, estate(*resources), scope())
    assert row.verdict == "fail"
    assert "the whole account 444455556666" in row.reason
    both = judged(CONTROL, estate(*resources), scope(accounts=(OURS, hub)))
    assert [row.verdict.value for row in both if row.account == OURS.id] == ["pass"]
