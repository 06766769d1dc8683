"""Where the modules that a configuration calls are: beside it, or where ``terraform init`` put them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from guardline.spec import regular
from guardline.validator.sources.address import Step
from guardline.validator.sources.hcl.config import Configuration, Module, StaticPath
from guardline.validator.sources.hcl.evaluate import evaluate
from guardline.validator.sources.hcl.instances import ModuleInstance, World
from guardline.validator.sources.hcl.syntax import Attribute, Block, HclError, Literal
from guardline.validator.sources.hcl.values import EvaluationError, TooMuchError, Unknown
from guardline.validator.sources.hcl.variables import Inputs, given

RECORD_BYTES = 16 << 20
"""A larger ``modules.json`` is not what ``terraform init`` writes."""

MODULES = 4000
"""A tree with more module calls than this counts as hostile: calls multiply level by level."""

DEPTH = 50
"""Modules nested deeper than this count as a loop."""


class Sources:
    """The sources of module calls.

    Args:
        found: the configuration so far; what is not at hand goes into its `missing`.
        inputs: values of variables; None beside a plan.
    """

    def __init__(self, found: Configuration, inputs: Inputs | None) -> None:
        self.found = found
        self.inputs = inputs
        self.installed = _installed(found.root, found)

    def called(self, module: Module) -> Iterator[tuple[StaticPath, Path]]:
        """The child modules of a module, where their source is at hand; note those where it is not."""
        found = self.found
        for name, call in module.calls.items():
            path = (*module.path, name)
            where = self._folder(module, call, path)
            if isinstance(where, str):
                found.missing[path] = where
            elif len(path) > DEPTH:
                found.missing[path] = f"modules are nested deeper than {DEPTH}: a module seems to call itself"
            elif len(found.modules) + len(found.missing) > MODULES:
                found.missing[path] = f"there are more than {MODULES} module calls"
            else:
                yield path, where

    def _folder(self, module: Module, call: Block, path: StaticPath) -> Path | str:
        """The folder of a called module, or why there is none."""
        found, key = self.found, ".".join(path)
        named = f"module.{'.module.'.join(path)}"
        attribute = call.body.attributes.get("source")
        if attribute is None:
            return f"{named} has no source"
        plain = isinstance(attribute.value, Literal)
        if key in self.installed and not plain and self.inputs is None:
            source, folder = "as terraform init recorded it", self.installed[key]
        else:
            worked_out = (
                attribute.value.value if isinstance(attribute.value, Literal) else self._text(module, attribute)
            )
            if isinstance(worked_out, Unknown) and key not in self.installed:
                return f"{named}: its source is unknown: {worked_out.reason}"
            source = worked_out if isinstance(worked_out, str) else "as terraform init recorded it"
            if isinstance(worked_out, str) and worked_out.startswith(("./", "../")):
                folder = module.folder / worked_out
            elif key in self.installed:
                folder = self.installed[key]
            else:
                return (
                    f"{named} ({source}) is not at hand: run terraform get (or init), which puts it under "
                    ".terraform/modules and runs no provider"
                )
        if "\0" in source:
            return f"{named} has a source that no folder can have"
        if "\0" in str(folder):
            return f"{named} ({source}) is recorded in a folder that there cannot be: run terraform init again"
        if not found.bounds.admits(folder):
            return (
                f"{named} ({source}) lies outside {found.bounds.shown(found.bounds.limit)}, so it is not read: "
                "--tree DIR names the folder that holds both"
            )
        folder = folder.resolve()
        if not os.path.isdir(folder):  # noqa: PTH112 - False too where the system does not take the name
            return f"{named} ({source}) is not there: {found.bounds.shown(folder)} is not a folder"
        if any(above.folder == folder for above in self._above(module)):
            return f"{named} ({source}) calls itself"
        return folder

    def _text(self, module: Module, attribute: Attribute) -> str | Unknown:
        """A source made of `const` variables and locals (Terraform 1.15), or of any that are known (OpenTofu 1.8).

        Sources: https://developer.hashicorp.com/terraform/language/block/variable#const and
        https://opentofu.org/docs/language/modules/sources/#support-for-variable-and-local-evaluation
        """
        try:
            instance = self._root
            for name in module.path:
                instance = ModuleInstance(
                    instance.world,
                    self.found.modules[(*instance.module.path, name)],
                    (*instance.steps, Step(name)),
                    instance,
                )
            value = evaluate(attribute.value, instance.scope())
        except (EvaluationError, TooMuchError, RecursionError) as error:
            return Unknown(str(error))
        if isinstance(value, Unknown):
            return value
        return str.__str__(value) if isinstance(value, str) else Unknown("it is no text")

    @cached_property
    def _root(self) -> ModuleInstance:
        inputs = self.inputs or Inputs()
        values, _ = given(self.found, inputs)
        return ModuleInstance(World(self.found, values, inputs.workspace), self.found.modules[()])

    def _above(self, module: Module) -> Iterator[Module]:
        for depth in range(len(module.path) + 1):
            yield self.found.modules[module.path[:depth]]


def _installed(root: Path, found: Configuration) -> dict[str, Path]:
    """What ``terraform init`` recorded: dotted static path -> folder."""
    record = root / ".terraform" / "modules" / "modules.json"
    if not os.path.lexists(record) or not found.bounds.admits(record):
        return {}
    shown = found.bounds.shown(record)
    try:
        entries = json.loads(regular.read(record, RECORD_BYTES))["Modules"]
        installed = {entry["Key"]: root / entry["Dir"] for entry in entries if entry["Key"]}
    except regular.NotRegularError as error:
        found.errors.append(HclError(shown, None, f"{error.strerror}, so it is not read"))
    except OSError as error:
        found.errors.append(HclError(shown, None, f"cannot be read: {error.strerror}"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        found.errors.append(HclError(shown, None, "not what terraform init writes; run terraform init again"))
    else:
        return installed
    return {}
