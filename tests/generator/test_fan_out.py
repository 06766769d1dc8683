"""What runs Terraform: the workflow, its matrix, atlantis.yaml and Terragrunt's dependencies."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from guardline.generator.baseline import Baseline
from guardline.generator.fan_out import ACTIONS, CHUNK
from guardline.generator.manifest import RefusedError

Make = Callable[..., Path]

SPEC = """\
version: 1
name: acme
partition: {partition}
home_region: {home}
regions: {{not_opted_in: rest}}
{who}
fan_out: {fan_out}
"""
ORGANIZATION = """\
organization:
  id: o-exampleorgid
  management_account: "000011112222"
  admin_account: "111122223333"
  members: [{id: "333344445555", name: payments}, {id: "444455556666"}]
"""
ALL = "{github_actions: {role: deploy, plan_role: look}, atlantis: true, terragrunt: true}"


def spec(fan_out: str = ALL, who: str = ORGANIZATION, partition: str = "aws", home: str = "eu-west-1") -> str:
    return SPEC.format(partition=partition, home=home, who=who, fan_out=fan_out)


def workflow(folder: Path, name: str) -> dict[str, Any]:
    """A workflow's data; `on` is a word of YAML 1.1, which GitHub does not read."""
    text = (folder / ".github" / "workflows" / name).read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - texts only, which is safer still
    return found


def jobs(matrix: Mapping[str, list[dict[str, str]]]) -> set[tuple[str, str, str]]:
    return {(job["name"], job["root"], job["account"]) for wave in matrix.values() for job in wave}


def test_the_matrix_holds_every_root_once_with_its_account(environment: Make) -> None:
    path = environment(spec())
    Baseline.of(path).write()
    matrix = json.loads((path.parent / "roots.json").read_text())["waves"]
    assert list(matrix) == ["security", "management", "organization", "member"]
    assert jobs(matrix) == {
        ("security", "security", "111122223333"),
        ("management", "management", "000011112222"),
        ("organization", "organization", "111122223333"),
        ("payments", "members/payments", "333344445555"),
        ("444455556666", "members/444455556666", "444455556666"),
    }


def test_a_wave_waits_for_all_before_it(environment: Make) -> None:
    path = environment(spec())
    Baseline.of(path).write()
    found = workflow(path.parent, "guardline-acme.yml")["jobs"]
    assert {name: job["needs"] for name, job in found.items() if name != "roots"} == {
        "security": ["roots"],
        "management": ["roots", "security"],
        "organization": ["roots", "security", "management"],
        "member": ["roots", "security", "management", "organization"],
        "validate": ["security", "management", "organization", "member"],
    }
    for wave in ("security", "member"):
        assert found[wave]["strategy"] == {
            "fail-fast": "false",
            "matrix": {"include": f"${{{{ fromJSON(needs.roots.outputs.{wave}) }}}}"},
        }
        assert "!failure()" in found[wave]["if"]
    assert found["roots"]["outputs"]["member"] == "${{ steps.matrix.outputs.member }}"


def test_only_commits_to_the_branch_are_applied(environment: Make) -> None:
    path = environment(spec("{github_actions: {role: deploy, plan_role: look, branch: production}}"))
    Baseline.of(path).write()
    found = workflow(path.parent, "guardline-acme.yml")
    assert found["on"]["push"]["branches"] == ["production"]
    assert found["jobs"]["member"]["with"]["apply"] == "${{ github.event_name == 'push' }}"
    assert found["permissions"] == {"contents": "read"}
    steps = workflow(path.parent, "guardline-acme-root.yml")["jobs"]["terraform"]["steps"]
    (credentials,) = (step["with"] for step in steps if "configure-aws-credentials" in step.get("uses", ""))
    role = "${{ inputs.apply && 'deploy' || 'look' }}"
    assert credentials["role-to-assume"] == f"arn:aws:iam::${{{{ inputs.account }}}}:role/{role}"
    (apply,) = (step for step in steps if step.get("name") == "Apply")
    assert apply["if"] == "${{ inputs.apply && steps.plan.outputs.status == '2' }}"


def test_drift_is_looked_for_unless_the_spec_says_never(environment: Make) -> None:
    path = environment(spec())
    Baseline.of(path).write()
    assert workflow(path.parent, "guardline-acme.yml")["on"]["schedule"] == [{"cron": "17 4 * * *"}]
    path.write_text(spec("{github_actions: {role: deploy, drift: null}}"))
    Baseline.of(path).write()
    assert "schedule" not in workflow(path.parent, "guardline-acme.yml")["on"]
    assert not (path.parent / "atlantis.yaml").exists()


def test_actions_are_named_by_commit() -> None:
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[0-9.]+", action) for action in ACTIONS.values())


