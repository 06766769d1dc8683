"""What Terraform called, beside what `generate --deploy-policy` grants."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from guardline.generator.context import roots_of
from guardline.generator.deploy import DATA, kinds, policy
from guardline.generator.role_templates import READING
from guardline.generator.root import Root
from guardline.localaws.calls import Call
from guardline.spec.load import load
from tests.support.iam_names import action

# The settings that lead to a local AWS make the provider ask IAM for the account, not STS, which needs no permission.
NEED_NONE = {"iam:GetUser", "sts:GetCallerIdentity"}


def refused(spec: Path, calls: Collection[Call], account: str | None = None) -> list[str]:
    """The calls that the policies of the spec's roots, all or those of an account, would not let through."""
    return sorted({action(call) for call in calls} - _granted(spec, account) - NEED_NONE)


def reading(spec: Path, calls: Collection[Call], account: str) -> list[str]:
    """The calls that the role which only plans could not make in an account."""
    granted = {name for name in _granted(spec, account) if READING.fullmatch(name)}
    return sorted({action(call) for call in calls} - granted - NEED_NONE)


def idle(spec: Path, calls: Collection[Call], account: str | None = None) -> list[str]:
    """What the policies grant, and neither a call nor a listed reason stands for."""
    data: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))["kinds"]
    held = {kind for root in _roots(spec, account) for kind in kinds(root)}
    reasoned = {name for kind in held for name in data[kind].get("also", {})}
    reasoned |= {name for kind in held for each in data[kind].get("elsewhere", {}).values() for name in each}
    return sorted(_granted(spec, account) - {action(call) for call in calls} - reasoned)


def _roots(spec: Path, account: str | None) -> list[Root]:
    roots = roots_of(load(spec), spec, lambda _: "./modules")
    return [root for root in roots if account in (None, root.account_id)]


def _granted(spec: Path, account: str | None) -> set[str]:
    return {
        name
        for root in _roots(spec, account)
        for statement in policy(root)["Statement"]
        if statement["Effect"] == "Allow"
        for name in statement["Action"]
    }
