"""`ignore_changes` of the resources that switch something on or off, from the source: a plan does not carry it.

Source: https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#ignore_changes
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from guardline.validator.sources.adapt.common import common
from guardline.validator.sources.address import parse_modules
from guardline.validator.sources.blocks import Block
from guardline.validator.sources.hcl.config import Configuration
from guardline.validator.sources.hcl.syntax import Attr, Expression, Index, Name, Sequence
from guardline.validator.things.lifecycle import Lifecycle

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
        of: its blocks by type.
    """
    for kind in SWITCHES:
        for block in of(kind):
            if block.mode == "managed":
                yield Lifecycle(**common(block), kind=kind, ignored=tuple(_ignored(configuration, block)))


def _ignored(configuration: Configuration, block: Block) -> Iterator[str]:
    module = configuration.modules[tuple(step.name for step in parse_modules(block.module_address))]
    declared = module.resources.get((block.mode, block.type, block.name))
    for lifecycle in declared.body.of("lifecycle") if declared is not None else ():
        given = lifecycle.body.attributes.get("ignore_changes")
        if given is not None:
            items = given.value.items if isinstance(given.value, Sequence) else [given.value]
            yield from (name for item in items if (name := _root(item)))


def _root(expression: Expression) -> str:
    """The attribute that a path begins with: ``tags`` of ``tags["x"]``."""
    while isinstance(expression, Attr | Index):
        expression = expression.on
    return expression.name if isinstance(expression, Name) else ""
