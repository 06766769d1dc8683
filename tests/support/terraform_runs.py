"""Real Terraform in a folder, with the provider from where this machine keeps it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from guardline.validator.demo import plugins
from guardline.validator.demo.terraform import clean, command


def terraform(
    folder: Path, *arguments: str, variables: Mapping[str, str] | None = None, check: bool = True, timeout: int = 300
) -> str:
    """Run one Terraform command and give its standard output; with `check`, a failure fails the test and says why."""
    scratch = folder / ".terraform"  # a folder that Terraform and version control both know as its own
    scratch.mkdir(exist_ok=True)
    done = subprocess.run(
        [*command(os.environ), *arguments],
        cwd=folder,
        env={
            **clean(os.environ),
            **plugins.environment(os.environ, Path.home(), scratch),
            "CHECKPOINT_DISABLE": "1",
            "GOGC": "400",  # garbage is collected less often: a quarter of Terraform's work
            **(variables or {}),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert not check or done.returncode == 0, f"terraform {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
    return done.stdout
