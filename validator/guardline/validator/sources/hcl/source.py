"""What a plan leaves out and the HCL beside it tells: locals, and provider attributes made by functions."""

from __future__ import annotations

from typing import Any

from guardline.validator.sources.address import parse_modules
from guardline.validator.sources.hcl.config import Configuration, StaticPath
from guardline.validator.sources.hcl.syntax import Expression, Literal, Mapping, Number, Sequence
from guardline.validator.sources.hcl.traversals import references
from guardline.validator.sources.planjson import ProviderConfig


class HclSource:
    """Answers the plan reader's `SourceExpressions` from a configuration."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration

    def local(self, module: StaticPath, name: str) -> dict[str, Any] | None:
        """A local's expression as a plan would carry it.

        Args:
            module: the static module path, () for the root.
            name: the local's name.

        Returns:
            ``{"constant_value": ...}``, ``{"references": [...]}``, ``{}`` for what a plan does not carry either, or
            None when there is no such local.
        """
        declared = self.configuration.modules.get(module)
        attribute = declared.locals.get(name) if declared is not None else None
        return represent(attribute.value) if attribute is not None else None

    def provider_attribute(self, config: ProviderConfig, name: str) -> Any:
        """A provider block's attribute where it is constant, else None."""
        module = tuple(step.name for step in parse_modules(config.module_address))
        declared = self.configuration.modules.get(module)
        block = declared.providers.get((config.name, config.alias)) if declared is not None else None
        attribute = block.body.attributes.get(name) if block is not None else None
        return represent(attribute.value).get("constant_value") if attribute is not None else None


def represent(expression: Expression) -> dict[str, Any]:
    """An expression as a plan's JSON represents it."""
    found = references(expression)
    if found:
        return {"references": found}
    try:
        return {"constant_value": _plain(expression)}
    except ValueError:
        return {}


def _plain(expression: Expression) -> Any:
    match expression:
        case Literal(value):
            return value
        case Number(text):
            return int(text) if text.isdigit() else float(text)
        case Sequence(items):
            return [_plain(item) for item in items]
        case Mapping(pairs):
            return {str(_plain(key)): _plain(value) for key, value in pairs}
        case _:
            raise ValueError("not a plain value")
