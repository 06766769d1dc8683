"""--against: a commit, a folder, a plan or a result, through the command as a pull request's check runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from guardline.cli import app
from tests.support.plans import change, plan, provider, resource
from tests.validator.test_base_branch import git

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


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose main branch has GuardDuty in three regions."""
    tree = tmp_path / "repository"
    (tree / HERE).mkdir(parents=True)
    (tree / "modules" / "region").mkdir(parents=True)
    (tree / HERE / "guardline.yaml").write_text(SPEC)
    (tree / HERE / "providers.tf").write_text(providers())
    (tree / HERE / "main.tf").write_text(root(*REGIONS))
    (tree / "modules" / "region" / "main.tf").write_text(DETECTOR)
    git(tree, "init", "--quiet", "--initial-branch=main")
    commit(tree)
    monkeypatch.chdir(tree)
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


def test_a_linked_file_of_main_is_read(repository: Path) -> None:
    """Were it left out, main would look worse than it is, and hide what the change breaks."""
    (repository / "shared.tf").write_text(root("us-west-2").replace("../../", "../../"))
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


# --- modules that Terraform fetched -----------------------------------------------------------------------------


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


# --- folders, plans and results ---------------------------------------------------------------------------------


def test_against_a_folder(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "--quiet", "--detach", str(tmp_path / "main"))
    (repository / HERE / "main.tf").write_text(root("eu-west-1", "us-east-1"))
    found = compared("--against", str(tmp_path / "main" / HERE), "--only-new", code=1)
    assert ("detector-enabled", "us-west-2") in new(found)


def test_a_control_of_the_old_catalogue_is_asked_though_it_had_no_cell(repository: Path) -> None:
    """A first bad rule is a new failure; only a control that was not known then is newly asked."""
    assert validate(HERE, *ASK, "--format=json=old.json").exit_code == 1
    old = json.loads(Path("old.json").read_text())
    assert "suppression-scoped" in old["controls"]
    assert not [cell for cell in old["cells"] if cell["control"] == "suppression-scoped"]
    rule = """
resource "aws_guardduty_detector" "own" {
  provider = aws.us-east-1
}
resource "aws_guardduty_filter" "all" {
  provider    = aws.us-east-1
  name        = "all"
  action      = "ARCHIVE"
  rank        = 1
  detector_id = aws_guardduty_detector.own.id
  finding_criteria {
    criterion {
      field  = "region"
      equals = ["us-east-1"]
    }
  }
}
"""
    (repository / HERE / "filter.tf").write_text(rule)
    assert ("suppression-scoped", "us-east-1") in new(compared("--against", "old.json", "--only-new", code=1))
    old["controls"].remove("suppression-scoped")
    Path("older.json").write_text(json.dumps(old))
    found = compared("--against", "older.json", "--only-new", code=1)
    assert "suppression-scoped" not in dict(new(found))
    asked = {cell["control"] for cell in found["cells"] if cell["id"] in found["comparison"]["newly_asked"]}
    assert asked == {"suppression-scoped"}


def planned(*changes: tuple[str, bool | None, bool | None]) -> bytes:
    """A plan of a detector for each region: region, enabled before, enabled after."""

    def detector(region: str, enabled: bool | None) -> dict[str, Any] | None:
        arn = f"arn:aws:guardduty:{region}:111122223333:detector/{region}"
        return None if enabled is None else {"enable": enabled, "id": region, "arn": arn}

    made = [
        change(
            f"aws_guardduty_detector.{region}",
            after=detector(region, after),
            before=detector(region, before),
            actions=None if before != after else ("no-op",),
        )
        for region, before, after in changes
    ]
    keys = {f"aws.{region}": {**provider(region), "alias": region} for region, _, _ in changes}
    resources = [
        resource("aws_guardduty_detector", region, f"aws.{region}") for region, _, after in changes if after is not None
    ]
    return plan(made, resources, keys)


DELETES = (("eu-west-1", True, True), ("us-west-2", True, None))
MENDS = (("eu-west-1", True, True), ("us-west-2", False, True))
PLANS = ("--regions", "eu-west-1,us-west-2", "--control", "detector-enabled", "--whole")


@pytest.mark.usefixtures("repository")
def test_a_plan_says_itself_what_it_breaks() -> None:
    Path("plan.json").write_bytes(planned(*DELETES))
    done = validate("plan.json", *PLANS, "--only-new", "--format=github")
    assert done.exit_code == 1
    assert done.stdout.count("::error") == 1
    assert "since what the plan starts from: 1 new failure, 0 fixed; coverage 100 % → 50.0 %" in done.stdout
    done = validate("plan.json", *PLANS, "--format=markdown")
    assert "since what the plan starts from" in said(done)


@pytest.mark.usefixtures("repository")
def test_a_plan_says_itself_what_it_mends() -> None:
    Path("plan.json").write_bytes(planned(*MENDS))
    for name in ("terminal", "markdown"):
        done = validate("plan.json", *PLANS, "--only-new", f"--format={name}")
        assert done.exit_code == 0
        assert "0 new failures, 1 fixed; coverage 50.0 % → 100 %" in said(done)
        assert "fixed: detector-enabled us-west-2" in said(done)


@pytest.mark.usefixtures("repository")
def test_what_a_plan_leaves_as_bad_as_it_was_is_not_new() -> None:
    Path("plan.json").write_bytes(planned(("eu-west-1", True, True), ("us-west-2", False, False)))
    assert validate("plan.json", *PLANS).exit_code == 1
    assert validate("plan.json", *PLANS, "--only-new").exit_code == 0


@pytest.mark.usefixtures("repository")
def test_against_a_plan() -> None:
    Path("old.json").write_bytes(planned(("eu-west-1", True, True), ("us-west-2", True, True)))
    Path("plan.json").write_bytes(planned(*DELETES[:1], ("us-west-2", False, False)))
    done = validate("plan.json", *PLANS, "--against", "old.json", "--only-new", "--format=github")
    assert (done.exit_code, "since old.json: 1 new failure" in done.stdout) == (1, True)
    done = validate("old.json", *PLANS, "--against", "plan.json", "--only-new", "--format=github")
    assert (done.exit_code, "since plan.json: 0 new failures, 1 fixed" in done.stdout) == (0, True)
