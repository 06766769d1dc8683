"""What a small spec becomes, file by file, in both region styles.

The expected trees are in `tests/golden`. To rewrite them after a wanted change: GUARDLINE_GOLDEN=write, then read the
difference before you commit it.
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
STYLES = {5: "alias", 6: "argument"}


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes().decode("utf-8", "surrogateescape")
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.mark.parametrize("provider", STYLES)
def test_the_tree_is_the_golden_one(environment: Callable[..., Path], provider: int) -> None:
    spec = environment(provider=provider)
    Baseline.of(spec).write()
    golden = GOLDEN / STYLES[provider]
    if os.environ.get("GUARDLINE_GOLDEN") == "write":
        shutil.rmtree(golden, ignore_errors=True)
        shutil.copytree(spec.parent, golden)
    assert tree(spec.parent) == tree(golden)


@pytest.mark.parametrize("provider", STYLES)
def test_the_same_spec_gives_the_same_bytes_wherever_it_lies(environment: Callable[..., Path], provider: int) -> None:
    first, second = environment(provider=provider, name="one"), environment(provider=provider, name="two")
    for spec in (first, second):
        Baseline.of(spec).write()
    assert tree(first.parent) == tree(second.parent)
    assert Baseline.of(first).write() == ()


@pytest.mark.parametrize("style", STYLES.values())
def test_every_generated_file_says_so_in_its_first_line(style: str) -> None:
    generated = {name: text for name, text in tree(GOLDEN / style).items() if name.endswith((".tf", ".md"))}
    assert len(generated) > 30
    assert [name for name, text in generated.items() if MARK not in text.partition("\n")[0]] == []


@pytest.mark.parametrize("style", STYLES.values())
def test_modules_hold_no_provider_no_backend_and_describe_everything(style: str) -> None:
    for name, text in tree(GOLDEN / style / "modules").items():
        if not name.endswith(".tf"):
            continue
        assert not re.search(r'^\s*(provider|backend) "', text, re.MULTILINE), name
        for block in re.findall(r'^(?:variable|output) "\w+" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL):
            assert re.match(r'  description = "[A-Z].*\."\n', block), f"{name}: {block}"
            if name.endswith("variables.tf"):
                assert re.search(r"^  type +=", block, re.MULTILINE), f"{name}: {block}"


def test_each_module_has_the_usual_files() -> None:
    for style in STYLES.values():
        for module in (GOLDEN / style / "modules").iterdir():
            if module.is_dir():
                names = {file.name for file in module.iterdir()}
                assert names >= {"README.md", "main.tf", "outputs.tf", "variables.tf", "versions.tf"}


@pytest.mark.parametrize("style", STYLES.values())
def test_each_readme_lists_every_variable_and_output(style: str) -> None:
    for module in (GOLDEN / style / "modules").iterdir():
        if not module.is_dir():
            continue
        readme = (module / "README.md").read_text(encoding="utf-8")
        for file in ("variables.tf", "outputs.tf"):
            declared = re.findall(r'^(?:variable|output) "(\w+)"', (module / file).read_text(), re.MULTILINE)
            assert declared
            assert [name for name in declared if f"| `{name}` |" not in readme] == []


def test_an_endpoints_block_is_never_written() -> None:
    """With provider 5.100 it makes validate and plan 4 to 7 times slower."""
    assert not any(
        re.search(r"\bendpoints *\{", text) for style in STYLES.values() for text in tree(GOLDEN / style).values()
    )


def test_what_lists_vpcs_depends_on_nothing() -> None:
    """`depends_on` would make the VPCs known only after apply, and for_each refuses that."""
    for style in STYLES.values():
        files = tree(GOLDEN / style)
        for name in (
            "regions.tf",
            "flow-logs.tf",
            "dns-logs.tf",
            "modules/region/main.tf",
            "modules/flow-logs/main.tf",
        ):
            assert "depends_on" not in files[name]
        for name in ("modules/dns-logs/main.tf", "modules/other-resolvers/main.tf"):
            looks = re.findall(r'^data "aws_(?:vpc|network)\w*" .*?^}', files[name], re.MULTILINE | re.DOTALL)
            assert looks
            assert not any("depends_on" in look for look in looks)
