"""A hostile tree never hangs, never reads outside, and never passes for complete."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from guardline.validator.sources.hcl import evaluate
from guardline.validator.sources.hcl import load as loading
from guardline.validator.sources.hcl.config import load
from guardline.validator.sources.hcl.load import blocks
from tests.support.source_trees import reading, write

VPC = 'resource "aws_vpc" "v" {\n  cidr_block = local.x\n}\n'


@pytest.mark.parametrize(
    "expression",
    [
        "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a]]]",
        'join("", [for a in range(1000) : join("", [for b in range(1000) : "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"])])',
        "setproduct(range(1000), range(1000), range(1000))",
        'format("%999999999d", 1)',
        "local.doubled",
    ],
)
def test_work_without_end_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expression: str) -> None:
    monkeypatch.setattr(evaluate, "STEPS", 200_000)
    doubling = "".join(f'  d{n} = "${{local.d{n - 1}}}${{local.d{n - 1}}}"\n' for n in range(1, 60))
    text = f'locals {{\n  x = {expression}\n  d0 = "x"\n{doubling}  doubled = local.d59\n}}\n' + VPC
    began = time.monotonic()
    found = reading(tmp_path, text)
    assert time.monotonic() - began < 60
    values = [block.tree.text("cidr_block") for block in found.blocks.of("aws_vpc")]
    assert found.blocks.incomplete is not None or not values[0].is_known


def test_a_pattern_that_backtracks_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "SECONDS", 1.0)
    found = reading(tmp_path, 'locals {\n  x = regex("^(a+)+$", "' + "a" * 60 + 'b")\n}\n' + VPC)
    assert found.blocks.incomplete == "the configuration is not evaluated within 1 s"
    assert any("not evaluated within" in str(error) for error in found.errors)


def test_too_many_instances(tmp_path: Path) -> None:
    found = reading(tmp_path, 'resource "aws_vpc" "v" {\n  count = 1000000000\n}\n').blocks
    assert found.incomplete == "the configuration makes more than 200000 instances"


@pytest.mark.parametrize(
    "text",
    [
        "locals {\n  x = local.y\n  y = local.x\n}\n" + VPC,
        "locals {\n  x = aws_vpc.v.cidr_block\n}\n" + VPC,
        'locals {\n  x = module.m.o\n}\nmodule "m" {\n  source = "./m"\n  v = local.x\n}\n' + VPC,
    ],
)
def test_loops_are_unknown(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"m/main.tf": 'variable "v" {\n}\noutput "o" {\n  value = var.v\n}\n'})
    (vpc,) = reading(tmp_path, text).blocks.of("aws_vpc")
    assert "refers to itself" in (vpc.tree.text("cidr_block").reason or "")


def test_a_long_chain_of_locals_is_an_answer_or_incomplete(tmp_path: Path) -> None:
    chain = "".join(f"  l{n} = local.l{n + 1}\n" for n in range(3000))
    found = reading(tmp_path, "locals {\n  x = local.l0\n" + chain + '  l3000 = "end"\n}\n' + VPC)
    assert found.blocks.incomplete == "the configuration refers too deeply to be evaluated"


@pytest.mark.parametrize(
    "expression",
    [
        'file("../secret")', 'file("/etc/passwd")', 'file("link")', 'templatefile("../secret", {})',
        'filebase64("folder/link")', 'fileexists("../secret")', 'join("", fileset("..", "*"))', 'filesha256("link")',
    ],
)  # fmt: skip
def test_files_outside_are_not_read(tmp_path: Path, expression: str) -> None:
    (tmp_path / "secret").write_text("secret")
    root = write(tmp_path / "root", {"main.tf": f"locals {{\n  x = {expression}\n}}\n" + VPC, "folder/x": ""})
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "folder" / "link").symlink_to(tmp_path / "secret")
    found = blocks(load(root, limit=root), {"aws_vpc"}).blocks
    (vpc,) = found.of("aws_vpc")
    assert "outside the source" in (vpc.tree.text("cidr_block").reason or "")


def test_fileset_leaves_out_links_to_outside(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    text = 'locals {\n  x = join(",", fileset(".", "folder/**"))\n}\n' + VPC
    root = write(tmp_path / "root", {"main.tf": text, "folder/a": "", "folder/b/c": ""})
    (root / "folder" / "link").symlink_to(tmp_path / "secret")
    (vpc,) = blocks(load(root, limit=root), {"aws_vpc"}).blocks.of("aws_vpc")
    assert vpc.tree.text("cidr_block").get() == "folder/a,folder/b/c"


def test_a_broken_file_makes_the_source_incomplete(tmp_path: Path) -> None:
    found = reading(tmp_path, {"main.tf": VPC, "broken.tf": "locals {\n"})
    assert (found.blocks.incomplete or "").startswith("broken.tf:1: the file ends too early")
    assert len(found.errors) == 1


def test_templates_see_only_what_they_are_given(tmp_path: Path) -> None:
    files = {
        "main.tf": 'locals {\n  x = templatefile("t.tpl", { names = ["a", "b"], on = true })\n'
        '  y = templatefile("u.tpl", {})\n}\n' + VPC,
        "t.tpl": "%{ for n in names ~}\n${n}=${on}\n%{ endfor ~}\n",
        "u.tpl": "${local.x}",
    }
    (vpc,) = reading(tmp_path, files).blocks.of("aws_vpc")
    assert vpc.tree.text("cidr_block").get() == "a=true\nb=true\n"
    files["main.tf"] = files["main.tf"].replace("= local.x", "= local.y")
    (vpc,) = reading(tmp_path, files).blocks.of("aws_vpc")
    assert "not passed" in (vpc.tree.text("cidr_block").reason or "")
