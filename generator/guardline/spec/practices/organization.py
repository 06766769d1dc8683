"""The spec's `organization` block: the accounts that are covered together, and which of them has which duty."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from guardline.spec.block import Block
from guardline.spec.mistakes import closest
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.tree import Path
from guardline.spec.values import AccountId, InsidePath, RegionName, RoleArn, Text


def _organization_id(value: str) -> str:
    # https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
    if not re.fullmatch(r"o-[a-z0-9]{10,32}", value):
        raise ValueError("must be the id of an organization, like o-exampleorgid")
    return value


def _folder_name(value: str) -> str:
    if not re.fullmatch(r"[a-z](-?[a-z0-9])*", value) or len(value) > 40:
        raise ValueError(
            "must be up to 40 lower-case letters, digits and single hyphens, and begin with a letter: "
            "it becomes a folder's name"
        )
    return value


def _role_name(value: str) -> str:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    if not re.fullmatch(r"([\w+=,.@-]+/)*[\w+=,.@-]{1,64}", value, re.ASCII) or len(value) > 512:
        raise ValueError("must be the name of a role, like deploy or PATH/deploy: the ARN is made for each account")
    return value


OrganizationId = Annotated[
    str, AfterValidator(_organization_id), Field(json_schema_extra={"pattern": "^o-[a-z0-9]{10,32}$"})
]
FolderName = Annotated[
    str, AfterValidator(_folder_name), Field(json_schema_extra={"pattern": "^[a-z](-?[a-z0-9])*$", "maxLength": 40})
]
RoleName = Annotated[str, AfterValidator(_role_name)]


class Member(Block):
    """A member account."""

    id: AccountId = Field(description="Its 12 digits, in quotes.")
    name: FolderName | None = Field(default=None, description="Its root's folder under `members/`; left out, its id.")


class Roles(Block):
    """CloudFormation templates: the roles of every account, and the account in which people and jobs sign in."""

    account: AccountId = Field(
        description="The account in which people and jobs sign in, and from which Terraform assumes the roles of the "
        "others; it also holds the state's bucket. Not the management account."
    )
    people: tuple[RoleArn, ...] = Field(
        default=(), description="Roles whose people may assume `deploy_role` and `plan_role`, beside the jobs."
    )
    auditors: tuple[RoleArn, ...] = Field(
        default=(), description="Roles whose people may assume `audit_role`; without any it is not made."
    )
    audit_role: RoleName = Field(
        default="guardline/audit", description="The role of every account that auditors assume: it reads settings."
    )


class RetiringAccount(Block):
    """An account on its way out: what the baseline made in it leaves before its root does."""

    id: AccountId = Field(description="Its 12 digits, in quotes.")
    name: FolderName | None = Field(default=None, description="Its name under `members`; left out, its id.")
    mode: Literal["forget", "destroy"] = Field(
        description="destroy: its root stays without resources, so that the next apply takes the baseline away. "
        "forget: its root goes and AWS keeps what there is, as for an account that is closed."
    )
    reason: Text = Field(description="Why it is no longer covered.")
    approved_by: Text = Field(description="Who accepted that.")


class TargetRegions(Block):
    """What is different in the regions of some accounts."""

    not_opted_in: tuple[RegionName, ...] = Field(
        min_length=1, description="Regions of `regions.opted_in` that these accounts have not enabled."
    )


class Target(Block):
    """Members that differ from the others."""

    name: FolderName = Field(description="Its name; with `layout: shared` their root is `member-NAME`.")
    accounts: tuple[AccountId, ...] = Field(default=(), description="These members; left out, all of them.")
    exclude: tuple[AccountId, ...] = Field(default=(), description="But not these.")
    regions: TargetRegions = Field(description="What is different in their regions.")
    reason: Text = Field(description="Why they differ.")
    approved_by: Text = Field(description="Who accepted that.")


class Organization(Block):
    """An organization of AWS Organizations: a root for each account, applied in waves."""

    id: OrganizationId = Field(description="The organization's id: the log bucket's policy names it.")
    management_account: AccountId = Field(
        description="The management account: it names the administrator and owns the organization's trail."
    )
    admin_account: AccountId = Field(
        description="GuardDuty's delegated administrator, the security account: findings, lists and rules live there."
    )
    log_archive_account: AccountId | None = Field(
        default=None, description="The account that keeps the logs; it is a member like the others."
    )
    members: tuple[Member, ...] = Field(default=(), description="The other accounts.")
    members_file: InsidePath | None = Field(
        default=None,
        description="Instead of `members`: what `aws organizations list-accounts` prints, as JSON. "
        "Accounts that are not active are left out.",
    )
    layout: Literal["folders", "shared"] | None = Field(
        default=None,
        description="How the members' roots are written. shared: one root, `member`, that is run once for each account "
        "of its `accounts.json`; the state's key ends in the account's id. folders: a folder for each, and keys that "
        "end in the id too, so that another name moves no state. Left out, a folder for each, and keys that end in "
        "the folder, as earlier versions wrote them. docs/organizations.md leads from one to the other.",
    )
    targets: tuple[Target, ...] = Field(
        default=(),
        description="Groups of members that have not enabled every opt-in region. The first that names an account "
        "holds for it.",
    )
    retiring: tuple[RetiringAccount, ...] = Field(
        default=(), description="Members on their way out, which are under `members` no longer."
    )
    auto_enable: Literal["all"] = Field(
        default="all",
        description="all: GuardDuty and its protection plans are on in every account, old and new, and stay on.",
    )
    canary_region: RegionName | None = Field(
        default=None,
        description="The region that the administrator is named in first; the others follow once that has worked. "
        "Left out, the home region.",
    )
    alerts_in: Literal["administrator", "each"] | None = Field(
        default=None,
        description="In which account people receive alerts. administrator: every account sends its own to the "
        "administrator's bus, and every address confirms one subscription. each: each account has a bus, a topic and "
        "subscriptions of its own. Left out, administrator where events come to one region, else each.",
    )
    deploy_role: RoleName | None = Field(
        default=None,
        description="The role that Terraform assumes in each account, by name; left out, it signs in there itself.",
    )
    plan_role: RoleName | None = Field(
        default=None,
        description="The role that Terraform assumes where it only plans, as for pull requests; it reads and changes "
        "nothing. Left out, `deploy_role`, so that the code of a pull request runs with it.",
    )
    roles: Roles | None = Field(
        default=None,
        description="Write CloudFormation templates of these roles and of where one signs in, into `roles/`.",
    )


DUTIES = ("management_account", "admin_account", "log_archive_account")
LOG_ARCHIVE = "log-archive"
"""The folder of the log archive's root, which no other member may be named."""


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields, and between it and the rest of the spec."""
    given, alone = raw.at("organization") is not None, raw.at("account") is not None
    misspelt = any(closest(str(key), ("account", "organization")) for key in raw.data)
    if not given and not alone and not misspelt:
        yield (), "`account` is missing; say `account: {id: ...}` for one account, or `organization: ...` for many"
    if given and alone:
        yield ("organization",), "an environment covers `account` or `organization`, not both: leave one out"
    if not isinstance(raw.at("organization"), dict):
        return
    yield from _once(raw)
    yield from _roles(raw)
    if raw.at("organization", "members") is not None and raw.at("organization", "members_file") is not None:
        yield ("organization", "members_file"), "`members` are listed above; name the accounts in one place"
    if raw.at("organization", "alerts_in") == "administrator" and not comes_together(raw):
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html: one hop, so to one region
        words = "needs events that come to one region: partition aws, or `response.fan_in` in aws-us-gov; say each"
        yield ("organization", "alerts_in"), words
    yield from _shared(raw)
    yield from _targets(raw)
    for path in (("flow_logs", "bucket"), ("dns_logs", "bucket"), ("config", "bucket")):
        if raw.at(*path) is not None:
            yield path, "each account has a bucket of its own, and this is one name: leave it out"
    for key, why in (
        ("assume_role", "it is a role of one account; name `organization.deploy_role`, which each account has"),
        ("allowed_account_ids", "each account's root allows its own account alone; leave it out"),
    ):
        if raw.at("terraform", "provider", key) is not None:
            yield ("terraform", "provider", key), why


def _targets(raw: Raw) -> Iterator[Finding]:
    """A target names regions that all others have, and nothing that every account has by itself."""
    opted_in = {value for _, value in raw.items("regions", "opted_in")}
    names: set[str] = set()
    for path, _ in raw.items("organization", "targets"):
        name = raw.text(*path, "name")
        if name is not None and name in names:
            yield (*path, "name"), f"{name} is the name of another target already"
        names.add(name or "")
        for place, region in raw.items(*path, "regions", "not_opted_in"):
            if region not in opted_in:
                yield place, f"{region} is not in `regions.opted_in`, so that no account is expected to have it"


def _shared(raw: Raw) -> Iterator[Finding]:
    """One root has as many states as there are accounts, each by its key, given where the root is initialised."""
    if raw.at("organization", "layout") != "shared":
        return
    if not isinstance(raw.at("terraform", "backend"), dict):
        words = "shared needs `terraform.backend.s3`: the one root has a state for each account, by its key"
        yield ("organization", "layout"), words
    for engine, why in (
        ("atlantis", "Atlantis plans a folder once, with the backend that stands in it"),
        ("terragrunt", "a terragrunt.hcl stands in the folder of each account"),
    ):
        if raw.at("fan_out", engine) is True:
            yield ("fan_out", engine), f"{why}: say `organization.layout: folders`, or leave it out"


def comes_together(raw: Raw) -> bool:
    """Whether the events of all covered regions come to the home region, for all that the spec says."""
    return (raw.at("partition") or "aws") == "aws" or raw.at("response", "fan_in") is True


def _roles(raw: Raw) -> Iterator[Finding]:
    """Who plans is not who applies, and the templates know both."""
    deploying, planning = raw.text("organization", "deploy_role"), raw.text("organization", "plan_role")
    if planning is not None and deploying is None:
        yield ("organization", "plan_role"), "needs `organization.deploy_role`, the role that applies"
    elif planning is not None and planning == deploying:
        yield ("organization", "plan_role"), "is `deploy_role`: name a role that only reads, or leave it out"
    if not isinstance(raw.at("organization", "roles"), dict):
        return
    if deploying is None or planning is None:
        yield ("organization", "roles"), "needs the names of both roles: `deploy_role` and `plan_role`"
    account = raw.text("organization", "roles", "account")
    if account is not None and account == raw.text("organization", "management_account"):
        # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_best-practices_mgmt-acct.html
        yield ("organization", "roles", "account"), "is the management account: sign in in another one"
    workflow = raw.at("fan_out", "github_actions")
    if isinstance(workflow, dict):
        for key, why in (
            ("repo", "which repository's jobs may sign in: OWNER/NAME"),
            ("plan_role", "the role in which jobs of pull requests sign in"),
        ):
            if workflow.get(key) is None:
                yield ("fan_out", "github_actions"), f"`organization.roles` needs `{key}`, {why}"


def _once(raw: Raw) -> Iterator[Finding]:
    """An account has one duty, and a folder one account."""
    duties: list[Path] = [("organization", key) for key in DUTIES]
    listed = [path for key in ("members", "retiring") for path, _ in raw.items("organization", key)]
    for paths, what in (
        ([*duties, *((*path, "id") for path in listed)], "each account has one duty"),
        ([(*path, "name") for path in listed], "each member has a folder of its own"),
    ):
        first: dict[str, Path] = {}
        for path in paths:
            value = raw.text(*path)
            if value is not None and value in first:
                yield path, f"{value} is already {_dotted(first[value])}; {what}"
            elif value is not None:
                first[value] = path

    for path in listed:
        if raw.text(*path, "name") == LOG_ARCHIVE and raw.at("organization", "log_archive_account") is not None:
            yield (*path, "name"), f"{LOG_ARCHIVE} is the folder of log_archive_account; choose another name"


def _dotted(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
