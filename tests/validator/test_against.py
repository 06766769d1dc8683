"""--against git:REF: a commit, through the command as a pull request's check runs it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.plans import plan
from tests.support.repositories import (
    ASK,
    DETECTOR,
    HERE,
    REGIONS,
    SINCE,
    SPEC,
    commit,
    compared,
    new,
    root,
    said,
    validate,
)


@pytest.mark.usefixtures("repository")
def test_nothing_changed() -> None:
    found = compared(*SINCE)
    assert (new(found), found["comparison"]["fixed"], found["comparison"]["shares"]) == ([], [], [])
    assert found["comparison"]["coverage_before"] == found["summary"]["coverage"]


def test_a_pull_request_that_deletes_a_detector_fails_with_one_line_and_its_file(repository: Path) -> None:
    """All controls are asked; what depends on the detector falls under it, and what was wrong before is not said."""
    (repository / HERE / "main.tf").write_text(root("eu-west-1", "us-east-1"))
    done = validate(HERE, *ASK, *SINCE, "--format=github")
    assert done.exit_code == 1, done.output
    errors = [line for line in done.stdout.splitlines() if line.startswith("::error")]
    assert len(errors) == 1
    assert errors[0].startswith("::error file=environments/production/")
    assert "us-west-2" in errors[0]
    assert "eu-west-1" not in errors[0]
    found = compared(*SINCE, code=1)
    assert ("detector-enabled", "us-west-2") in new(found)
    assert {region for _, region in new(found)} == {"us-west-2"}
    shares = {each["name"]: each for each in found["comparison"]["shares"]}
    assert (shares["detector-enabled"]["before"], shares["detector-enabled"]["after"]) == (3 / 17, 2 / 17)
    assert shares["us-west-2"]["after"] < shares["us-west-2"]["before"]
    assert "us-east-1" not in shares


def test_a_pull_request_that_mends_it_passes_and_says_fixed(repository: Path) -> None:
    (repository / HERE / "main.tf").write_text(root("eu-west-1", "us-east-1"))
    commit(repository)
    (repository / HERE / "main.tf").write_text(root(*REGIONS))
    for name in ("terminal", "markdown", "github"):
        done = validate(HERE, *ASK, *SINCE, f"--format={name}")
        assert done.exit_code == 0, done.output
        assert "since git:main: 0 new failures" in said(done), name
        assert "::error" not in done.stdout
    found = compared(*SINCE)
    fixed = [(cell["control"], cell["region"]) for cell in found["comparison"]["fixed"]]
    assert ("detector-enabled", "us-west-2") in fixed
    assert new(found) == []
    # Where it was wrong is named by its place in the repository.
    assert all(
        not (each["file"] or "").startswith(("/", ".."))
        for cell in found["comparison"]["fixed"]
        for each in cell["evidence"]
    )


@pytest.mark.parametrize(
    "text",
    [
        root(*REGIONS).replace('module "us-west-2"', 'module "west"'),
        root(*REGIONS[::-1]),
        root("eu-west-1", "us-east-1") + DETECTOR.replace('"this" {', '"west" {\n  provider = aws.us-west-2'),
    ],
    ids=["another name", "another order", "out of the module"],
)
def test_a_move_is_nothing_new(repository: Path, text: str) -> None:
    (repository / HERE / "main.tf").write_text(text)
    found = compared(*SINCE)
    assert (new(found), found["comparison"]["fixed"]) == ([], [])


def test_a_change_of_a_module_counts_in_every_region(repository: Path) -> None:
    (repository / "modules" / "region" / "main.tf").write_text(DETECTOR.replace("true", "false"))
    found = compared(*SINCE, code=1)
    assert {region for control, region in new(found) if control == "detector-enabled"} == set(REGIONS)


def test_a_stricter_spec_is_new_too(repository: Path) -> None:
    """The commit is judged by its own spec, so what the change asks for and does not make is new."""
    left_out = "exclude: [{region: us-west-2, reason: r, approved_by: Ann, until: 2027-06-30}]"
    text = SPEC.replace("rest}", f"rest, {left_out}}}")
    (repository / HERE / "guardline.yaml").write_text(text)
    (repository / HERE / "main.tf").write_text(root("eu-west-1", "us-east-1"))
    commit(repository)
    (repository / HERE / "guardline.yaml").write_text(SPEC)
    assert ("detector-enabled", "us-west-2") in new(compared(*SINCE, code=1))


def test_waivers_of_the_commit_hold_there(repository: Path) -> None:
    """A waiver that the change takes away uncovers a failure, which is new."""
    waivers = repository / HERE / "waivers.yaml"
    (repository / HERE / "main.tf").write_text(root("eu-west-1", "us-east-1"))
    waivers.write_text(
        "version: 1\nwaivers:\n- {control: '*', scope: {region: us-west-2}, reason: r, owner: Ann, approver: Bob, "
        "created: 2026-11-01, expires: 2027-01-31}\n".replace("'*'", "detector-enabled")
    )
    commit(repository)
    assert validate(HERE, *ASK, *SINCE).exit_code == 0
    waivers.unlink()
    assert ("detector-enabled", "us-west-2") in new(compared(*SINCE, code=1))


@pytest.mark.usefixtures("repository")
def test_a_root_that_is_new_is_all_new() -> None:
    shutil.copytree(HERE, "environments/second")
    (Path("environments/second") / "main.tf").write_text(root("eu-west-1"))
    found = compared(*SINCE, sources=("environments/second",), code=1)
    assert found["comparison"]["coverage_before"] is None
    assert ("detector-enabled", "us-west-2") in new(found)


@pytest.mark.parametrize(
    ("ref", "says"),
    [
        ("git:no-such", "is no commit that git knows here"),
        ("git:--output=x", "is neither a folder nor the name of a commit"),
        ("git:", "is neither a folder nor the name of a commit"),
        ("git:main:environments", "is neither a folder nor the name of a commit"),
        ("nowhere.json", "--against nowhere.json cannot be read: No such file"),
        ("environments", "--against environments"),
        ("modules/region/main.tf", "--against modules/region/main.tf"),
    ],
)
@pytest.mark.usefixtures("repository")
def test_what_cannot_be_compared_with_is_bad_usage(ref: str, says: str) -> None:
    done = validate(HERE, *ASK, "--against", ref)
    assert done.exit_code == 2
    assert says in done.stderr
    assert done.stdout == ""


@pytest.mark.usefixtures("repository")
def test_a_plan_has_no_commit() -> None:
    Path("plan.json").write_bytes(plan([]))
    done = validate("plan.json", "--against", "git:main")
    assert (done.exit_code, "compares folders of Terraform, and plan.json is none" in done.stderr) == (2, True)


@pytest.mark.usefixtures("repository")
def test_a_folder_outside_the_tree_has_no_commit(tmp_path: Path) -> None:
    shutil.copytree(HERE, tmp_path / "other")
    done = validate(tmp_path / "other", "--against", "git:main")
    assert (done.exit_code, "is not in the git tree" in done.stderr) == (2, True)


def test_from_a_folder_of_the_tree(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / HERE / "main.tf").write_text(root("eu-west-1", "us-east-1"))
    monkeypatch.chdir(repository / HERE)
    done = validate(".", "--spec", "guardline.yaml", *ASK[2:], *SINCE, "--format=json")
    assert done.exit_code == 1, done.output
    assert {region for _, region in new(json.loads(done.stdout))} == {"us-west-2"}
    assert Path.cwd() == repository / HERE


def test_a_file_that_main_cannot_read_hides_nothing(repository: Path) -> None:
    (repository / HERE / "broken.tf").write_text("resource {")
    (repository / HERE / "main.tf").write_text(root("eu-west-1", "us-east-1"))
    commit(repository)
    (repository / HERE / "broken.tf").unlink()
    done = validate(HERE, *ASK, *SINCE, "--format=json")
    assert "--against git:main: environments/production/broken.tf" in done.stderr
    assert done.exit_code == 1
    assert ("detector-enabled", "us-west-2") in new(json.loads(done.stdout))
