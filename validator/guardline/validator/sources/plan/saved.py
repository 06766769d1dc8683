"""A saved plan, shown by the user's own Terraform. This runs the providers of the folder: only with --terraform-dir."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from guardline.validator.sources.plan.decode import PlanError

LIMIT = 300
"""Seconds that `terraform show` may take."""


def show(plan: Path, folder: Path) -> bytes:
    """Print a saved plan as JSON with `terraform show`, or `tofu show` where only that is on PATH.

    Args:
        plan: the saved plan.
        folder: the initialised root it was made in.

    Raises:
        PlanError: there is no Terraform on PATH, it fails, or it takes too long.
    """
    program = shutil.which("terraform") or shutil.which("tofu")
    if program is None:
        raise PlanError("is a saved plan, and there is no terraform on PATH to show it")
    command = [program, f"-chdir={folder}", "show", "-json", "-no-color", str(plan.resolve())]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=LIMIT)  # noqa: S603 - a list, no shell
    except subprocess.TimeoutExpired:
        raise PlanError(f"`terraform show` in {folder} took longer than {LIMIT} s") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
        raise PlanError(f"`terraform show` in {folder} failed: {said}")
    return done.stdout
