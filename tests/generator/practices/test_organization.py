"""The roots of an organization: which there are, what each is given, and what is left when an account leaves."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from guardline.generator import account_roles
from guardline.generator.baseline import Baseline
from guardline.generator.deploy import policies
from guardline.generator.manifest import RefusedError
from guardline.generator.practices import PARTS
from guardline.generator.root import Root

Make = Callable[..., Path]

SPEC = """\
version: 1
name: acme
home_region: eu-west-1
terraform:
  aws_provider: {provider}
  backend: {{s3: {{bucket: example-state, key: guardline/acme, region: eu-west-1}}}}
regions: {{not_opted_in: rest}}
organization:
  id: o-exampleorgid
  management_account: "000011112222"
  admin_account: "111122223333"
  log_archive_account: "222233334444"
  members: [{{id: "333344445555", name: payments}}, {{id: "444455556666"}}]
  canary_region: eu-north-1
  deploy_role: path/deploy
trusted_ips: {{file: trusted-ips.txt}}
{more}
"""
AWS_6_MOVED = "aws_provider: 6\n  moved_from_alias: true"
ROOTS = {
    "security": ("111122223333", "security"),
    "management": ("000011112222", "management"),
    "organization": ("111122223333", "organization"),
    "members/log-archive": ("222233334444", "member"),
    "members/payments": ("333344445555", "member"),
    "members/444455556666": ("444455556666", "member"),
}


@pytest.fixture(params=[5, 6], ids=["alias", "argument"])
def baseline(request: pytest.FixtureRequest, environment: Make) -> Baseline:
    return Baseline.of(environment(SPEC.format(provider=request.param, more="")))


def files(baseline: Baseline, root: str) -> dict[str, str]:
    (folder,) = (folder for folder in baseline.folders if folder.path == baseline.root / root)
    return {str(path): text for path, text in folder.files.items()}


def source(baseline: Baseline, root: str) -> str:
    return "\n".join(text for name, text in files(baseline, root).items() if name.endswith(".tf"))


def test_every_practice_has_its_duties() -> None:
    assert set(PARTS) <= set(account_roles.PARTS)


def test_one_root_for_each_account_and_duty(baseline: Baseline) -> None:
    assert {str(root.folder): (root.account_id, root.duty) for root in baseline.roots} == ROOTS


def test_each_root_signs_in_to_its_own_account_and_keeps_its_own_state(baseline: Baseline) -> None:
    for folder, (account, _) in ROOTS.items():
        text = source(baseline, folder)
        assert f'allowed_account_ids = ["{account}"]' in text
        assert set(re.findall(r'role_arn = "(.*)"', text)) == {f"arn:aws:iam::{account}:role/path/deploy"}
        assert re.findall(r'^    key += "(.*)"$', text, re.MULTILINE) == [f"guardline/acme/{folder}"]


def test_all_roots_use_the_same_modules(baseline: Baseline) -> None:
    for folder in ROOTS:
        up = "../" * len(PurePosixPath(folder).parts)
        used = set(re.findall(r'^  source += "((?:\.\./)+modules)/', source(baseline, folder), re.MULTILINE))
        assert used == {f"{up}modules"}


def test_members_are_told_that_hubs_of_later_accounts_are_there_already(environment: Make) -> None:
    more = "security_hub: {}\nconfig: {}"
    baseline = Baseline.of(environment(SPEC.format(provider=6, more=more)))
    told = [folder for folder in ROOTS if "joins the organization later" in files(baseline, folder)["README.md"]]
    assert told == [folder for folder, (_, duty) in ROOTS.items() if duty == "member"]


def test_only_the_administrator_and_the_management_account_declare_detectors(baseline: Baseline) -> None:
    with_features = {folder for folder in ROOTS if re.search(r"^ +features +=", source(baseline, folder), re.MULTILINE)}
    assert with_features == {"security", "management", "organization"}
    assert "detector_ids" in files(baseline, "management")["outputs.tf"]
    assert "detector_ids" not in files(baseline, "members/payments").get("outputs.tf", "")


def test_each_duty_gets_its_practices(baseline: Baseline) -> None:
    has = {folder: set(files(baseline, folder)) for folder in ROOTS}
    assert {folder for folder in ROOTS if "trail.tf" in has[folder]} == {"management"}
    assert {folder for folder in ROOTS if "delegation.tf" in has[folder]} == {"management"}
    assert {folder for folder in ROOTS if "lists.tf" in has[folder]} == {"security"}
    assert {folder for folder in ROOTS if "organization.tf" in has[folder]} == {"organization"}
    assert {folder for folder in ROOTS if "flow-logs.tf" in has[folder]} == set(ROOTS) - {"organization"}


def test_the_canary_region_goes_first(baseline: Baseline) -> None:
    delegation, members = files(baseline, "management")["delegation.tf"], source(baseline, "organization")
    for text, name in ((delegation, "delegation"), (members, "members")):
        waiting = re.findall(r"depends_on = \[.*?module\.(\w+)\]", text)
        assert waiting.count(f"{name}_eu_north_1") == len(baseline.roots[0].regions) - 1


def calls(text: str) -> dict[str, str]:
    """Module call -> its body but for the order it keeps."""
    found = re.findall(r'^module "(\w+)" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL)
    return {name: re.sub(r"\n  depends_on = .*\n", "", body).rstrip() for name, body in found}


@pytest.mark.parametrize("provider", [5, 6])
@pytest.mark.parametrize(("root", "file"), [("management", "delegation.tf"), ("organization", "organization.tf")])
def test_another_canary_changes_the_order_and_nothing_else(
    environment: Make, provider: int, root: str, file: str
) -> None:
    """An administrator that is named anew is deregistered first, with all that it had."""
    text = SPEC.format(provider=provider, more="")
    other = text.replace("canary_region: eu-north-1", "canary_region: eu-west-1")
    assert other != text
    first, second = Baseline.of(environment(text, name="one")), Baseline.of(environment(other, name="two"))
    assert calls(files(first, root)[file]) == calls(files(second, root)[file])
    assert files(first, root)[file] != files(second, root)[file]


@pytest.mark.parametrize("provider", [5, 6])
def test_a_canary_that_retires_takes_its_own_region_alone(environment: Make, provider: int) -> None:
    text = SPEC.format(provider=provider, more="")
    retiring = "regions: {not_opted_in: rest, retiring: [{region: eu-north-1, mode: destroy}]}"
    without = text.replace("  canary_region: eu-north-1\n", "").replace("regions: {not_opted_in: rest}", retiring)
    before = calls(files(Baseline.of(environment(text, name="one")), "management")["delegation.tf"])
    after = calls(files(Baseline.of(environment(without, name="two")), "management")["delegation.tf"])
    assert before.keys() - after.keys() == {"delegation_eu_north_1"}
    assert {name: before[name] for name in after} == after


def test_the_delegation_goes_before_the_detectors_that_it_holds(baseline: Baseline) -> None:
    """Terraform destroys what depends on something before it."""
    text = files(baseline, "management")["delegation.tf"]
    found = re.findall(r'^module "delegation_(\w*)" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL)
    alias = baseline.spec.terraform.aws_provider == 5
    assert len(found) == len(baseline.roots[0].regions)
    for label, body in found:
        assert f"depends_on = [module.{label if alias else 'region'}" in body


def test_members_differ_in_nothing_but_who_they_are(baseline: Baseline) -> None:
    ours, theirs = files(baseline, "members/payments"), files(baseline, "members/444455556666")
    swapped = {
        name: text.replace("444455556666", "333344445555").replace("members/333344445555", "members/payments")
        for name, text in theirs.items()
    }
    assert swapped == ours


def test_the_readme_says_the_order(baseline: Baseline) -> None:
    lines = re.findall(r"^\| (\d) \| \[(\S+)\]", files(baseline, ".")["README.md"], re.MULTILINE)
    assert {folder: int(wave) for wave, folder in lines} == {
        folder: 4 if folder.startswith("members/") else number for number, folder in enumerate(ROOTS, 1)
    }


LAST = ', {id: "444455556666"}'
RETIRING = '\n  retiring: [{{id: "444455556666", mode: {mode}, reason: sold, approved_by: Ann}}]'


def retiring(text: str, mode: str = "destroy") -> str:
    return text.replace(f"{LAST}]", "]" + RETIRING.format(mode=mode))


@pytest.mark.parametrize("provider", [5, 6])
def test_an_account_does_not_leave_without_a_word(environment: Make, provider: int) -> None:
    spec = environment(SPEC.format(provider=provider, more=""))
    Baseline.of(spec).write()
    before = {path: path.read_bytes() for path in spec.parent.rglob("*.tf")}
    spec.write_text(spec.read_text().replace(LAST, ""))
    where = "account 444455556666: root members/444455556666, state guardline/acme/members/444455556666"
    with pytest.raises(RefusedError, match=rf"orphaned.*\n  {where}\n.*organization\.retiring"):
        Baseline.of(spec).write()
    assert {path: path.read_bytes() for path in spec.parent.rglob("*.tf")} == before


def test_another_administrator_is_an_account_that_leaves(environment: Make) -> None:
    spec = environment(SPEC.format(provider=6, more=""))
    Baseline.of(spec).write()
    spec.write_text(spec.read_text().replace("111122223333", "999900001111"))
    with pytest.raises(RefusedError, match=r"account 111122223333: root security, state guardline/acme/security\n"):
        Baseline.of(spec).write()


@pytest.mark.parametrize("backend", [True, False])
def test_an_account_that_is_renamed_would_lose_its_state(environment: Make, backend: bool) -> None:
    text = SPEC.format(provider=6, more="")
    text = text if backend else re.sub(r"  backend: .*\n", "", text)
    spec = environment(text)
    Baseline.of(spec).write()
    spec.write_text(text.replace("name: payments", "name: paying"))
    with pytest.raises(RefusedError, match=r"account 333344445555: root members/payments.* -> root members/paying"):
        Baseline.of(spec).write()


@pytest.mark.parametrize("provider", [5, 6])
def test_a_retiring_account_keeps_its_providers_and_its_state_alone(environment: Make, provider: int) -> None:
    text = SPEC.format(provider=provider, more="block_public_buckets: true")
    spec = environment(text)
    Baseline.of(spec).write()
    before = files(Baseline.of(spec), "members/444455556666")
    spec.write_text(retiring(text))
    baseline = Baseline.of(spec)
    baseline.write()
    after = files(baseline, "members/444455556666")
    assert set(after) == {"README.md", "main.tf", "providers.tf", "versions.tf"}
    assert {name: after[name] for name in ("providers.tf", "versions.tf")} == {
        name: before[name] for name in ("providers.tf", "versions.tf")
    }
    assert not re.search(r"^(resource|module|data) ", source(baseline, "members/444455556666"), re.MULTILINE)
    assert "444455556666: root members/444455556666" in baseline.losses[0]
    assert "the next apply destroys" in baseline.losses[0]
    # Applied, and taken out of the spec: nothing is left, and nothing is asked.
    spec.write_text(text.replace(LAST, ""))
    Baseline.of(spec).write()
    assert not (spec.parent / "members" / "444455556666").exists()


def test_a_retiring_account_is_taken_away_with_what_a_member_may_do(environment: Make) -> None:
    text = SPEC.format(provider=6, more="")
    (before,) = (
        policy for name, policy in policies(Baseline.of(environment(text)).roots).items() if name.endswith("6666")
    )
    roots = Baseline.of(environment(retiring(text))).roots
    (after,) = (policy for name, policy in policies(roots).items() if name.endswith("6666"))
    assert after == before


def test_an_account_that_is_forgotten_loses_its_root_and_says_so(environment: Make) -> None:
    text = SPEC.format(provider=6, more="")
    spec = environment(text)
    Baseline.of(spec).write()
    spec.write_text(retiring(text, "forget"))
    baseline = Baseline.of(spec)
    baseline.write()
    assert not (spec.parent / "members" / "444455556666").exists()
    assert [sentence for sentence in baseline.losses if "AWS keeps what there is" in sentence]


def test_an_account_that_is_closed_in_aws_leaves_and_says_so(environment: Make) -> None:
    text = re.sub(r"  members: .*\n", "  members_file: listed.json\n", SPEC.format(provider=6, more=""))
    spec = environment(text)

    def listed(state: str) -> None:
        entries = [{"Id": "333344445555", "State": "ACTIVE"}, {"Id": "444455556666", "State": state}]
        (spec.parent / "listed.json").write_text(json.dumps({"Accounts": entries}))

    listed("ACTIVE")
    Baseline.of(spec).write()
    listed("CLOSED")
    baseline = Baseline.of(spec)
    baseline.write()
    assert not (spec.parent / "members" / "444455556666").exists()
    assert [sentence for sentence in baseline.losses if "CLOSED in AWS" in sentence]


def test_files_of_the_users_stay_where_a_root_goes(environment: Make) -> None:
    spec = environment(SPEC.format(provider=6, more=""))
    Baseline.of(spec).write()
    members = spec.parent / "members"
    (members / "444455556666" / "terraform.tfvars").write_text("# ours\n")
    (members / "theirs").mkdir()
    (members / "theirs" / "main.tf").write_text("# theirs\n")
    spec.write_text(spec.read_text().replace(LAST, "").replace("name: payments", "name: paying"))
    Baseline.of(spec).write(force=True)
    assert sorted(path.name for path in members.iterdir()) == ["444455556666", "log-archive", "paying", "theirs"]
    assert [path.name for path in (members / "444455556666").iterdir()] == ["terraform.tfvars"]
    assert Baseline.of(spec).write() == ()


def test_one_account_becomes_an_organization_and_back(environment: Make) -> None:
    organization = SPEC.format(provider=6, more="")
    one = re.sub(r"organization:\n(?:  .*\n)+", 'account: {id: "111122223333"}\n', organization)
    spec = environment(one)
    Baseline.of(spec).write()
    assert (spec.parent / "regions.tf").exists()
    spec.write_text(organization)
    Baseline.of(spec).write()
    assert not (spec.parent / "regions.tf").exists()
    assert (spec.parent / "members" / "payments" / "regions.tf").exists()
    spec.write_text(one)
    with pytest.raises(RefusedError, match="account 333344445555"):
        Baseline.of(spec).write()
    Baseline.of(spec).write(force=True)
    assert (spec.parent / "regions.tf").exists()
    assert not (spec.parent / "members").exists() or not list((spec.parent / "members").rglob("*.tf"))


def test_five_hundred_accounts_are_rendered_in_seconds(environment: Make) -> None:
    """Processor time, for the machine may be busy; three seconds are the bar, and a slower machine is given thrice."""
    more = "fan_out: {github_actions: {role: gh}, atlantis: true, terragrunt: true}"
    text = re.sub(r"  members: .*\n", "  members_file: accounts.json\n", SPEC.format(provider=6, more=more))
    spec = environment(text)
    entries = [{"Id": f"{500000000000 + number}", "Status": "ACTIVE"} for number in range(500)]
    (spec.parent / "accounts.json").write_text(json.dumps({"Accounts": entries}))
    began = time.process_time()
    baseline = Baseline.of(spec)
    took = time.process_time() - began
    assert len(baseline.roots) == 504
    assert took < 9


def test_the_same_organization_gives_the_same_bytes_in_any_order_of_its_members(environment: Make) -> None:
    text = SPEC.format(provider=6, more="")
    turned = text.replace(
        '{id: "333344445555", name: payments}, {id: "444455556666"}',
        '{id: "444455556666"}, {id: "333344445555", name: payments}',
    )
    assert turned != text
    first, second = Baseline.of(environment(text, name="one")), Baseline.of(environment(turned, name="two"))
    assert [folder.files for folder in first.folders] == [folder.files for folder in second.folders]


def test_a_role_of_the_spec_is_the_one_accounts(environment: Make) -> None:
    (root,) = Baseline.of(environment()).roots
    assert isinstance(root, Root)
    assert root.role == {"role_arn": "arn:aws:iam::111122223333:role/terraform", "external_id": "golden"}
    assert (root.duty, str(root.folder), root.way_up) == ("account", ".", "")


@pytest.mark.parametrize(("root", "name"), [("management", "delegation"), ("organization", "members")])
def test_both_styles_have_the_same_addresses_and_older_ones_are_carried_over(
    environment: Make, root: str, name: str
) -> None:
    alias = Baseline.of(environment(SPEC.format(provider=5, more=""), name="five"))
    moved = environment(SPEC.format(provider=6, more="").replace("aws_provider: 6", AWS_6_MOVED), name="six")
    argument = Baseline.of(moved)
    assert calls(source(alias, root)).keys() >= {f"{name}_{region.label}" for region in alias.roots[0].regions}
    assert {each for each in calls(source(alias, root)) if each.startswith(name)} == {
        each for each in calls(source(argument, root)) if each.startswith(name)
    }
    moves = dict(re.findall(r"from = (.*)\n  to   = (.*)", files(argument, root)["moves.tf"]))
    expected = {f'module.{name}["{r.name}"]': f"module.{name}_{r.label}" for r in argument.roots[0].regions}
    del expected[f'module.{name}["eu-north-1"]']
    expected[f"module.{name}_canary"] = f"module.{name}_eu_north_1"
    assert {old: new for old, new in moves.items() if new.startswith(f"module.{name}_")} == expected
    assert "moves.tf" not in files(alias, root)


@pytest.mark.parametrize("provider", [5, 6])
def test_a_region_that_is_forgotten_stays_delegated(environment: Make, provider: int) -> None:
    retiring = "regions: {not_opted_in: rest, retiring: [{region: sa-east-1, mode: forget}]}"
    text = SPEC.format(provider=provider, more="").replace("regions: {not_opted_in: rest}", retiring)
    baseline = Baseline.of(environment(text))
    for root, name in (("management", "delegation"), ("organization", "members")):
        found = source(baseline, root)
        assert f"removed {{\n  from = module.{name}_sa_east_1\n" in found
        assert f'module "{name}_sa_east_1"' not in found


def test_what_must_be_on_in_the_organization_is_checked_when_terraform_plans(environment: Make) -> None:
    plain = files(Baseline.of(environment(SPEC.format(provider=5, more=""), name="one")), "management")["delegation.tf"]
    assert 'self.feature_set == "ALL"' in plain
    assert "--service-principal guardduty.amazonaws.com" in plain
    assert "--service-principal malware-protection.guardduty.amazonaws.com" in plain
    assert "SERVICE_CONTROL_POLICY" not in plain
    more = (
        "response: {alerts: {email: [x@example.com]}}\n"
        "tamper: {scp: true, exempt_roles: ['arn:aws:iam::*:role/deploy']}\n"
        "guardduty: {features: {ebs_malware_protection: false}}\n"
    )
    asked = files(Baseline.of(environment(SPEC.format(provider=5, more=more), name="two")), "management")[
        "delegation.tf"
    ]
    assert 'kind.type == "SERVICE_CONTROL_POLICY" && kind.status == "ENABLED"' in asked
    assert "malware-protection.guardduty.amazonaws.com" not in asked
