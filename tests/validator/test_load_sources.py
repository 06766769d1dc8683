"""What people name as a source: read, or refused in words that say the way out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from guardline.validator.load_sources import Choices, Read, read
from guardline.validator.model.guardduty import Detector
from guardline.validator.sources.plan.load import Hints
from tests.support.source_trees import write


def change(**parts: Any) -> dict[str, Any]:
    return {
        "address": "aws_guardduty_detector.d",
        "mode": "managed",
        "type": "aws_guardduty_detector",
        "name": "d",
        "change": {"actions": ["create"], "before": None, "after": {"enable": True}, "after_unknown": {"id": True}},
        **parts,
    }


def plan(**parts: Any) -> dict[str, Any]:
    resource = {"mode": "managed", "type": "aws_guardduty_detector", "name": "d", "provider_config_key": "aws"}
    return {
        "format_version": "1.2",
        "complete": True,
        "planned_values": {},
        "resource_changes": [change()],
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "us-east-1"}}}},
            "root_module": {"resources": [resource]},
        },
        **parts,
    }


def of(path: Path, content: bytes | object) -> Read:
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return read([str(path)], Choices(Hints()))


def message(found: Read) -> str:
    assert found.after is None
    (error,) = found.errors
    return error.message


def resources(found: Read) -> list[str]:
    assert not found.errors
    assert found.after is not None
    return [resource.origin.address for resource in found.after.all(Detector)]


def test_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    text = json.dumps(plan())
    assert resources(of(tmp_path / "p.json", text.encode("utf-8-sig"))) == ["aws_guardduty_detector.d"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(tmp_path: Path, encoding: str) -> None:
    said = message(of(tmp_path / "p.json", json.dumps(plan()).encode(encoding)))
    assert "UTF-16" in said
    assert "Out-File -Encoding utf8" in said


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("p.json", b"[command]/bin/terraform show -json p\n{}", "terraform_wrapper: false"),
        ("p.json", b'{"format_version": "1.2"}\n\n::debug::exited with code 0.\n', "terraform_wrapper: false"),
        ("main.tf.json", {"resource": {}}, "name its folder"),
        ("p.json", {"format_version": "1.0", "valid": True, "diagnostics": []}, "terraform validate -json"),
        ("p.json", {"format_version": "1.0", "provider_schemas": {}}, "terraform providers schema -json"),
        ("p.json", {"format_version": "1.0", "function_signatures": {}}, "terraform metadata functions -json"),
        ("p.json", {"format_version": "1.0", "modules": []}, "terraform modules -json"),
        ("p.json", b'{"@level":"info","type":"version"}\n{"@level":"info"}', "plan with `-out=PLAN`"),
        ("p.txt", b"Terraform will perform the following actions:\n", "is text, and not JSON; make it with"),
        ("s.txt", b"# the spec\nversion: 1\nname: x\n", "is a spec: give the folder of Terraform or the plan first"),
        ("main.tf", b'provider "aws" {}\n', "name its folder"),
    ],
)
def test_what_another_command_printed_is_named_with_the_way_out(
    tmp_path: Path, name: str, content: bytes | object, says: str
) -> None:
    assert says in message(of(tmp_path / name, content))


def test_nulls_stand_for_what_a_plan_leaves_out(tmp_path: Path) -> None:
    nulls = plan(
        resource_changes=[change(module_address=None, index=None, deposed=None)], variables=None, deferred_changes=None
    )
    assert resources(of(tmp_path / "p.json", nulls)) == ["aws_guardduty_detector.d"]


def test_a_null_that_is_a_value_stays_one(tmp_path: Path) -> None:
    values = {"actions": ["create"], "before": None, "after": {"enable": None}, "after_unknown": {}}
    found = of(tmp_path / "p.json", plan(resource_changes=[change(module_address=None, change=values)]))
    assert found.after is not None
    (detector,) = found.after.all(Detector)
    assert not detector.enabled.is_known


def test_an_entry_of_the_wrong_shape_is_named(tmp_path: Path) -> None:
    assert "aws_guardduty_detector.d" in message(of(tmp_path / "p.json", plan(resource_changes=[change(type=None)])))


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"terragrunt.hcl": ""}, "`terragrunt show -json PLAN > plan.json`"),
        ({"eu/vpc/terragrunt.hcl": "", "modules/vpc/main.tf": ""}, "`terragrunt show -json PLAN > plan.json`"),
        ({"main.tfcomponent.hcl": "", "modules/vpc/main.tf": ""}, "Terraform Stacks"),
        ({"live/prod/main.tf": "", "live/test/main.tf": ""}, "name the roots below it"),
        ({"prod.tfvars": "", "roots/a/main.tf.json": "{}"}, "name the roots below it"),
        ({"README.md": ""}, "without Terraform files (.tf, .tf.json, .tofu)"),
    ],
)
def test_a_folder_without_terraform_source(tmp_path: Path, files: dict[str, str], says: str) -> None:
    root = write(tmp_path / "root", files)
    assert says in message(read([str(root)], Choices(Hints())))


def test_a_root_with_a_terragrunt_file_is_read(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {"terragrunt.hcl": "", "main.tf": 'resource "aws_guardduty_detector" "d" {}\n'})
    assert resources(read([str(root)], Choices(Hints(), cache=False))) == ["aws_guardduty_detector.d"]


def test_modules_beside_the_root_are_read_within_the_tree_that_is_named(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "main.tf").write_text('module "m" {\n  source = "../modules/m"\n}\n')
    (tmp_path / "modules" / "m").mkdir(parents=True)
    (tmp_path / "modules" / "m" / "main.tf").write_text('resource "aws_guardduty_detector" "d" {\n}\n')
    alone = read([str(root)], Choices(Hints(), cache=False))
    assert alone.after is not None
    assert "--tree DIR" in (alone.after.incomplete or "")
    both = read([str(root)], Choices(Hints(), cache=False, tree=tmp_path))
    assert resources(both) == ["module.m.aws_guardduty_detector.d"]
    assert "lies outside" in message(read([str(root)], Choices(Hints(), cache=False, tree=tmp_path / "modules")))


@pytest.mark.parametrize(
    ("more", "told"),
    [("", ()), ('resource "aws_guardduty_detector" "d" {}\n', (frozenset({"111122223333"}),))],
    ids=["members alone", "a detector beside them"],
)
@pytest.mark.parametrize(
    "alone",
    [
        'resource "aws_securityhub_member" "m" {\n  account_id = "333344445555"\n}\n',
        'resource "aws_s3_bucket" "b" {\n  bucket = "archive"\n}\nresource "aws_kms_key" "k" {\n}\n',
    ],
    ids=["members of Security Hub", "buckets and keys"],
)
def test_a_source_that_is_there_for_other_accounts_alone_tells_nothing_else(
    tmp_path: Path, alone: str, more: str, told: tuple[frozenset[str], ...]
) -> None:
    """What it lacks may be in another root of the account, so that nothing is known to be missing."""
    root = 'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111122223333"]\n}\n'
    write(tmp_path, {"main.tf": root + alone + more})
    assert read([str(tmp_path)], Choices(Hints())).told == told
