"""What `generate` says before anything is applied: what is billed, what the deployer needs, what must not be there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from guardline.cli import app
from guardline.generator.context import roots_of
from guardline.generator.estimate import rows
from guardline.spec.features import FEATURES
from guardline.spec.load import load

Make = Callable[..., Path]
ENVIRONMENTS = sorted((Path(__file__).parents[2] / "environments").glob("*/guardline.yaml"))
ORGANIZATION = """\
version: 1
name: corp
home_region: eu-west-1
regions: {not_opted_in: rest}
organization:
  id: o-exampleorgid
  management_account: "111122223333"
  admin_account: "444455556666"
  members: [{id: "777788889999"}, {id: "000011112222"}]
"""


def generate(*arguments: object, columns: int = 200) -> Result:
    return CliRunner().invoke(app, ["generate", *map(str, arguments)], env={"COLUMNS": str(columns)})


def test_an_estimate_lists_units_and_links_and_writes_nothing(environment: Make) -> None:
    spec = environment()
    before = sorted(spec.parent.rglob("*"))
    answer = generate(spec, "--estimate")
    assert answer.exit_code == 0
    assert sorted(spec.parent.rglob("*")) == before
    assert re.search(r"S3 Protection\s+│ million S3 data events\s+│ all 3 regions", answer.stdout)
    assert "Amazon GuardDuty: https://aws.amazon.com/guardduty/pricing/" in answer.stdout
    assert "What AWS bills in 111122223333" in answer.stdout


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.parent.name)
def test_no_price_is_invented_and_every_link_is_awss(path: Path) -> None:
    found = list(rows(tuple(roots_of(load(path), path, lambda _: "./modules"))))
    assert found
    for row in found:
        assert row.billed.link.startswith(("https://aws.amazon.com/", "https://www.amazonaws.cn/")), row
        assert not re.search(r"[$€£]|USD|cent", f"{row.billed.what} {row.billed.unit}"), row
        assert row.where, row


def test_a_plan_that_is_off_or_not_offered_is_not_billed_there(environment: Make) -> None:
    spec = environment()  # Lambda Protection is off in it
    what = {row.billed.what: row.where for row in rows(tuple(roots_of(load(spec), spec, lambda _: "x")))}
    assert "Lambda Protection" not in what
    assert len([name for name in what if name.endswith(("Protection", "for EC2", "Monitoring"))]) == len(FEATURES) - 1
    text = 'version: 1\nname: china\npartition: aws-cn\nhome_region: cn-north-1\naccount: {id: "111122223333"}\n'
    china = environment(text=text + "regions: {}\n", name="china")
    assert "Runtime Monitoring" not in {
        row.billed.what for row in rows(tuple(roots_of(load(china), china, lambda _: "x")))
    }


def test_members_are_estimated_together(environment: Make) -> None:
    spec = environment(text=ORGANIZATION, name="corp")
    whose = list(dict.fromkeys(row.accounts for row in rows(tuple(roots_of(load(spec), spec, lambda _: "x")))))
    assert whose == ["111122223333", "444455556666", "each of 2 members"]


def test_the_deploy_policy_is_json_alone_and_nothing_is_written(environment: Make) -> None:
    spec = environment()
    before = sorted(spec.parent.rglob("*"))
    answer = generate(spec, "--deploy-policy")
    assert answer.exit_code == 0
    parts = json.loads(answer.stdout)
    assert {part["Version"] for part in parts.values()} == {"2012-10-17"}
    assert list(parts) == [f"deploy-{number}" for number in range(1, len(parts) + 1)]
    assert "attach all of a name" in answer.stderr
    assert sorted(spec.parent.rglob("*")) == before


def test_an_organization_has_a_policy_for_each_root(environment: Make) -> None:
    answer = generate(environment(text=ORGANIZATION, name="corp"), "--deploy-policy")
    found = json.loads(answer.stdout)
    whose = {re.sub(r"-\d$", "", name) for name in found}
    assert {"management", "security", "organization"} < whose
    assert len([name for name in whose if name.startswith("members/")]) == 2
    delegating = {
        action
        for name, part in found.items()
        if name.startswith("management")
        for statement in part["Statement"]
        for action in statement["Action"]
    }
    assert "guardduty:EnableOrganizationAdminAccount" in delegating


@pytest.mark.parametrize("two", [("--check", "--estimate"), ("--estimate", "--deploy-policy")])
def test_one_question_at_a_time(environment: Make, two: tuple[str, str]) -> None:
    answer = generate(environment(), *two)
    assert answer.exit_code == 2
    assert "ask one" in re.sub(r"[│\s]+", " ", answer.stderr)


def test_a_spec_with_mistakes_has_neither(environment: Make) -> None:
    spec = environment(text="version: 1\n", name="broken")
    for option in ("--estimate", "--deploy-policy"):
        assert generate(spec, option).exit_code == 2


def test_what_is_taken_for_absent_is_said_once_on_stderr_and_in_the_readme(environment: Make) -> None:
    spec = environment()
    first = generate(spec)
    said = [line for line in first.stderr.splitlines() if "must not exist yet in 111122223333" in line]
    assert len(said) == 1
    assert "a GuardDuty detector in any covered region" in said[0]
    assert "a GuardDuty detector in any covered region" in (spec.parent / "README.md").read_text()
    assert "must not exist yet" not in generate(spec).stderr  # nothing was written
    assert "must not exist yet" not in first.stdout


def test_members_take_the_same_for_absent(environment: Make) -> None:
    answer = generate(environment(text=ORGANIZATION, name="corp"))
    whose = re.findall(r"must not exist yet in ([\w ]+):", answer.stderr)
    assert whose[:2] == ["111122223333", "444455556666"]
    assert whose.count("each member") <= 1
