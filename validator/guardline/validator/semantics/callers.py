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

_ISSUED = {"creationDate": "2026-01-01T00:00:00Z", "mfaAuthenticated": "false"}
_WITH_MFA = {**_ISSUED, "mfaAuthenticated": "true"}
_CONSOLE = {"sessionCredentialFromConsole": "true", "userAgent": "Mozilla/5.0"}
_SSO = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_0123456789abcdef"
# One role by its name in an ARN: of IAM, or of a session (whose own name may be any), or one permission set.
_ONE_ROLE = re.compile(r".*:assumed-role/(?P<session>[^/*]+)/.*|.*AWSReservedSSO_[^*]+_\*?|.*:role/(?P<role>[^*]+)")
_ONE_ID = re.compile(r"AROA\w+(:\*)?")


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
    account: str, region: str, name: str = "guardline-sample", session: Mapping[str, Any] = MappingProxyType({})
) -> Caller:
    """A session of a role."""
    part, short = partition(region), name.rpartition("/")[2]
    identity = {
        "type": "AssumedRole",
        "principalId": "AROAGUARDLINESAMPLE:session",
        "arn": f"arn:{part}:sts::{account}:assumed-role/{short}/session",
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


@lru_cache(maxsize=256)
def callers(account: str, region: str) -> tuple[Caller, ...]:
    """Every shape of person or program: root, users, roles and federated users, with and without MFA, by console, CLI
    and SDK."""
    part = partition(region)
    root = {"type": "Root", "principalId": account, "arn": f"arn:{part}:iam::{account}:root", "accountId": account}
    user = {
        "type": "IAMUser",
        "principalId": "AIDAGUARDLINESAMPLE",
        "arn": f"arn:{part}:iam::{account}:user/guardline-sample",
        "accountId": account,
        "userName": "guardline-sample",
    }
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
    )


@lru_cache(maxsize=512)
def exempt_classes(pattern: str, account: str, region: str) -> tuple[Caller, ...]:
    """A caller of each class of people whom a pattern leaves out by the beginning, end or shape of a name.

    Args:
        pattern: the pattern's JSON text, one that EventBridge accepts.
        account, region: whose.
    """
    names = dict.fromkeys(name for kind, text in _left_out(_read(pattern), ()) for name in _of_class(kind, text))
    return tuple(some_role(account, region, name) for name in names)


@lru_cache(maxsize=512)
def exempt_roles(pattern: str) -> tuple[str, ...]:
    """The names of the single roles that a pattern leaves out."""
    found = (_ONE_ROLE.fullmatch(text) for _, text in _left_out(_read(pattern), ()))
    names = ((match["role"] or "").rpartition("/")[2] or match["session"] for match in found if match is not None)
    return tuple(dict.fromkeys(name for name in names if name))


def _read(pattern: str) -> Any:
    try:
        return json.loads(pattern)
    except (ValueError, RecursionError):
        return None


def _left_out(node: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The operands of each ``anything-but`` below ``userIdentity``, with their operator ("" for an exact value)."""
    if isinstance(node, dict):
        for key, inner in node.items():
            if key == "anything-but" and "userIdentity" in path:
                yield from _operands(inner)
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


def _of_class(operator: str, text: str) -> Iterator[str]:
    """The name of a role that an operand of several names covers; none where it stands for one role."""
    whole = {"prefix": f"{text}*", "suffix": f"*{text}", "wildcard": text}.get(operator)
    if whole is None or _ONE_ROLE.fullmatch(whole) or _ONE_ID.fullmatch(whole):
        return
    name = whole.rpartition("role/")[2] if "role/" in whole else whole.rpartition(":")[2]
    if "assumed-role/" in whole:
        name = name.partition("/")[0]
    yield name.replace("*", "guardline").strip("/") or "guardline"
