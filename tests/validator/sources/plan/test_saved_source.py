"""The configuration inside a saved plan: read as it was, and never more than there can be."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.validator.model.value import known
from guardline.validator.sources.hcl.config import Configuration, load
from guardline.validator.sources.plan import saved_source
from guardline.validator.sources.plan.decode import PlanError
from guardline.validator.sources.plan.load import Hints
from guardline.validator.sources.plan.load import load as load_plan
from guardline.validator.sources.plan.own_source import from_saved
from tests.support.plans import change, plan, resource
from tests.support.saved_plans import saved

ROOT = {"main.tf": 'resource "aws_vpc" "v" {}\nmodule "log" {\n  source = "../../mods/log"\n}\n'}
LOG = {"main.tf": 'locals {\n  a = 1\n}\nresource "aws_flow_log" "f" {}\n'}


def configuration(data: bytes, home: Path) -> Configuration:
    with saved_source.unpacked(data, home) as (root, bounds):
        return load(root, bounds=bounds)


def test_modules_lie_where_they_lay_and_are_shown_by_their_own_names(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    found = configuration(saved({"": (".", ROOT), "log": ("../../mods/log", LOG)}), tmp_path / "envs" / "prod")
    assert found.position((), "managed", "aws_vpc", "v") == ("envs/prod/main.tf", 1)
    assert found.position(("log",), "managed", "aws_flow_log", "f") == ("mods/log/main.tf", 4)
    assert not found.errors
    assert not found.missing


def test_a_module_from_a_registry_is_found_through_the_plans_own_record(tmp_path: Path) -> None:
    root = {"main.tf": 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'}
    data = saved({"": (".", root), "vpc": (".terraform/modules/vpc", {"main.tf": 'resource "aws_vpc" "this" {}\n'})})
    found = configuration(data, tmp_path)
    position = found.position(("vpc",), "managed", "aws_vpc", "this")
    assert position is not None
    assert position[0].endswith(".terraform/modules/vpc/main.tf")


def test_nothing_is_written_outside_the_copy(tmp_path: Path) -> None:
    evil = ("../../../../../../../../../../tmp/guardline-evil", {"main.tf": 'resource "aws_vpc" "evil" {}\n'})
    data = saved({"": (".", ROOT), "log": evil, "abs": ("/tmp/guardline-evil", LOG)})  # noqa: S108 - not to be made
    with saved_source.unpacked(data, tmp_path) as (root, bounds):
        copy = bounds.limit
        assert root.is_relative_to(copy)
        assert all(path.is_relative_to(copy) for path in copy.rglob("main.tf"))
    assert not Path("/tmp/guardline-evil").exists()  # noqa: S108
    assert not copy.exists()


def test_an_entry_with_dots_in_its_name_belongs_to_no_module(tmp_path: Path) -> None:
    data = saved({"": (".", ROOT)}, **{"tfconfig__m-__..__..__evil.tf": "x = 1\n", "tfconfig__evil.tf": "x = 1\n"})
    assert not configuration(data, tmp_path).errors


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04 and no more", "is not a saved plan"),
        (saved({"log": (".", ROOT)}), "not what Terraform"),
        (saved({"": (".", ROOT)}, **{"tfconfig__modules.json": "[{]"}), "not what Terraform"),
        (saved({"": (".", ROOT)}, **{"tfconfig__modules.json": '[{"Key": "", "Dir": 7}]'}), "not what Terraform"),
        (saved({"": (".", ROOT)}, **{"tfconfig__modules.json": '[{"Key": "", "Dir": "\\u0000"}]'}), "not what Terra"),
        (saved({"": (".", {"big.tf": " " * 9 * 2**20})}), "larger than 8 MiB"),
        (saved({"": (".", {f"{n}.tf": "#" * 8 * 2**20 for n in range(9)})}), "larger than 64 MiB"),
        (saved({"": (".", {"a" * 300 + ".tf": ""})}), "cannot be laid out"),
    ],
)  # fmt: skip
def test_what_is_no_saved_plan_is_refused(data: bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=says):
        configuration(data, tmp_path)


def test_a_zip_of_something_else_is_told_apart(tmp_path: Path) -> None:
    import io
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(PlanError, match="not a saved Terraform plan"):
        configuration(made.getvalue(), tmp_path)


def test_files_beside_the_source_are_unknown_not_absent(tmp_path: Path) -> None:
    """A saved plan holds no other file, and `fileexists` must not say that there is none."""
    (tmp_path / "on").write_text("yes")
    source = 'resource "aws_guardduty_detector" "d" {\n  enable = fileexists("on")\n}\n'
    from guardline.validator.model.guardduty import Detector
    from guardline.validator.sources.hcl.folder import Inputs
    from guardline.validator.sources.hcl.folder import load as load_folder

    with saved_source.unpacked(saved({"": (".", {"main.tf": source})}), tmp_path) as (root, bounds):
        (detector,) = load_folder(root, Hints(), Inputs(), bounds=bounds).estate.all(Detector)
    assert not detector.enabled.is_known
    assert "saved plan does not hold" in (detector.enabled.reason or "")


def test_a_plans_locals_come_from_its_own_configuration(tmp_path: Path) -> None:
    from guardline.validator.model.ec2 import FlowLog

    text = (
        'locals {\n  vpc = aws_vpc.v.id\n}\nresource "aws_vpc" "v" {}\n'
        'resource "aws_flow_log" "f" {\n  vpc_id = local.vpc\n  traffic_type = "ALL"\n}\n'
    )
    data = plan(
        [change("aws_vpc.v", {}, {"id": True}), change("aws_flow_log.f", {"traffic_type": "ALL"}, {"vpc_id": True})],
        [resource("aws_vpc", "v"), resource("aws_flow_log", "f", vpc_id={"references": ["local.vpc"]})],
    )
    source = from_saved(saved({"": (".", {"main.tf": text})}), tmp_path)
    (log,) = load_plan(data, None, source).after.all(FlowLog)
    assert log.resource.map(lambda ref: ref.address) == known("aws_vpc.v")
    assert log.origin.line == 5
