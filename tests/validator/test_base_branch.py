"""--base: read from git's objects or a folder, and nothing of the repository runs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from guardline.validator.base_branch import BaseError, history, opened
from guardline.validator.control import Status
from guardline.validator.output import UsageError
from guardline.validator.reporters import render
from guardline.validator.run import Request, run
from tests.support.judging import NOW
from tests.support.repositories import git

SPEC = """\
version: 1
name: base-branch
home_region: us-east-1
account: {id: "111122223333"}
regions: {not_opted_in: rest}
trusted_ips: {file: lists/trusted.txt}
terraform: {modules: ../../modules}
"""
ROOT = 'provider "aws" {\n  region = "us-east-1"\n  allowed_account_ids = ["111122223333"]\n}\n'
LESS = SPEC.replace("{not_opted_in: rest}", "{not_opted_in: rest, %s}")
RETIRING = LESS % "retiring: [{region: sa-east-1, mode: forget}]"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one environment on branch main."""
    tree = tmp_path / "repository"
    place = tree / "environments" / "one"
    (place / "lists").mkdir(parents=True)
    (place / "guardline.yaml").write_text(SPEC)
    (place / "lists" / "trusted.txt").write_text("198.51.100.7\n")
    (place / "main.tf").write_text(ROOT)
    git(tree, "init", "--quiet", "--initial-branch=main")
    git(tree, "add", ".")
    git(tree, "commit", "--quiet", "--message=one")
    return tree


def leaving(tree: Path, base: str, spec: str) -> dict[str | None, Status]:
    """Judge the environment with a spec against the base: what leaves -> verdict."""
    path = tree / "environments" / "one" / "guardline.yaml"
    path.write_text(spec)
    kept = frozenset({"coverage-kept"})
    report = run(
        Request((str(path.parent),), date(2026, 11, 25), spec=path, base=base, controls=kept, cache=False), NOW
    )
    return {row.region or row.subject: row.verdict for row in report.rows}


NO_LIST = SPEC.replace("trusted_ips: {file: lists/trusted.txt}\n", "")
OFF = "trail: {mode: off, reason: no budget%s}\n"


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        (SPEC, {}),
        (RETIRING, {"sa-east-1": Status.FAIL}),
        (RETIRING.replace("mode: forget", "mode: forget, reason: r, approved_by: Ann"), {"sa-east-1": Status.PASS}),
        (NO_LIST, {"trusted_ips": Status.FAIL}),
        (SPEC + OFF % "", {"trail": Status.FAIL}),
        (SPEC + OFF % ", approved_by: Ann", {"trail": Status.PASS}),
    ],
)
@pytest.mark.parametrize("base", ["main", "HEAD", "../elsewhere"])
def test_what_leaves_since_the_base(
    repository: Path, monkeypatch: pytest.MonkeyPatch, base: str, spec: str, found: dict[str | None, Status]
) -> None:
    monkeypatch.chdir(repository)
    if base == "../elsewhere":
        git(repository, "clone", "--quiet", ".", base)
    assert leaving(repository, base, spec) == found


def test_what_the_base_leaves_out_already_does_not_leave(repository: Path) -> None:
    (repository / "environments" / "one" / "guardline.yaml").write_text(RETIRING)
    git(repository, "commit", "--quiet", "--all", "--message=two")
    assert leaving(repository, "main", RETIRING) == {}
    assert leaving(repository, "main~1", RETIRING) == {"sa-east-1": Status.FAIL}


def test_every_format_opens_with_it(repository: Path) -> None:
    path = repository / "environments" / "one" / "guardline.yaml"
    path.write_text(RETIRING)
    report = run(Request((str(path.parent),), date(2026, 11, 25), spec=path, base="main", cache=False), NOW)
    said = "his change stops covering sa-east-1 (nobody approved that)"
    for name, before in (("terminal", 1), ("markdown", 40), ("html", 10000), ("github", 20), ("gitlab", 60)):
        text = str(render(report, name))
        assert said in text, name
        assert text.index(said) <= before, name
    assert said in str(render(report, "sarif"))
    assert said in str(render(report, "junit"))
    assert report.exit_code == 1


