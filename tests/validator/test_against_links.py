"""--against git:REF leads nowhere else: links of a commit, modules that Terraform fetched, and nothing runs."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.repositories import (
    ASK,
    DETECTOR,
    HERE,
    REGIONS,
    SINCE,
    commit,
    compared,
    git,
    new,
    root,
    validate,
)


def test_a_linked_file_of_main_is_read(repository: Path) -> None:
    """Were it left out, main would look worse than it is, and hide what the change breaks."""
    (repository / "shared.tf").write_text(root("us-west-2"))
    (repository / HERE / "main.tf").write_text(root("eu-west-1", "us-east-1"))
    (repository / HERE / "shared.tf").symlink_to("../../shared.tf")
    commit(repository)
    (repository / HERE / "shared.tf").unlink()
    assert ("detector-enabled", "us-west-2") in new(compared(*SINCE, code=1))


@pytest.mark.parametrize("target", ["/etc/hostname", "../../../../etc/hostname"])
def test_a_link_of_main_leads_nowhere_else(repository: Path, target: str) -> None:
    (repository / HERE / "link.tf").symlink_to(target)
    commit(repository)
    (repository / HERE / "link.tf").unlink()
    done = validate(HERE, *ASK, *SINCE)
    assert "link.tf" in done.stderr
    assert Path("/etc/hostname").read_text().strip() not in done.output


def test_nothing_of_the_repository_runs(repository: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (repository / ".gitattributes").write_text("* filter=bad diff=bad\n")
    commit(repository)
    for name in ("filter.bad.smudge", "filter.bad.clean", "diff.bad.textconv", "core.fsmonitor", "core.pager"):
        git(repository, "config", name, f"touch {ran}; cat")
    (repository / HERE / "main.tf").write_text(root("eu-west-1", "us-east-1"))
    assert validate(HERE, *ASK, *SINCE).exit_code == 1
    assert validate(HERE, *ASK, "--changed", "main").exit_code == 1
    assert not ran.exists()


def fetched(repository: Path, version: str, enable: str) -> None:
    """The root calls a module of a registry, and Terraform has fetched it."""
    calls = root(*REGIONS, module="acme/region/aws").replace('aws"\n', f'aws"\n  version   = "{version}"\n')
    (repository / HERE / "main.tf").write_text(calls)
    modules = repository / HERE / ".terraform" / "modules"
    shutil.rmtree(modules, ignore_errors=True)
    entries = [{"Key": "", "Source": "", "Dir": "."}]
    for region in REGIONS:
        (modules / region).mkdir(parents=True)
        (modules / region / "main.tf").write_text(DETECTOR.replace("true", enable))
        source = "registry.terraform.io/acme/region/aws"
        entries.append({"Key": region, "Source": source, "Version": version, "Dir": f".terraform/modules/{region}"})
    (modules / "modules.json").write_text(json.dumps({"Modules": entries}))


def test_a_fetched_module_is_the_same_where_the_call_is(repository: Path) -> None:
    (repository / ".gitignore").write_text(".terraform\n")
    fetched(repository, "1.0.0", "false")
    commit(repository)
    assert new(compared(*SINCE)) == []
    fetched(repository, "2.0.0", "false")  # what 1.0.0 held is not at hand, so that its fault hides nothing
    assert ("detector-enabled", "us-west-2") in new(compared(*SINCE, code=1))


LINKS = {
    "the folder": (".terraform", "{outside}"),
    "the modules": (".terraform/modules", "{outside}"),
    "a module": (".terraform/modules/us-west-2", "{outside}"),
    "the record": (".terraform/modules/modules.json", "{outside}/modules.json"),
    "a file": (".terraform/modules/us-west-2/main.tf", "{outside}/main.tf"),
}


@pytest.mark.parametrize("link", LINKS)
def test_nothing_is_written_through_a_link_of_the_commit(repository: Path, tmp_path: Path, link: str) -> None:
    """What the commit lacks is undetermined there, so that nothing is hidden; the fetched modules go nowhere else."""
    outside = tmp_path / "outside"
    outside.mkdir()
    fetched(repository, "1.0.0", "false")
    shutil.rmtree(repository / HERE / ".terraform")
    name, target = LINKS[link]
    (repository / HERE / name).parent.mkdir(parents=True, exist_ok=True)
    (repository / HERE / name).symlink_to(target.format(outside=outside))
    commit(repository)
    (repository / HERE / name).unlink()
    fetched(repository, "1.0.0", "false")
    assert validate(HERE, *ASK, *SINCE, "--format=json").stdout
    assert list(outside.iterdir()) == []


def test_a_linked_root_of_the_commit_is_written_to_nowhere_else(repository: Path, tmp_path: Path) -> None:
    """The commit has a link out of the tree in the place of a folder above the root: it has no such root."""
    outside = tmp_path / "outside"
    (outside / "production").mkdir(parents=True)
    (outside / "production" / "main.tf").write_text("")
    shutil.move(repository / "environments", tmp_path / "kept")
    (repository / "environments").symlink_to(outside)
    commit(repository)
    (repository / "environments").unlink()
    shutil.move(tmp_path / "kept", repository / "environments")
    fetched(repository, "1.0.0", "true")
    found = json.loads(validate(HERE, *ASK, *SINCE, "--format=json").stdout)
    assert found["comparison"]["coverage_before"] is None
    assert [path.name for path in outside.rglob("*")] == ["production", "main.tf"]


def test_a_working_folder_that_is_a_link_there(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "work").symlink_to(tmp_path)
    commit(repository)
    (repository / "work").unlink()
    (repository / "work" / "here").mkdir(parents=True)
    monkeypatch.chdir("work/here")
    done = validate(f"../../{HERE}", "--against", "git:main")
    assert (done.exit_code, "the working folder work/here is a link there, or below one" in done.stderr) == (2, True)
    assert not (tmp_path / "here").exists()


def made(repository: Path, *command: str, given: str) -> str:
    """The id of an object that git makes of a text."""
    done = subprocess.run(["git", *command], cwd=repository, input=given.encode(), capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_a_commit_with_a_link_and_a_folder_of_one_name(repository: Path, tmp_path: Path) -> None:
    """Git makes no such tree, and reads one."""
    outside = tmp_path / "outside"
    outside.mkdir()
    blob = git(repository, "rev-parse", f"HEAD:{HERE}/guardline.yaml").strip()
    link = made(repository, "hash-object", "-w", "--stdin", given=str(outside))
    folder = made(repository, "mktree", given=f"100644 blob {blob}\tguardline.yaml\n")
    both = f"120000 blob {link}\tproduction\n040000 tree {folder}\tproduction\n"
    tree = made(repository, "mktree", given=f"040000 tree {made(repository, 'mktree', given=both)}\tenvironments\n")
    hostile = git(repository, "commit-tree", "-m", "x", tree).strip()
    done = validate(HERE, *ASK, "--against", f"git:{hostile}")
    assert (done.exit_code, "a link is in its place, or on the way to it" in done.stderr) == (2, True)
    assert list(outside.iterdir()) == []
