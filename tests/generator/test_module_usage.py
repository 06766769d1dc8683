"""Modules that one spec has for itself: no more than its roots use, and still whole."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given

from guardline.generator.baseline import Baseline
from guardline.generator.module_usage import CALLS, EVERYTHING
from guardline.generator.render import MODULES, TEMPLATES, render_modules
from tests.generator.test_random_specs import EXAMPLES, MANY, check_formatted
from tests.generator.test_regions import minimal
from tests.support.random_specs import RandomSpec, specs

Make = Callable[..., Path]
Files = Mapping[PurePosixPath, str]
BLOCK = re.compile(
    r'^(variable|output|module|provider|resource|data) "(\w+)"(?: "\w+")? \{\n(.*?)^\}', re.MULTILINE | re.DOTALL
)
META = {"source", "count", "for_each", "providers", "depends_on"}
PLACE = {"region", "partition", "dns_suffix", "account_id"}
"""What the `region` module is told in any case."""


def text_of(files: Files, folder: PurePosixPath) -> str:
    return "\n".join(text for path, text in files.items() if path.parent == folder and path.suffix == ".tf")


def blocks(text: str, kind: str) -> dict[str, str]:
    return {name: body for found, name, body in BLOCK.findall(text) if found == kind}


def faults(files: Files, modules: PurePosixPath, roots: Iterator[PurePosixPath]) -> Iterator[str]:
    """What does not fit: between calls and variables, references and what they name, and what nobody uses."""
    folders = {path.parent for path in files if path.suffix == ".tf"}
    called: set[PurePosixPath] = set()
    for folder in folders:
        text = text_of(files, folder)
        declared, calls = blocks(text, "variable"), blocks(text, "module")
        code = "\n".join(body for kind, _, body in BLOCK.findall(text) if kind != "variable")
        code += "\n".join(re.findall(r"^locals \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL))
        used = set(re.findall(r"\bvar\.(\w+)", code))
        yield from (f"{folder}: var.{name} is not declared" for name in used - set(declared))
        spare = PLACE if folder == modules / "region" else set()
        yield from (f"{folder}: nobody uses the variable {name}" for name in set(declared) - used - spare)
        named = set(re.findall(r"\bmodule\.(\w+)", code))
        yield from (f"{folder}: module.{name} is not called" for name in named - set(calls))
        for name, body in calls.items():
            source = re.search(r'^  source += "(.*)"$', body, re.MULTILINE)
            assert source
            parts: list[str] = []
            for part in (*folder.parts, *PurePosixPath(source[1]).parts):
                parts = parts[:-1] if part == ".." else [*parts, part]
            target = PurePosixPath(*parts)
            called.add(target)
            taken = blocks(text_of(files, target), "variable")
            given_here = set(re.findall(r"^  (\w+) +=", body, re.MULTILINE)) - META
            more = given_here - set(taken)
            yield from (f"{folder}: {name} is given {each}, which {target} does not take" for each in more)
            needed = {each for each, inner in taken.items() if not re.search(r"^  default +=", inner, re.MULTILINE)}
            yield from (f"{folder}: {name} is not given {each}" for each in needed - given_here)
            told = set(blocks(text_of(files, target), "output"))
            asked = set(re.findall(rf"\bmodule\.{name}(?:\[\w+\]|\[\*\])?\.(\w+)", code))
            yield from (f"{folder}: {target} does not tell {each}" for each in asked - told)
    yield from (f"nobody calls {folder}" for folder in folders - called - set(roots))


def everything(spec: Path) -> tuple[Files, PurePosixPath, list[PurePosixPath]]:
    """All files of a spec below its folder, the modules' folder, and the roots' folders."""
    baseline = Baseline.of(spec)
    root = baseline.root
    files = {
        PurePosixPath((folder.path / path).relative_to(root)): text
        for folder in baseline.folders
        for path, text in folder.files.items()
        if "tests" not in path.parts
    }
    return files, PurePosixPath("modules"), [each.folder for each in baseline.roots]


def test_the_templates_ask_about_all_of_it_and_nothing_else() -> None:
    texts = [path.read_text(encoding="utf-8") for path in TEMPLATES.joinpath("modules").rglob("*.j2")]
    asked = {name for text in texts for name in re.findall(r'"([\w.]+)" in uses', text)}
    assert asked == EVERYTHING


def test_each_call_of_the_region_is_known() -> None:
    for style in ("alias", "argument"):
        calls = blocks(render_modules(5, style)[PurePosixPath("region/main.tf")], "module")
        assert set(calls) == set(CALLS.values())


@pytest.mark.parametrize("style", ["alias", "argument"])
def test_shared_modules_are_all_of_them_and_fit(style: str) -> None:
    files = {path: text for path, text in render_modules(5, style).items() if "tests" not in path.parts}
    assert {path.parts[0] for path in files} == set(MODULES)
    assert [each for each in faults(files, PurePosixPath(), iter(())) if not each.startswith("nobody calls")] == []


def test_a_root_that_asks_for_little_gets_few_modules(environment: Make) -> None:
    files, modules, _ = everything(environment(minimal()))
    there = {path.parts[1] for path in files if path.parts[0] == str(modules) and len(path.parts) > 2}
    assert there == {"bucket", "flow-logs", "guardduty", "log-bucket", "region", "trail", "log-group"}
    assert "log_group" not in files[modules / "flow-logs" / "main.tf"]
    assert set(blocks(files[modules / "region" / "main.tf"], "module")) == {"guardduty", "flow_logs"}


@pytest.mark.terraform
def test_whatever_a_spec_asks_for_its_modules_fit_and_are_formatted(tmp_path: Path) -> None:
    trees: list[dict[PurePosixPath, str]] = []

    @MANY
    @given(specs())
    def every(spec: RandomSpec) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = spec.write(Path(folder) / "env")
            text = re.sub(r'^  "modules": .*\n', "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
            path.write_text(text, encoding="utf-8")
            files, modules, roots = everything(path)
        assert list(faults(files, modules, iter(roots))) == []
        trees.append({path: text for path, text in files.items() if path.is_relative_to(modules)})

    every()
    assert len(trees) >= EXAMPLES
    check_formatted(trees, tmp_path)


def test_what_does_not_fit_would_be_seen(environment: Make) -> None:
    files, modules, roots = everything(environment(minimal()))
    region = modules / "region" / "main.tf"
    for old, new, said in (
        ("  features  ", "  fetures  ", "is given fetures"),
        ("module.guardduty", "module.guard", "module.guard is not called"),
        ("var.flow_logs.traffic", "var.flows.traffic", "var.flows is not declared"),
    ):
        broken = {**files, region: files[region].replace(old, new)} | (
            {modules / "region" / "outputs.tf": files[modules / "region" / "outputs.tf"].replace(old, new)}
        )
        found = list(faults(broken, modules, iter(roots)))
        assert any(said in each for each in found), (said, found)
