"""Git repositories as a pull request's check finds them, and `guardline validate --against` run in one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from guardline.cli import app


def git(tree: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *identity, *arguments], cwd=tree, capture_output=True, check=True, text=True)
    return done.stdout


REGIONS = ("eu-west-1", "us-east-1", "us-west-2")
SPEC = """\
version: 1
name: production
home_region: us-east-1
account: {id: "111122223333"}
regions: {not_opted_in: rest}
"""
DETECTOR = """\
resource "aws_guardduty_detector" "this" {
  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}
"""
HERE = Path("environments", "production")
ASK = ("--spec", str(HERE / "guardline.yaml"), "--allow-undetermined", "--no-cache", "--as-of", "2026-11-25")


def providers() -> str:
    return "".join(
        f'provider "aws" {{\n  alias  = "{region}"\n  region = "{region}"\n'
        '  allowed_account_ids = ["111122223333"]\n}\n'
        for region in REGIONS
    )


def root(*regions: str, module: str = "../../modules/region") -> str:
    """A root with GuardDuty in these regions."""
    return "".join(
        f'module "{region}" {{\n  source    = "{module}"\n  providers = {{ aws = aws.{region} }}\n}}\n'
        for region in regions
    )


def compared_tree(folder: Path) -> Path:
    """A repository whose main branch has GuardDuty in three regions."""
    tree = folder / "repository"
    (tree / HERE).mkdir(parents=True)
    (tree / "modules" / "region").mkdir(parents=True)
    (tree / HERE / "guardline.yaml").write_text(SPEC)
    (tree / HERE / "providers.tf").write_text(providers())
    (tree / HERE / "main.tf").write_text(root(*REGIONS))
    (tree / "modules" / "region" / "main.tf").write_text(DETECTOR)
    git(tree, "init", "--quiet", "--initial-branch=main")
    commit(tree)
    return tree


def commit(tree: Path) -> None:
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message=change")


def said(done: Result) -> str:
    return " ".join(done.stdout.split()).replace("Since", "since").replace("&#58;", ":")


def validate(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["validate", *map(str, arguments)])


def compared(*arguments: object, code: int = 0, sources: tuple[object, ...] = (HERE,)) -> dict[str, Any]:
    """The comparison in the result of a run."""
    done = validate(*sources, *ASK, "--format=json", *arguments)
    assert done.exit_code == code, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["comparison"]["against"] == arguments[arguments.index("--against") + 1]
    return found


def new(found: dict[str, Any]) -> list[tuple[str, str | None]]:
    cells = {cell["id"]: cell for cell in found["cells"]}
    return [(cells[each]["control"], cells[each]["region"]) for each in found["comparison"]["new"]]


SINCE = ("--against", "git:main", "--only-new")
