"""The spec's rules across fields. They read raw data, so that they speak even when a field is wrong by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path as FilePath

from guardline.spec import fan_out
from guardline.spec.practices import (
    access,
    detection,
    dns_logs,
    flow_logs,
    lists,
    organization,
    response,
    suppression,
    tamper,
    trail,
)
from guardline.spec.practices.security_hub import config, hub
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.tree import Path

_PRACTICES = (
    access,
    detection,
    flow_logs,
    dns_logs,
    trail,
    lists,
    suppression,
    hub,
    config,
    response,
    tamper,
    organization,
)
_ACCOUNT = re.compile(r"[0-9]{12}")


def check(raw: Raw) -> Iterator[Finding]:
    """The mistakes across fields (but for regions), each with the path of the value that shows it."""
    for practice in _PRACTICES:
        yield from practice.check(raw)
    yield from fan_out.check(raw)
    yield from _style(raw)
    yield from _leaving(raw)
    yield from _account(raw)
    yield from _partition(raw)
    yield from _buckets(raw)
    yield from _tags(raw)


def _style(raw: Raw) -> Iterator[Finding]:
    """Which ways to reach a region the provider knows, and where there is something to move."""
    old = raw.at("terraform", "aws_provider") == 5
    style = raw.at("terraform", "region_style") or ("alias" if old else "argument")
    if style == "argument" and old:
        yield ("terraform", "region_style"), "`argument` needs AWS provider 6: 5 has no `region` on its resources"
    if style == "alias" and raw.at("terraform", "moved_from_alias") is True:
        yield ("terraform", "moved_from_alias"), "the root is in alias style; the moves belong to region_style argument"


def _leaving(raw: Raw) -> Iterator[Finding]:
    """What leaves is not created at the same time."""
    leaving = raw.at("leaving")
    for practice in leaving if isinstance(leaving, dict) else ():
        block = raw.at("guardduty", practice) if practice == "export" else raw.at(practice)
        by_default = practice in ("flow_logs", "trail")
        listed = isinstance(block, list) and len(block) > 0
        created = isinstance(block, dict) and (block.get("mode") or "create") == "create"
        if listed or created or (block is None and by_default):
            yield ("leaving", practice), f"{practice} is still created: switch it off, or leave it out of `leaving`"


def _account(raw: Raw) -> Iterator[Finding]:
    """Terraform must sign in to the account that the spec is about."""
    account = raw.text("account", "id")
    if account is None or not _ACCOUNT.fullmatch(account):
        return
    allowed_path = ("terraform", "provider", "allowed_account_ids")
    allowed = [item for _, item in raw.items(*allowed_path)]
    well_formed = all(isinstance(each, str) and _ACCOUNT.fullmatch(each) for each in allowed)
    if allowed and well_formed and account not in allowed:
        yield allowed_path, f"does not hold {account}, which is account.id: Terraform would refuse to run"
    role_path = ("terraform", "provider", "assume_role", "role_arn")
    parts = (raw.text(*role_path) or "").split(":")
    if len(parts) > 5 and _ACCOUNT.fullmatch(parts[4]) and parts[4] != account:
        yield role_path, f"the role is in account {parts[4]}, but account.id is {account}"


def _partition(raw: Raw) -> Iterator[Finding]:
    partition = raw.at("partition") or "aws"
    for path in (
        ("terraform", "provider", "assume_role", "role_arn"),
        ("trail", "arn"),
        ("trail", "kms_key"),
        ("flow_logs", "arn"),
        ("flow_logs", "kms_key"),
        ("dns_logs", "arn"),
        ("dns_logs", "kms_key"),
    ):
        parts = (raw.text(*path) or "").split(":")
        if len(parts) > 1 and parts[0] == "arn" and parts[1].startswith("aws") and parts[1] != partition:
            yield path, f"the ARN is in partition {parts[1]}, but the spec's is {partition}"


def _buckets(raw: Raw) -> Iterator[Finding]:
    """One bucket for one purpose: a policy or a lifecycle meant for one must not reach the other."""
    first: dict[str, str] = {}
    paths: tuple[Path, ...] = (
        ("terraform", "backend", "s3", "bucket"),
        ("trail", "bucket"),
        ("trail", "log_archive", "bucket"),
        ("flow_logs", "bucket"),
        ("config", "bucket"),
        ("dns_logs", "bucket"),
        ("trusted_ips", "bucket"),
        ("guardduty", "export", "bucket"),
    )
    for path in paths:
        name = raw.text(*path)
        if name is not None and name in first:
            yield path, f"{name} is already {first[name]}; each needs its own"
        elif name is not None:
            first[name] = ".".join(str(step) for step in path)


def _tags(raw: Raw) -> Iterator[Finding]:
    """IAM does not tell tag keys apart by case: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html."""
    path = ("terraform", "provider", "default_tags")
    tags = raw.at(*path)
    if isinstance(tags, dict):
        for folded, count in Counter(key.lower() for key in tags).items():
            if count > 1:
                last = [key for key in tags if key.lower() == folded][-1]
                yield (*path, last), "differs from another tag's key only by case, and IAM does not tell them apart"


def modules_problem(folder: FilePath, modules: str) -> str | None:
    """Why the folder of shared modules may not be used, or None: generating must not write outside the user's tree.

    Args:
        folder: the spec's own folder. The tree is the git repository around it; in a copy without ``.git``, the
            folder two levels up, where ``modules/`` lies beside ``environments/NAME/``.
        modules: the path as the spec gives it.
    """
    here = folder.resolve()
    repository = next((parent for parent in (here, *here.parents) if (parent / ".git").exists()), None)
    tree = repository or here.parent.parent
    try:
        target = (here / modules).resolve()
    except (OSError, RuntimeError):  # RuntimeError is how Python 3.11 and 3.12 report a symlink loop
        return "cannot be followed; is there a symlink that leads to itself?"
    if target.is_relative_to(tree):
        return None
    return "leads outside the git repository" if repository else "leads more than two folders above the spec's own"
