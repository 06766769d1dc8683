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
from guardline.spec.values import Flag, RelativePath


def _branch(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._/-]*", value) or ".." in value:
        raise ValueError("must be the name of a branch, like main")
    return value


def _cron(value: str) -> str:
    # https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
    if not re.fullmatch(r"[0-9*,/-]+( [0-9A-Za-z*,/-]+){4}", value):
        raise ValueError('must be five fields of cron in quotes, like "17 4 * * *" for every night')
    return value


def _requirement(value: str) -> str:
    if not re.fullmatch(r"guardline[A-Za-z0-9.,<>=!~\[\] -]*", value):
        raise ValueError("must be what pip installs, like guardline==1.0.0")
    return value


Branch = Annotated[str, AfterValidator(_branch)]
Cron = Annotated[str, AfterValidator(_cron)]
Requirement = Annotated[str, AfterValidator(_requirement)]


class GithubActions(Block):
    """A GitHub Actions workflow: plan and validate on pull requests, apply in waves on the branch, look for drift."""

    role: RoleName = Field(
        description="The role, by name, that a job assumes in the root's account with GitHub's token (OIDC) to apply."
    )
    plan_role: RoleName | None = Field(
        default=None, description="The role that only plans, for pull requests and drift; left out, `role`."
    )
    branch: Branch = Field(default="main", description="The branch whose commits are applied.")
    drift: Cron | None = Field(
        default="17 4 * * *",
        description="When all roots are planned to see whether AWS still is what they say (cron, UTC); null: never.",
    )
    install: Requirement = Field(default="guardline", description="What pip installs; pin it: guardline==VERSION.")


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
