"""The one file that points a generated root at a local AWS; without it the root is what goes to the real one."""

from __future__ import annotations

import json
from pathlib import Path

OVERRIDE = "guardline_local_override.tf"

# Not skip_requesting_account_id: the account is asked for, as it would be of AWS. Not an `endpoints` block: with
# provider 5.100.0 it makes validate and plan 4 to 7 times slower, and AWS_ENDPOINT_URL does the same.
# Few retries: what a local AWS cannot answer it will not answer later, and 25 of them take many minutes.
SETTINGS = {
    "skip_credentials_validation": "true",
    "skip_metadata_api_check": "true",
    "s3_use_path_style": "true",
    "max_retries": "3",
}


def write(root: Path) -> Path:
    """Write the override file into a root, with one block for each of its AWS provider configurations.

    Args:
        root: a folder of Terraform source.

    Returns:
        The file written.
    """
    from guardline.validator.sources.hcl.config import load

    aliases = [alias for name, alias in load(root).modules[()].providers if name == "aws"]
    path = root / OVERRIDE
    path.write_text("\n".join(_block(alias) for alias in sorted(set(aliases), key=str)), encoding="utf-8")
    return path


def _block(alias: str | None) -> str:
    lines = [] if alias is None else [f"  alias = {quoted(alias)}"]
    width = max(map(len, SETTINGS))
    lines += [f"  {setting:{width}} = {value}" for setting, value in SETTINGS.items()]
    return "\n".join(['provider "aws" {', *lines, "}", ""])


def quoted(text: str) -> str:
    """A literal string of HCL: quotes, backslashes and both kinds of template come out as text."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
