"""Members' roots: a folder for each, or one root for all, and where the states lie."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from guardline.generator.baseline import Baseline
from guardline.generator.deploy import policies
from guardline.generator.hcl import ACCOUNT_ID, hcl, literal
from guardline.generator.manifest import RefusedError
from guardline.spec.load import SpecError, load

Make = Callable[..., Path]

SPEC = """\
version: 1
name: acme
home_region: eu-west-1
contacts: {{owner: security@example.com}}
terraform:
  aws_provider: {provider}
  backend: {{s3: {{bucket: example-state, key: guardline/acme, region: eu-west-1}}}}
regions: {{not_opted_in: rest, exclude: [{{region: rest, reason: r, approved_by: a, until: 2999-12-31}}]}}
organization:
  id: o-exampleorgid
  management_account: "000011112222"
  admin_account: "111122223333"
  log_archive_account: "222233334444"
  members: [{{id: "333344445555", name: payments}}, {{id: "444455556666", name: website}}]
  deploy_role: deploy
{organization}
access:
  readers: ["arn:aws:iam::111122223333:role/a"]
  responders: ["arn:aws:iam::111122223333:role/b"]
  administrators: ["arn:aws:iam::111122223333:role/c"]
tamper: {{alarm: true}}
response: {{alerts: {{email: [soc@example.com]}}, remediate: {{mode: dry-run, actions: [stop-instance]}}}}
dns_logs: {{}}
security_hub: {{}}
config: {{}}
block_public_buckets: true
{more}
"""
MEMBERS = ["222233334444", "333344445555", "444455556666"]


def text(*organization: str, provider: int = 6, more: str = "") -> str:
    lines = "\n".join(f"  {line}" for line in organization)
    return SPEC.format(provider=provider, organization=lines, more=more)


def files(baseline: Baseline, root: str) -> dict[str, str]:
    (folder,) = (folder for folder in baseline.folders if folder.path == baseline.root / root)
    return {str(path): text for path, text in folder.files.items()}


def keys(baseline: Baseline) -> dict[str, str | None]:
    return {root.account_id: root.state_key for root in baseline.roots if root.duty == "member"}


@pytest.mark.parametrize("provider", [5, 6])
def test_the_shared_root_is_each_folders_code_with_the_account_as_variable(environment: Make, provider: int) -> None:
    apart = Baseline.of(environment(text("layout: folders", provider=provider), name="apart"))
    shared = Baseline.of(environment(text("layout: shared", provider=provider), name="shared"))
    code = {path: source for path, source in files(shared, "member").items() if path.endswith(".tf")}
    variables = code.pop("variables.tf")
    assert 'variable "account_id" {' in variables
    assert ACCOUNT_ID not in "".join(files(shared, "member").values())
    for name, account in (("payments", "333344445555"), ("website", "444455556666")):
        theirs = {path: source for path, source in files(apart, f"members/{name}").items() if path.endswith(".tf")}
        ours = {
            path: source.replace("${var.account_id}", account)
            .replace("var.account_id", f'"{account}"')
            .replace("../modules", "../../modules")
            for path, source in code.items()
        }
        for each in (ours, theirs):
            each.pop("versions.tf")
        assert ours == theirs


def test_the_key_of_the_shared_root_is_given_at_init_and_the_state_is_locked(environment: Make) -> None:
    baseline = Baseline.of(environment(text("layout: shared")))
    backend = files(baseline, "member")["versions.tf"]
    assert "key " not in backend
    assert "use_lockfile = true" in backend
    assert 'required_version = ">= 1.6, >= 1.10"' in backend
    assert 'key          = "guardline/acme/security"' in files(baseline, "security")["versions.tf"]
    accounts = json.loads(files(baseline, "member")["accounts.json"])["accounts"]
    assert accounts[1] == {
        "id": "333344445555",
        "name": "payments",
        "key": "guardline/acme/333344445555",
        "variables": {"account_id": "333344445555"},
    }
    assert [each["id"] for each in accounts] == MEMBERS


def test_a_table_that_locks_is_kept(environment: Make) -> None:
    spec = text("layout: shared").replace("region: eu-west-1}}", "region: eu-west-1, dynamodb_table: locks}}")
    backend = files(Baseline.of(environment(spec)), "member")["versions.tf"]
    assert "use_lockfile" not in backend
    assert "dynamodb_table" in backend


@pytest.mark.parametrize(
    ("layout", "key"),
    [([], "members/payments"), (["layout: folders"], "333344445555"), (["layout: shared"], "333344445555")],
)
def test_keys_end_in_the_id_where_the_layout_is_said(environment: Make, layout: list[str], key: str) -> None:
    assert keys(Baseline.of(environment(text(*layout))))["333344445555"] == f"guardline/acme/{key}"


@pytest.mark.parametrize("layout", ["folders", "shared"])
def test_another_name_moves_nothing(environment: Make, layout: str) -> None:
    spec = environment(text(f"layout: {layout}"))
    before = Baseline.of(spec)
    before.write()
    spec.write_text(spec.read_text().replace("payments", "paying"))
    after = Baseline.of(spec)
    after.write()
    assert keys(after) == keys(before)
    assert Baseline.of(spec).write() == ()


def test_from_folders_to_one_root_and_back_nothing_is_refused(environment: Make) -> None:
    spec = environment(text("layout: folders"))
    Baseline.of(spec).write()
    for layout in ("shared", "folders"):
        spec.write_text(text(f"layout: {layout}"))
        Baseline.of(spec).write()
        there = {path.parent.relative_to(spec.parent).as_posix() for path in spec.parent.glob("member*/**/main.tf")}
        assert there == (
            {"member"} if layout == "shared" else {f"members/{n}" for n in ("log-archive", "payments", "website")}
        )


def test_an_account_with_an_inventory_has_code_of_its_own(environment: Make) -> None:
    spec = environment(text("layout: shared", more="inventory: theirs.json"))
    theirs: dict[str, object] = {
        "schema": "guardline/inventory/v1",
        "account": "333344445555",
        "partition": "aws",
        "taken_at": "2026-11-01T00:00:00Z",
    }
    (spec.parent / "theirs.json").write_text(json.dumps({**theirs, "regions": {}}))
    baseline = Baseline.of(spec)
    folders = {root.account_id: str(root.folder) for root in baseline.roots if root.duty == "member"}
    assert folders == {"222233334444": "member", "333344445555": "members/payments", "444455556666": "member"}
    assert keys(baseline)["333344445555"] == "guardline/acme/333344445555"


def test_retiring_accounts_share_a_root_too(environment: Make) -> None:
    spec = environment(text("layout: shared"))
    Baseline.of(spec).write()
    gone = ', {id: "444455556666", name: website}'
    retiring = 'retiring: [{id: "444455556666", name: website, mode: destroy, reason: sold, approved_by: Ann}]'
    spec.write_text(text("layout: shared", retiring).replace(gone, ""))
    baseline = Baseline.of(spec)
    baseline.write()
    (entry,) = json.loads((spec.parent / "retiring" / "accounts.json").read_text())["accounts"]
    assert (entry["id"], entry["key"]) == ("444455556666", "guardline/acme/444455556666")
    assert not re.search(r"^(resource|module) ", "".join(files(baseline, "retiring").values()), re.MULTILINE)
    spec.write_text(text("layout: shared").replace(gone, ""))
    Baseline.of(spec).write()
    assert not (spec.parent / "retiring").exists()


def test_each_account_has_its_policy_over_its_own_state(environment: Make) -> None:
    spec = text("layout: shared").replace("  deploy_role: deploy\n", "")
    found = policies(Baseline.of(environment(spec)).roots)
    own = {name: json.dumps(policy) for name, policy in found.items() if name.startswith("member/payments")}
    states = set(re.findall(r"example-state/([\w/.]+)", "".join(own.values())))
    assert states == {"guardline/acme/333344445555", "guardline/acme/333344445555.tflock"}
    assert "444455556666" not in "".join(own.values())


def test_the_workflow_runs_the_one_root_once_for_each_account(environment: Make) -> None:
    spec = environment(text("layout: shared", more="fan_out: {github_actions: {role: deploy}}"))
    Baseline.of(spec).write()
    wave = json.loads((spec.parent / "roots.json").read_text())["waves"]["member"]
    assert {(job["name"], job["root"], job["account"], job["key"]) for job in wave} == {
        ("log-archive", "member", "222233334444", "guardline/acme/222233334444"),
        ("payments", "member", "333344445555", "guardline/acme/333344445555"),
        ("website", "member", "444455556666", "guardline/acme/444455556666"),
    }
    workflows = spec.parent / ".github" / "workflows"
    called = yaml.safe_load((workflows / "guardline-acme.yml").read_text())["jobs"]["member"]
    assert called["with"]["key"] == "${{ matrix.key }}"
    job = yaml.safe_load((workflows / "guardline-acme-root.yml").read_text())["jobs"]["terraform"]
    assert job["env"]["TF_VAR_account_id"] == "${{ inputs.account }}"
    assert [step["run"] for step in job["steps"] if "terraform init" in step.get("run", "")] == [
        'terraform init -backend-config="key=$KEY"'
    ]
    zizmor = [str(Path(sys.executable).with_name("zizmor")), "--offline", "--no-config", "--format", "plain"]
    done = subprocess.run([*zizmor, "--min-severity", "medium", workflows], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    # Two accounts of one root do not wait for each other.
    assert "${{ inputs.account }}" in job["concurrency"]["group"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  backend: ", "  #backend: ", "organization.layout: shared needs `terraform.backend.s3`"),
        ("{more}", "fan_out: {{atlantis: true}}", "fan_out.atlantis: Atlantis plans a folder once"),
        ("{more}", "fan_out: {{terragrunt: true}}", "fan_out.terragrunt: a terragrunt.hcl stands in the folder"),
    ],
)
def test_what_one_root_cannot_do_is_refused(environment: Make, old: str, new: str, says: str) -> None:
    made = SPEC.replace(old, new).format(provider=6, organization="  layout: shared", more="")
    with pytest.raises(SpecError, match=re.escape(says)):
        load(environment(made))
    load(environment(SPEC.replace(old, new).format(provider=6, organization="", more="")))


def test_the_account_is_a_variable_wherever_it_stands() -> None:
    assert hcl(ACCOUNT_ID) == "var.account_id"
    assert hcl(f'a "{ACCOUNT_ID}" ${{b}}') == '"a \\"${var.account_id}\\" $${b}"'
    assert literal([ACCOUNT_ID, "1"], 0) == '[var.account_id, "1"]'


TARGET = (
    'targets: [{name: few, accounts: ["333344445555"], regions: {not_opted_in: [ap-east-1]}, '
    "reason: not used, approved_by: Ann}]"
)


def with_hong_kong(*organization: str) -> str:
    return text(*organization).replace("\nregions: {", "\nregions: {opted_in: [ap-east-1], ")


def test_a_target_has_code_of_its_own_for_the_regions_that_it_has(environment: Make) -> None:
    baseline = Baseline.of(environment(with_hong_kong("layout: shared", TARGET)))
    found = {root.account_id: (str(root.folder), len(root.regions)) for root in baseline.roots if root.duty == "member"}
    assert found == {"222233334444": ("member", 2), "333344445555": ("member-few", 1), "444455556666": ("member", 2)}
    assert "ap-east-1" in files(baseline, "member")["regions.tf"]
    assert "ap-east-1" not in files(baseline, "member-few")["regions.tf"]
    assert keys(baseline)["333344445555"] == "guardline/acme/333344445555"
    hub = files(baseline, "hub-members")["hub-members.tf"]
    assert hub.count("for_each = setsubtract(local.hub_members, [") == hub.count('["333344445555"]') == 1


def test_an_account_comes_to_a_target_and_goes_without_losing_its_state(environment: Make) -> None:
    spec = environment(with_hong_kong("layout: shared"))
    Baseline.of(spec).write()
    spec.write_text(with_hong_kong("layout: shared", TARGET))
    Baseline.of(spec).write()
    assert (spec.parent / "member-few" / "accounts.json").exists()
    spec.write_text(with_hong_kong("layout: shared", TARGET).replace('{id: "333344445555", name: payments}, ', ""))
    with pytest.raises(RefusedError, match="account 333344445555: root member-few, state guardline/acme/333344445555"):
        Baseline.of(spec).write()
    spec.write_text(with_hong_kong("layout: shared"))
    Baseline.of(spec).write()
    assert not (spec.parent / "member-few").exists()


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (TARGET.replace("ap-east-1", "us-east-1"), "us-east-1 is not in `regions.opted_in`"),
        (TARGET.replace("}]", "}, ") + TARGET[len("targets: [") :], "few is the name of another target already"),
        (TARGET.replace("not_opted_in: [ap-east-1]", "not_opted_in: []"), "not_opted_in"),
    ],
)
def test_a_target_says_something_that_can_be(environment: Make, target: str, says: str) -> None:
    with pytest.raises(SpecError, match=re.escape(says)):
        load(environment(with_hong_kong("layout: shared", target)))
