"""Who calls AWS's API, and which of them a pattern leaves out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardline.validator.semantics.callers import callers, exempt_classes, exempt_roles
from guardline.validator.semantics.event_patterns import compile_pattern
from guardline.validator.semantics.event_samples import GUARDDUTY_CALLS, call_event

ACCOUNT, REGION = "111122223333", "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/"


def left_out(identity: dict[str, Any], **detail: Any) -> set[str]:
    pattern = compile_pattern({"detail": {"userIdentity": identity, **detail}} if identity else {"detail": detail})
    return {
        who.name
        for who in callers(ACCOUNT, REGION)
        if not pattern.matches(call_event(GUARDDUTY_CALLS[0], ACCOUNT, REGION, who))
    }


ROOTS = {"the root user", "the root user in the console", "the root user with MFA"}
USERS = {"an IAM user", "an IAM user in the console", "an IAM user with MFA"}
ROLES = {"a role", "a role with MFA", "a role in the console", "a role of a web identity"}
EVERYBODY = {who.name for who in callers(ACCOUNT, REGION)}
NAMED = {"anything-but": [f"{ROLE}deploy"]}


def issuer(*tests: object) -> dict[str, Any]:
    return {"sessionContext": {"sessionIssuer": {"arn": list(tests)}}}


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ({"type": ["AssumedRole"]}, ROOTS | USERS | {"a federated user"}),
        ({"type": [{"anything-but": "Root"}]}, ROOTS),
        ({"type": [{"anything-but": "AWSService"}]}, set()),
        ({"invokedBy": [{"exists": False}]}, set()),  # calls of AWS services are left out
        (issuer(NAMED), ROOTS | USERS),  # they have no session issuer, and a missing field is not anything-but
        (issuer({"exists": False}, NAMED), set()),
        ({"userName": [{"exists": True}]}, EVERYBODY - USERS),
        ({"sessionContext": {"attributes": {"mfaAuthenticated": ["false"]}}},
         {"the root user", "an IAM user", "the root user with MFA", "an IAM user with MFA", "a role with MFA"}),
    ],
)  # fmt: skip
def test_each_shape_is_told_from_the_others(identity: dict[str, Any], expected: set[str]) -> None:
    assert left_out(identity) == expected


def test_calls_by_the_console_say_so() -> None:
    console = {"the root user in the console", "the root user with MFA", "an IAM user in the console",
               "a role in the console", "a user of IAM Identity Center"}  # fmt: skip
    assert left_out({}, sessionCredentialFromConsole=[{"exists": False}]) == console


def test_the_permission_set_is_a_role_of_its_own() -> None:
    assert left_out(issuer({"exists": False}, {"anything-but": {"wildcard": "*AWSReservedSSO_*"}})) == {
        "a user of IAM Identity Center"
    }
    assert ROLES <= EVERYBODY


@pytest.mark.parametrize(
    ("operand", "role"),
    [
        ([f"{ROLE}deploy"], None),
        ({"wildcard": "arn:aws:iam::*:role/deploy"}, None),
        ({"wildcard": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/*"}, None),
        ({"prefix": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/"}, None),
        ({"prefix": "AROAEXAMPLE:"}, None),
        ({"wildcard": f"{ROLE}aws-reserved/sso.amazonaws.com/*AWSReservedSSO_triage_*"}, None),
        ({"wildcard": f"{ROLE}deploy-*"}, f"{ROLE}deploy-guardline"),
        ({"prefix": f"{ROLE}"}, f"{ROLE}guardline"),
        ({"prefix": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy"}, f"{ROLE}deployguardline"),
        ({"suffix": "-ci"}, f"{ROLE}guardline-ci"),
        ({"wildcard": f"{ROLE}*AWSReservedSSO_*"}, f"{ROLE}guardlineAWSReservedSSO_guardline"),
    ],
)
def test_a_class_of_roles_has_a_caller(operand: object, role: str | None) -> None:
    pattern = json.dumps({"detail": {"userIdentity": {"arn": [{"anything-but": operand}]}}})
    found = exempt_classes(pattern, ACCOUNT, REGION)
    issuers = [who.identity["sessionContext"]["sessionIssuer"]["arn"] for who in found if "the role" in who.name]
    assert issuers == ([role] if role else [])


USER, SESSIONS = f"arn:aws:iam::{ACCOUNT}:user/", "arn:aws:sts::*:assumed-role/"


@pytest.mark.parametrize(
    ("path", "operand", "expected"),
    [
        ("userIdentity.arn", {"prefix": f"{USER}ops-"}, "the user ops-guardline"),
        ("userIdentity.arn", {"wildcard": f"{USER}*-ops"}, "the user guardline-ops"),
        ("userIdentity.arn", {"prefix": USER}, "the user guardline"),
        ("userIdentity.arn", [f"{USER}alice"], None),
        ("userIdentity.arn", {"wildcard": "arn:aws:iam::*:user/alice"}, None),
        ("userIdentity.userName", {"prefix": "ops-"}, "the user ops-guardline"),
        ("userIdentity.userName", ["alice"], None),
        ("userIdentity.arn", {"suffix": "/deploy"}, "a role in the session deploy"),
        ("userIdentity.arn", {"wildcard": f"{SESSIONS}*/deploy*"}, "a role in the session deployguardline"),
        ("userIdentity.arn", {"wildcard": f"{SESSIONS}deploy/*"}, None),
        ("userIdentity.principalId", {"suffix": ":deploy"}, "a role in the session deploy"),
        ("userIdentity.principalId", {"prefix": "AROAEXAMPLE:"}, None),
        ("userAgent", {"prefix": "APN/1.0 HashiCorp"}, "a role by APN/1.0 HashiCorp*"),
        ("userAgent", ["our-tool/1.0"], "a role by our-tool/1.0"),
        ("userAgent", ["cloudformation.amazonaws.com"], None),
        ("userAgent", {"suffix": ".amazonaws.com"}, None),
        ("sourceIPAddress", {"prefix": "10."}, "a role from 10.*"),
        ("sourceIPAddress", ["config.amazonaws.com", "AWS Internal"], None),
    ],
)
def test_a_class_of_users_sessions_programs_or_addresses_has_a_caller(
    path: str, operand: object, expected: str | None
) -> None:
    outer, _, inner = path.partition(".")
    tests = [{"anything-but": operand}]
    pattern = {"detail": {outer: {inner: tests} if inner else tests}}
    left = [
        who.name
        for who in (*callers(ACCOUNT, REGION), *exempt_classes(json.dumps(pattern), ACCOUNT, REGION))
        if not compile_pattern(pattern).matches(call_event(GUARDDUTY_CALLS[0], ACCOUNT, REGION, who))
    ]
    if expected is None:
        assert set(left) <= EVERYBODY
    else:
        assert expected in left


def test_programs_and_addresses_are_told_apart() -> None:
    python = "a role by the AWS SDK for Python"
    assert python in left_out({}, userAgent=[{"prefix": "aws-cli"}, {"prefix": "Mozilla"}])
    assert "a role from 10.0.0.7" in left_out({}, sourceIPAddress=[{"cidr": "128.0.0.0/1"}])
    assert left_out({}, sourceIPAddress=[{"cidr": "0.0.0.0/0"}]) == set()
    assert left_out({}, userAgent=[{"exists": True}]) == set()


def test_the_roles_that_are_left_out_by_name() -> None:
    several = {"anything-but": [f"{ROLE}deploy", f"{ROLE}path/ci"]}
    session = {"anything-but": {"wildcard": f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/*"}}
    nested = {"detail": {"$or": [{"userIdentity": issuer(several)}, {"userIdentity": {"arn": [session]}}]}}
    assert exempt_roles(json.dumps(nested)) == ("deploy", "ci", "ops")
    assert exempt_roles(json.dumps({"detail": {"eventName": [{"anything-but": f"{ROLE}deploy"}]}})) == ()
    assert exempt_roles("{") == ()


@pytest.mark.parametrize(
    ("operand", "expected"),
    [(["deploy"], ("deploy",)), ({"equals-ignore-case": ["deploy"]}, ("deploy",)), ({"prefix": "deploy-"}, ())],
)
def test_a_role_may_be_named_at_the_issuer_of_its_sessions(operand: object, expected: tuple[str, ...]) -> None:
    named = {"sessionContext": {"sessionIssuer": {"userName": [{"anything-but": operand}]}}}
    assert exempt_roles(json.dumps({"detail": {"userIdentity": named}})) == expected
