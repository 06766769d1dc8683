"""Folders without Terraform source that people name: Terragrunt's, Terraform Stacks', and those above the roots.

Sources: https://terragrunt.gruntwork.io/docs/reference/cli-options/ and
https://developer.hashicorp.com/terraform/language/stacks
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from guardline.validator.endings import SOURCE

_DEPTH = 4
_FOLDERS = 2000
"""No more folders than this are looked into: it is only a hint."""
_SHOWN = 3

_TERRAGRUNT = ("terragrunt.hcl", "terragrunt.stack.hcl", "terragrunt.hcl.json")
_STACKS = (".tfcomponent.hcl", ".tfstack.hcl", ".tfdeploy.hcl", ".tfcomponent.json", ".tfstack.json", ".tfdeploy.json")


def instead(folder: Path) -> str:
    """What a folder without Terraform source is, and the way out.

    Args:
        folder: the folder, which holds none itself.
    """
    roots: list[str] = []
    terragrunt = stacks = False
    for below, names in _walk(folder):
        terragrunt = terragrunt or any(name in _TERRAGRUNT for name in names)
        stacks = stacks or any(name.endswith(_STACKS) for name in names)
        if any(name.endswith(SOURCE) for name in names):
            roots.append((folder / below).as_posix())
    if terragrunt:
        return (
            "is a Terragrunt folder, and guardline does not run Terragrunt: plan it with `terragrunt plan -out=PLAN`, "
            "make its JSON with `terragrunt show -json PLAN > plan.json`, and name plan.json"
        )
    if stacks:
        modules = f" The modules below it may be judged one by one: {_listed(roots)}" if roots else ""
        return f"holds Terraform Stacks files (*.tfcomponent.hcl), which this guardline does not read.{modules}"
    if roots:
        return f"is a folder without Terraform files of its own; name the roots below it: {_listed(roots)}"
    return "is a folder without Terraform files (.tf, .tf.json, .tofu)"


def _listed(roots: list[str]) -> str:
    more = f" and {len(roots) - _SHOWN} more" if len(roots) > _SHOWN else ""
    return ", ".join(roots[:_SHOWN]) + more


def _walk(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Folders below, each with the names of its files; links and hidden folders are left out."""
    for number, (here, folders, names) in enumerate(os.walk(folder)):
        if number >= _FOLDERS:
            return
        below = os.path.relpath(here, folder)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if below != "." and below.count(os.sep) + 1 >= _DEPTH:
            folders.clear()
        yield below, names
