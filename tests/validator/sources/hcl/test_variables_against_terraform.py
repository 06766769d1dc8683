"""Values of variables, from every place that gives them and in every type, beside the real Terraform."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from guardline.validator.sources.hcl.config import load
from guardline.validator.sources.hcl.constants import plain_json
from guardline.validator.sources.hcl.instances import ModuleInstance, World
from guardline.validator.sources.hcl.variables import Inputs, given
from tests.support.source_trees import write

LAYERS = ("env", "terraform.tfvars", "terraform.tfvars.json", "a.auto.tfvars", "b.auto.tfvars.json", "file", "var")
"""Where a value may come from, the later winning."""

TEXTS = {
    "string": ("plain", "12", '["x"]', "", "null", "é ${x}"),
    "number": ("12", "1.50", "-3"),
    "bool": ("true", "false"),
    "list(string)": ('["a", 1, true]', "[]"),
    "set(number)": ('[3, "1", 3]',),
    "map(string)": ('{ a = 1, "b.c" = "x" }', "{}"),
    "object({ a = string, b = optional(number, 7), c = optional(list(string), []) })": (
        '{ a = 1 }', '{ a = "x", b = "8", more = true }', '{ a = "x", b = null }',
    ),
    "tuple([string, bool])": ('[1, "true"]',),
    "any": ("[1, 2]", '{ x = "y" }', '"quoted"', "7"),
}  # fmt: skip
"""Texts as ``--var`` and the environment give them, by type."""


def of_terraform(root: Path, environment: dict[str, str], arguments: Sequence[str]) -> Any:
    terraform = shutil.which("terraform")
    assert terraform is not None, "this test needs terraform on PATH"
    clean = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}
    for command in (["apply", "-auto-approve", "-no-color", *arguments], ["output", "-json", "all"]):
        done = subprocess.run(
            [terraform, *command], cwd=root, env={**clean, **environment}, capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def of_guardline(root: Path, inputs: Inputs) -> Any:
    configuration = load(root)
    values, errors = given(configuration, inputs)
    assert not [*configuration.errors, *errors]
    return plain_json(ModuleInstance(World(configuration, values, "default"), configuration.modules[()]).output("all"))


def outputs(names: Sequence[str]) -> str:
    return 'output "all" {\n  value = { ' + ", ".join(f"{name} = var.{name}" for name in names) + " }\n}\n"


@pytest.mark.terraform
def test_the_later_place_wins(tmp_path: Path) -> None:
    """One variable for each pair of neighbours and for each place alone: what both say is who speaks last."""
    spoken: dict[str, dict[str, str]] = {layer: {} for layer in LAYERS}
    names: list[str] = []
    for at in range(len(LAYERS)):
        for others in (LAYERS[at : at + 1], LAYERS[at : at + 2], LAYERS[at:]):
            names.append(f"v{len(names)}")
            for each in others:
                spoken[each][names[-1]] = each
    names.append("unset")
    declared = "".join(f'variable "{name}" {{\n  default = "default"\n}}\n' for name in names)
    files = {"main.tf": declared + outputs(names)}
    for layer in LAYERS[1:6]:
        as_json = layer.endswith(".json")
        text = json.dumps(spoken[layer]) if as_json else "".join(f'{k} = "{v}"\n' for k, v in spoken[layer].items())
        files["given/x.tfvars" if layer == "file" else layer] = text
    root = write(tmp_path / "root", files)
    environment = {f"TF_VAR_{name}": value for name, value in spoken["env"].items()}
    arguments = ["-var-file=given/x.tfvars", *(f"-var={name}={value}" for name, value in spoken["var"].items())]
    inputs = Inputs((root / "given/x.tfvars",), spoken["var"], environment)
    theirs = of_terraform(root, environment, arguments)
    assert of_guardline(root, inputs) == theirs
    assert set(theirs.values()) == {*LAYERS, "default"}


@pytest.mark.terraform
@pytest.mark.parametrize("by", ["env", "var"])
def test_texts_become_values_of_the_type(by: str, tmp_path: Path) -> None:
    cases = {f"v{n}": each for n, each in enumerate((kind, text) for kind, all_ in TEXTS.items() for text in all_)}
    declared = "".join(f'variable "{name}" {{\n  type = {kind}\n}}\n' for name, (kind, _) in cases.items())
    untyped = {"u1": "12", "u2": "[1]", "u3": "true"}
    declared += "".join(f'variable "{name}" {{}}\n' for name in untyped)
    texts = {name: text for name, (_, text) in cases.items()} | untyped
    root = write(tmp_path / "root", {"main.tf": declared + outputs(list(texts))})
    environment = {f"TF_VAR_{name}": text for name, text in texts.items()} if by == "env" else {}
    arguments = [f"-var={name}={text}" for name, text in texts.items()] if by == "var" else []
    inputs = Inputs(values=texts if by == "var" else {}, environ=environment)
    assert of_guardline(root, inputs) == of_terraform(root, environment, arguments)
