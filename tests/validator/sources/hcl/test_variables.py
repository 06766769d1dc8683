"""Values of variables: precedence, types, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.validator.sources.hcl.config import load
from guardline.validator.sources.hcl.instances import ModuleInstance, World
from guardline.validator.sources.hcl.values import EvaluationError, Unknown
from guardline.validator.sources.hcl.variables import Inputs, given
from tests.support.source_trees import write


def value(root: Path, files: dict[str, str], inputs: Inputs, expression: str = "var.x") -> object:
    """The value of an output in a root."""
    write(root, {**files, "out.tf": f'output "o" {{\n  value = {expression}\n}}\n'})
    configuration = load(root)
    values, errors = given(configuration, inputs)
    assert not errors
    return ModuleInstance(World(configuration, values, inputs.workspace), configuration.modules[()]).output("o")


VARIABLE = {"main.tf": 'variable "x" {\n  type = string\n  default = "default"\n}\n'}
ORDER = [
    ("terraform.tfvars", 'x = "tfvars"\n', "tfvars"),
    ("terraform.tfvars.json", '{"x": "${json}"}', "${json}"),
    ("a.auto.tfvars", 'x = "a"\n', "a"),
    ("b.auto.tfvars.json", '{"x": 5}', "5"),
]


def test_each_source_of_values_wins_over_the_one_before(tmp_path: Path) -> None:
    files = dict(VARIABLE)
    assert value(tmp_path, files, Inputs()) == "default"
    environ = {"TF_VAR_x": "environment"}
    assert value(tmp_path, files, Inputs(environ=environ)) == "environment"
    for name, text, expected in ORDER:
        files[name] = text
        assert value(tmp_path, files, Inputs(environ=environ)) == expected
    files["given.tfvars"] = 'x = "file"\n'
    given_file = (tmp_path / "given.tfvars",)
    assert value(tmp_path, files, Inputs(given_file, environ=environ)) == "file"
    assert value(tmp_path, files, Inputs(given_file, {"x": "argument"}, environ)) == "argument"


@pytest.mark.parametrize(
    ("constraint", "text", "expected"),
    [
        ("string", "5", "5"),
        ("number", "5", 5),
        ("bool", "true", True),
        ("list(string)", '[1, "a", true]', ["1", "a", "true"]),
        ("set(string)", '["b", "a", "b"]', ["a", "b"]),
        ("map(number)", '{a = "1"}', {"a": 1}),
        (
            "object({a = string, b = optional(number, 3), c = optional(bool)})",
            "{a = 1, z = 2}",
            {"a": "1", "b": 3, "c": None},
        ),
        ("list(object({a = optional(list(string), [])}))", "[{}]", [{"a": []}]),
        ("tuple([string, number])", '[1, "2"]', ["1", 2]),
        ("any", "[1]", [1]),
        ("map(any)", "{a = 1}", {"a": 1}),
    ],
)
def test_types_convert(tmp_path: Path, constraint: str, text: str, expected: object) -> None:
    files = {"main.tf": f'variable "x" {{\n  type = {constraint}\n}}\n'}
    assert value(tmp_path, files, Inputs(values={"x": text})) == expected


@pytest.mark.parametrize(
    ("constraint", "text"), [("number", "abc"), ("list(string)", "{a = 1}"), ("object({a = string})", "{}")]
)
def test_values_of_a_wrong_type_are_errors(tmp_path: Path, constraint: str, text: str) -> None:
    with pytest.raises(EvaluationError):
        value(tmp_path, {"main.tf": f'variable "x" {{\n  type = {constraint}\n}}\n'}, Inputs(values={"x": text}))


def test_no_value_is_unknown_and_null_is_not(tmp_path: Path) -> None:
    files = {"main.tf": 'variable "x" {\n}\n'}
    found = value(tmp_path, files, Inputs())
    assert isinstance(found, Unknown)
    assert found.reason == "var.x has no value: it has no default, and none is given"
    assert value(tmp_path, {**files, "terraform.tfvars": "x = null\n"}, Inputs()) is None


@pytest.mark.parametrize(("nullable", "expected"), [("true", None), ("false", "d")])
def test_null_takes_the_default_only_when_not_nullable(tmp_path: Path, nullable: str, expected: object) -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n  v = null\n}\n',
        "m/main.tf": f'variable "v" {{\n  default = "d"\n  nullable = {nullable}\n}}\n'
        'output "v" {\n  value = var.v\n}\n',
    }
    assert value(tmp_path, files, Inputs(), "module.m.v") == expected


def test_the_workspace_and_paths(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./mods/m"\n}\n',
        "mods/m/main.tf": 'output "p" {\n  value = "${path.module} ${path.root} ${terraform.workspace}"\n}\n',
    }
    assert value(tmp_path, files, Inputs(workspace="prod"), "module.m.p") == "mods/m . prod"


def test_what_is_wrong_with_values_is_listed(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main.tf": 'variable "x" {\n  type = list(string)\n}\n',
            "terraform.tfvars": "x = [\n",
            "a.auto.tfvars": "resource {\n}\n",
        },
    )
    _, errors = given(load(tmp_path), Inputs((tmp_path / "none.tfvars",), {"x": "[", "y": "1"}))
    shown = [str(error) for error in errors]
    assert shown[0].startswith("terraform.tfvars:1: the file ends too early")
    assert shown[1:] == [
        "a.auto.tfvars:1: a resource block in a file of variable values; expected name = value",
        "none.tfvars: cannot be read: No such file or directory",
        "--var x: not an expression, and the variable is of a collection type",
        "--var y: the root module has no such variable",
    ]
