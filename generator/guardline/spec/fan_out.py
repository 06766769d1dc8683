"""The spec's `fan_out` block: who runs Terraform in the roots, and in which order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from guardline.spec.block import Block
from guardline.spec.practices.organization import RoleName
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.values import AccountId, Flag, RelativePath


def _branch(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._/-]*", value) or ".." in value:
        raise ValueError("must be the name of a branch, like main")
    return value


def _cron(value: str) -> str:
    # https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
    if not re.fullmatch(r"[0-9*,/-]+( [0-9A-Za-z*,/-]+){4}", value):
        raise ValueError('must be five fields of cron in quotes, like "17 4 * * *" for every night')
    return value


def _environment(value: str) -> str:
    # https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,254}", value):
        raise ValueError("must be the name of an environment of the repository, like production")
    return value


def _repo(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9](-?[A-Za-z0-9])*/[A-Za-z0-9._-]{1,100}", value):
        raise ValueError("must be OWNER/NAME, as GitHub shows it")
    return value


def _requirement(value: str) -> str:
    if not re.fullmatch(r"guardline[A-Za-z0-9.,<>=!~\[\] -]*", value):
        raise ValueError("must be what pip installs, like guardline==1.0.0")
    return value


Branch = Annotated[str, AfterValidator(_branch)]
Cron = Annotated[str, AfterValidator(_cron)]
EnvironmentName = Annotated[str, AfterValidator(_environment)]
Repo = Annotated[str, AfterValidator(_repo)]
Requirement = Annotated[str, AfterValidator(_requirement)]


class GithubActions(Block):
    """A GitHub Actions workflow: plan and validate on pull requests, apply in waves on the branch, look for drift."""

    role: RoleName = Field(
        description="The role, by name, in which a job signs in with GitHub's token (OIDC) to apply: in the root's "
        "account, or in `organization.roles.account` where that is given."
    )
    plan_role: RoleName | None = Field(
        default=None, description="The role that only plans, for pull requests and drift; left out, `role`."
    )
    repo: Repo | None = Field(
        default=None, description="OWNER/NAME on GitHub: whose jobs may sign in. `organization.roles` needs it."
    )
    branch: Branch = Field(default="main", description="The branch whose commits are applied.")
    drift: Cron | None = Field(
        default="17 4 * * *",
        description="When all roots are planned to see whether AWS still is what they say (cron, UTC); null: never.",
    )
    install: Requirement = Field(default="guardline", description="What pip installs; pin it: guardline==VERSION.")
    canaries: tuple[AccountId, ...] = Field(
        default=(), description="Members whose roots are applied before those of the others, as a wave of their own."
    )
    max_parallel: int = Field(
        default=10, ge=1, le=256, strict=True, description="How many roots of a wave are planned or applied at once."
    )
    failure_tolerance: int = Field(
        default=0,
        ge=0,
        strict=True,
        description="How many roots of a run may fail before no other is applied; a later wave waits for all.",
    )
    approval: EnvironmentName | None = Field(
        default=None,
        description="The repository's environment whose reviewers approve a commit's run before anything is applied.",
    )


class FanOut(Block):
    """Files for the engine that runs Terraform: every root is a job of its own, in parallel with those of its wave."""

    repository: RelativePath = Field(
        default=".", description="The repository's root, seen from the spec's folder: where engines look for files."
    )
    github_actions: GithubActions | None = Field(default=None, description="GitHub Actions.")
    atlantis: Flag = Field(default=False, description="Write `atlantis.yaml` at the repository's root.")
    terragrunt: Flag = Field(default=False, description="Write a `terragrunt.hcl` into each root: its dependencies.")


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields."""
    block = raw.at("fan_out")
    engines = ("github_actions", "atlantis", "terragrunt")
    if isinstance(block, dict) and all(block.get(key) in (None, False) for key in engines):
        yield ("fan_out",), "names no engine: say `github_actions`, `atlantis` or `terragrunt`, or leave it out"
    yield from _canaries(raw)


def _canaries(raw: Raw) -> Iterator[Finding]:
    """Each canary is a member. What a file of members says is looked up where the file is read."""
    listed = {raw.text(*path, "id") for path, _ in raw.items("organization", "members")}
    listed.add(raw.text("organization", "log_archive_account"))
    for path, account in raw.items("fan_out", "github_actions", "canaries"):
        if raw.at("organization") is None:
            yield path, "canaries are members of an organization, and this spec covers one account: leave them out"
        elif raw.at("organization", "members_file") is None and account not in listed:
            yield path, f"{account} is no member of `organization.members`"
