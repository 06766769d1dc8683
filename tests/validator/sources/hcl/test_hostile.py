"""A hostile tree never hangs, never reads outside, and never passes for complete."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from guardline.validator.model.value import Value
from guardline.validator.sources.hcl import evaluate
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


@pytest.mark.parametrize(
    "locals_",
    [
        'x = [for i in range(1000) : [for j in range(1000) : "${i}${j}${local.b}"]]',
        "x = jsonencode([for i in range(1000) : local.b])",
        "x = join(local.b, [for i in range(1000) : local.b])",
        "x = indent(100000000, local.lines)",
        'x = replace(local.b, "0", local.b)',
        'x = replace(local.b, "/0/", local.b)',
        'x = replace(local.b, "//", local.b)',
        'x = format("%s${join("", [for i in range(1000) : "%[1]s"])}", local.b)',
        'x = formatlist("%s${local.b}", range(1000))',
        'x = yamldecode(join("\\n", concat(["a0: &a0 [x,x,x,x,x,x,x,x,x]"], local.aliases)))',
        'x = yamldecode("&a [*a]")',
        "x = [local.d40, local.d40]",
        "x = local.d40 == local.d40",
        "x = true ? local.d40 : local.d40",
        "x = flatten(local.d40)",
        "x = toset([local.d40])",
        "x = merge({ a = local.d40 }, { b = local.d40 })",
        'x = "%{for i in range(1000)}%{for j in range(1000)}${local.b}%{endfor}%{endfor}"',
    ],
)
def test_what_a_few_lines_blow_up_is_refused_before_it_is_built(tmp_path: Path, locals_: str) -> None:
    """Within the memory that the whole test run may have, and in seconds."""
    nine = ",".join(["*a${i}"] * 9)
    more = (
        '  b = join("", [for i in range(100) : format("%010000d", 0)])\n'
        '  lines = join("\\n", [for i in range(1000) : "x"])\n'
        f'  aliases = [for i in range(11) : "a${{i + 1}}: &a${{i + 1}} [{nine}]"]\n'
        '  d0 = ["x"]\n' + "".join(f"  d{n} = [local.d{n - 1}, local.d{n - 1}]\n" for n in range(1, 41))
    )
    found = reading(tmp_path, f"locals {{\n  {locals_}\n{more}}}\n" + VPC).blocks
    assert found.incomplete is not None
    assert any(words in found.incomplete for words in ("too large", "too long", "more than")), found.incomplete


@pytest.mark.parametrize("expression", ["local.d10", "[local.d10, local.d10]", "flatten(local.d10)[0]"])
def test_what_is_shared_a_little_is_fine(tmp_path: Path, expression: str) -> None:
    doubling = "".join(f"  d{n} = [local.d{n - 1}, local.d{n - 1}]\n" for n in range(1, 11))
    text = f'locals {{\n  y = {expression}\n  x = "a"\n  d0 = ["x"]\n{doubling}}}\n' + VPC
    found = reading(tmp_path, text + 'output "o" {\n  value = length(local.y)\n}\n').blocks
    assert found.incomplete is None


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('regex("^(a+)+$", "' + "a" * 60 + 'b")', None),
        ('tostring(can(regex("^(a+)+$", "' + "a" * 60 + 'b")))', "false"),
        ('regex("(a+)b", "xaab")[0]', "aa"),
        ('join(",", regexall("a*", "baaac"))', ",aaa,"),
        ('join(",", regexall("\\\\p{Lu}", "aÄÖb"))', "Ä,Ö"),
        ('replace("aÄb", "//", "-")', "-a-Ä-b-"),
        ('replace("abc", "/(?P<x>b)/", "<$${x}$1$1x$$>")', "a<bb$>c"),
        ('regex("(?P<y>\\\\d+)-(?P<m>\\\\d+)", "on 2026-11")["m"]', "11"),
        ('regex("(?P<y>\\\\d+)-(\\\\d+)", "on 2026-11")["y"]', None),
        ('regex("a(?=b)", "ab")', None),
        ('regex("\\\\Aab\\\\z", "ab")', "ab"),
        ('tostring(length(fileset(".", "' + "**/" * 40 + 'x*.none")))', "0"),
    ],
)
def test_patterns_are_gos_and_take_no_time(tmp_path: Path, call: str, expected: str | None) -> None:
    (vpc,) = reading(tmp_path, {"main.tf": f"locals {{\n  x = {call}\n}}\n{VPC}", "deep/er/x": ""}).blocks.of("aws_vpc")
    assert vpc.tree.text("cidr_block").known_or(None) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "1e9999999",
        "-1e9999999",
        'tonumber("1e9999999")',
        "1e200 * 1e200 * 1e200",
        "9" * 5000,
        'csvdecode("\\n")',
        'csvdecode("a\\u0000b\\n1")',
        'base64decode("é")',
        'textdecodebase64("é", "UTF-8")',
        'yamldecode("!!timestamp x")',
        'yamldecode("!!float x")',
        'yamldecode("!!int x")',
        'yamldecode("!!binary é")',
        'yamldecode("? [a]\\n: b")',
        'yamldecode("a: !!python/object/apply:os.system [x]")',
        'file("a\\u0000b")',
        'fileexists("a\\u0000b")',
        'fileset("a\\u0000b", "*")',
        'file("' + "x" * 300 + '")',
        'fileexists("' + "x" * 300 + '")',
        'file("loop")',
        'fileset("' + "x" * 300 + '", "*")',
        'format("%c", "x")',
        'format("%.99999999999999999999d", 1)',
        'jsondecode("1e999999999")',
        'jsondecode("' + "1" * 5000 + '")',
        'timeadd("9999-12-31T23:59:59Z", "999999999999h")',
        'timecmp("0001-01-01T00:00:00+23:59", "x")',
        'formatdate("YYYY", "0001-01-01T00:00:00+23:59")',
        'cidrhost("::/0", 1e300)',
        'cidrsubnet("10.0.0.0/8", 1e300, 1)',
        "pow(10, 1e300)",
        "log(1e-300, 1e-300)",
        'parseint("é", 10)',
        "range(1e300)",
        'element(["a"], 1e300)',
        'substr("a", 1e300, 1e300)',
        "chunklist([1], 1e300)",
        'uuidv5("é", "x")',
        'templatestring("${1e9999999}", {})',
        "[for i in {} : i][0]",
        "{ (null) = 1 }",
        "sort([null])",
        'regex("[", "x")',
    ],
)
def test_what_no_function_foresees_is_one_unknown_value(tmp_path: Path, expression: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    text = (
        f"locals {{\n  x = {expression}\n}}\n" + VPC + 'resource "aws_vpc" "next" {\n  cidr_block = "10.0.0.0/16"\n}\n'
    )
    found = reading(tmp_path, text)
    vpcs = {block.name: block.tree.text("cidr_block") for block in found.blocks.of("aws_vpc")}
    if not found.errors:
        assert not vpcs["v"].is_known or vpcs["v"].get() in (None, "false", "0001", "1", "a", "")
        assert vpcs["next"].get() == "10.0.0.0/16"
    assert "fails here" not in str(found.errors)


def test_too_many_instances(tmp_path: Path) -> None:
    for many in (
        "count = 1000000000",
        "count = 25001",
        'for_each = toset([for i in setproduct(range(400), range(400)) : "${i[0]}-${i[1]}"])',
    ):
        found = reading(tmp_path, f'resource "aws_vpc" "v" {{\n  {many}\n}}\n').blocks
        assert found.incomplete == "the configuration makes more than 25,000 instances; judge its plan instead"
    assert reading(tmp_path, 'resource "aws_vpc" "v" {\n  count = 1000\n}\n').blocks.incomplete is None


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


def fileset(root: Path, pattern: str) -> Value[str | None]:
    write(root, {"main.tf": f'locals {{\n  x = join(",", fileset("folder", "{pattern}"))\n}}\n' + VPC})
    (vpc,) = blocks(load(root, limit=root), {"aws_vpc"}).blocks.of("aws_vpc")
    return vpc.tree.text("cidr_block")


def test_fileset_follows_links_inside_as_terraform_does(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {"folder/a": "", "folder/b/c": "", "real/d": "", "real/e/f": ""})
    (root / "folder" / "to").symlink_to("../real")
    (root / "folder" / "one").symlink_to("../real/d")
    (root / "folder" / "b" / "up").symlink_to("..")
    assert fileset(root, "**").get() == "a,b/c,one,to/d,to/e/f"
    assert fileset(root, "*").get() == "a,one"
    assert fileset(root, "to/*").get() == "to/d"


@pytest.mark.parametrize("target", ["file", "folder", "nothing"])
def test_fileset_does_not_know_what_a_link_to_outside_holds(tmp_path: Path, target: str) -> None:
    """To leave it out would be to say that it is not there."""
    root = write(tmp_path / "root", {"folder/a": ""})
    write(tmp_path, {"file": "secret", "folder/x": ""})
    (root / "folder" / "link").symlink_to(tmp_path / target)
    assert "leads outside the source" in (fileset(root, "**").reason or "")


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
