"""`ignore_changes` of the resources that switch something on or off, from the source: a plan does not carry it.

Source: https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#ignore_changes
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from guardline.validator.model.terraform import Lifecycle
from guardline.validator.sources.adapt.common import common
from guardline.validator.sources.address import parse_modules
from guardline.validator.sources.blocks import Block
from guardline.validator.sources.hcl import syntax
from guardline.validator.sources.hcl.config import Configuration
from guardline.validator.sources.hcl.syntax import Attr, Expression, Index, Name, Sequence

SWITCHES = (
    "aws_guardduty_detector",
    "aws_guardduty_detector_feature",
    "aws_guardduty_organization_configuration",
    "aws_guardduty_organization_configuration_feature",
    "aws_cloudtrail",
)


def lifecycles(configuration: Configuration, of: Callable[[str], Iterable[Block]]) -> Iterator[Lifecycle]:
    """The lifecycle of every instance of the types in `SWITCHES`.

    Args:
        configuration: the source.
        of: blocks by type, of the source itself or of a plan made from it.
    """
    for kind in SWITCHES:
        for block in of(kind):
            declared = _declared(configuration, block)
            if declared is not None and block.mode == "managed":
                given = _given(declared)
                shared = common(block)
                if given is not None:
                    shared["origin"] = replace(block.origin, file=given.file or block.origin.file, line=given.line)
                yield Lifecycle(**shared, kind=kind, ignored=tuple(_ignored(given)))


def _declared(configuration: Configuration, block: Block) -> syntax.Block | None:
    """The block in the source; None where its module is not at hand, or where a plan takes it away."""
    module = configuration.modules.get(tuple(step.name for step in parse_modules(block.module_address)))
    return module.resources.get((block.mode, block.type, block.name)) if module is not None else None


def _given(declared: syntax.Block) -> syntax.Attribute | None:
    found = (each.body.attributes.get("ignore_changes") for each in declared.body.of("lifecycle"))
    return next((attribute for attribute in found if attribute is not None), None)


def _ignored(given: syntax.Attribute | None) -> Iterator[str]:
    if given is not None:
        items = given.value.items if isinstance(given.value, Sequence) else [given.value]
        yield from (name for item in items if (name := _root(item)))


def _root(expression: Expression) -> str:
    """The attribute that a path begins with: ``tags`` of ``tags["x"]``."""
    while isinstance(expression, Attr | Index):
        expression = expression.on
    return expression.name if isinstance(expression, Name) else ""
