"""Roots in a git repository, and `guardline validate --changed` run over them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import CliRunner, Result

from guardline.cli import app
from tests.support.repositories import git

PROVIDER = """\
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["%s"]
}
"""
DETECTOR = 'resource "aws_guardduty_detector" "this" {\n  enable = true\n}\n'
CALL = 'module "it" {\n  source = "../../modules/%s"\n}\n'
POLICY = (
    'resource "aws_sns_topic" "t" {\n  name   = "t"\n  policy = file("${path.module}/../../policies/topic.json")\n}\n'
)
FILES = {
    "roots/a/main.tf": PROVIDER % "111111111111" + DETECTOR,
    "roots/a/templates/text.tftpl": "a",
    "roots/b/main.tf": PROVIDER % "222222222222" + CALL % "outer",
    "roots/b/b.auto.tfvars": "",
    "roots/c/main.tf": PROVIDER % "333333333333" + DETECTOR + POLICY,
    "modules/outer/main.tf": CALL.replace("../../modules/%s", "../inner"),
    "modules/inner/main.tf": DETECTOR,
    "modules/other/main.tf": DETECTOR,
    "policies/topic.json": "{}",
    "README.md": "",
    "guardline.yaml": "version: 1\nname: changed\nhome_region: eu-west-1\naccount: {id: '111111111111'}\n"
    "regions: {not_opted_in: rest}\ntrusted_ips: {file: trusted.txt}\n",
    "trusted.txt": "198.51.100.7\n",
}
ROOTS = ("roots/a", "roots/b", "roots/c")
ONLY = ("--regions", "eu-west-1", "--control", "detector-enabled", "--no-cache")


def changed_tree(folder: Path) -> Path:
    """Three roots: one alone, one that calls a module that calls another, and one that reads a policy beside it."""
    tree = folder / "repository"
    for name, text in FILES.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    git(tree, "init", "--quiet", "--initial-branch=main")
    git(tree, "add", ".")
    git(tree, "commit", "--quiet", "--message=one")
    return tree


def validate(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["validate", *arguments])


def judged(*arguments: str, changed: str = "main") -> set[str]:
    """The roots that are judged; those that are not are named, on standard error and in the result."""
    done = validate(*ROOTS, *ONLY, "--changed", changed, "--format=json", *arguments)
    left_out = {line.split(": ")[1] for line in done.stderr.splitlines() if "nothing of it changed since" in line}
    found = json.loads(done.stdout)
    roots = {source["path"] for source in found["sources"]}
    assert set(found["left_out"]) == left_out == set(ROOTS) - roots
    assert ("this change touches none of the named roots" in done.stderr) == (not roots)
    if not roots:
        assert (done.exit_code, found["exit_code"], found["cells"]) == (0, 0, [])
    return roots


def write(name: str, text: str) -> Callable[[], object]:
    def act() -> None:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)

    return act


def on_main(repository: Path, files: dict[str, str], links: dict[str, str] | None = None) -> None:
    """Write files and links, and make them the commit that is compared with."""
    for name, text in files.items():
        write(name, text)()
    for name, target in (links or {}).items():
        (repository / name).symlink_to(target)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=two")
