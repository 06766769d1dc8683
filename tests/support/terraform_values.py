"""What Terraform and what guardline make of an expression, both as JSON text."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from guardline.validator.sources.hcl.constants import carried
from guardline.validator.sources.hcl.parse import parse

ERROR = "ERROR"
UNKNOWN = "UNKNOWN"


def of_terraform(expressions: Sequence[str], folder: Path) -> list[str | None]:
    """Ask the real Terraform, all at once. No provider is needed.

    Args:
        expressions: constant expressions, each on one line.
        folder: an empty folder to work in.
    """
    terraform = shutil.which("terraform")
    assert terraform is not None, "these tests need terraform on PATH"
    lines = [f'  e{number} = try(jsonencode({each}), "{ERROR}")\n' for number, each in enumerate(expressions)]
    names = ", ".join(f"local.e{number}" for number in range(len(expressions)))
    (folder / "main.tf").write_text(
        "locals {\n" + "".join(lines) + '}\noutput "all" {\n  value = [' + names + "]\n}\n", encoding="utf-8"
    )
    environment = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}
    for arguments in (["apply", "-auto-approve", "-no-color"], ["output", "-json", "all"]):
        done = subprocess.run(
            [terraform, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,  # the next line shows what Terraform says
        )
        assert done.returncode == 0, done.stderr
    found: list[str | None] = json.loads(done.stdout)
    return found


def of_guardline(expression: str) -> str:
    """Evaluate here; `UNKNOWN` where it cannot be told."""
    body = parse(f'a = try(jsonencode({expression}), "{ERROR}")\n'.encode(), "x.tf")
    found: str = carried(body.attributes["a"].value, {}).get("constant_value", UNKNOWN)
    return found
