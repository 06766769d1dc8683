"""Security Hub's members: the root that makes an organization's accounts members, after all others."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from guardline.generator.baseline import Baseline
from guardline.generator.deploy import policy
from guardline.generator.fan_out import waves

Make = Callable[..., Path]

SPEC = """\
version: 1
name: acme
home_region: eu-west-1
terraform: {{aws_provider: {provider}}}
regions:
  not_opted_in: rest
  retiring: [{{region: us-west-2, mode: {mode}, reason: not used, approved_by: the owner}}]
organization:
  id: o-exampleorgid
  management_account: "000011112222"
  admin_account: "111122223333"
  members: [{{id: "333344445555", name: payments}}, {{id: "444455556666"}}]
fan_out: {{terragrunt: true}}
{more}
"""
HUB = "security_hub: {}\nconfig: {}"


def baseline(environment: Make, provider: int = 6, more: str = HUB, mode: str = "forget") -> Baseline:
    return Baseline.of(environment(SPEC.format(provider=provider, more=more, mode=mode)))


def files(baseline: Baseline) -> dict[str, str]:
    (folder,) = (each for each in baseline.folders if each.path == baseline.root / "hub-members")
    return {str(path): text for path, text in folder.files.items()}


@pytest.mark.parametrize("provider", [5, 6], ids=["alias", "argument"])
def test_every_other_account_is_a_member_in_every_region(environment: Make, provider: int) -> None:
    made = baseline(environment, provider)
    text = files(made)["hub-members.tf"]
    assert re.findall(r'^    "(\d+)",$', text, re.MULTILINE) == ["000011112222", "333344445555", "444455556666"]
    regions = {region.label: region.name for region in made.roots[0].regions}
    assert re.findall(r'resource "aws_securityhub_member" "(\w+)"', text) == list(regions)
    placed = re.findall(
        r'^  region     = "(.*)"$' if provider == 6 else r"^  provider   = aws\.(\w+)$", text, re.MULTILINE
    )
    assert placed == (list(regions.values()) if provider == 6 else [name for name in regions if name != "eu_west_1"])


def test_it_is_applied_last_by_the_administrator(environment: Make) -> None:
    made = baseline(environment)
    last = waves(made.roots)[-1]
    (root,) = last.roots
    assert (last.name, root.account_id, root.folder) == ("hub-members", "111122223333", PurePosixPath("hub-members"))
    paths = re.findall(r'"(\.\./.*?)"', files(made)["terragrunt.hcl"])
    assert paths == ["../management", "../members/444455556666", "../members/payments"]


@pytest.mark.parametrize("more", ["", "security_hub: {mode: reference, owner: other team}"])
def test_there_is_no_such_root_where_hubs_are_not_made(environment: Make, more: str) -> None:
    assert "hub-members" not in {root.duty for root in baseline(environment, more=more).roots}


@pytest.mark.parametrize("mode", ["forget", "destroy"])
def test_a_retiring_region_is_let_go_for_aws_deletes_no_member(environment: Make, mode: str) -> None:
    found = files(baseline(environment, mode=mode))
    assert "  from = aws_securityhub_member.us_west_2\n\n  lifecycle {\n    destroy = false" in found["hub-members.tf"]
    assert 'required_version = ">= 1.6, >= 1.7"' in found["versions.tf"]


def test_what_runs_terraform_can_make_members_and_not_take_them_away(environment: Make) -> None:
    (root,) = (root for root in baseline(environment).roots if root.duty == "hub-members")
    granted = {action for statement in policy(root)["Statement"] for action in statement["Action"]}
    assert {each for each in granted if each.startswith("securityhub:")} == {
        "securityhub:CreateMembers",
        "securityhub:GetMembers",
    }
