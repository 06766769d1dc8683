"""Who may call AWS's API, as CloudTrail records it: the shapes of `userIdentity` that a rule has to expect.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html.
Calls of AWS services are none of them: a rule may leave those out, and one named role, but no class of people.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import msgspec

from guardline.validator.semantics.finding_samples import partition
from guardline.validator.semantics.wildcards import rests

_ISSUED = {"creationDate": "2026-01-01T00:00:00Z", "mfaAuthenticated": "false"}
_WITH_MFA = {**_ISSUED, "mfaAuthenticated": "true"}
# What programs call themselves, and where calls come from: besides the AWS CLI at an address of its own.
_AGENTS = (
    ("the AWS SDK for Python", "Boto3/1.40.0 md/Botocore#1.40.0 ua/2.1 os/linux"),
    ("the AWS SDK for Java", "aws-sdk-java/2.32.0 md/io#sync md/http#Apache"),
    ("Terraform", "APN/1.0 HashiCorp/1.0 Terraform/1.13.0 aws-sdk-go-v2/1.38.0"),
)
_ADDRESSES = ("10.0.0.7", "73.0.113.7", "172.31.0.7", "203.0.113.7")
_CONSOLE = {"sessionCredentialFromConsole": "true", "userAgent": "Mozilla/5.0"}
_SSO = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_0123456789abcdef"
# One role by its name in an ARN: of IAM, or of a session (whose own name may be any), or one permission set.
_ONE_ROLE = re.compile(r".*:assumed-role/(?P<session>[^/*]+)/.*|.*AWSReservedSSO_[^*]+_\*?|.*:role/(?P<role>[^*]+)")
_ONE_ID = re.compile(r"AROA\w+(:\*)?")
_OF_AWS = re.compile(r".*amazonaws\.com\*?|AWS Internal\*?")
_EXACT = ("", "equals-ignore-case")
_PLACES = {"userIdentity", "userAgent", "sourceIPAddress"}
_ISSUER_NAME = ("sessionIssuer", "userName")


class Caller(msgspec.Struct, frozen=True):
    """Who makes a call.

    Attributes:
        name: for people, e.g. ``the root user``.
        identity: the event's ``userIdentity``.
        session: what else of the event's details follows from it.
    """

    name: str
    identity: Mapping[str, Any]
    session: Mapping[str, Any] = msgspec.field(default_factory=dict)


def some_role(
    account: str,
    region: str,
    name: str = "guardline-sample",
    session: Mapping[str, Any] = MappingProxyType({}),
    called: str = "session",
) -> Caller:
    """A session of a role, and what the session is called."""
    part, short = partition(region), name.rpartition("/")[2]
    identity = {
        "type": "AssumedRole",
        "principalId": f"AROAGUARDLINESAMPLE:{called}",
        "arn": f"arn:{part}:sts::{account}:assumed-role/{short}/{called}",
        "accountId": account,
        "accessKeyId": "ASIAGUARDLINESAMPLE",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAGUARDLINESAMPLE",
                "arn": f"arn:{part}:iam::{account}:role/{name}",
                "accountId": account,
                "userName": short,
            },
            "attributes": _ISSUED,
            **session,
        },
    }
    return Caller(f"the role {short}", identity)


def _some_user(account: str, region: str, name: str = "guardline-sample") -> Caller:
    """An IAM user."""
    identity = {
        "type": "IAMUser",
        "principalId": "AIDAGUARDLINESAMPLE",
        "arn": f"arn:{partition(region)}:iam::{account}:user/{name}",
        "accountId": account,
        "userName": name.rpartition("/")[2],
    }
    return Caller(f"the user {name}", identity)


@lru_cache(maxsize=256)
def callers(account: str, region: str) -> tuple[Caller, ...]:
    """Every shape of person or program: root, users, roles and federated users, with and without MFA, by console, CLI
    and SDK, from several addresses."""
    part = partition(region)
    root = {"type": "Root", "principalId": account, "arn": f"arn:{part}:iam::{account}:root", "accountId": account}
    user = _some_user(account, region).identity
    key, temporary = {"accessKeyId": "AKIAGUARDLINESAMPLE"}, {"accessKeyId": "ASIAGUARDLINESAMPLE"}
    mfa, plain = {"sessionContext": {"attributes": _WITH_MFA}}, {"sessionContext": {"attributes": _ISSUED}}
    issuer = {"type": "IAMUser", **{name: user[name] for name in ("principalId", "arn", "accountId", "userName")}}
    federated = {
        "type": "FederatedUser",
        "principalId": f"{account}:guardline-sample",
        "arn": f"arn:{part}:sts::{account}:federated-user/guardline-sample",
        "accountId": account,
        "sessionContext": {"sessionIssuer": issuer, "attributes": _ISSUED},
    }
    role = some_role(account, region)
    web: dict[str, Any] = {"webIdFederationData": {"federatedProvider": "accounts.example.com", "attributes": {}}}
    return (
        Caller("the root user", {**root, **key}),
        Caller("the root user in the console", {**root, **temporary, **plain}, _CONSOLE),
        Caller("the root user with MFA", {**root, **temporary, **mfa}, _CONSOLE),
        Caller("an IAM user", {**user, **key}),
        Caller("an IAM user in the console", {**user, **temporary, **plain}, _CONSOLE),
        Caller("an IAM user with MFA", {**user, **temporary, **mfa}),
        msgspec.structs.replace(role, name="a role"),
        Caller("a role with MFA", {**some_role(account, region, session={"attributes": _WITH_MFA}).identity}),
        Caller("a role in the console", role.identity, _CONSOLE),
        Caller("a role of a web identity", some_role(account, region, session=web).identity),
        Caller("a user of IAM Identity Center", some_role(account, region, _SSO).identity, _CONSOLE),
        Caller("a federated user", {**federated, **temporary}),
        *(Caller(f"a role by {name}", role.identity, {"userAgent": agent}) for name, agent in _AGENTS),
        *(Caller(f"a role from {address}", role.identity, {"sourceIPAddress": address}) for address in _ADDRESSES),
    )


@lru_cache(maxsize=512)
def exempt_classes(pattern: str, account: str, region: str) -> tuple[Caller, ...]:
    """A caller of each class of people whom a pattern leaves out: by the beginning, end or shape of the name of a role,
    a user or a session, or by the program or the address that they call with.

    Args:
        pattern: the pattern's JSON text, one that EventBridge accepts.
        account, region: whose.
    """
    made = [
        caller
        for path, operator, text in _left_out(_read(pattern), ())
        for caller in (
            _by_program_or_place(path[-1], _whole(operator, text), account, region)
            if "userIdentity" not in path
            else (
                *(some_role(account, region, name) for name in _of_class(operator, text)),
                *_sessions_and_users(path, operator, text, account, region),
            )
        )
    ]
    return tuple({caller.name: caller for caller in made}.values())


@lru_cache(maxsize=512)
def exempt_roles(pattern: str) -> tuple[str, ...]:
    """The names of the single roles that a pattern leaves out."""
    left_out = (each for each in _left_out(_read(pattern), ()) if "userIdentity" in each[0])
    names = (_one_role(path, operator, text) for path, operator, text in left_out)
    return tuple(dict.fromkeys(name for name in names if name))


def _one_role(path: tuple[str, ...], operator: str, text: str) -> str | None:
    """The name of the one role that an operand means, by its ARN or, at the session's issuer, by its name."""
    match = _ONE_ROLE.fullmatch(text)
    if match is not None:
        return (match["role"] or "").rpartition("/")[2] or match["session"]
    return text if path[-2:] == _ISSUER_NAME and "*" not in _whole(operator, text) else None