@pytest.mark.parametrize("base", ["--upload-pack=touch x", "-h", "", "HEAD:environments", "a b", "main\n"])
def test_what_is_no_name_is_refused(repository: Path, base: str) -> None:
    with pytest.raises(UsageError, match="is neither a folder nor"):
        leaving(repository, base, SPEC)


def test_a_folder_of_the_judged_tree_is_refused(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    (repository / "base").mkdir()
    with pytest.raises(UsageError, match="the change itself may have written it"):
        leaving(repository, "base", SPEC)


def test_a_folder_never_stands_in_for_a_branch_of_its_name(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    lie = repository / "main" / "environments" / "one"
    lie.mkdir(parents=True)
    (lie / "guardline.yaml").write_text(RETIRING)
    assert leaving(repository, "main", RETIRING) == {"sa-east-1": Status.FAIL}


def test_a_spec_that_the_base_lacks_covered_nothing(repository: Path) -> None:
    git(repository, "rm", "--quiet", "--cached", "environments/one/guardline.yaml")
    git(repository, "commit", "--quiet", "--message=none")
    assert leaving(repository, "main", RETIRING) == {}


def test_a_base_spec_with_mistakes_is_no_base(repository: Path) -> None:
    (repository / "environments" / "one" / "guardline.yaml").write_text("version: 2\n")
    git(repository, "commit", "--quiet", "--all", "--message=broken")
    with pytest.raises(UsageError, match="--base main: "):
        leaving(repository, "main", SPEC)


def test_nothing_of_the_repository_runs(repository: Path, tmp_path: Path) -> None:
    """Hooks, filters, text conversion, the file-system monitor: each would leave a file behind."""
    ran = tmp_path / "ran"
    hook = repository / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    (repository / ".gitattributes").write_text("* filter=bad diff=bad\n")
    git(repository, "add", ".gitattributes")
    git(repository, "commit", "--quiet", "--message=attributes")
    for name in ("filter.bad.smudge", "filter.bad.clean", "diff.bad.textconv", "core.fsmonitor", "core.pager"):
        git(repository, "config", name, f"touch {ran}; cat")
    assert leaving(repository, "main", RETIRING) == {"sa-east-1": Status.FAIL}
    assert not ran.exists()


def test_who_wrote_a_spec_is_asked_of_git_and_nothing_of_the_repository_runs(repository: Path, tmp_path: Path) -> None:
    """A program for signatures, and a transport for objects that are missing: each would leave a file behind."""
    ran, spec = tmp_path / "ran", repository / "environments" / "one" / "guardline.yaml"
    with spec.open("a") as file:
        file.write("# later\n")
    git(repository, "commit", "--quiet", "--all", "--message=later")
    content = spec.read_bytes()
    found = history(spec, content)
    assert found is not None
    assert (found.changed, len(found.commit)) == (False, 40)
    assert history(spec, content + b"#") == found._replace(changed=True)

    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {ran}\n")
    program.chmod(0o755)
    earlier = git(repository, "rev-parse", "HEAD~1^{tree}").strip()
    (repository / ".git" / "objects" / earlier[:2] / earlier[2:]).unlink()
    for name, value in (
        ("core.repositoryFormatVersion", "1"), ("extensions.partialClone", "evil"), ("remote.evil.promisor", "true"),
        ("remote.evil.url", f"ext::{program}"), ("protocol.ext.allow", "always"), ("core.sshCommand", str(program)),
        ("log.showSignature", "true"), ("gpg.program", str(program)),
    ):  # fmt: skip
        git(repository, "config", name, value)
    with pytest.raises(BaseError):
        history(spec, content)
    assert not ran.exists()


def test_links_of_the_base_are_not_followed(repository: Path) -> None:
    place = repository / "environments" / "one"
    (place / "lists" / "trusted.txt").unlink()
    (place / "lists" / "trusted.txt").symlink_to("/etc/hostname")
    git(repository, "commit", "--quiet", "--all", "--message=link")
    with opened("main", place / "guardline.yaml") as tree:
        assert tree.file(place / "guardline.yaml") is not None
        assert tree.file(place / "lists" / "trusted.txt") is None


def test_a_name_that_git_does_not_know(repository: Path) -> None:
    with (
        pytest.raises(BaseError, match="nor a commit that git knows"),
        opened("no-such", repository / "guardline.yaml"),
    ):
        raise AssertionError("opened")
