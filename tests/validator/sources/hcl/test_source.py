"""What the HCL adds to a plan, in the plan's own representation."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.validator.sources.hcl.config import load
from guardline.validator.sources.hcl.parse import parse
from guardline.validator.sources.hcl.traversals import references
from guardline.validator.sources.plan.decode import ProviderConfig


def refs(expression: str) -> list[str]:
    return references(parse(f"a = {expression}\n".encode(), "x.tf").attributes["a"].value)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # The first four are what Terraform 1.11.4 wrote into a plan for these expressions.
        ("aws_vpc.c[0].id", ["aws_vpc.c[0].id", "aws_vpc.c[0]", "aws_vpc.c"]),
        ("aws_vpc.cnt[count.index].id", ["aws_vpc.cnt", "count.index"]),
        ("each.value.id", ["each.value.id", "each.value"]),
        ("module.plain.vpc_id", ["module.plain.vpc_id", "module.plain"]),
        ('module.m["a.b"].out.x', ['module.m["a.b"].out.x', 'module.m["a.b"].out', 'module.m["a.b"]']),
        ('module.m["a"]', ['module.m["a"]', "module.m"]),
        ("data.aws_vpc.d.id", ["data.aws_vpc.d.id", "data.aws_vpc.d"]),
        ("resource.aws_vpc.d.id", ["aws_vpc.d.id", "aws_vpc.d"]),
        ('format("ap-%s-1", "south")', []),
        ("aws_vpc.x[*].id", ["aws_vpc.x"]),
        (
            "try(aws_vpc.a.id, var.b)",
            ["aws_vpc.a.id", "aws_vpc.a", "var.b"],
        ),
        ("{ for k, v in var.m : k => v.id if local.on }", ["var.m", "local.on"]),
        ('"$${var.x}-${var.y}"', ["var.y"]),
        ("<<EOT\n%{ for r in var.list ~}\n${r}${local.z}\n%{ endfor ~}\nEOT\n", ["var.list", "local.z"]),
    ],
)
def test_references_are_unwrapped_as_a_plan_does(expression: str, expected: list[str]) -> None:
    assert refs(expression) == expected


def test_locals_and_providers(tmp_path: Path) -> None:
    (tmp_path / "child").mkdir()
    (tmp_path / "main.tf").write_text(
        'locals {\n  vid = aws_vpc.root.id\n  plain = { a = [1, "b"] }\n}\n'
        'provider "aws" {\n  alias = "x"\n  region = "eu-west-1"\n}\n'
        'locals {\n  part = "south"\n  made = [format("ap-%s-1", local.part), 1 + 2]\n}\n'
        'provider "aws" {\n  alias = "f"\n  region = "ap-${local.part}-1"\n}\n'
        'provider "aws" {\n  alias = "v"\n  region = format("%s", var.region)\n}\n'
        'module "c" {\n  source = "./child"\n}\n'
    )
    (tmp_path / "child" / "main.tf").write_text("locals {\n  deep = var.v\n}\n")
    source = load(tmp_path)
    assert source.local((), "vid") == {"references": ["aws_vpc.root.id", "aws_vpc.root"]}
    assert source.local((), "plain") == {"constant_value": {"a": [1, "b"]}}
    assert source.local(("c",), "deep") == {"references": ["var.v"]}
    assert source.local((), "deep") is None
    assert source.local((), "made") == {"constant_value": ["ap-south-1", 3]}
    assert source.provider_attribute(ProviderConfig(name="aws", alias="f"), "region") == "ap-south-1"
    assert source.provider_attribute(ProviderConfig(name="aws", alias="v"), "region") is None
    assert source.provider_attribute(ProviderConfig(name="aws", alias="x"), "region") == "eu-west-1"
    assert source.provider_attribute(ProviderConfig(name="aws"), "region") is None
    (tmp_path / "child" / "main.tf").write_text('\nresource "aws_vpc" "v" {\n}\n')
    file, line = load(tmp_path).position(("c",), "managed", "aws_vpc", "v") or ("", 0)
    assert (file.endswith("child/main.tf"), line) == (True, 2)