def _read(pattern: str) -> Any:
    try:
        return json.loads(pattern)
    except (ValueError, RecursionError):
        return None


def _left_out(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """The operands of each ``anything-but`` about the caller, after their path and operator ("" for an exact value)."""
    if isinstance(node, dict):
        for key, inner in node.items():
            if key == "anything-but" and not _PLACES.isdisjoint(path):
                yield from ((path, operator, text) for operator, text in _operands(inner))
            else:
                yield from _left_out(inner, (*path, *key.split(".")))
    elif isinstance(node, list):
        for inner in node:
            yield from _left_out(inner, path)


def _operands(node: Any) -> Iterator[tuple[str, str]]:
    by_operator = node if isinstance(node, dict) else {"": node}
    for operator, several in by_operator.items():
        for each in several if isinstance(several, list) else [several]:
            if isinstance(each, str):
                yield operator, each


def _whole(operator: str, text: str) -> str:
    """An operand as a pattern with asterisks."""
    return {"prefix": f"{text}*", "suffix": f"*{text}"}.get(operator, text)


def _by_program_or_place(field: str, whole: str, account: str, region: str) -> Iterator[Caller]:
    """A caller whose program or address is left out; AWS's services, which call by their own names, may be."""
    if not _OF_AWS.fullmatch(whole):
        text = whole.replace("*", "guardline")
        role = some_role(account, region)
        yield Caller(f"a role {'from' if field == 'sourceIPAddress' else 'by'} {whole}", role.identity, {field: text})


def _sessions_and_users(path: tuple[str, ...], operator: str, text: str, account: str, region: str) -> Iterator[Caller]:
    """Callers of a class that is left out by what sessions are called, whatever their role, or by names of users."""
    whole, role = _whole(operator, text), some_role(account, region)
    field = path[-1]
    if path[-2:-1] != ("userIdentity",) or operator in _EXACT or _ONE_ROLE.fullmatch(whole) or _ONE_ID.fullmatch(whole):
        return
    if field in ("arn", "principalId"):
        for rest in rests(whole, role.identity[field].removesuffix("session")):
            if not {"/", ":"} & set(rest):
                called = rest.replace("*", "guardline")
                session = some_role(account, region, called=called)
                yield msgspec.structs.replace(session, name=f"a role in the session {called}")
    if field in ("arn", "userName"):
        start = f"arn:{partition(region)}:iam::{account}:user/" if field == "arn" else ""
        for rest in rests(whole, start):
            if ":" not in rest and "*" in rest.rpartition("/")[2]:  # without, it is one user
                yield _some_user(account, region, rest.replace("*", "guardline"))


def _of_class(operator: str, text: str) -> Iterator[str]:
    """The name of a role that an operand of several names covers; none where it stands for one role."""
    whole = _whole(operator, text)
    if operator in _EXACT or _ONE_ROLE.fullmatch(whole) or _ONE_ID.fullmatch(whole):
        return
    name = whole.rpartition("role/")[2] if "role/" in whole else whole.rpartition(":")[2]
    if "assumed-role/" in whole:
        name = name.partition("/")[0]
    yield name.replace("*", "guardline").strip("/") or "guardline"
