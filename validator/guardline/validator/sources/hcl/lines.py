"""Where each attribute of a resource is written, beside its values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from guardline.validator.sources.hcl.syntax import Block, Expression
from guardline.validator.sources.hcl.traversals import references
from guardline.validator.sources.tree import Lines


def lines(block: Block, values: Mapping[str, Any] | None = None) -> Lines:
    """The lines of a block.

    Args:
        block: a resource, a data source, or a block in one.
        values: its values as `content` gives them, to tell which of a list of blocks is which; without them (a plan
            puts sets of blocks into an order of its own) a list of several stands on the line of its first.
    """
    return _block(block, block.file, values)


def _block(block: Block, outer: str, values: Mapping[str, Any] | None) -> Lines:
    file = block.file or outer
    found = {
        name: Lines(each.file or file, each.line, variables=partial(_variables, each.value))
        for name, each in block.body.attributes.items()
    }
    nested: dict[str, list[Block]] = {}
    for inner in block.body.blocks:
        dynamic = inner.type == "dynamic" and len(inner.labels) == 1
        nested.setdefault(inner.labels[0] if dynamic else inner.type, []).append(inner)
    for name, blocks in nested.items():
        rows = values.get(name) if values is not None else None
        first = Lines(blocks[0].file or file, blocks[0].line)
        if isinstance(rows, list):
            found[name] = Lines(first.file, first.line, tuple(_rows(blocks, file, rows)))
        else:
            found[name] = _content(blocks[0], file, None) if len(blocks) == 1 else first
    return Lines(file, block.line, found)


def _variables(expression: Expression) -> tuple[str, ...]:
    """The variables that an expression reads, by name."""
    named = (each.split(".")[1] for each in references(expression) if each.startswith("var."))
    return tuple(dict.fromkeys(named))


def _rows(blocks: list[Block], file: str, rows: list[Any]) -> list[Lines]:
    """One for each row: a plain block makes one, and the first dynamic block all that the others do not."""
    made: list[Lines] = []
    spare = len(rows) - sum(block.type != "dynamic" for block in blocks)
    for block in blocks:
        count = 1
        if block.type == "dynamic":
            count, spare = spare, 0
        made += [_content(block, file, row if isinstance(row, dict) else None) for row in rows[len(made) :][:count]]
    return made


def _content(block: Block, file: str, values: Mapping[str, Any] | None) -> Lines:
    """The lines in a block, or in the content of a dynamic one."""
    if block.type != "dynamic":
        return _block(block, file, values)
    inner = next(iter(block.body.of("content")), block)
    return _block(Block(block.type, [], block.line, block.end, inner.body, block.file), file, values)
