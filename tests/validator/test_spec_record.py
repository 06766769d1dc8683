"""What is recorded of a spec: its owner and hash, and who wrote it, as git says."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from guardline.spec.load import load
from guardline.validator.report import Environment
from guardline.validator.spec_record import environment

SPEC = """\
version: 1
name: lab
home_region: eu-west-1
account: {id: "111122223333"}
regions: {not_opted_in: rest}
contacts: {owner: us@example.com}
"""


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, author: str) -> str:
    git(folder, "add", "-A")
    git(folder, "-c", f"user.name={author}", "commit", "-q", "-m", "change")
    return git(folder, "rev-parse", "HEAD")


def recorded(path: Path) -> Environment:
    return environment(load(path), path)


def test_outside_git_nobody_is_named(tmp_path: Path) -> None:
    path = tmp_path / "guardline.yaml"
    path.write_text(SPEC)
    assert recorded(path) == Environment("lab", "us@example.com", hashlib.sha256(SPEC.encode()).hexdigest())


def test_git_names_the_last_commit_and_every_author(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    path = tmp_path / "prod" / "guardline.yaml"
    path.parent.mkdir()
    path.write_text(SPEC)
    assert recorded(path).commit is None
    commit(tmp_path, "Jo Doe")
    path.write_text(f"{SPEC}# reviewed\n")
    last = commit(tmp_path, "A. Owner")
    (tmp_path / "other").write_text("not the spec")
    commit(tmp_path, "Somebody Else")
    found = recorded(path)
    assert (found.commit, found.authors, found.changed) == (last, ("A. Owner", "Jo Doe"), False)
    path.write_text(f"{SPEC}# reviewed again\n")
    found = recorded(path)
    assert (found.commit, found.authors, found.changed) == (last, ("A. Owner", "Jo Doe"), True)
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
