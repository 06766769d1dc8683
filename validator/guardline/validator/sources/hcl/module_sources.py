"""Where the modules that a configuration calls are: beside it, or where ``terraform init`` put them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from guardline.validator.sources.address import Step
from guardline.validator.sources.hcl.config import Configuration, Module, StaticPath
from guardline.validator.sources.hcl.evaluate import evaluate
from guardline.validator.sources.hcl.fetched import fetched
from guardline.validator.sources.hcl.instances import ModuleInstance, World
from guardline.validator.sources.hcl.syntax import Attribute, Block, Literal
from guardline.validator.sources.hcl.values import EvaluationError, TooMuchError, Unknown
from guardline.validator.sources.hcl.variables import Inputs, given

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
        self.installed = fetched(found.root, found)

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
            source, folder = "as terraform init recorded it", self.installed[key].folder
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
                folder = self.installed[key].folder
                named_source = worked_out if isinstance(worked_out, str) else None
                if self.installed[key].is_outdated(named_source, self._version(module, call)):
                    return (
                        f"{named} ({source}) is not what terraform fetched before: run terraform get (or init), which "
                        "puts it under .terraform/modules and runs no provider"
                    )
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

    def _version(self, module: Module, call: Block) -> str | None:
        """The versions that a call admits; None for any, or where that is unknown."""
        attribute = call.body.attributes.get("version")
        found = self._text(module, attribute) if attribute is not None else None
        return found if isinstance(found, str) else None

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
