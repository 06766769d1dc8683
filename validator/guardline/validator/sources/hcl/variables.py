"""Values of the root module's variables, in Terraform's order of precedence.

Source: https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from guardline.spec import regular
from guardline.validator.sources.hcl.bounds import Bounds
from guardline.validator.sources.hcl.config import Configuration
from guardline.validator.sources.hcl.constraints import is_primitive
from guardline.validator.sources.hcl.jsonsyntax import members
from guardline.validator.sources.hcl.parse import BYTES_PER_FILE, NESTING, parse
from guardline.validator.sources.hcl.syntax import Attribute, Expression, HclError, Literal


class Inputs(msgspec.Struct, frozen=True):
    """What the user gives beside the source.

    Attributes:
        files: ``--var-file``, in order.
        values: ``--var name=text``, in order of the mapping; they win over files.
        environ: the environment; only ``TF_VAR_*`` is read.
        workspace: the Terraform workspace.
    """

    files: tuple[Path, ...] = ()
    values: Mapping[str, str] = msgspec.field(default_factory=dict)
    environ: Mapping[str, str] = msgspec.field(default_factory=dict)
    workspace: str = "default"


def given(configuration: Configuration, inputs: Inputs) -> tuple[dict[str, Attribute], list[HclError]]:
    """The root's variables as given, each an expression with its file and line.

    Returns:
        The values by name, and the errors of files that cannot be read. A name that no variable has is left out.
    """
    found: dict[str, Attribute] = {}
    errors: list[HclError] = []
    root = configuration.modules[()]
    for name, text in inputs.environ.items():
        if name.startswith("TF_VAR_") and name[7:] in root.variables:
            found[name[7:]] = _written(configuration, name[7:], text, f"the environment's {name}", errors)
    for path in [*_automatic(configuration.root), *inputs.files]:
        found.update(_file(path, configuration.bounds, errors, trusted=path in inputs.files))
    for name, text in inputs.values.items():
        if name in root.variables:
            found[name] = _written(configuration, name, text, f"--var {name}", errors)
        else:
            errors.append(HclError(f"--var {name}", None, "the root module has no such variable"))
    return {name: value for name, value in found.items() if name in root.variables}, errors


def workspace(root: Path, environ: Mapping[str, str]) -> str:
    """The workspace that Terraform would work in: of ``TF_WORKSPACE``, else the one selected in the folder.

    Source: https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_workspace
    """
    if named := environ.get("TF_WORKSPACE"):
        return named
    selected = root / ".terraform" / "environment"
    try:
        readable = Bounds.around(root).admits(selected)
        found = regular.read(selected, 1000).decode().strip() if readable else ""
    except (OSError, UnicodeDecodeError):
        found = ""
    return found or "default"


def _automatic(root: Path) -> Iterator[Path]:
    for name in ("terraform.tfvars", "terraform.tfvars.json"):
        if os.path.lexists(root / name):
            yield root / name
    yield from sorted(path for path in root.iterdir() if path.name.endswith((".auto.tfvars", ".auto.tfvars.json")))


def _file(path: Path, bounds: Bounds, errors: list[HclError], *, trusted: bool) -> dict[str, Attribute]:
    shown = bounds.shown(path)
    if not trusted and not bounds.admits(path):
        errors.append(HclError(shown, None, f"a link to outside {bounds.shown(bounds.limit)}, so it is not read"))
        return {}
    try:
        data = regular.read(path, BYTES_PER_FILE)
        if path.name.endswith(".json"):
            return members(data.decode("utf-8-sig"), shown)
        body = parse(data, shown)
    except HclError as error:
        errors.append(error)
        return {}
    except RecursionError:
        errors.append(HclError(shown, None, NESTING))
        return {}
    except regular.NotRegularError as error:
        errors.append(HclError(shown, None, f"{error.strerror}, so it is not read"))
        return {}
    except OSError as error:
        errors.append(HclError(shown, None, f"cannot be read: {error.strerror}"))
        return {}
    except UnicodeDecodeError:
        errors.append(HclError(shown, None, "not UTF-8 text; save the file as UTF-8"))
        return {}
    errors.extend(
        HclError(shown, block.line, f"a {block.type} block in a file of variable values; expected name = value")
        for block in body.blocks
    )
    return {name: Attribute(each.line, each.value, shown) for name, each in body.attributes.items()}


def _written(configuration: Configuration, name: str, text: str, where: str, errors: list[HclError]) -> Attribute:
    """A value given as text: taken as it is, unless the variable's type is a collection."""
    constraint = configuration.modules[()].variables[name].body.attributes.get("type")
    literal: Expression = Literal(text)
    if is_primitive(constraint.value if constraint is not None else None):
        return Attribute(1, literal, where)
    try:
        return Attribute(1, parse(f"a = {text}\n".encode(), where).attributes["a"].value, where)
    except (HclError, KeyError):
        errors.append(HclError(where, None, "not an expression, and the variable is of a collection type"))
        return Attribute(1, Literal(None), where)
