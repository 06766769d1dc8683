"""What a small spec becomes, file by file, in both region styles.

The expected trees are in `tests/golden`; files that are the same as those of `modules/` are compared with these and are
kept once. To rewrite them after a wanted change: GUARDLINE_GOLDEN=write, then read the difference before you commit it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from guardline.generator.baseline import Baseline
from guardline.generator.changes import MARK

GOLDEN = Path(__file__).parents[1] / "golden"
SHARED = Path(__file__).parents[2] / "modules"
STYLES = {5: "alias", 6: "argument"}


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes().decode("utf-8", "surrogateescape")
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def golden_tree(style: str) -> dict[str, str]:
    """The expected files: those of `tests/golden`, and of the shared modules those that it does not hold."""
    kept = tree(GOLDEN / style)
    names = (GOLDEN / f"{style}-shared.txt").read_text(encoding="utf-8").split()
    assert not set(names) & set(kept), "each file is kept once"
    modules = tree(SHARED / style)
    return kept | {name: modules[name.removeprefix("modules/")] for name in names}


def rewrite(style: str, generated: dict[str, str]) -> None:
    """Keep what `modules/` does not hold already, and the names of the rest."""
    modules = tree(SHARED / style)
    shared = {name for name, text in generated.items() if modules.get(name.removeprefix("modules/")) == text}
    shutil.rmtree(GOLDEN / style, ignore_errors=True)
    for name in generated.keys() - shared:
        path = GOLDEN / style / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(generated[name].encode("utf-8", "surrogateescape"))
    (GOLDEN / f"{style}-shared.txt").write_text("".join(f"{name}\n" for name in sorted(shared)), encoding="utf-8")


@pytest.mark.parametrize("provider", STYLES)
def test_the_tree_is_the_golden_one(environment: Callable[..., Path], provider: int) -> None:
    spec = environment(provider=provider)
    Baseline.of(spec).write()
    generated = tree(spec.parent)
    if os.environ.get("GUARDLINE_GOLDEN") == "write":
        rewrite(STYLES[provider], generated)
    assert generated == golden_tree(STYLES[provider])


@pytest.mark.parametrize("provider", STYLES)
def test_the_same_spec_gives_the_same_bytes_wherever_it_lies(environment: Callable[..., Path], provider: int) -> None:
    first, second = environment(provider=provider, name="one"), environment(provider=provider, name="two")
    for spec in (first, second):
        Baseline.of(spec).write()
    assert tree(first.parent) == tree(second.parent)
    assert Baseline.of(first).write() == ()


@pytest.mark.parametrize("style", STYLES.values())
def test_every_generated_file_says_so_in_its_first_line(style: str) -> None:
    generated = {name: text for name, text in golden_tree(style).items() if name.endswith((".tf", ".md"))}
    assert len(generated) > 30
    assert [name for name, text in generated.items() if MARK not in text.partition("\n")[0]] == []


@pytest.mark.parametrize("style", STYLES.values())
def test_modules_hold_no_provider_no_backend_and_describe_everything(style: str) -> None:
    for name, text in golden_tree(style).items():
        if not name.startswith("modules/") or not name.endswith(".tf"):
            continue
        assert not re.search(r'^\s*(provider|backend) "', text, re.MULTILINE), name
        for block in re.findall(r'^(?:variable|output) "\w+" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL):
            assert re.match(r'  description = "[A-Z].*\."\n', block), f"{name}: {block}"
            if name.endswith("variables.tf"):
                assert re.search(r"^  type +=", block, re.MULTILINE), f"{name}: {block}"


def test_each_module_has_the_usual_files() -> None:
    for style in STYLES.values():
        for names in modules_of(style).values():
            assert names.keys() >= {"README.md", "main.tf", "outputs.tf", "variables.tf", "versions.tf"}


def modules_of(style: str) -> dict[str, dict[str, str]]:
    """Module -> its files."""
    found: dict[str, dict[str, str]] = {}
    for name, text in golden_tree(style).items():
        if name.count("/") > 1 and name.startswith("modules/"):
            _, module, file = name.split("/", 2)
            found.setdefault(module, {})[file] = text
    return found


@pytest.mark.parametrize("style", STYLES.values())
def test_each_readme_lists_every_variable_and_output(style: str) -> None:
    modules = modules_of(style)
    assert len(modules) > 10
    for module in modules.values():
        for file in ("variables.tf", "outputs.tf"):
            declared = re.findall(r'^(?:variable|output) "(\w+)"', module[file], re.MULTILINE)
            assert declared
            assert [name for name in declared if f"| `{name}` |" not in module["README.md"]] == []


def test_an_endpoints_block_is_never_written() -> None:
    """With provider 5.100 it makes validate and plan 4 to 7 times slower."""
    assert not any(
        re.search(r"\bendpoints *\{", text) for style in STYLES.values() for text in golden_tree(style).values()
    )


def test_what_lists_vpcs_depends_on_nothing() -> None:
    """`depends_on` would make the VPCs known only after apply, and for_each refuses that."""
    for style in STYLES.values():
        files = golden_tree(style)
        for name in (
            "regions.tf",
            "flow-logs.tf",
            "dns-logs.tf",
            "modules/flow-logs/main.tf",
        ):
            assert "depends_on" not in files[name]
        region = files["modules/region/main.tf"]
        calls = re.findall(r'^module "(?:flow_logs|dns_logs|other_resolvers)" .*?^}', region, re.MULTILINE | re.DOTALL)
        assert len(calls) == 3
        assert not any("depends_on" in call for call in calls)
        for name in ("modules/dns-logs/main.tf", "modules/other-resolvers/main.tf"):
            looks = re.findall(r'^data "aws_(?:vpc|network)\w*" .*?^}', files[name], re.MULTILINE | re.DOTALL)
            assert looks
            assert not any("depends_on" in look for look in looks)