def test_no_input_reaches_a_shell(environment: Make) -> None:
    """An expression inside `run` would be code; what differs between roots comes by working-directory."""
    path = environment(spec())
    Baseline.of(path).write()
    for file in ("guardline-acme.yml", "guardline-acme-root.yml"):
        for job in workflow(path.parent, file)["jobs"].values():
            assert [step["run"] for step in job.get("steps", ()) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize(
    ("partition", "home", "audience"),
    [("aws-cn", "cn-north-1", "sts.amazonaws.com.cn"), ("aws-us-gov", "us-gov-west-1", "sts.amazonaws.com")],
)
def test_other_partitions(environment: Make, partition: str, home: str, audience: str) -> None:
    path = environment(spec(who='account: {id: "111122223333"}', partition=partition, home=home))
    Baseline.of(path).write()
    steps = workflow(path.parent, "guardline-acme-root.yml")["jobs"]["terraform"]["steps"]
    (credentials,) = (step["with"] for step in steps if "configure-aws-credentials" in step.get("uses", ""))
    assert credentials["role-to-assume"].startswith(f"arn:{partition}:iam::")
    assert (credentials["aws-region"], credentials["audience"]) == (home, audience)


def test_one_account_is_one_job(environment: Make) -> None:
    path = environment(spec(who='account: {id: "111122223333"}'))
    Baseline.of(path).write()
    assert jobs(json.loads((path.parent / "roots.json").read_text())["waves"]) == {("account", ".", "111122223333")}
    assert (path.parent / "regions.tf").exists()
    assert Baseline.of(path).write() == ()


def test_files_go_to_the_repositorys_root(environment: Make) -> None:
    path = environment(spec("{repository: ../.., github_actions: {role: deploy}, atlantis: true}"))
    Baseline.of(path).write()
    project = path.parent.parent.parent
    found = workflow(project, "guardline-acme.yml")
    assert found["on"]["push"]["paths"][0] == "environments/env/**"
    assert "guardline generate environments/env/guardline.yaml --check" in str(found["jobs"]["roots"]["steps"])
    matrix = json.loads((path.parent / "roots.json").read_text())["waves"]
    assert matrix["security"][0]["root"] == "environments/env/security"
    projects = yaml.safe_load((project / "atlantis.yaml").read_text())["projects"]
    assert projects[0]["dir"] == "environments/env/security"


def test_atlantis_keeps_the_order_of_the_waves(environment: Make) -> None:
    path = environment(spec())
    Baseline.of(path).write()
    found = yaml.safe_load((path.parent / "atlantis.yaml").read_text())
    groups = {project["dir"]: project["execution_order_group"] for project in found["projects"]}
    assert groups == {
        "security": 1,
        "management": 2,
        "organization": 3,
        "members/444455556666": 4,
        "members/payments": 4,
    }
    assert found["abort_on_execution_order_fail"] is True
    for project in found["projects"]:
        folder, pattern = path.parent / project["dir"], project["autoplan"]["when_modified"][1]
        assert (folder / pattern.removesuffix("/**/*")).resolve() == path.parent / "modules"


def test_a_repository_has_one_atlantis_yaml(environment: Make) -> None:
    text = spec("{repository: ../.., atlantis: true}")
    Baseline.of(environment(text, name="one")).write()
    other = environment(text.replace("name: acme", "name: other"), name="two")
    with pytest.raises(RefusedError, match="is that of another environment"):
        Baseline.of(other)


def test_two_environments_share_a_repositorys_folder(environment: Make) -> None:
    text = spec("{repository: ../.., github_actions: {role: deploy}}")
    one, two = environment(text, name="one"), environment(text.replace("name: acme", "name: other"), name="two")
    Baseline.of(one).write()
    Baseline.of(two).write()
    assert Baseline.of(one).write() == ()
    workflows = one.parent.parent.parent / ".github" / "workflows"
    assert sorted(path.name for path in workflows.glob("*.yml")) == [
        "guardline-acme-root.yml",
        "guardline-acme.yml",
        "guardline-other-root.yml",
        "guardline-other.yml",
    ]


def test_terragrunt_knows_what_waits_for_what(environment: Make) -> None:
    path = environment(spec())
    Baseline.of(path).write()
    waits = {
        file.parent.relative_to(path.parent).as_posix(): re.findall(r'paths = \["(.*)"\]', file.read_text())
        for file in path.parent.rglob("terragrunt.hcl")
    }
    assert waits == {
        "security": [],
        "management": ["../security"],
        "organization": ["../management"],
        "members/payments": ["../../organization"],
        "members/444455556666": ["../../organization"],
    }
    for folder, (*paths,) in waits.items():
        assert all((path.parent / folder / each / "terragrunt.hcl").resolve().exists() for each in paths)


def test_more_members_than_a_matrix_takes_are_cut(environment: Make) -> None:
    who = re.sub(r"  members: .*\n", "  members_file: accounts.json\n", ORGANIZATION)
    path = environment(spec(who=who))
    entries = [{"Id": f"{500000000000 + number}", "Status": "ACTIVE"} for number in range(2 * CHUNK + 1)]
    (path.parent / "accounts.json").write_text(json.dumps({"Accounts": entries}))
    baseline = Baseline.of(path)
    (folder,) = (folder for folder in baseline.folders if folder.purpose == "what runs Terraform")
    files = {str(name): text for name, text in folder.files.items()}
    matrix = json.loads(files["roots.json"])["waves"]
    assert {name: len(wave) for name, wave in matrix.items() if name.startswith("member")} == {
        "member-1": CHUNK,
        "member-2": CHUNK,
        "member-3": 1,
    }
    found = yaml.load(files[".github/workflows/guardline-acme.yml"], Loader=yaml.BaseLoader)  # noqa: S506 - texts only
    assert found["jobs"]["member-3"]["needs"] == ["roots", "security", "management", "organization"]


def test_what_is_no_longer_asked_for_is_removed(environment: Make) -> None:
    path = environment(spec())
    Baseline.of(path).write()
    path.write_text(re.sub(r"fan_out: .*\n", "", spec()))
    Baseline.of(path).write()
    assert not (path.parent / "roots.json").exists()
    assert not (path.parent / ".github").exists()
    assert not (path.parent / "atlantis.yaml").exists()
    assert not list(path.parent.rglob("terragrunt.hcl"))
