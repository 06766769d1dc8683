"""Loading a folder with its modules: what is found, where it says it is, and what it refuses to read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from guardline.validator.sources.hcl import module_sources
from guardline.validator.sources.hcl.config import Configuration, load
from guardline.validator.sources.hcl.positions import Position, Positions
from guardline.validator.sources.hcl.syntax import HclError, Literal


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def loaded(root: Path, files: dict[str, str]) -> Configuration:
    write(root, {".git/HEAD": "", **files})
    return load(root)


def test_positions_by_static_path(tmp_path: Path) -> None:
    where = Positions(
        loaded(
            tmp_path,
            {
                "main.tf": 'provider "aws" {\n  alias = "w"\n  region = "eu-west-1"\n}\n\n\n'
                'module "m" {\n  source = "./mod"\n}\n',
                "mod/main.tf": 'module "inner" {\n  source = "../inner"\n}\n',
                "inner/x.tf": '\nresource "aws_vpc" "v" {\n  enable = true\n  dynamic "s" {\n    content {}\n  }\n}\n',
            },
        )
    )
    deep = ("m", "inner")
    assert where.resource(deep, "managed", "aws_vpc", "v") == Position("inner/x.tf", 2)
    assert where.resource(deep, "managed", "aws_vpc", "v", "enable") == Position("inner/x.tf", 3)
    assert where.resource(deep, "managed", "aws_vpc", "v", "s") == Position("inner/x.tf", 4)
    assert where.resource(deep, "managed", "aws_vpc", "v", "absent") == Position("inner/x.tf", 2)
    assert where.resource(deep, "data", "aws_vpc", "v") is None
    assert where.calls(deep) == (Position("mod/main.tf", 1), Position("main.tf", 7))
    assert where.provider((), "aws", "w", "region") == Position("main.tf", 3)
    assert where.provider((), "aws") is None


def test_override_files_change_attributes_and_keep_their_own_lines(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        {
            "main.tf": 'resource "aws_vpc" "v" {\n  a = 1\n  b = 2\n  s {\n    x = 1\n  }\n  t {\n  }\n}\n'
            "locals {\n  l = 1\n  k = 2\n}\n",
            "main_override.tf": '\n\nresource "aws_vpc" "v" {\n  b = 3\n  s {\n    x = 2\n  }\n}\n'
            "locals {\n  l = 9\n}\n",
            "override.tf": 'resource "aws_vpc" "none" {\n}\n',
        },
    )
    vpc = found.modules[()].resources["managed", "aws_vpc", "v"]
    assert "3" in repr(vpc.body.attributes["b"].value)
    assert [block.type for block in vpc.body.blocks] == ["t", "s"]
    assert "9" in repr(found.modules[()].locals["l"].value)
    assert "2" in repr(found.modules[()].locals["k"].value)
    assert Positions(found).resource((), "managed", "aws_vpc", "v", "b") == Position("main_override.tf", 4)
    assert Positions(found).resource((), "managed", "aws_vpc", "v", "s") == Position("main_override.tf", 5)
    assert [str(error) for error in found.errors] == [
        "override.tf:1: resource.aws_vpc.none overrides nothing that is declared"
    ]


def test_an_override_changes_single_arguments_of_a_lifecycle(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        {
            "main.tf": 'resource "aws_vpc" "v" {\n  lifecycle {\n    prevent_destroy = true\n'
            "    ignore_changes = [tags]\n"
            "  }\n}\n",
            "override.tf": 'resource "aws_vpc" "v" {\n  lifecycle {\n    ignore_changes = [enable]\n  }\n}\n'
            'provider "aws" {\n  region = "eu-west-1"\n}\n',
        },
    )
    (lifecycle,) = found.modules[()].resources["managed", "aws_vpc", "v"].body.of("lifecycle")
    assert lifecycle.body.attributes["prevent_destroy"].value == Literal(True)
    assert "enable" in repr(lifecycle.body.attributes["ignore_changes"].value)
    assert not found.errors  # a default provider may be overridden though no block declares it


def test_a_broken_file_is_listed_and_the_rest_is_read(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"a.tf": "locals {\n  x = \n}\n", "b.tf": "locals {\n  y = 1\n}\n"})
    assert [(error.file, error.line) for error in found.errors] == [("a.tf", 2)]
    assert set(found.modules[()].locals) == {"y"}


def test_twice_declared_and_unknown_blocks_are_errors(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"a.tf": 'variable "x" {\n}\nvariable "x" {\n}\nresourse "a" "b" {\n}\n'})
    twice, unknown = map(str, found.errors)
    assert twice == "a.tf:3: var.x is declared twice; first at a.tf:1"
    assert unknown.startswith('a.tf:5: resourse "a" "b" is not a Terraform block; expected one of resource, data, ')


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('"../outside"', "lies outside"),
        ('"./link"', "lies outside"),
        ('"./nowhere"', "is not a folder"),
        ('"./."', "calls itself"),
        ('"terraform-aws-modules/vpc/aws"', "run terraform get"),
        ("var.s", "its source is unknown: var.s is not declared"),
    ],
)
def test_modules_that_are_not_read_are_named(tmp_path: Path, source: str, reason: str) -> None:
    write(tmp_path, {"outside/main.tf": "locals {\n}\n"})
    root = tmp_path / "root"
    write(root, {"main.tf": f'module "m" {{\n  source = {source}\n}}\n'})
    (root / "link").symlink_to(tmp_path / "outside")
    found = load(root, limit=root)
    assert list(found.modules) == [()]
    assert reason in found.missing["m",]
    assert "module.m" in found.missing["m",]


def test_a_file_that_links_outside_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, {"secret.tf": "locals {\n  s = 1\n}\n", "root/main.tf": "locals {\n}\n"})
    (tmp_path / "root" / "x.tf").symlink_to(tmp_path / "secret.tf")
    found = load(tmp_path / "root", limit=tmp_path / "root")
    assert "a link to outside" in found.errors[0].message
    assert not found.modules[()].locals


def test_downloaded_modules_are_read(tmp_path: Path) -> None:
    record = {"Modules": [{"Key": "", "Dir": "."}, {"Key": "vpc", "Dir": ".terraform/modules/vpc"}]}
    found = loaded(
        tmp_path,
        {
            "main.tf": 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n',
            ".terraform/modules/modules.json": json.dumps(record),
            ".terraform/modules/vpc/main.tf": "locals {\n  a = true\n}\n",
        },
    )
    assert not found.missing
    assert found.modules["vpc",].locals["a"].value == Literal(True)


def test_tofu_files_take_the_place_of_tf_files(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"a.tf": "locals {\n  x = 1\n}\n", "a.tofu": "locals {\n  y = 1\n}\n"})
    assert set(found.modules[()].locals) == {"y"}


@pytest.mark.parametrize("make", [False, True])
def test_nothing_to_read_is_an_error(tmp_path: Path, make: bool) -> None:
    root = tmp_path / "root"
    if make:
        root.mkdir()
    with pytest.raises(HclError, match="no Terraform source" if make else "no such folder"):
        load(root)


def test_calls_that_multiply_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_sources, "MODULES", 400)
    files = {
        f"m{level}/main.tf": "".join(f'module "c{n}" {{\n  source = "../m{level + 1}"\n}}\n' for n in range(4))
        for level in range(12)
    }
    write(tmp_path, {**files, "m12/main.tf": "locals {\n}\n"})
    found = load(tmp_path / "m0", limit=tmp_path)
    assert any("more than 400 module calls" in reason for reason in found.missing.values())
    assert len(found.modules) < 2_000
