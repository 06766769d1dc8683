"""What runs Terraform: the workflow, its matrix, atlantis.yaml and Terragrunt's dependencies."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from guardline.generator.baseline import Baseline
from guardline.generator.fan_out import ACTIONS, CHUNK
from guardline.generator.manifest import RefusedError
from guardline.spec.load import SpecError, load

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
FROM_FILE = re.sub(r"  members: .*\n", "  members_file: accounts.json\n", ORGANIZATION)
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
            "max-parallel": "10",
            "matrix": {"include": f"${{{{ fromJSON(needs.roots.outputs.{wave}) }}}}"},
        }
    # Not `!failure()`: a wave that was skipped or cancelled has not failed, and nothing may follow it.
    assert found["member"]["if"] == (
        "${{ !cancelled() && needs.roots.result == 'success' && (github.event_name != 'push' || "
        "(needs.security.result == 'success' && needs.management.result == 'success' && "
        "needs.organization.result == 'success')) }}"
    )
    assert found["security"]["if"] == "${{ !cancelled() && needs.roots.result == 'success' }}"
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
    path = environment(spec(who=FROM_FILE))
    entries = [{"Id": f"{500000000000 + number}", "State": "ACTIVE"} for number in range(2 * CHUNK + 1)]
    (path.parent / "accounts.json").write_text(json.dumps({"Accounts": entries}))
    baseline = Baseline.of(path)
    (folder,) = (folder for folder in baseline.folders if folder.purpose == "what runs Terraform")
    files = {str(name): text for name, text in folder.files.items()}
    matrix = json.loads(files["roots.json"])["waves"]
    assert {name: len(wave) for name, wave in matrix.items() if name.startswith("member")} == {
        "member": CHUNK,  # as it is called with fewer: a branch may ask for this check by name
        "member-2": CHUNK,
        "member-3": 1,
    }
    found = yaml.load(files[".github/workflows/guardline-acme.yml"], Loader=yaml.BaseLoader)  # noqa: S506 - texts only
    assert found["jobs"]["member-3"]["needs"] == ["roots", "security", "management", "organization"]


def test_canaries_are_a_wave_before_the_other_members(environment: Make) -> None:
    path = environment(
        spec('{github_actions: {role: deploy, canaries: ["444455556666"], max_parallel: 5}, atlantis: true}')
    )
    Baseline.of(path).write()
    matrix = json.loads((path.parent / "roots.json").read_text())["waves"]
    assert list(matrix) == ["security", "management", "organization", "canary", "member"]
    assert [[job["name"] for job in matrix[wave]] for wave in ("canary", "member")] == [["444455556666"], ["payments"]]
    found = workflow(path.parent, "guardline-acme.yml")["jobs"]
    assert found["canary"]["needs"] == ["roots", "security", "management", "organization"]
    assert found["member"]["needs"] == ["roots", "security", "management", "organization", "canary"]
    assert "needs.canary.result == 'success'" in found["member"]["if"]
    assert found["member"]["strategy"]["max-parallel"] == "5"
    projects = yaml.safe_load((path.parent / "atlantis.yaml").read_text())["projects"]
    groups = {each["name"]: each["execution_order_group"] for each in projects}
    assert (groups["acme-444455556666"], groups["acme-payments"]) == (4, 5)


def test_canaries_come_before_the_members_whatever_follows_these(environment: Make) -> None:
    who = f"{ORGANIZATION}security_hub: {{}}\nconfig: {{mode: create}}"
    path = environment(spec('{github_actions: {role: deploy, canaries: ["444455556666"]}}', who=who))
    Baseline.of(path).write()
    matrix = json.loads((path.parent / "roots.json").read_text())["waves"]
    assert list(matrix) == ["security", "management", "organization", "canary", "member", "hub-members"]


@pytest.mark.parametrize(
    ("who", "canary", "says"),
    [
        (ORGANIZATION, "111122223333", "111122223333 is no member of `organization.members`"),
        ('account: {id: "111122223333"}', "111122223333", "this spec covers one account"),
        (FROM_FILE, "500000000009", "500000000009 is no active account of accounts.json"),
        (FROM_FILE, "111122223333", "111122223333 has a root of its own before all members"),
        (FROM_FILE, "500000000001", "500000000001 is no active account of accounts.json"),
    ],
)
def test_a_canary_that_is_no_member_is_refused(environment: Make, who: str, canary: str, says: str) -> None:
    path = environment(spec(f'{{github_actions: {{role: deploy, canaries: ["{canary}"]}}}}', who=who))
    accounts = [
        {"Id": "500000000000", "State": "ACTIVE"},
        {"Id": "500000000001", "State": "CLOSED"},
        {"Id": "111122223333"},
    ]
    (path.parent / "accounts.json").write_text(json.dumps({"Accounts": accounts}))
    with pytest.raises(SpecError, match=re.escape(says)):
        load(path)
    path.write_text(path.read_text().replace(f'["{canary}"]', '["500000000000"]'))
    if who == FROM_FILE:
        load(path)


def test_nothing_is_applied_before_people_approve(environment: Make) -> None:
    path = environment(spec("{github_actions: {role: deploy, approval: production}}"))
    Baseline.of(path).write()
    found = workflow(path.parent, "guardline-acme.yml")["jobs"]
    assert found["approval"]["environment"] == "production"
    assert found["approval"]["if"] == "${{ github.event_name == 'push' }}"
    assert found["security"]["needs"] == ["roots", "approval"]
    for wave in ("security", "management", "organization", "member"):
        assert "github.event_name != 'push' || (needs.approval.result == 'success'" in found[wave]["if"]
    path.write_text(spec("{github_actions: {role: deploy}}"))
    Baseline.of(path).write()
    assert "approval" not in workflow(path.parent, "guardline-acme.yml")["jobs"]


def test_only_what_is_applied_gets_the_role_that_applies(environment: Make) -> None:
    """The code of a pull request runs where it is planned."""
    roles = '  deploy_role: deploy\n  plan_role: look\n  roles: {account: "333344445555"}\n'
    path = environment(spec("{github_actions: {role: in, plan_role: in-look, repo: a/b}}", ORGANIZATION + roles))
    Baseline.of(path).write()
    (one,) = workflow(path.parent, "guardline-acme-root.yml")["jobs"].values()
    assert one["env"]["TF_VAR_role"] == "${{ inputs.apply && 'deploy' || 'look' }}"
    (credentials,) = (step["with"] for step in one["steps"] if "configure-aws-credentials" in step.get("uses", ""))
    signed_in = "arn:aws:iam::333344445555:role/${{ inputs.apply && 'in' || 'in-look' }}"
    assert credentials["role-to-assume"] == signed_in
    providers = (path.parent / "members" / "payments" / "providers.tf").read_text(encoding="utf-8")
    assert 'role_arn = "arn:aws:iam::333344445555:role/${var.role}"' in providers


def test_plans_and_applies_do_not_cancel_each_other(environment: Make) -> None:
    """Of jobs that wait in one group GitHub keeps the newest alone."""
    path = environment(spec())
    Baseline.of(path).write()
    whole = workflow(path.parent, "guardline-acme.yml")
    assert whole["concurrency"]["group"] == "guardline-acme-${{ github.event_name }}-${{ github.ref }}"
    (one,) = workflow(path.parent, "guardline-acme-root.yml")["jobs"].values()
    assert (
        one["concurrency"]["group"]
        == "guardline-acme-${{ inputs.root }}-${{ inputs.apply && 'apply' || github.run_id }}"
    )
    assert whole["concurrency"]["cancel-in-progress"] == one["concurrency"]["cancel-in-progress"] == "false"


@pytest.mark.parametrize(
    ("tolerance", "failed", "goes_on"), [(0, 0, True), (0, 1, False), (2, 2, True), (2, 3, False), (0, None, False)]
)
def test_after_too_many_failures_nothing_more_is_applied(
    environment: Make, tmp_path: Path, tolerance: int, failed: int | None, goes_on: bool
) -> None:
    """The step as a runner's bash runs it, with a `gh` that lists jobs, or that gets no answer."""
    path = environment(spec(f"{{github_actions: {{role: deploy, failure_tolerance: {tolerance}}}}}"))
    Baseline.of(path).write()
    root = workflow(path.parent, "guardline-acme-root.yml")["jobs"]["terraform"]
    step = root["steps"][0]
    assert (step["if"], step["shell"]) == ("${{ inputs.apply }}", "bash")
    assert root["permissions"]["actions"] == "read"
    calling = workflow(path.parent, "guardline-acme.yml")["jobs"]["member"]
    assert calling["permissions"]["actions"] == "read"
    answer = "exit 1" if failed is None else f"seq {failed}"
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(
        f'#!/bin/sh\ncase "$3" in repos/acme/infra/actions/runs/7/attempts/2/jobs*) ;; *) exit 9 ;; esac\n{answer}\n'
    )
    gh.chmod(0o755)
    here = {"GITHUB_REPOSITORY": "acme/infra", "GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "2"}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        env={"PATH": f"{gh.parent}:{os.environ['PATH']}", **here},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode == 0) is goes_on, done.stdout + done.stderr


def test_what_is_no_longer_asked_for_is_removed(environment: Make) -> None:
    path = environment(spec())
    Baseline.of(path).write()
    path.write_text(re.sub(r"fan_out: .*\n", "", spec()))
    Baseline.of(path).write()
    assert not (path.parent / "roots.json").exists()
    assert not (path.parent / ".github").exists()
    assert not (path.parent / "atlantis.yaml").exists()
    assert not list(path.parent.rglob("terragrunt.hcl"))
