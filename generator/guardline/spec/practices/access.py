"""The spec's `access` block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from pydantic import ConfigDict, Field

from guardline.spec.block import Block, Mode, owner_rules
from guardline.spec.modes import check_mode
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding, covers
from guardline.spec.values import AccountId, Arn, Flag, RegionName, Text

LISTS = ("readers", "responders", "administrators")
_PRINCIPAL = re.compile(r"arn:(aws[a-z-]*):iam::[0-9]{12}:(root|(user|role)/[\w+=,.@/-]{1,512})", re.ASCII)
# https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_Group.html
_GROUP = re.compile(r"([0-9a-f]{10}-)?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_INSTANCE = re.compile(r"arn:aws[a-z-]*:sso:::instance/(sso)?ins-[a-zA-Z0-9-.]{16}")
# What fits into a trust policy beside its own words: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_MOST = 1750
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
_TAG = re.compile(r"[\w\s.:/=+@-]{1,256}")


class IdentityCenter(Block):
    """The IAM Identity Center in which permission sets are made."""

    instance_arn: Arn = Field(description="The ARN of the instance, like arn:aws:sso:::instance/ssoins-NAME.")
    region: RegionName | None = Field(
        default=None, description="The region it was set up in, which must be covered; left out, the home region."
    )
    accounts: tuple[AccountId, ...] = Field(
        default=(), description="The accounts in which the groups get their permissions; left out, the root's own."
    )


class Access(Block):
    """Three identities for people: readers, responders who triage, administrators. Each may do what it needs."""

    model_config = ConfigDict(json_schema_extra=owner_rules)

    mode: Mode = Field(
        default="create",
        description="create: Guardline writes the three. reference: another team owns them (owner). "
        "off: not asked for (reason).",
    )
    kind: Literal["roles", "identity-center"] = Field(
        default="roles", description="IAM roles, or permission sets of IAM Identity Center."
    )
    readers: tuple[Text, ...] = Field(
        default=(), description="Who may read findings and settings: ARNs that may assume the role, or ids of groups."
    )
    responders: tuple[Text, ...] = Field(
        default=(), description="Who may also archive and rate findings and start scans and investigations."
    )
    administrators: tuple[Text, ...] = Field(
        default=(),
        description="Who may also change GuardDuty, but not end it. With mode reference: names or ARNs of the roles "
        "that administer it.",
    )
    mfa: Flag = Field(
        default=False, description="Whether the roles are for those alone who signed in with a second factor."
    )
    permissions_boundary: Arn | None = Field(
        default=None,
        description="A boundary for the roles; left out, each role's own policy is the most it may ever do.",
    )
    identity_center: IdentityCenter | None = Field(
        default=None, description="With kind identity-center: which one, and for which accounts."
    )
    owner: Text | None = Field(default=None, description="With mode reference: who owns them.")
    reason: Text | None = Field(default=None, description="With mode off: why.")
    approved_by: Text | None = Field(default=None, description="With mode off: who accepted that.")


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields."""
    only = ("kind", "readers", "responders", "mfa", "permissions_boundary", "identity_center")
    yield from check_mode(raw, "access", create=only, arn=False)
    mode = raw.at("access", "mode") or "create"
    if mode == "off" and raw.at("access", "administrators") is not None:
        yield ("access", "administrators"), "`administrators` means nothing under mode off"
    if isinstance(raw.at("access"), dict) and mode == "create":
        yield from _create(raw)


def _create(raw: Raw) -> Iterator[Finding]:
    for name in LISTS:
        if not raw.at("access", name):
            yield ("access", name), "names nobody, and the three parts are for different people: name one at least"
    yield from _owner(raw)
    kind = raw.at("access", "kind") or "roles"
    if kind == "roles":
        yield from _principals(raw)
    if kind == "identity-center":
        yield from _groups(raw)


def _owner(raw: Raw) -> Iterator[Finding]:
    """The roles carry the owner's name as a tag."""
    owner = raw.text("contacts", "owner")
    if owner is None:
        yield ("access",), "needs `contacts.owner`: who answers for these identities is written on them as a tag"
    elif not _TAG.fullmatch(owner):
        yield (
            ("contacts", "owner"),
            "becomes a tag of the access roles: at most 256 letters, digits, spaces and any of . : / = + - @ _",
        )


def _principals(raw: Raw) -> Iterator[Finding]:
    partition = raw.at("partition") or "aws"
    for name in LISTS:
        for path, entry in raw.items("access", name):
            found = _PRINCIPAL.fullmatch(entry) if isinstance(entry, str) else None
            if isinstance(entry, str) and found is None:
                yield (
                    path,
                    (
                        "must be the ARN of a role, of a user, or of a whole account, like "
                        "arn:aws:iam::111122223333:role/NAME or arn:aws:iam::111122223333:root"
                    ),
                )
            elif found is not None and found[1] != partition:
                yield path, f"the ARN is in partition {found[1]}, but the spec's is {partition}"
        length = sum(len(entry) + 3 for _, entry in raw.items("access", name) if isinstance(entry, str))
        if length > _MOST:
            yield (
                ("access", name),
                f"are too long together by {length - _MOST} characters: IAM takes trust policies of 2,048; name fewer",
            )
    if raw.at("access", "identity_center") is not None:
        yield ("access", "identity_center"), "belongs to kind identity-center, and the kind here is roles"


def _groups(raw: Raw) -> Iterator[Finding]:
    for name in LISTS:
        for path, entry in raw.items("access", name):
            if isinstance(entry, str) and not _GROUP.fullmatch(entry):
                yield (
                    path,
                    "must be the id of a group in the identity store, like 1b2c3d4e-0000-4000-8000-a1b2c3d4e5f6",
                )
    for key in ("mfa", "permissions_boundary"):
        if raw.at("access", key) not in (None, False):
            yield ("access", key), f"`{key}` belongs to kind roles: Identity Center asks for a second factor itself"
    where = ("access", "identity_center")
    if raw.at(*where) is None:
        yield ("access", "kind"), "kind identity-center needs `identity_center`: the instance's ARN"
    instance = raw.text(*where, "instance_arn")
    if instance is not None and not _INSTANCE.fullmatch(instance):
        yield (*where, "instance_arn"), "must be the ARN of an instance, like arn:aws:sso:::instance/ssoins-NAME"
    region = raw.text(*where, "region")
    if region is not None and not covers(raw, region):
        yield (*where, "region"), f"{region} is not covered, so there is no provider for it: choose a covered region"
